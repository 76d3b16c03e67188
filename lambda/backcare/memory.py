"""What is remembered of a listener between conversations: load, save, forget.

DynamoDB in AWS, SQLite for a conversation at home, nothing where no memory is set up.
A user is known only by a hash, so that what is stored names nobody. Memory is a comfort,
never a condition: callers go on reading when it fails.

Both stores hold one row a user: `user` (the hash), a text for each field of `Listener`,
`version` (of this form) and `expires` (seconds since 1970, UTC). A save writes what
changed and nothing else, so that two devices of one person don't undo each other, and so
that what a newer release wrote there survives an older one.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from datetime import time as time_of_day
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeVar

from backcare.turn import Listener

if TYPE_CHECKING:
    import sqlite3

_T = TypeVar("_T")

VERSION = 1
"""The form of a row as it is written now; docs/decisions/0006-memory.md tells how to raise it."""

KEPT_DAYS = 400
"""How long after the last visit a listener is remembered: a year and a month, so that yearly visitors are met again."""

ANSWER_WITHIN_S = 1.0
"""The longest that one load, save or forget may hold up a turn, all attempts together."""

# A try that hears nothing takes at most 0.45 s once connected; two, and the pause between
# them (0.05 s, botocore's own for DynamoDB in "legacy" mode; "standard" may pause a second),
# fit into ANSWER_WITHIN_S.
_CONNECT_S, _READ_S, _ATTEMPTS = 0.25, 0.45, 2

# A section means nothing without its topic: where one changed, both are written.
_PLACE = frozenset({"topic", "section"})


class Memory(Protocol):
    """What a place to remember in must do. `user` is Alexa's user id, never stored as it is."""

    remembers: bool

    def load(self, user: str) -> Listener:
        """What is remembered of `user`; an empty listener when nothing is, or no longer."""

    def save(self, user: str, before: Listener, after: Listener) -> None:
        """Write what changed from `before`, which `load` gave, to `after`; a visit long expired changes nothing."""

    def forget(self, user: str) -> None:
        """Erase everything remembered of `user`."""


def key_of(user: str) -> str:
    """The key a user's memory is stored under."""
    import hashlib

    return hashlib.sha256(user.encode("utf-8", "surrogatepass")).hexdigest()


def expiry(listener: Listener) -> int:
    """When the listener is forgotten: seconds since 1970 at UTC midnight, KEPT_DAYS after the last visit; 0 without one."""
    if listener.last_visit is None:
        return 0
    midnight = datetime.combine(listener.last_visit, time_of_day(), UTC)
    return int((midnight + timedelta(days=KEPT_DAYS)).timestamp())


def _now() -> int:
    return int(time.time())


def _expired(expires: object) -> bool:
    return isinstance(expires, int) and expires <= _now()


class _Writing(NamedTuple):
    """One save: `changed` is written whatever stands there (None takes it away), `missing` only where nothing does."""

    changed: Mapping[str, str | int | None]
    missing: Mapping[str, str | int]


def _writing(before: Listener, after: Listener) -> _Writing | None:
    """What a save must write, or None for nothing.

    A visit that would be expired at once comes of a request without a time, which counts as
    1970; writing it would throw away what is remembered. The visit and the expiry go into
    every save, lest a row that was forgotten meanwhile come back without an end.
    """
    old, new = before.as_data(), after.as_data()
    names = {name for name in new if new[name] != old[name]}
    if not names or expiry(after) <= _now():
        return None
    if names & _PLACE:
        names |= _PLACE
    changed = {name: new[name] for name in sorted(names)}
    visit = {"last_visit": new["last_visit"], "expires": expiry(after)}
    if "last_visit" in names:
        return _Writing(changed | visit, {"version": VERSION})
    return _Writing(changed, visit | {"version": VERSION})


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


