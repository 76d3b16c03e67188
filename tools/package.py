"""Put together and check what ask-cli deploys: manifest, icons, models, replays of conversations.

    python -m tools.package             write build/alexa/ and say what to do next
    python -m tools.package --release   the same; exit 1 unless the skill can go to the store

Reads `skill_package/skill.json` (what the store shows), `skill_package/deployment.json` (what
a deployer fills in: the skill's id, the address of the pages, the endpoints), the written
interaction models, and the conversations under `tests/`. Exit 1 on any fault. What still
has its example value is no fault: the package is valid then, but not ready.
"""

from __future__ import annotations

import argparse
import copy
import json
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from backcare import app
from simulator.device import NEXT_DAY, SILENCE, Device
from simulator.hearing import Hearing, normal
from simulator.script import SCRIPTS, exchanges
from tools.store_rules import LOCALES, manifest_faults, model_faults

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "skill_package"
MODELS = ROOT / "interaction_models"
PAGES = ("privacy", "terms")
SCRIPT_LOCALE = "en-US"
"""The locale whose model the conversations are written for."""

_EXAMPLE_HOST = "example.com"
_EXAMPLE_ACCOUNT = ":000000000000:"
_EXAMPLE_SKILL = "amzn1.ask.skill.00000000-"
_LEAVES = ("exit", "quit")
_QUIT = ".quit"
"""What ends `ask dialog`, which would otherwise go on asking for lines."""


@dataclass(frozen=True)
class Deployment:
    """What a deployer fills in; `endpoints` are alias ARNs by "default", "NA", "EU" and "FE"."""

    skill_id: str
    pages: str
    endpoints: Mapping[str, str]

    @classmethod
    def read(cls, path: Path) -> Deployment:
        """From a JSON file. Raises ValueError, naming the file, when it isn't one of these."""
        try:
            data = json.loads(path.read_text("utf-8"))
            deployment = cls(data["skill_id"], data["pages"], data["endpoints"])
            deployment.pages.format(page="")
            deployment.endpoints["default"]
        except (KeyError, TypeError, AttributeError, ValueError, IndexError) as error:
            raise ValueError(f"{path}: must hold skill_id, pages (with {{page}}) and endpoints (with default): {error!r}") from error
        return deployment

    @property
    def has_skill(self) -> bool:
        """Whether the skill has been created, so that its id is known."""
        return not self.skill_id.startswith(_EXAMPLE_SKILL)

    @property
    def has_function(self) -> bool:
        """Whether there is a function behind every endpoint named."""
        return not any(_EXAMPLE_ACCOUNT in arn for arn in self.endpoints.values())

    def missing(self, pages: Path) -> Iterator[str]:
        """What must be filled in before the skill can go to the store; `pages` is the folder of the pages themselves."""
        settings = "skill_package/deployment.json"
        if not self.has_skill:
            yield f"{settings}: skill_id is the example"
        if not self.has_function:
            yield f"{settings}: an endpoint has the example account; fill it in, or remove the region"
        if _EXAMPLE_HOST in self.pages:
            yield f"{settings}: pages is the example address"
        for page in PAGES:
            if _EXAMPLE_HOST in (pages / f"{page}.md").read_text("utf-8"):
                yield f"docs/{page}.md: the address to write to is the example"


def filled(manifest: Mapping[str, Any], deployment: Deployment) -> dict[str, Any]:
    """The whole manifest with the deployer's pages and endpoints in it."""
    whole = copy.deepcopy(dict(manifest))
    body = whole["manifest"]
    for addresses in body["privacyAndCompliance"]["locales"].values():
        addresses["privacyPolicyUrl"], addresses["termsOfUseUrl"] = (deployment.pages.format(page=page) for page in PAGES)
    regions = {where: {"endpoint": {"uri": arn}} for where, arn in deployment.endpoints.items() if where != "default"}
    for place in (body["apis"]["custom"], body["events"]):
        place["endpoint"], place["regions"] = {"uri": deployment.endpoints["default"]}, regions
    return whole


