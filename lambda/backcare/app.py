"""The composition root: puts library, memory and edge together; knows neither Lambda nor Flask."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from backcare import content, metrics
from backcare.alexa import Observer, Skill
from backcare.memory import DynamoMemory, Memory, NoMemory, SqliteMemory
from backcare.understanding import warnings
from backcare.understanding.likeness import likeness

log = logging.getLogger("backcare")

_LAMBDA_FOLDER = Path(__file__).resolve().parent.parent
_CONTENT_BESIDE = (_LAMBDA_FOLDER / "content", _LAMBDA_FOLDER.parent / "content")


class ConfigurationError(Exception):
    """The environment asks for something unsafe or impossible; the text says what to set."""


def build(environ: Mapping[str, str], observers: Sequence[Observer] = ()) -> Skill:
    """The skill that the environment describes.

    CONTENT_DIR   folder of the content; by default `content/` beside the code
    TABLE_NAME    DynamoDB table to remember listeners in
    MEMORY_FILE   SQLite file to remember them in instead; neither set, nothing is remembered
    SKILL_ID      the only skill whose requests are answered; unset, any, but never in Lambda

    Lambda itself sets AWS_REGION, the table's region; AWS_LAMBDA_FUNCTION_NAME, with which
    failures of the memory are counted on stdout; and AWS_LAMBDA_INITIALIZATION_TYPE, which
    tells whether a connection made now is kept in a snapshot.

    The library of the default locale is loaded at once, so that a deployment without
    content fails at start-up: raises content.ContentError. In Lambda SKILL_ID must be set:
    raises ConfigurationError.
    """
    folder = content_folder(environ)
    whole = environ.get("AWS_LAMBDA_INITIALIZATION_TYPE") == "snap-start"  # read once, restored with every start

    @lru_cache(maxsize=32)
    def load(locale: str) -> content.Library:
        return content.load(folder, locale, whole=whole)

    def library_of(locale: str) -> content.Library:
        return load(content.nearest(folder, locale))

    skill_id = environ.get("SKILL_ID") or None
    if skill_id is None and environ.get("AWS_LAMBDA_FUNCTION_NAME"):
        raise ConfigurationError("SKILL_ID is not set: in Lambda any skill could then call this function. Set it to the skill's id.")
    library = load(content.DEFAULT_LOCALE)
    if whole:
        likeness(library)
        warnings.find(library, "")
    # Elsewhere than in Lambda nothing reads the count, and stdout may hold a conversation.
    function = environ.get("AWS_LAMBDA_FUNCTION_NAME")
    count = metrics.counter(function) if function else None
    return Skill(library_of, _memory(environ), skill_id, observers, count)


def content_folder(environ: Mapping[str, str]) -> Path:
    """The folder that holds the content. Raises content.ContentError when there is none."""
    named = environ.get("CONTENT_DIR")
    for folder in [Path(named)] if named else _CONTENT_BESIDE:
        if folder.is_dir():
            return folder
    raise content.ContentError(f"no content at {named or ' or '.join(map(str, _CONTENT_BESIDE))}; set CONTENT_DIR to the content folder")


def _memory(environ: Mapping[str, str]) -> Memory:
    table, file = environ.get("TABLE_NAME"), environ.get("MEMORY_FILE")
    if not table:
        return SqliteMemory(Path(file)) if file else NoMemory()
    memory = DynamoMemory(table, environ.get("AWS_REGION"))
    if environ.get("AWS_LAMBDA_INITIALIZATION_TYPE") == "snap-start":
        try:
            memory.connect()
        except Exception as error:  # the first load tries again, and counts it if it fails again
            log.error("memory: connect failed: %s", type(error).__name__)  # noqa: TRY400 - as the edge logs it
    return memory
