"""What a listener hears, and what is kept, when the table fails: through the handler, over real connections.

An emulator stands behind a wire (tests/dynamodb_local.py) that fails as a network and a
service do: it is silent, trickles, hangs up, throttles, denies.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date

import pytest

from backcare import app
from backcare.memory import ANSWER_WITHIN_S, DynamoMemory, key_of
from backcare.turn import Listener
from tests.conftest import ROOT, START
from tests.dynamodb_local import Table, Wire, hung_up, refused, silent, trickling

USER = "home"
USER_ID = f"amzn1.ask.account.{USER}"
TODAY = START.date()
VISITED = Listener("sleep", "on-your-side", TODAY)
HEARD_WITHIN_S = 3.0

THROTTLED = refused(400, "ThrottlingException")
FAULTS = {
    "throttled": THROTTLED,
    "denied": refused(400, "AccessDeniedException"),
    "service broken": refused(500, "InternalServerError"),
    "silent": silent,
    "trickling": trickling,
    "hung up": hung_up,
}
every_fault = pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
quick_and_slow = pytest.mark.parametrize("fault", [THROTTLED, silent], ids=["throttled", "silent"])


@pytest.fixture(params=["moto", pytest.param("dynamodb_local", marks=pytest.mark.release)])
def wire(request, monkeypatch):
    wire = Wire(request.getfixturevalue(request.param))
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", wire.address)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    yield wire
    wire.close()


@pytest.fixture
def table(wire):
    table = Table(wire.backend)
    table.create()
    table.wire = wire
    return table


@pytest.fixture
def memory(table):
    return DynamoMemory(table.name, "us-east-1")


# The device's own skill id, so that it is answered.
IN_LAMBDA = {"AWS_LAMBDA_FUNCTION_NAME": "skill", "SKILL_ID": "amzn1.ask.skill.local"}


def in_lambda(table):
    return app.build({**IN_LAMBDA, "TABLE_NAME": table.name, "AWS_REGION": "us-east-1"})


@pytest.fixture
def device(device_for, table):
    return device_for(in_lambda(table), USER)


@pytest.fixture
def healthy(device_for, skill):
    """The same listener with a memory that never fails."""
    return device_for(skill, USER)


def spoken(device, *lines):
    """What is heard, each within HEARD_WITHIN_S."""
    heard = []
    for line in lines:
        began = time.monotonic()
        answer = device.say(line)
        assert time.monotonic() - began < HEARD_WITHIN_S, line
        heard.append(answer.speech if answer else None)
    return heard


def failures(capsys):
    """The operations whose failures were counted since the last look."""
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    for line in lines:
        about = line["_aws"]["CloudWatchMetrics"]
        assert about == [
            {
                "Namespace": "LupusBackCare",
                "Dimensions": [["Function"], ["Function", "Operation"]],
                "Metrics": [{"Name": "MemoryFailures", "Unit": "Count"}],
            }
        ]
        assert abs(line["_aws"]["Timestamp"] / 1000 - time.time()) < 60
        assert set(line) == {"_aws", "Function", "Operation", "MemoryFailures"}
        assert line["MemoryFailures"] == 1
    return [line["Operation"] for line in lines]


def test_a_listener_is_met_again_where_she_was(device, capsys):
    welcome, *_ = spoken(device, "open", "sleep", "next", "stop")
    assert welcome.startswith("Welcome to Lupus Back Care.")
    spoken(device, "(next day)")
    assert spoken(device, "open")[0].startswith("Welcome back. Last time we were in sleep and night pain.")
    assert failures(capsys) == []


@every_fault
def test_whatever_fails_in_mid_reading_the_same_is_heard_and_the_place_is_kept(fault, device, healthy, table, capsys):
    beginning, finish = ["open", "sleep"], ["next", "stop", "(next day)", "open", "yes"]
    assert spoken(device, *beginning) == spoken(healthy, *beginning)
    saved = table.read(USER_ID)
    table.wire.break_with(fault)
    assert spoken(device, "next") == spoken(healthy, "next")
    assert failures(capsys) == ["load", "save"]
    assert table.read(USER_ID) == saved
    table.wire.mend()
    assert spoken(device, *finish) == spoken(healthy, *finish)
    assert failures(capsys) == []


@quick_and_slow
def test_whatever_fails_at_the_door_a_stranger_is_welcomed_and_the_old_place_is_not_lost(fault, device, wire, capsys):
    spoken(device, "open", "sleep", "next", "stop", "(next day)")
    wire.break_with(fault)
    assert spoken(device, "open")[0].startswith("Welcome to Lupus Back Care.")
    wire.mend()
    assert spoken(device, "stop") == ["Goodbye. Take care."]
    spoken(device, "(next day)")
    assert spoken(device, "open")[0].startswith("Welcome back. Last time we were in sleep and night pain.")
    assert failures(capsys) == ["load", "save"]


@quick_and_slow
def test_a_read_that_fails_while_writes_succeed_overwrites_only_what_is_new(fault, device, wire, capsys):
    spoken(device, "open", "sleep", "next", "stop", "(next day)")
    wire.break_with(fault, "GetItem")
    spoken(device, "open")
    wire.mend()
    spoken(device, "(next day)")
    assert spoken(device, "open")[0].startswith("Welcome back. Last time we were in sleep and night pain.")
    assert failures(capsys) == ["load"]


def test_without_its_table_the_skill_reads_as_one_without_memory(device_for, wire, capsys):
    nowhere = Table(wire.backend)
    lines = ["open", "sleep", "next", "what would help me sleep", "stop"]
    assert spoken(device_for(in_lambda(nowhere), USER), *lines) == spoken(device_for(app.build({})), *lines)
    assert set(failures(capsys)) == {"load", "save"}


def test_without_a_region_or_an_address_nothing_else_is_heard(device_for, monkeypatch, capsys):
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL_DYNAMODB"):
        monkeypatch.delenv(name, raising=False)
    skill = app.build({**IN_LAMBDA, "TABLE_NAME": "listeners", "AWS_LAMBDA_INITIALIZATION_TYPE": "snap-start"})
    lines = ["open", "sleep", "stop"]
    assert spoken(device_for(skill), *lines) == spoken(device_for(app.build({})), *lines)
    assert set(failures(capsys)) == {"load", "save"}


def test_a_refused_connection_is_not_heard(device_for, wire, table, capsys):
    skill = in_lambda(table)
    wire.close()
    lines = ["open", "sleep", "stop"]
    assert spoken(device_for(skill), *lines) == spoken(device_for(app.build({})), *lines)
    assert set(failures(capsys)) == {"load", "save"}


@pytest.mark.parametrize(
    "damage", [{"topic": b"7"}, {"last_visit": "yesterday"}, {"expires": "never"}, {"version": "one"}, {"topic": "gone"}]
)
def test_a_corrupt_item_is_not_heard_and_heals(damage, device, table, capsys):
    sound = {"version": 1, "topic": "sleep", "section": "on-your-side", "last_visit": "2026-11-22", "expires": 1829865600}
    table.write(USER_ID, {**sound, **damage})
    welcome = spoken(device, "open")[0]
    assert welcome.startswith("Welcome")
    spoken(device, "exercise", "stop", "(next day)")
    assert spoken(device, "open")[0].startswith("Welcome back. Last time we were in exercise.")
    assert failures(capsys) == []


def test_an_item_of_a_newer_version_is_read_on_and_nothing_of_it_is_lost(device, table, capsys):
    newer = {"version": 9, "topic": "sleep", "section": "on-your-side", "last_visit": "2026-11-22", "expires": 1829865600, "mood": "calm"}
    table.write(USER_ID, newer)
    assert spoken(device, "open")[0].startswith("Welcome back. Last time we were in sleep and night pain.")
    spoken(device, "exercise", "stop")
    after = table.read(USER_ID)
    assert (after["version"], after["mood"], after["topic"], after["last_visit"]) == (9, "calm", "exercise", "2026-11-23")
    assert failures(capsys) == []


def test_two_devices_of_one_person_at_once_both_read_on_and_one_of_their_places_is_kept_whole(device_for, table, capsys):
    devices = [device_for(in_lambda(table), USER) for _ in range(2)]
    with ThreadPoolExecutor(2) as people:
        kitchen = people.submit(spoken, devices[0], "open", "sleep", "next")
        bedroom = people.submit(spoken, devices[1], "open", "exercise", "next")
        heard = [kitchen.result(), bedroom.result()]
    places = [(device._attributes["place"]["topic"], device._attributes["place"]["section"]) for device in devices]
    assert all("Shall I go on?" in answers[-1] for answers in heard)
    kept = table.read(USER_ID)
    assert (kept["topic"], kept["section"]) in places
    assert kept["last_visit"] == "2026-11-23"
    assert failures(capsys) == []


def test_a_disabled_skill_forgets_and_a_failure_to_is_counted(table, wire, capsys):
    DynamoMemory(table.name, "us-east-1").save(USER_ID, Listener(), VISITED)
    user = {"userId": USER_ID}
    event = {
        "version": "1.0",
        "context": {"System": {"user": user, "application": {"applicationId": IN_LAMBDA["SKILL_ID"]}}},
        "request": {"type": "AlexaSkillEvent.SkillDisabled", "requestId": "r", "timestamp": "2026-11-23T18:00:00Z"},
    }
    skill = in_lambda(table)
    wire.break_with(refused(400, "AccessDeniedException"))
    skill(event, None)
    assert failures(capsys) == ["forget"]
    wire.mend()
    skill(event, None)
    assert failures(capsys) == []
    assert table.count() == 0


@every_fault
def test_each_operation_gives_up_within_a_second(fault, memory, wire):
    memory.connect()
    memory.load(USER_ID)
    wire.break_with(fault)
    for operation in (lambda: memory.load(USER_ID), lambda: memory.save(USER_ID, Listener(), VISITED), lambda: memory.forget(USER_ID)):
        began = time.monotonic()
        with pytest.raises(Exception):  # noqa: B017, PT011 - whichever error it is, the edge catches all
            operation()
        assert time.monotonic() - began < ANSWER_WITHIN_S + 0.1


def test_an_expired_item_that_is_silent_in_going_still_holds_up_for_a_second_only(memory, table, wire):
    table.write(USER_ID, {"version": 1, "topic": "sleep", "last_visit": "2020-01-01", "expires": 1612396800})
    memory.connect()
    wire.break_with(silent, "DeleteItem")
    began = time.monotonic()
    with pytest.raises(Exception):  # noqa: B017, PT011
        memory.load(USER_ID)
    assert time.monotonic() - began < ANSWER_WITHIN_S + 0.1


def test_an_expired_item_that_another_device_renews_meanwhile_is_not_deleted(memory, table, wire):
    renewed = {"version": 1, "topic": "exercise", "last_visit": "2026-11-23", "expires": 1829952000}
    table.write(USER_ID, {**renewed, "last_visit": "2020-01-01", "expires": 1612396800})

    def renew_first(request):
        table.write(USER_ID, renewed)
        request.pass_on()

    wire.break_with(renew_first, "DeleteItem")
    with pytest.raises(Exception, match="ConditionalCheckFailed"):
        memory.load(USER_ID)
    assert memory.load(USER_ID) == Listener("exercise", None, TODAY)


@pytest.mark.parametrize("name", ["throttled", "service broken", "hung up", "silent"])
def test_a_fault_that_passes_costs_nothing(name, memory, wire, table):
    memory.connect()
    wire.break_with(FAULTS[name], times=1)
    memory.save(USER_ID, Listener(), VISITED)
    wire.break_with(FAULTS[name], times=1)
    assert memory.load(USER_ID) == VISITED


def test_work_that_no_one_waits_for_any_more_is_not_begun_later(memory, table, wire):
    """With every thread held up, a save that timed out in the queue must not write over newer changes afterwards."""
    memory.connect()
    wire.break_with(trickling)
    with ThreadPoolExecutor(4) as others:
        held = [others.submit(memory.load, f"user-{number}") for number in range(4)]
        time.sleep(0.3)
        with pytest.raises(TimeoutError):
            memory.save(USER_ID, Listener(), VISITED)
        assert all(isinstance(work.exception(), TimeoutError) for work in held)
    wire.mend()
    time.sleep(2)
    assert table.read(USER_ID) is None
    assert "UpdateItem" not in wire.operations()


def test_only_what_changed_is_sent(memory, wire):
    memory.save(USER_ID, Listener(), VISITED)
    memory.save(USER_ID, VISITED, VISITED)
    memory.save(USER_ID, VISITED, replace(VISITED, last_visit=date(2026, 11, 24)))
    assert wire.operations() == ["UpdateItem", "UpdateItem"]
    second = wire.passed[1][1]
    assert set(second["ExpressionAttributeNames"].values()) == {"last_visit", "expires", "version"}
    assert second["UpdateExpression"].count("if_not_exists") == 1


def test_a_turn_on_the_same_day_in_the_same_place_writes_nothing(device, wire):
    spoken(device, "open", "sleep")
    before = wire.operations().count("UpdateItem")
    spoken(device, "repeat", "help")
    assert wire.operations().count("UpdateItem") == before


def test_the_user_id_never_travels_and_reads_are_consistent(device, wire):
    spoken(device, "open", "sleep", "stop")
    assert USER_ID not in json.dumps(wire.passed)
    assert {body["Key"]["user"]["S"] for _, body in wire.passed} == {key_of(USER_ID)}
    assert all(body["ConsistentRead"] is True for operation, body in wire.passed if operation == "GetItem")


def test_nothing_of_a_listener_is_counted_or_logged(device, wire, capsys, caplog):
    caplog.set_level(0, "backcare")
    wire.break_with(refused(400, "AccessDeniedException"))
    spoken(device, "open", "sleep")
    shown = capsys.readouterr().out + "".join(record.getMessage() for record in caplog.records if record.name == "backcare")
    assert "memory: load failed: " in shown
    for secret in (USER_ID, key_of(USER_ID), "sleep"):
        assert secret not in shown


@pytest.mark.parametrize(("kind", "connected"), [("on-demand", False), ("snap-start", True), (None, False)])
def test_the_connection_is_made_at_import_only_where_a_snapshot_keeps_it(kind, connected):
    code = (
        "import sys, lambda_function;"
        "print('botocore' in sys.modules, lambda_function.skill._memory._client is not None, 'boto3' in sys.modules)"
    )
    environment = {"PYTHONPATH": str(ROOT / "lambda"), "PATH": "/usr/bin:/bin", "TABLE_NAME": "listeners", "AWS_REGION": "us-east-1"}
    environment |= {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
    if kind:
        environment["AWS_LAMBDA_INITIALIZATION_TYPE"] = kind
    ran = subprocess.run([sys.executable, "-W", "ignore", "-c", code], env=environment, cwd="/", text=True, check=True, capture_output=True)
    assert ran.stdout.split() == [str(connected), str(connected), "False"]


def test_failures_are_not_written_to_stdout_outside_lambda(device_for, wire, capsys):
    skill = app.build({"TABLE_NAME": "nowhere", "AWS_REGION": "us-east-1"})
    spoken(device_for(skill), "open", "sleep")
    assert capsys.readouterr().out == ""
