"""Every memory, SQLite and DynamoDB alike: a place and a day, under a hash; forgotten on request and in time."""

from __future__ import annotations

import json
import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime
from threading import Barrier

import pytest

from backcare import memory as memory_module
from backcare.memory import ANSWER_WITHIN_S, VERSION, DynamoMemory, NoMemory, SqliteMemory, expiry, key_of
from backcare.turn import Listener
from tests.conftest import START

USER = "amzn1.ask.account.SOMEONE"
TODAY = START.date()
VISITED = Listener("sleep", "on-your-side", TODAY)
DAY = 24 * 60 * 60

# A row as each version wrote it. Who raises VERSION adds one and keeps the rest for ever.
SAMPLES = {
    1: {"version": 1, "topic": "sleep", "section": "on-your-side", "last_visit": "2026-11-23", "expires": 1829952000},
}


class SqliteStore:
    """A SQLite file as its owner sees it, past the memory."""

    def __init__(self, path):
        self.path = path

    def memory(self):
        return SqliteMemory(self.path)

    def run(self, statement, *values):
        with closing(sqlite3.connect(self.path)) as connection, connection:
            connection.row_factory = sqlite3.Row
            return [dict(row) for row in connection.execute(statement, values)]

    def read(self, user):
        rows = self.run("SELECT * FROM remembered WHERE user = ?", key_of(user))
        return {name: value for name, value in rows[0].items() if value is not None} if rows else None

    def write(self, user, row):
        self.memory().load(user)
        known = {column["name"] for column in self.run("PRAGMA table_info(remembered)")}
        for name in row.keys() - known:
            self.run(f"ALTER TABLE remembered ADD COLUMN {name}")
        row = {"user": key_of(user), **row}
        self.run(f"INSERT INTO remembered ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})", *row.values())  # noqa: S608

    def count(self):
        return self.run("SELECT count(*) AS n FROM remembered")[0]["n"]

    def everything(self):
        return self.path.read_bytes()


@pytest.fixture(params=["sqlite", "moto", pytest.param("dynamodb_local", marks=pytest.mark.release)])
def store(request, tmp_path, monkeypatch):
    if request.param == "sqlite":
        return SqliteStore(tmp_path / "deep" / "memory.sqlite")
    from tests.dynamodb_local import Table

    address = request.getfixturevalue(request.param)
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", address)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    table = Table(address)
    table.create()
    table.memory = lambda: DynamoMemory(table.name, "us-east-1")
    return table


@pytest.fixture
def memory(store):
    return store.memory()


def test_what_is_saved_comes_back(store, memory):
    assert memory.load(USER) == Listener()
    memory.save(USER, Listener(), VISITED)
    assert memory.load(USER) == VISITED
    assert store.memory().load(USER) == VISITED


def test_nothing_is_written_when_nothing_changed(store, memory):
    memory.save(USER, VISITED, VISITED)
    assert memory.load(USER) == Listener()
    assert store.count() == 0


def test_a_row_holds_the_hash_the_place_the_day_the_version_and_the_expiry_and_nothing_else(store, memory):
    memory.save(USER, Listener(), VISITED)
    assert store.read(USER) == {"user": key_of(USER), **SAMPLES[VERSION]}
    assert USER not in repr(store.read(USER))


def test_the_user_is_not_in_the_file(tmp_path):
    store = SqliteStore(tmp_path / "memory.sqlite")
    store.memory().save(USER, Listener(), VISITED)
    assert USER.encode() not in store.everything()


def test_forgetting_erases_one_listener_only(store, memory):
    memory.save(USER, Listener(), VISITED)
    memory.save("another", Listener(), VISITED)
    memory.forget(USER)
    assert memory.load(USER) == Listener()
    assert memory.load("another") == VISITED
    assert store.count() == 1
    memory.forget("never seen")


def test_a_place_that_is_left_is_taken_away(store, memory):
    memory.save(USER, Listener(), VISITED)
    memory.save(USER, VISITED, replace(VISITED, topic=None, section=None))
    assert memory.load(USER) == Listener(last_visit=TODAY)
    assert "topic" not in store.read(USER)


def test_two_devices_undo_nothing_of_each_other(store):
    kitchen, bedroom = store.memory(), store.memory()
    yesterday = replace(VISITED, last_visit=date(2026, 11, 22))
    kitchen.save(USER, Listener(), yesterday)
    in_kitchen, in_bedroom = kitchen.load(USER), bedroom.load(USER)
    bedroom.save(USER, in_bedroom, replace(in_bedroom, last_visit=TODAY))
    kitchen.save(USER, in_kitchen, replace(in_kitchen, topic="exercise", section="walking"))
    assert kitchen.load(USER) == bedroom.load(USER) == Listener("exercise", "walking", TODAY)
    assert store.read(USER)["expires"] == expiry(VISITED)