class DynamoMemory:
    """Remembers in one DynamoDB table: partition key `user` (S), time-to-live attribute `expires`.

    `region` is the table's; None leaves it to botocore, as the endpoint and the credentials
    are. Methods raise botocore's errors, or TimeoutError after ANSWER_WITHIN_S. Needs the
    rights GetItem, UpdateItem and DeleteItem.
    """

    remembers = True

    def __init__(self, table: str, region: str | None) -> None:
        self._table = table
        self._region = region
        self._client: Any = None
        self._connecting = Lock()
        self._threads: Any = None

    def connect(self) -> None:
        """Make the client now rather than on first use; sends nothing to the table."""
        with self._connecting:
            if self._client is None:
                from concurrent.futures import ThreadPoolExecutor

                self._threads = ThreadPoolExecutor(max_workers=4, thread_name_prefix="memory")
                self._client = self._new_client()

    def load(self, user: str) -> Listener:
        """What is remembered of `user`, read consistently; a malformed attribute counts as absent."""
        return self._in_time(self._load, user)

    def save(self, user: str, before: Listener, after: Listener) -> None:
        """Set the attributes that changed, in one UpdateItem."""
        writing = _writing(before, after)
        if writing is not None:
            self._in_time(self._call, "update_item", user, **_update(writing))

    def forget(self, user: str) -> None:
        """Delete the item of `user`."""
        self._in_time(self._call, "delete_item", user)

    def _load(self, user: str) -> Listener:
        # An answer that is a save behind would be taken for the state that changes are counted from.
        answer = self._call("get_item", user, ConsistentRead=True)
        row = {name: _plain(value) for name, value in answer.get("Item", {}).items()}
        if not _expired(row.get("expires")):
            return Listener.from_data(row)
        # DynamoDB may take days to delete; until then a save would add to what should be gone.
        self._call(
            "delete_item",
            user,
            ConditionExpression="#expires <= :now",
            ExpressionAttributeNames={"#expires": "expires"},
            ExpressionAttributeValues={":now": {"N": str(_now())}},
        )
        return Listener()

    def _call(self, operation: str, user: str, **arguments: Any) -> dict[str, Any]:
        key = {"user": {"S": key_of(user)}}
        answer: dict[str, Any] = getattr(self._client, operation)(TableName=self._table, Key=key, **arguments)
        return answer

    def _in_time(self, work: Callable[..., _T], *arguments: Any, **named: Any) -> _T:
        """What `work` gives. Socket timeouts alone bound neither a host's look-up nor an answer that trickles in."""
        self.connect()
        waiting: Any = self._threads.submit(work, *arguments, **named)
        try:
            result: _T = waiting.result(timeout=ANSWER_WITHIN_S)
        finally:
            waiting.cancel()  # what hasn't begun by now must not write later, over newer changes
        return result

    def _new_client(self) -> Any:
        # Late, because most of a cold start would go into it; botocore, because boto3 adds to
        # that and nothing to this (docs/decisions/0006-memory.md has the figures).
        from botocore.config import Config
        from botocore.session import Session

        config = Config(
            connect_timeout=_CONNECT_S,
            read_timeout=_READ_S,
            retries={"mode": "legacy", "total_max_attempts": _ATTEMPTS},
        )
        return Session().create_client("dynamodb", region_name=self._region, config=config)


def _plain(attribute: Mapping[str, Any]) -> str | int | None:
    """The text or whole number in a DynamoDB attribute; None if it holds neither."""
    text, number = attribute.get("S"), str(attribute.get("N", ""))
    return int(number) if number.isdecimal() else text


def _attribute(value: str | int) -> dict[str, str]:
    return {"S": value} if isinstance(value, str) else {"N": str(value)}


def _update(writing: _Writing) -> dict[str, Any]:
    """UpdateItem's arguments for a save; names by placeholder, since some are reserved words."""
    written = {name: value for name, value in writing.changed.items() if value is not None}
    removed = [name for name in writing.changed if name not in written]
    steps = [f"#{name} = :{name}" for name in written]
    steps += [f"#{name} = if_not_exists(#{name}, :{name})" for name in writing.missing]
    expression = "SET " + ", ".join(steps)
    if removed:
        expression += " REMOVE " + ", ".join(f"#{name}" for name in removed)
    return {
        "UpdateExpression": expression,
        "ExpressionAttributeNames": {f"#{name}": name for name in (*writing.changed, *writing.missing)},
        "ExpressionAttributeValues": {f":{name}": _attribute(value) for name, value in {**written, **writing.missing}.items()},
    }


