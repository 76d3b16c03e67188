"""What most tests need: the real content, the real model's ear, and a skill with its own memory."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from backcare import app, content
from backcare.alexa import Skill
from simulator.device import Device
from simulator.hearing import Hearing
from tests.certificates import Authority

ROOT = Path(__file__).resolve().parent.parent
CONTENT = ROOT / "content"
START = datetime(2026, 11, 23, 18, tzinfo=UTC)

for name in ("CONTENT_DIR", "MEMORY_FILE", "SKILL_ID", "TABLE_NAME"):
    os.environ.pop(name, None)


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority(START)


@pytest.fixture(scope="module")
def signer(authority: Authority) -> Any:
    return authority.issue()


@pytest.fixture(scope="session")
def library() -> content.Library:
    return content.load(CONTENT)


@pytest.fixture(scope="session")
def hearing() -> Hearing:
    return Hearing(json.loads((ROOT / "interaction_models" / "en-US.json").read_text("utf-8")))


@pytest.fixture
def skill(tmp_path: Path) -> Skill:
    return app.build({"MEMORY_FILE": str(tmp_path / "memory.sqlite")})


@pytest.fixture
def device_for(hearing: Hearing) -> Callable[..., Device]:
    def make(skill: Skill, user: str = "home") -> Device:
        return Device(skill, hearing, user=user, start=START)

    return make


@pytest.fixture
def device(device_for: Callable[..., Device], skill: Skill) -> Device:
    return device_for(skill)


@pytest.fixture(autouse=True)
def _memory_lives_in_the_days_of_the_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backcare.memory._now", lambda: int(START.timestamp()))


@pytest.fixture(scope="session")
def moto() -> Iterator[str]:
    """The address of moto's DynamoDB."""
    from tests.dynamodb_local import moto_server

    with moto_server() as address:
        yield address


@pytest.fixture(scope="session")
def dynamodb_local() -> Iterator[str]:
    """The address of Amazon's DynamoDB Local."""
    from tests.dynamodb_local import dynamodb_local

    with dynamodb_local() as address:
        yield address
