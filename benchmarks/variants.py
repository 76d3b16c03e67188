"""What is compared: our artefact and the ten-line skill, compiled and not, and with ten times the content."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from simulator.skill import ROOT
from tools import build

SKILL_ID = "amzn1.ask.skill.bench"


def envelope(request: dict[str, Any]) -> dict[str, Any]:
    """A request envelope as a device without a screen sends it: about 1.5 kB for a launch, 2.5 kB for an intent."""
    application, user = {"applicationId": SKILL_ID}, {"userId": "amzn1.ask.account." + "A" * 180}
    stamped = {"requestId": "amzn1.echo-api.request.0", "timestamp": "2026-11-23T18:00:00Z", "locale": "en-US"}
    device = {"deviceId": "amzn1.ask.device." + "B" * 160, "supportedInterfaces": {}}
    system = {
        "application": application,
        "user": user,
        "device": device,
        "apiEndpoint": "https://api.amazonalexa.com",
        "apiAccessToken": "C" * 600,
    }
    session = {"new": True, "sessionId": "amzn1.echo-api.session.0", "application": application, "attributes": {}, "user": user}
    return {"version": "1.0", "session": session, "context": {"System": system}, "request": {**request, **stamped}}


LAUNCH = envelope({"type": "LaunchRequest"})
_RESOLVED = {
    "authority": "amzn1.er-authority.0",
    "status": {"code": "ER_SUCCESS_MATCH"},
    "values": [{"value": {"name": "sleep", "id": "sleep"}}],
}
_SLOT = {
    "name": "topic",
    "value": "sleep",
    "confirmationStatus": "NONE",
    "source": "USER",
    "resolutions": {"resolutionsPerAuthority": [_RESOLVED]},
}
TOPIC = envelope({"type": "IntentRequest", "intent": {"name": "TopicIntent", "confirmationStatus": "NONE", "slots": {"topic": _SLOT}}})


def prepare(folder: Path) -> dict[str, tuple[Path, str]]:
    """Each variant's folder and handler, made under `folder` with the Python that runs this."""
    python = Path(sys.executable)
    ours, plain, compiled, tenfold = (folder / name for name in ("ours", "plain", "compiled", "tenfold"))
    build.assemble(ours, python)
    _ten_lines(plain)
    shutil.copytree(plain, compiled)
    subprocess.run([str(python), "-W", "ignore", "-m", "compileall", "-q", str(compiled)], check=True)
    shutil.copytree(ours, tenfold)
    _ten_times(tenfold / "content" / "en")
    return {
        "ours": (ours, "lambda_function.lambda_handler"),
        "ten lines, source": (plain, "baseline.lambda_handler"),
        "ten lines, compiled": (compiled, "baseline.lambda_handler"),
        "ours, ten times the content": (tenfold, "lambda_function.lambda_handler"),
    }


def _ten_lines(folder: Path) -> None:
    """The ten-line skill as plain `sam build` ships it: its requirements whole, nothing compiled."""
    folder.mkdir(parents=True)
    command = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-compile",
        "--target",
        str(folder),
        "ask-sdk-core==1.19.0",
        "python-dateutil<3",
    ]
    subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
    shutil.copy(ROOT / "benchmarks" / "baseline.py", folder / "baseline.py")


def _ten_times(language: Path) -> None:
    """Nine more of every topic, under other ids."""
    groups_file = language / "groups.json"
    groups = json.loads(groups_file.read_text("utf-8"))
    more = []
    for number in range(1, 10):
        for group in groups["groups"]:
            renamed = {topic_id: f"{topic_id}-{number}" for topic_id in group["topics"]}
            more.append({**group, "id": f"{group['id']}-{number}", "topics": list(renamed.values())})
            for topic_id, new_id in renamed.items():
                topic = json.loads((language / "topics" / f"{topic_id}.json").read_text("utf-8"))
                (language / "topics" / f"{new_id}.json").write_text(json.dumps({**topic, "id": new_id}), "utf-8")
    groups["groups"] += more
    groups_file.write_text(json.dumps(groups), "utf-8")
