"""The edge: envelopes of every kind, odd, hostile or broken; a listener never hears nonsense."""

from __future__ import annotations

import copy
import importlib
import json
import subprocess
import sys
import xml.etree.ElementTree as ET
from datetime import date

import pytest

from backcare import app, content
from backcare.memory import SqliteMemory
from backcare.turn import Listener
from simulator.device import plain
from tests.conftest import CONTENT, ROOT

USER = "amzn1.ask.account.EDGE"
SPEAKING = {"LaunchRequest", "IntentRequest"}


def envelope(request, *, new=True, attributes=None, locale="en-US", skill_id="amzn1.ask.skill.ours"):
    application, user = {"applicationId": skill_id}, {"userId": USER}
    return {
        "version": "1.0",
        "session": {"new": new, "sessionId": "s", "application": application, "attributes": attributes or {}, "user": user},
        "context": {
            "System": {
                "application": application,
                "user": user,
                "device": {"deviceId": "d", "supportedInterfaces": {}},
                "apiEndpoint": "https://x",
            }
        },
        "request": {"requestId": "r", "timestamp": "2026-11-23T18:00:00Z", "locale": locale, **request},
    }


def intent(name, **slots):
    return {
        "type": "IntentRequest",
        "intent": {
            "name": name,
            "confirmationStatus": "NONE",
            "slots": {k: {"name": k, "value": v, "confirmationStatus": "NONE"} for k, v in slots.items()},
        },
    }


def said(response):
    return plain(response["response"]["outputSpeech"]["ssml"])


def well_formed(response):
    body = response["response"]
    ET.fromstring(body["outputSpeech"]["ssml"])  # noqa: S314 - our own output
    assert isinstance(body["shouldEndSession"], bool)
    assert ("reprompt" in body) is (body["shouldEndSession"] is False)
    json.dumps(response)


def test_a_launch_is_welcomed_and_the_session_stays_open(skill):
    response = skill(envelope({"type": "LaunchRequest"}), None)
    well_formed(response)
    assert said(response).startswith("Welcome to Lupus Back Care.")
    assert response["response"]["shouldEndSession"] is False


@pytest.mark.parametrize(
    "request_type",
    [
        "SessionEndedRequest",
        "AlexaSkillEvent.SkillEnabled",
        "AlexaSkillEvent.SkillDisabled",
        "AudioPlayer.PlaybackStarted",
        "System.ExceptionEncountered",
        "PlaybackController.NextCommandIssued",
    ],
)
def test_nothing_is_spoken_where_nothing_may_be(skill, request_type):
    extra = {"reason": "USER_INITIATED"} if request_type == "SessionEndedRequest" else {}
    response = skill(envelope({"type": request_type, **extra}), None)
    assert "outputSpeech" not in response.get("response", {})
    assert "shouldEndSession" not in response.get("response", {})


@pytest.mark.parametrize(
    "change",
    [
        lambda e: e["request"].update(dialogState="FUTURE"),
        lambda e: e["request"].update(timestamp="yesterday-ish"),
        lambda e: e["request"].update(timestamp=None),
        lambda e: e["context"].update(Viewport={"mode": "HOLOGRAM", "shape": "CUBE"}),
        lambda e: e["context"].update(Viewports=[{"type": "FUTURE"}]),
        lambda e: e.update(context=None),
        lambda e: e["session"].update(attributes=None),
        lambda e: e["session"].update(attributes="broken"),
        lambda e: e["request"]["intent"].update(slots=None),
        lambda e: e["request"]["intent"].update(slots={"topic": {"name": "topic", "value": "heat", "slotValue": {"type": "FUTURE"}}}),
        lambda e: e["request"].update(brandNewField={"a": 1}),
        lambda e: e["request"].update(locale="xx-XX"),
        lambda e: e["request"].update(locale=None),
        lambda e: e["request"].update(locale="../../etc"),
    ],
)
def test_odd_fields_do_not_spoil_the_answer(skill, change):
    event = envelope(intent("TopicIntent", topic="heat"))
    change(event)
    response = skill(event, None)
    well_formed(response)
    assert "wrong on my side" not in said(response)


@pytest.mark.parametrize("request_type", ["Future.Request", "Alexa.Presentation.APL.Future", "", None, 7])
def test_an_unknown_request_type_keeps_the_place_and_asks_again(skill, request_type):
    attributes = {"place": {"topic": "sleep", "section": None, "said": None, "back": None}, "open": {"asking": "more"}}
    response = skill(envelope({"type": request_type}, new=False, attributes=attributes), None)
    well_formed(response)
    assert response["sessionAttributes"]["place"]["topic"] == "sleep"


