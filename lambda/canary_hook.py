"""Before a new version gets traffic: replay golden conversations against it, and compare.

CodeDeploy calls `handler` with the new version in the environment (NEW_VERSION). The
conversations in golden.json were recorded from the same commit; their requests carry no
user, so nothing is loaded from or saved to memory. Compared are the place, whether the
session stays open, the urgency and the emergency number: what must never differ, and
nothing that an author may reword.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

Ask = Callable[[dict[str, Any]], Mapping[str, Any]]
"""Sends one request envelope to the version under test; gives the response."""

_GOLDEN = Path(__file__).with_name("golden.json")


def handler(event: Mapping[str, Any], _context: object) -> None:
    """Replay, then tell CodeDeploy whether the deployment may go on."""
    import boto3  # noqa: PLC0415 - brought by the Lambda runtime, and not there where replay() is tested

    invoke = boto3.client("lambda").invoke

    def ask(envelope: dict[str, Any]) -> Mapping[str, Any]:
        answer = invoke(FunctionName=os.environ["NEW_VERSION"], Payload=json.dumps(envelope).encode())
        response: Mapping[str, Any] = json.loads(answer["Payload"].read())
        return response

    try:
        faults = list(replay(json.loads(_GOLDEN.read_text("utf-8")), ask, os.environ["SKILL_ID"]))
    except Exception as error:
        faults = [f"the replay itself failed: {type(error).__name__}"]
    print(json.dumps({"replayed": os.environ["NEW_VERSION"], "faults": faults}))
    boto3.client("codedeploy").put_lifecycle_event_hook_execution_status(
        deploymentId=event["DeploymentId"],
        lifecycleEventHookExecutionId=event["LifecycleEventHookExecutionId"],
        status="Failed" if faults else "Succeeded",
    )


def replay(golden: Mapping[str, Any], ask: Ask, skill_id: str) -> Iterator[str]:
    """Hold each golden conversation with `ask`; yields a line for each difference."""
    for conversation in golden["conversations"]:
        attributes: Mapping[str, Any] = {}
        for number, turn in enumerate(conversation["turns"], 1):
            response = ask(envelope(turn, attributes, skill_id))
            heard = observed(response, golden["emergency_number"])
            attributes = response.get("sessionAttributes") or {}
            for what, expected in turn["expect"].items():
                if heard.get(what) != expected:
                    yield f"{conversation['name']}, turn {number}: {what} is {heard.get(what)!r}, not {expected!r}"


def envelope(turn: Mapping[str, Any], attributes: Mapping[str, Any], skill_id: str) -> dict[str, Any]:
    """The request envelope of one golden turn, from nobody."""
    application = {"applicationId": skill_id}
    return {
        "version": "1.0",
        "session": {"new": turn["new"], "sessionId": "canary", "application": application, "attributes": {} if turn["new"] else attributes},
        "context": {"System": {"application": application, "device": {"deviceId": "canary", "supportedInterfaces": {}}}},
        "request": turn["request"],
    }


def observed(response: Mapping[str, Any], emergency_number: str) -> dict[str, Any]:
    """What is compared of a response: place, session, urgency, emergency number."""
    place = (response.get("sessionAttributes") or {}).get("place") or {}
    body = response.get("response") or {}
    kind, _, rest = str(place.get("said") or "").partition("/")
    ssml = (body.get("outputSpeech") or {}).get("ssml", "")
    return {
        "topic": place.get("topic"),
        "section": place.get("section"),
        "said": place.get("said"),
        "ends": body.get("shouldEndSession"),
        "urgency": rest.partition("/")[0] if kind == "warning" else None,
        "emergency_number": emergency_number in ssml,
    }
