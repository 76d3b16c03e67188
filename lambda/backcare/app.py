"""The composition root: puts library, memory and edge together; knows neither Lambda nor Flask."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from backcare import content
from backcare.alexa import Observer, Skill
from backcare.memory import Memory, NoMemory, SqliteMemory

_LAMBDA_FOLDER = Path(__file__).resolve().parent.parent
_CONTENT_BESIDE = (_LAMBDA_FOLDER / "content", _LAMBDA_FOLDER.parent / "content")


def build(environ: Mapping[str, str], observers: Sequence[Observer] = ()) -> Skill:
    """The skill that the environment describes.

    CONTENT_DIR   folder of the content; by default `content/` beside the code
    MEMORY_FILE   SQLite file to remember listeners in; unset, nothing is remembered
    SKILL_ID      the only skill whose requests are answered; unset, any

    The library of the default locale is loaded at once, so that a deployment without
    content fails at start-up: raises content.ContentError.
    """
    folder = content_folder(environ)
    whole = environ.get("AWS_LAMBDA_INITIALIZATION_TYPE") == "snap-start"  # read once, restored with every start

    @lru_cache(maxsize=32)
    def load(locale: str) -> content.Library:
        return content.load(folder, locale, whole=whole)

    def library_of(locale: str) -> content.Library:
        return load(content.nearest(folder, locale))

    load(content.DEFAULT_LOCALE)
    return Skill(library_of, _memory(environ), environ.get("SKILL_ID") or None, observers)


def content_folder(environ: Mapping[str, str]) -> Path:
    """The folder that holds the content. Raises content.ContentError when there is none."""
    named = environ.get("CONTENT_DIR")
    for folder in [Path(named)] if named else _CONTENT_BESIDE:
        if folder.is_dir():
            return folder
    raise content.ContentError(f"no content at {named or ' or '.join(map(str, _CONTENT_BESIDE))}; set CONTENT_DIR to the content folder")


def _memory(environ: Mapping[str, str]) -> Memory:
    file = environ.get("MEMORY_FILE")
    return SqliteMemory(Path(file)) if file else NoMemory()