@pytest.mark.parametrize(
    "event",
    [None, [], "text", 3, {}, {"request": None}, {"request": {}, "session": 3}, {"session": {}}, {"request": {"type": "LaunchRequest"}}],
)
def test_what_is_not_an_envelope_is_answered_without_raising(skill, event):
    response = skill(copy.deepcopy(event), None)
    assert response["version"] == "1.0"
    json.dumps(response)


@pytest.mark.parametrize(
    "words",
    [
        "<speak>stop</speak>",
        "{emergency_number}",
        "a & b < c > d \" '",
        "x" * 100_000,
        "\x00\x01\ud800",
        "%s %d {0} {}",
        "', DROP TABLE listener; --",
        "\u202e\u0000",
    ],
)
def test_hostile_words_are_never_spoken_or_interpreted(skill, words):
    for route, slot in (("TopicIntent", "topic"), ("QuestionIntent", "question"), ("TipForIntent", "situation")):
        response = skill(envelope(intent(route, **{slot: words})), None)
        well_formed(response)
        assert len(response["response"]["outputSpeech"]["ssml"]) < 8000
        assert words not in json.dumps(response)


@pytest.mark.parametrize(
    "place",
    [
        {"topic": "gone", "section": "gone", "said": "tip/gone/gone", "back": "section/gone/gone"},
        {"topic": ["x"]},
        {"said": "prompt/gone"},
        3,
        None,
    ],
)
@pytest.mark.parametrize(
    "opened",
    [
        {"asking": "gone", "offered": ["gone"]},
        {"asking": "topic", "offered": []},
        {"asking": "group", "offered": ["gone"]},
        {"misses": "many", "heard": 5},
        "x",
    ],
)
def test_a_session_from_another_release_is_taken_for_what_is_left_of_it(skill, place, opened):
    for name in (
        "AMAZON.YesIntent",
        "AMAZON.NoIntent",
        "AMAZON.RepeatIntent",
        "AMAZON.NextIntent",
        "AMAZON.PreviousIntent",
        "GoBackIntent",
        "AMAZON.HelpIntent",
        "AMAZON.FallbackIntent",
        "AMAZON.StopIntent",
        "WhoSaysSoIntent",
        "AnotherTipIntent",
        "AMAZON.StartOverIntent",
        "AMAZON.ResumeIntent",
    ):
        response = skill(envelope(intent(name), new=False, attributes={"place": place, "open": opened}), None)
        well_formed(response)
        assert said(response)
        assert "wrong on my side" not in said(response), name


def test_another_skill_is_refused_without_a_word(tmp_path):
    skill = app.build({"SKILL_ID": "amzn1.ask.skill.ours"})
    assert said(skill(envelope({"type": "LaunchRequest"}), None))
    refused = skill(envelope({"type": "LaunchRequest"}, skill_id="amzn1.ask.skill.theirs"), None)
    assert refused == {"version": "1.0", "response": {}}
    without = envelope({"type": "LaunchRequest"})
    del without["context"], without["session"]["application"]
    assert skill(without, None) == {"version": "1.0", "response": {}}


def test_in_lambda_a_missing_skill_id_is_refused_at_start_up():
    with pytest.raises(app.ConfigurationError, match="SKILL_ID"):
        app.build({"AWS_LAMBDA_FUNCTION_NAME": "skill"})
    assert app.build({"AWS_LAMBDA_FUNCTION_NAME": "skill", "SKILL_ID": "amzn1.ask.skill.ours"})


def test_a_failed_turn_is_counted_in_lambda_and_nowhere_else(monkeypatch, capsys):
    def fail(_turn):
        raise RuntimeError("purple secret words")

    monkeypatch.setattr("backcare.alexa.answer", fail)
    for environ in ({"SKILL_ID": "amzn1.ask.skill.ours"}, {"SKILL_ID": "amzn1.ask.skill.ours", "AWS_LAMBDA_FUNCTION_NAME": "skill"}):
        response = app.build(environ)(envelope({"type": "LaunchRequest"}), None)
        well_formed(response)
        assert "wrong on my side" in said(response)
    (line,) = capsys.readouterr().out.splitlines()
    counted = json.loads(line)
    assert (counted["FailedTurns"], counted["Function"]) == (1, "skill")
    assert "purple" not in line


def test_a_warning_sign_is_counted_by_its_urgency_and_by_nothing_else(capsys):
    skill = app.build({"SKILL_ID": "amzn1.ask.skill.ours", "AWS_LAMBDA_FUNCTION_NAME": "skill"})
    skill(envelope(intent("QuestionIntent", question="my chest really hurts")), None)
    (line,) = capsys.readouterr().out.splitlines()
    counted = json.loads(line)
    assert (counted["WarningSigns"], counted["Urgency"]) == (1, "emergency")
    assert "chest" not in line


