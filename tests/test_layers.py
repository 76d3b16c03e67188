"""The import arrows: each layer may import only what lies below it."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT

LAMBDA = ROOT / "lambda"
PACKAGE = LAMBDA / "backcare"

# Each module or folder, and what of our own it may import, lowest layer last.
BELOW = {
    "app": {"alexa", "memory", "metrics", "content", "turn", "dialog", "speech", "understanding"},
    "alexa": {"memory", "dialog", "speech", "turn", "content"},
    "memory": {"turn"},
    "metrics": set(),
    "dialog": {"dialog", "understanding", "turn", "content"},
    "understanding": {"understanding", "turn", "content"},
    "speech": {"turn", "content"},
    "turn": {"content"},
    "content": set(),
}
EDGE = {"alexa", "memory", "metrics", "app"}
# The web service's modules, and all that each may import beside the standard library.
WEB = {
    "web_service": {
        *("backcare", "verification", "certvalidator_stand_in"),
        *("ask_sdk_core", "flask", "flask_ask_sdk", "waitress", "werkzeug"),
    },
    "verification": {"certifi", "cryptography"},
    "certvalidator_stand_in": set(),
}
OUTSIDE = {"ask_sdk_core", "ask_sdk_model", "ask_sdk_runtime", "boto3", "botocore", "flask", "flask_ask_sdk"}


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module == "backcare":
            yield from (f"backcare.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def layer_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


MODULES = [path for path in sorted(PACKAGE.rglob("*.py")) if path != PACKAGE / "__init__.py"]


def breaches(path: Path, layer: str) -> list[str]:
    found = []
    for name in imports(path):
        top, *rest = name.split(".")
        if top == "backcare" and rest and rest[0] not in BELOW[layer]:
            found.append(f"{layer} imports {name}, which lies above or beside it")
        if top in OUTSIDE and layer not in EDGE:
            found.append(f"{layer} imports {name}; SDK, AWS and Flask stay at the edge")
        if top not in {"backcare", *OUTSIDE, *sys.stdlib_module_names, "__future__"}:
            found.append(f"{layer} imports {name}, which is not of the standard library")
        if top in {"simulator", "tools", "tests", "benchmarks"}:
            found.append(f"{layer} imports {name}; nothing of the skill may")
    return found


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_go_down_only(path):
    assert breaches(path, layer_of(path)) == []


@pytest.mark.parametrize(("module", "allowed"), WEB.items(), ids=WEB)
def test_verification_knows_neither_flask_nor_the_skill(module, allowed):
    tops = {name.split(".")[0] for name in imports(LAMBDA / f"{module}.py")}
    assert tops - {*sys.stdlib_module_names, "__future__"} <= allowed


def test_an_upward_import_is_caught(tmp_path):
    culprit = tmp_path / "culprit.py"
    culprit.write_text("from ask_sdk_core import skill_builder\nfrom backcare import app\nimport rapidfuzz\n", "utf-8")
    assert len(breaches(culprit, "dialog")) == 3


def test_no_english_sentence_stands_in_the_code_of_the_skill():
    """Words live in content; code may hold names, patterns and messages for developers."""
    spoken = []
    for path in [p for p in MODULES if layer_of(p) in {"dialog", "understanding"}]:
        tree = ast.parse(path.read_text("utf-8"))
        docstrings = {id(n.value) for n in ast.walk(tree) if isinstance(n, ast.Expr) and isinstance(n.value, ast.Constant)}
        texts = [n.value for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, str) and id(n) not in docstrings]
        spoken += [f"{path.name}: {text!r}" for text in texts if len(text.split()) > 2]
    assert spoken == []
