"""Memory remembers a place and a day, under a hash, and forgets on request."""

from __future__ import annotations

import sqlite3
from datetime import date

from backcare.memory import NoMemory, SqliteMemory, key_of
from backcare.turn import Listener

USER = "amzn1.ask.account.SOMEONE"
VISITED = Listener("sleep", "on-your-side", date(2026, 11, 23))


def rows(path):
    connection = sqlite3.connect(path)
    try:
        return connection.execute("SELECT * FROM listener").fetchall()
    finally:
        connection.close()


def test_what_is_saved_comes_back(tmp_path):
    memory = SqliteMemory(tmp_path / "deep" / "memory.sqlite")
    assert memory.load(USER) == Listener()
    memory.save(USER, Listener(), VISITED)
    assert memory.load(USER) == VISITED


def test_nothing_is_written_when_nothing_changed(tmp_path):
    memory = SqliteMemory(tmp_path / "memory.sqlite")
    memory.save(USER, VISITED, VISITED)
    assert memory.load(USER) == Listener()


def test_the_user_is_not_stored_in_clear(tmp_path):
    path = tmp_path / "memory.sqlite"
    SqliteMemory(path).save(USER, Listener(), VISITED)
    assert USER.encode() not in path.read_bytes()
    assert rows(path)[0][0] == key_of(USER)


def test_forgetting_erases_one_listener_only(tmp_path):
    path = tmp_path / "memory.sqlite"
    memory = SqliteMemory(path)
    memory.save(USER, Listener(), VISITED)
    memory.save("another", Listener(), VISITED)
    memory.forget(USER)
    assert memory.load(USER) == Listener()
    assert memory.load("another") == VISITED
    assert len(rows(path)) == 1


def test_a_corrupt_row_counts_as_nothing_remembered(tmp_path):
    path = tmp_path / "memory.sqlite"
    memory = SqliteMemory(path)
    memory.save(USER, Listener(), VISITED)
    connection = sqlite3.connect(path)
    with connection:
        connection.execute("UPDATE listener SET data = 'not json'")
    connection.close()
    assert memory.load(USER) == Listener()


def test_no_memory_remembers_nothing():
    memory = NoMemory()
    memory.save(USER, Listener(), VISITED)
    memory.forget(USER)
    assert memory.load(USER) == Listener()
    assert not memory.remembers