def test_under_snapstart_words_find_everything_ready(monkeypatch):
    built = []
    monkeypatch.setattr("backcare.app.likeness", built.append)
    app.build({})
    assert built == []
    app.build({"AWS_LAMBDA_INITIALIZATION_TYPE": "snap-start"})
    assert [library.locale for library in built] == ["en-US"]


def test_the_pace_is_remembered_and_heard(tmp_path):
    skill = app.build({"MEMORY_FILE": str(tmp_path / "memory.sqlite")})
    assert "<break" in said_ssml(skill(envelope(intent("SlowerIntent")), None))
    again = said_ssml(skill(envelope({"type": "LaunchRequest"}), None))
    assert '<break time="700ms"/>' in again


def said_ssml(response) -> str:
    return str(response["response"]["outputSpeech"]["ssml"])


def test_nobody_is_remembered_who_has_no_user_id(tmp_path):
    path = tmp_path / "memory.sqlite"
    event = envelope(intent("QuestionIntent", question="a warm bath help"))
    del event["session"]["user"], event["context"]["System"]["user"]
    assert "Heat and cold" in said(app.build({"MEMORY_FILE": str(path)})(event, None))
    assert not path.exists()


class _BrokenMemory:
    remembers = True

    def load(self, *_):
        raise OSError("disk on fire")

    save = forget = load


def test_the_reading_goes_on_when_memory_fails(skill):
    skill._memory = _BrokenMemory()
    opened = skill(envelope({"type": "LaunchRequest"}), None)
    well_formed(opened)
    stopped = skill(envelope(intent("AMAZON.StopIntent"), new=False, attributes=opened["sessionAttributes"]), None)
    assert said(stopped) == "Goodbye. Take care."
    skill(envelope({"type": "AlexaSkillEvent.SkillDisabled"}), None)


def test_a_disabled_skill_forgets_its_listener(tmp_path):
    path = tmp_path / "memory.sqlite"
    skill, memory = app.build({"MEMORY_FILE": str(path)}), SqliteMemory(path)
    memory.save(USER, Listener(), Listener("sleep", None, date(2026, 11, 22)))
    event = envelope({"type": "AlexaSkillEvent.SkillDisabled"})
    del event["session"]
    skill(event, None)
    assert memory.load(USER) == Listener()


def test_only_place_and_day_are_remembered(tmp_path):
    path = tmp_path / "memory.sqlite"
    skill = app.build({"MEMORY_FILE": str(path)})
    skill(envelope(intent("QuestionIntent", question="would a warm bath ease my back")), None)
    assert b"bath ease" not in path.read_bytes()
    assert set(SqliteMemory(path).load(USER).as_data()) == {"topic", "section", "last_visit", "pace"}


def test_what_was_said_is_not_logged(skill, caplog):
    caplog.set_level(0)
    for event in (envelope(intent("QuestionIntent", question="purple secret words")), envelope({"type": "Future.purple"})):
        skill(event, None)
    assert "purple" not in caplog.text
    assert USER not in caplog.text


def test_the_handler_needs_only_its_own_folder_and_no_boto3_or_flask():
    code = (
        "import sys, json, lambda_function;"
        "event = json.loads(sys.stdin.read());"
        "reply = lambda_function.lambda_handler(event, None);"
        "assert 'Welcome' in json.dumps(reply);"
        "bad = {'boto3', 'botocore', 'flask', 'requests'} & set(sys.modules);"
        "assert not bad, bad"
    )
    environment = {"PYTHONPATH": str(ROOT / "lambda"), "PATH": "/usr/bin:/bin"}
    subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code],
        input=json.dumps(envelope({"type": "LaunchRequest"})),
        env=environment,
        cwd="/",
        text=True,
        check=True,
    )


def test_content_may_stand_elsewhere(tmp_path):
    assert app.content_folder({"CONTENT_DIR": str(CONTENT)}) == CONTENT
    with pytest.raises(content.ContentError, match="CONTENT_DIR"):
        app.content_folder({"CONTENT_DIR": str(tmp_path / "nowhere")})


def test_the_lambda_entry_point_is_the_same_skill(monkeypatch):
    monkeypatch.delenv("SKILL_ID", raising=False)
    module = importlib.import_module("lambda_function")
    assert said(module.lambda_handler(envelope({"type": "LaunchRequest"}), None)).startswith("Welcome")