def before_the_function(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """The manifest that creates the skill: without endpoints, since Alexa refuses one that it may not call yet."""
    whole = copy.deepcopy(dict(manifest))
    del whole["manifest"]["events"]
    for key in ("endpoint", "regions"):
        del whole["manifest"]["apis"]["custom"][key]
    return whole


def replays(script: str, device: Device, invocation_name: str) -> list[list[str]]:
    """What a conversation script says, as lines for `ask dialog`, one list a session.

    `device` plays along, to know when the session has ended and the skill must be named
    again. Silence and the passing of a day can't be replayed; a new session begins there.
    """
    sessions: list[list[str]] = [[]]
    for said, _ in exchanges(script):
        if said not in (SILENCE, NEXT_DAY):
            sessions[-1].append(_named(said, invocation_name, in_session=device.in_session))
        if said in (SILENCE, NEXT_DAY) or normal(said) in _LEAVES:
            sessions.append([])
        device.say(said)
    return [[*lines, _QUIT] for lines in sessions if lines]


def _named(said: str, invocation_name: str, *, in_session: bool) -> str:
    words = normal(said)
    if words == "open":
        return f"open {invocation_name}"
    return words if in_session or invocation_name in words else f"ask {invocation_name} {words}"


def write_replays(scripts: list[Path], folder: Path, skill_id: str, model: Mapping[str, Any]) -> int:
    """One replay file a session of each script into `folder`; returns how many."""
    hearing, count = Hearing(model), 0
    folder.mkdir(parents=True)
    for script in scripts:
        with tempfile.TemporaryDirectory() as memory:
            skill = app.build({"MEMORY_FILE": str(Path(memory) / "memory.sqlite")})
            device = Device(skill, hearing, locale=SCRIPT_LOCALE, start=datetime(2026, 11, 23, 18, tzinfo=UTC))
            sessions = replays(script.read_text("utf-8"), device, hearing.invocation_name)
        for number, lines in enumerate(sessions, 1):
            name = script.stem if len(sessions) == 1 else f"{script.stem}-{number}"
            _write(folder / f"{name}.json", {"skillId": skill_id, "locale": SCRIPT_LOCALE, "type": "text", "userInput": lines})
            count += 1
    return count


def write_project(into: Path, manifest: Mapping[str, Any], models: Mapping[str, Any], deployment: Deployment) -> None:
    """An ask-cli project into `into`: skill-package/, ask-resources.json and, once the skill exists, its id.

    What ask-cli itself keeps in .ask/ is left alone until the skill's id is filled in, so
    that packaging twice before that can't create a second skill.
    """
    package = into / "skill-package"
    shutil.rmtree(package, ignore_errors=True)
    shutil.copytree(SOURCE / "assets", package / "assets")
    _write(package / "skill.json", manifest if deployment.has_function else before_the_function(manifest))
    for locale, model in models.items():
        _write(package / "interactionModels" / "custom" / f"{locale}.json", model)
    resources = {"askcliResourcesVersion": "2020-03-31", "profiles": {"default": {"skillMetadata": {"src": "./skill-package"}}}}
    _write(into / "ask-resources.json", resources)
    if deployment.has_skill:
        states = {"askcliStatesVersion": "2020-03-31", "profiles": {"default": {"skillId": deployment.skill_id}}}
        _write(into / ".ask" / "ask-states.json", states)


def _write(path: Path, data: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(data, indent=2, ensure_ascii=False) + "\n", "utf-8")


def next_steps(deployment: Deployment, missing: list[str], into: Path) -> str:
    """What the deployer does now, as text."""
    deploy = f"(cd {into} && ask deploy --target skill-metadata)"
    if not deployment.has_skill:
        todo = [f"Create the skill: {deploy}", "Copy the skill id it prints to skill_id in skill_package/deployment.json."]
        todo += ["Deploy the function with that id: sam build && sam deploy --guided"]
    elif not deployment.has_function:
        todo = ["Deploy the function: sam build && sam deploy --guided"]
        todo += ["Copy its output SkillEndpointArn to endpoints in skill_package/deployment.json; remove regions you don't use."]
    else:
        todo = [f"Deploy: {deploy}", f"Replay a conversation: ask dialog --replay {into}/replays/NAME.json"]
        todo += ["Tick docs/device-checklist.md on a device."]
    if not (deployment.has_skill and deployment.has_function):
        todo.append("Then run 'make package' again.")
    state = (
        ["NOT READY for the store:", *(f"  - {what}" for what in missing)]
        if missing
        else ["Ready for the store, as far as can be checked here."]
    )
    return "\n".join([*state, "Next (docs/deploy.md tells all):", *(f"  {n}. {step}" for n, step in enumerate(todo, 1))])


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.package", description="Put together and check what ask-cli deploys.")
    parser.add_argument("--into", type=Path, default=Path("build/alexa"), help="folder to write (default: %(default)s)")
    parser.add_argument("--deployment", type=Path, default=SOURCE / "deployment.json", help="what the deployer fills in")
    parser.add_argument("--release", action="store_true", help="exit 1 unless nothing is left to fill in")
    options = parser.parse_args(arguments)
    try:
        deployment = Deployment.read(options.deployment)
    except (OSError, ValueError) as error:
        parser.error(str(error))
    manifest = filled(json.loads((SOURCE / "skill.json").read_text("utf-8")), deployment)
    models = {path.stem: json.loads(path.read_text("utf-8")) for path in sorted(MODELS.glob("*-*.json"))}
    found = [fault for locale, model in models.items() for fault in model_faults(locale, model)]
    found = found or list(manifest_faults(manifest, models, SOURCE))
    for fault in found:
        print(fault)
    if found:
        print(f"package: {len(found)} {'fault' if len(found) == 1 else 'faults'}; nothing written", file=sys.stderr)
        return 1
    write_project(options.into, manifest, models, deployment)
    shutil.rmtree(options.into / "replays", ignore_errors=True)
    count = write_replays(SCRIPTS, options.into / "replays", deployment.skill_id, models[SCRIPT_LOCALE])
    missing = list(deployment.missing(ROOT / "docs"))
    print(f"package: {options.into}: {len(LOCALES)} locales, {len(SCRIPTS)} conversations in {count} replays", file=sys.stderr)
    print(next_steps(deployment, missing, options.into))
    return 1 if missing and options.release else 0


if __name__ == "__main__":
    sys.exit(main())