def test_a_section_never_stands_with_the_topic_of_another_device(store):
    kitchen, bedroom = store.memory(), store.memory()
    kitchen.save(USER, Listener(), VISITED)
    bedroom.save(USER, VISITED, Listener("exercise", "walking", TODAY))
    kitchen.save(USER, VISITED, replace(VISITED, section="getting-up"))
    assert kitchen.load(USER) == replace(VISITED, section="getting-up")


def test_two_writers_at_once_lose_nothing(store):
    """One changes the place while the other changes the day, both from the same state, over and over."""
    memories = [store.memory(), store.memory()]
    before = replace(VISITED, last_visit=date(2026, 11, 1))
    memories[0].save(USER, Listener(), before)
    start = Barrier(2)

    def save(memory, after):
        start.wait(timeout=10)
        memory.save(USER, before, after)

    with ThreadPoolExecutor(2) as writers:
        for day in range(2, 12):
            visit, place = date(2026, 11, day), ("exercise", f"part-{day}")
            place_first = writers.submit(save, memories[0], replace(before, topic=place[0], section=place[1]))
            writers.submit(save, memories[1], replace(before, last_visit=visit)).result()
            place_first.result()
            assert memories[0].load(USER) == Listener(*place, visit)


def test_what_a_failed_load_did_not_know_is_not_overwritten(memory):
    memory.save(USER, Listener(), replace(VISITED, last_visit=date(2026, 11, 22)))
    memory.save(USER, Listener(), Listener(last_visit=TODAY))
    assert memory.load(USER) == VISITED


def test_a_listener_is_remembered_for_400_days_after_the_last_visit(store, memory, monkeypatch):
    memory.save(USER, Listener(), VISITED)
    end = int(datetime(2026, 11, 23, tzinfo=UTC).timestamp()) + 400 * DAY
    assert store.read(USER)["expires"] == end
    monkeypatch.setattr(memory_module, "_now", lambda: end - 1)
    assert memory.load(USER) == VISITED
    monkeypatch.setattr(memory_module, "_now", lambda: end)
    assert memory.load(USER) == Listener()


def test_the_first_turn_of_a_new_day_moves_the_expiry(store, memory):
    memory.save(USER, Listener(), replace(VISITED, last_visit=date(2026, 11, 22)))
    memory.save(USER, replace(VISITED, last_visit=date(2026, 11, 22)), VISITED)
    assert store.read(USER)["expires"] == expiry(VISITED)
    assert memory.load(USER) == VISITED


def test_what_expired_but_still_stands_there_does_not_come_back_with_the_next_visit(store, memory):
    store.write(USER, {**SAMPLES[1], "last_visit": "2020-01-01", "expires": 1612396800})
    assert memory.load(USER) == Listener()
    memory.save(USER, Listener(), Listener(last_visit=TODAY))
    assert memory.load(USER) == Listener(last_visit=TODAY)


def test_at_home_what_expired_goes_with_the_next_visit_of_anyone(tmp_path):
    store = SqliteStore(tmp_path / "memory.sqlite")
    store.write("gone for years", {**SAMPLES[1], "last_visit": "2020-01-01", "expires": 1612396800})
    store.write("corrupt", {**SAMPLES[1], "expires": "never"})
    store.memory().save(USER, Listener(), VISITED)
    assert store.read("gone for years") is None
    assert store.read("corrupt") is not None
    assert store.memory().load(USER) == VISITED


def test_a_request_without_a_time_does_not_end_the_memory(memory):
    memory.save(USER, Listener(), VISITED)
    memory.save(USER, VISITED, Listener("exercise", None, date(1970, 1, 2)))
    assert memory.load(USER) == VISITED
    memory.save(USER, VISITED, Listener("exercise"))
    assert memory.load(USER) == VISITED


def test_what_is_written_after_a_forgetting_still_has_an_end(store, memory):
    memory.save(USER, Listener(), VISITED)
    memory.forget(USER)
    memory.save(USER, VISITED, replace(VISITED, section="getting-up"))
    assert store.read(USER)["expires"] == expiry(VISITED)
    assert memory.load(USER) == replace(VISITED, section="getting-up")


def test_there_is_a_sample_of_every_version():
    assert sorted(SAMPLES) == list(range(1, VERSION + 1))


