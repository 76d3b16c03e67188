"""What is remembered of a listener between conversations: load, save, forget.

SQLite for a conversation at home, nothing where no memory is set up. A user is known only
by a hash, so that what is stored names nobody. Memory is a comfort, never a condition:
callers go on reading when it fails.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from pathlib import Path
from typing import Protocol

from backcare.turn import Listener


class Memory(Protocol):
    """What a place to remember in must do. `user` is Alexa's user id, never stored as it is."""

    remembers: bool

    def load(self, user: str) -> Listener:
        """What is remembered of `user`; an empty listener when nothing is."""

    def save(self, user: str, before: Listener, after: Listener) -> None:
        """Remember `after`, unless nothing changed since `before`."""

    def forget(self, user: str) -> None:
        """Erase everything remembered of `user`."""


def key_of(user: str) -> str:
    """The key a user's memory is stored under."""
    return hashlib.sha256(user.encode("utf-8", "surrogatepass")).hexdigest()


class NoMemory:
    """Remembers nothing."""

    remembers = False

    def load(self, user: str) -> Listener:
        """An empty listener."""
        return Listener()

    def save(self, user: str, before: Listener, after: Listener) -> None:
        """Nothing is saved."""

    def forget(self, user: str) -> None:
        """There is nothing to forget."""


class SqliteMemory:
    """Remembers in one SQLite file, made on first use.

    Raises sqlite3.Error or OSError from its methods when the file can't be read or written.
    """

    remembers = True

    def __init__(self, path: Path) -> None:
        self._path = path

    def _connect(self) -> sqlite3.Connection:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(self._path, timeout=1.0)
        connection.execute("CREATE TABLE IF NOT EXISTS listener (user TEXT PRIMARY KEY, data TEXT NOT NULL)")
        return connection

    def load(self, user: str) -> Listener:
        """What is remembered of `user`; an unreadable row counts as nothing."""
        connection = self._connect()
        try:
            row = connection.execute("SELECT data FROM listener WHERE user = ?", (key_of(user),)).fetchone()
        finally:
            connection.close()
        try:
            return Listener.from_data(json.loads(row[0])) if row else Listener()
        except ValueError:
            return Listener()

    def save(self, user: str, before: Listener, after: Listener) -> None:
        """Write `after` if it differs from `before`."""
        if before != after:
            self._write("INSERT OR REPLACE INTO listener VALUES (?, ?)", key_of(user), json.dumps(after.as_data()))

    def forget(self, user: str) -> None:
        """Delete the row of `user`."""
        self._write("DELETE FROM listener WHERE user = ?", key_of(user))

    def _write(self, statement: str, *values: str) -> None:
        connection = self._connect()
        try:
            with connection:
                connection.execute(statement, values)
        finally:
            connection.close()