_COLUMNS = {"version": "INTEGER", "expires": "INTEGER", **{field.name: "TEXT" for field in fields(Listener)}}


class SqliteMemory:
    """Remembers in one SQLite file, made on first use.

    Raises sqlite3.Error or OSError from its methods when the file can't be read or written,
    after waiting at most ANSWER_WITHIN_S for another that writes it.
    """

    remembers = True

    def __init__(self, path: Path) -> None:
        self._path = path

    def load(self, user: str) -> Listener:
        """What is remembered of `user`; a malformed column counts as absent."""
        with closing(self._connect()) as connection:
            row = dict(connection.execute("SELECT * FROM remembered WHERE user = ?", (key_of(user),)).fetchone() or {})
        return Listener() if _expired(row.get("expires")) else Listener.from_data(row)

    def save(self, user: str, before: Listener, after: Listener) -> None:
        """Set the columns that changed, in one statement."""
        writing = _writing(before, after)
        if writing is None:
            return
        row = {"user": key_of(user), **writing.changed, **writing.missing}
        steps = [f"{name} = excluded.{name}" for name in writing.changed]
        steps += [f"{name} = coalesce({name}, excluded.{name})" for name in writing.missing]
        self._write(
            f"INSERT INTO remembered ({', '.join(row)}) VALUES ({', '.join('?' * len(row))}) "  # noqa: S608 - names of our own columns
            f"ON CONFLICT (user) DO UPDATE SET {', '.join(steps)}",
            *row.values(),
        )

    def forget(self, user: str) -> None:
        """Delete the row of `user`."""
        self._write("DELETE FROM remembered WHERE user = ?", key_of(user))

    def _write(self, statement: str, *values: str | int | None) -> None:
        with closing(self._connect()) as connection, connection:
            # Whoever comes next deletes what is expired, of anyone; DynamoDB does so of its own accord.
            connection.execute("DELETE FROM remembered WHERE typeof(expires) = 'integer' AND expires <= ?", (_now(),))
            connection.execute(statement, values)

    def _connect(self) -> sqlite3.Connection:
        import sqlite3

        self._path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(self._path, timeout=ANSWER_WITHIN_S)
        connection.row_factory = sqlite3.Row
        try:
            if not _columns(connection).issuperset(_COLUMNS):
                _make_table(connection)
        except BaseException:
            connection.close()
            raise
        return connection


def _columns(connection: sqlite3.Connection) -> set[str]:
    return {row["name"] for row in connection.execute("PRAGMA table_info(remembered)")}


def _make_table(connection: sqlite3.Connection) -> None:
    """Make the table or the columns it lacks, and bring over what version 0 kept (`listener`: one JSON text a user)."""
    with connection:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("CREATE TABLE IF NOT EXISTS remembered (user TEXT PRIMARY KEY)")
        for name in _COLUMNS.keys() - _columns(connection):
            connection.execute(f"ALTER TABLE remembered ADD COLUMN {name} {_COLUMNS[name]}")
        if connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'listener'").fetchone():
            for user, data in connection.execute("SELECT user, data FROM listener").fetchall():
                _bring_over(connection, user, data)
            connection.execute("DROP TABLE listener")


def _bring_over(connection: sqlite3.Connection, user: str, data: str) -> None:
    import json

    try:
        listener = Listener.from_data(json.loads(data))
    except ValueError:
        return
    row = {"user": user, "version": VERSION, "expires": expiry(listener), **listener.as_data()}
    connection.execute(
        f"INSERT OR IGNORE INTO remembered ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})",  # noqa: S608 - names of our own columns
        tuple(row.values()),
    )