@pytest.mark.parametrize("version", SAMPLES)
def test_a_row_of_every_version_is_understood_and_goes_on(store, memory, version):
    store.write(USER, SAMPLES[version])
    assert memory.load(USER) == VISITED
    memory.save(USER, VISITED, replace(VISITED, section="getting-up"))
    assert memory.load(USER) == replace(VISITED, section="getting-up")


def test_a_row_of_a_newer_version_keeps_its_version_and_what_is_not_understood(store, memory):
    newer = {**SAMPLES[1], "version": 9, "favourite": "tip/sleep/pillow"}
    store.write(USER, newer)
    assert memory.load(USER) == VISITED
    memory.save(USER, VISITED, replace(VISITED, topic="exercise", section=None))
    assert memory.load(USER) == Listener("exercise", None, TODAY)
    kept = {name: value for name, value in newer.items() if name != "section"}
    assert store.read(USER) == {"user": key_of(USER), **kept, "topic": "exercise"}


@pytest.mark.parametrize(
    "damage",
    [
        {"topic": b"7"},
        {"section": b"7", "version": "one"},
        {"last_visit": "yesterday"},
        {"last_visit": b"2026-11-23"},
        {"expires": "never"},
        {"version": "", "expires": ""},
        {"topic": "", "section": "", "last_visit": ""},
    ],
)
def test_of_a_corrupt_row_what_is_sound_is_read_and_it_heals_by_use(store, memory, damage):
    store.write(USER, {**SAMPLES[1], **damage})
    found = memory.load(USER)
    sound = {name for name in ("topic", "section", "last_visit") if name not in damage}
    assert found == replace(Listener(), **{name: getattr(VISITED, name) for name in sound})
    memory.save(USER, found, Listener("exercise", "walking", date(2026, 11, 24)))
    assert memory.load(USER) == Listener("exercise", "walking", date(2026, 11, 24))
    assert store.read(USER)["expires"] == expiry(Listener(last_visit=date(2026, 11, 24)))


def version_0(path, *rows):
    """A file as it was before rows had versions: one JSON text a user."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE listener (user TEXT PRIMARY KEY, data TEXT NOT NULL)")
        connection.executemany("INSERT INTO listener VALUES (?, ?)", rows)


def test_a_file_of_version_0_is_brought_over_and_its_old_table_goes(tmp_path):
    store = SqliteStore(tmp_path / "memory.sqlite")
    old = json.dumps({"topic": "sleep", "section": "on-your-side", "last_visit": "2026-11-23"})
    version_0(store.path, (key_of(USER), old), (key_of("corrupt"), "not json"))
    assert store.memory().load(USER) == VISITED
    assert store.read(USER) == {"user": key_of(USER), **SAMPLES[1]}
    assert store.count() == 1
    assert store.run("SELECT name FROM sqlite_master WHERE name = 'listener'") == []


def test_a_file_that_lacks_a_column_gets_it(tmp_path):
    store = SqliteStore(tmp_path / "memory.sqlite")
    store.run("CREATE TABLE remembered (user TEXT PRIMARY KEY, topic TEXT)")
    store.run("INSERT INTO remembered VALUES (?, 'sleep')", key_of(USER))
    assert store.memory().load(USER) == Listener("sleep")
    store.memory().save(USER, Listener("sleep"), VISITED)
    assert store.memory().load(USER) == VISITED


def test_a_file_that_is_no_database_is_an_error_and_stays_as_it_is(tmp_path):
    path = tmp_path / "memory.sqlite"
    path.write_text("dear diary " * 100, "utf-8")
    with pytest.raises(sqlite3.DatabaseError):
        SqliteMemory(path).load(USER)
    assert path.read_text("utf-8").startswith("dear diary")


def test_a_file_that_another_program_holds_is_waited_for_a_second_at_most(tmp_path):
    store = SqliteStore(tmp_path / "memory.sqlite")
    store.memory().save(USER, Listener(), VISITED)
    with closing(sqlite3.connect(store.path)) as other:
        other.execute("BEGIN EXCLUSIVE")
        began = time.monotonic()
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            store.memory().save(USER, VISITED, replace(VISITED, topic="exercise"))
        assert time.monotonic() - began < ANSWER_WITHIN_S + 0.3
    assert store.memory().load(USER) == VISITED


def test_what_is_remembered_is_text_or_nothing():
    """Columns and attributes rely on it."""
    for listener in (Listener(), VISITED):
        assert all(value is None or isinstance(value, str) for value in listener.as_data().values())


def test_no_memory_remembers_nothing():
    memory = NoMemory()
    memory.save(USER, Listener(), VISITED)
    memory.forget(USER)
    assert memory.load(USER) == Listener()
    assert not memory.remembers
