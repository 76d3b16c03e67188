"""The hook before traffic: golden conversations pass on this release and fail on a bad one."""

from __future__ import annotations

import copy
import io
import json
import sys
import types

import pytest

import canary_hook
from backcare import app
from tests.conftest import ROOT
from tools import write_golden

GOLDEN = json.loads((ROOT / "lambda" / "golden.json").read_text("utf-8"))
SKILL_ID = "amzn1.ask.skill.ours"


@pytest.fixture(scope="module")
def skill():
    return app.build({"SKILL_ID": SKILL_ID})


def replay(ask):
    return list(canary_hook.replay(GOLDEN, ask, SKILL_ID))


def test_the_golden_file_is_up_to_date_and_full():
    assert write_golden.main(["--check"]) == 0
    assert len(GOLDEN["conversations"]) >= 25
    turns = [turn for conversation in GOLDEN["conversations"] for turn in conversation["turns"]]
    assert any(turn["expect"]["emergency_number"] for turn in turns)
    assert {turn["expect"]["ends"] for turn in turns} == {True, False}


def test_this_release_passes(skill):
    assert replay(lambda event: skill(event, None)) == []


def test_golden_requests_come_from_nobody():
    event = canary_hook.envelope(GOLDEN["conversations"][0]["turns"][0], {}, SKILL_ID)
    assert "user" not in event["session"]
    assert "user" not in event["context"]["System"]


@pytest.mark.parametrize(
    ("spoil", "what"),
    [
        (lambda r: r["response"].update(shouldEndSession=not r["response"]["shouldEndSession"]), "ends"),
        (lambda r: r["sessionAttributes"]["place"].update(topic="sleep-walking"), "topic"),
        (lambda r: r["response"]["outputSpeech"].update(ssml="<speak>Hello.</speak>"), "emergency_number"),
        (lambda r: r["sessionAttributes"]["place"].update(said="warning/emergency/saddle-numbness"), "urgency"),
        (lambda r: r.clear(), "ends"),
    ],
)
def test_a_bad_release_is_caught(skill, spoil, what):
    def bad(event):
        response = copy.deepcopy(skill(event, None))
        spoil(response)
        return response

    assert any(f": {what} is" in fault for fault in replay(bad))


class _Aws:
    """Stands for boto3: Lambda answers with the skill, CodeDeploy notes what it is told."""

    def __init__(self, skill):
        self.skill, self.told = skill, []

    def client(self, _name):
        return self

    def invoke(self, FunctionName, Payload):  # noqa: N803 - boto3's own names
        assert FunctionName == "arn:version:7"
        return {"Payload": io.BytesIO(json.dumps(self.skill(json.loads(Payload), None)).encode())}

    def put_lifecycle_event_hook_execution_status(self, **told):
        self.told.append(told)


@pytest.mark.parametrize(("broken", "status"), [(False, "Succeeded"), (True, "Failed")])
def test_codedeploy_is_told(skill, monkeypatch, capsys, broken, status):
    def ask(event, context):
        if broken:
            raise RuntimeError("a version that doesn't start")
        return skill(event, context)

    aws = _Aws(ask)
    monkeypatch.setitem(sys.modules, "boto3", types.SimpleNamespace(client=aws.client))
    monkeypatch.setenv("NEW_VERSION", "arn:version:7")
    monkeypatch.setenv("SKILL_ID", SKILL_ID)
    canary_hook.handler({"DeploymentId": "d", "LifecycleEventHookExecutionId": "e"}, None)
    assert aws.told == [{"deploymentId": "d", "lifecycleEventHookExecutionId": "e", "status": status}]
    assert json.loads(capsys.readouterr().out)["replayed"] == "arn:version:7"
