"""What the skill says of itself: welcome, help, pause, goodbye, who wrote this, who says so."""

from __future__ import annotations

from dataclasses import replace

from backcare.dialog import reading, saying
from backcare.turn import Reply, Turn


def welcome(turn: Turn) -> Reply:
    """In full the first time; later one line, and where the listener was."""
    if turn.listener.last_visit is None and turn.new:
        return saying.compose(turn, saying.prompt_address("welcome"), "what")
    if turn.new and reading.here(turn) is not None:
        return saying.compose(turn, saying.prompt_address("welcome-back"), "resume")
    return saying.compose(turn, saying.prompt_address("welcome-short"), "what")


def help_here(turn: Turn) -> Reply:
    """Help for where the listener is; the place and the open question stay as they were.

    Always says the emergency number: "help, I can't move" may arrive as a bare Help.
    """
    asking = turn.open.asking
    address = saying.prompt_address(_HELP.get(asking or "what", "help-choosing"))
    reply = saying.compose(turn, address, asking or "what", turn.open.offered, scope=turn.open.scope)
    if saying.section_at(turn.library, turn.place.said) or turn.library.tip_at(turn.place.said or ""):
        return replace(reply, place=replace(reply.place, said=turn.place.said))
    return reply


_HELP = {
    "what": "help-start",
    "more": "help-reading",
    "resume": "help-reading",
    "pause": "help-reading",
    "tip": "help-tips",
    "another": "help-tips",
}


def stop(turn: Turn) -> Reply:
    """Goodbye, at once; promises to keep the place only where it will be kept."""
    kept = turn.remembers and turn.place.topic is not None
    return saying.compose(turn, saying.prompt_address("goodbye-place" if kept else "goodbye"), None)


def pause(turn: Turn) -> Reply:
    """Wait, with the microphone open; silence ends it and the place is kept."""
    return saying.compose(turn, saying.prompt_address("paused"), "pause")


def repeat(turn: Turn) -> Reply:
    """What was said last, and its question, again; with nothing said yet, the section in hand or the welcome."""
    if turn.open.asking is None or not saying.words_at(turn.library, turn.place.said, turn.place, turn.open):
        return reading.carry_on(turn) if reading.here(turn) else welcome(turn)
    reply = saying.compose(turn, turn.place.said, turn.open.asking, turn.open.offered, scope=turn.open.scope)
    return replace(reply, place=replace(turn.place))


def who_wrote_this(turn: Turn) -> Reply:
    """Credit to the article's authors, and how the text came about; then the same question as before."""
    return _aside(turn, saying.prompt_address("who-wrote-this"))


def who_says_so(turn: Turn) -> Reply:
    """The organisations behind the section in hand and how strong the evidence is."""
    at = reading.here(turn)
    if at is None:
        return who_wrote_this(turn)
    topic, section = at
    return _aside(turn, f"sources/{topic.id}/{section.id}")


def _aside(turn: Turn, address: str) -> Reply:
    """Say something without moving: ends if it was a one-shot, else asks what was open."""
    asking = None if turn.new else turn.open.asking or "what"
    return saying.compose(turn, address, asking, turn.open.offered, scope=turn.open.scope)
