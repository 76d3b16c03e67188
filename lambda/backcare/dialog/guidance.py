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
    prompt_id = _HELP.get(asking or "what", "help-choosing")
    if prompt_id == "help-tips" and reading.here(turn) is None:
        prompt_id = "help-tips-only"
    return in_passing(turn, prompt_id, asking or "what")


_HELP = {
    "what": "help-start",
    "more": "help-reading",
    "resume": "help-reading",
    "pause": "help-reading",
    "list": "help-list",
    "tip": "help-tips",
    "another": "help-tips",
}


def stop(turn: Turn) -> Reply:
    """Goodbye, at once; promises to keep the place only where it will be kept."""
    kept = turn.remembers and turn.place.topic is not None
    return saying.compose(turn, saying.prompt_address("goodbye-place" if kept else "goodbye"), None)


def pause(turn: Turn) -> Reply:
    """Wait, with the microphone open; silence ends it and the place is kept.

    What was said last and what was asked are set aside, to go on from there.
    """
    before = turn.open.before if turn.open.asking == "pause" else turn.open.asking
    reply = saying.compose(turn, saying.prompt_address("paused"), "pause", turn.open.offered, scope=turn.open.scope, before=before)
    return replace(reply, place=replace(reply.place, said=turn.place.said or reply.place.said))


def unpause(turn: Turn) -> Reply:
    """Carry on reading; or what else was said before the pause and its question, again."""
    if turn.open.before is None or saying.section_at(turn.library, turn.place.said):
        return reading.carry_on(turn)
    return repeat(replace(turn, open=replace(turn.open, asking=turn.open.before, before=None)))


def repeat(turn: Turn) -> Reply:
    """What was said last, and its question, again; with nothing said yet, the section in hand or the welcome."""
    if turn.open.asking is None or not saying.words_at(turn.library, turn.place.said, turn.place, turn.open):
        return reading.carry_on(turn) if reading.here(turn) else welcome(turn)
    if turn.open.asking == "pause" and turn.open.before:
        return unpause(turn)
    return aside(turn, turn.place.said, turn.open.asking)


def who_wrote_this(turn: Turn) -> Reply:
    """Credit to the article's authors, and how the text came about; then the same question as before."""
    signed = all(topic.reviewed_by for topic in turn.library.topics.values())
    return aside(turn, saying.prompt_address("who-wrote-this-signed" if signed else "who-wrote-this"), question_after(turn))


def who_says_so(turn: Turn) -> Reply:
    """The organisations behind the tip just heard, or the section in hand, and how strong the evidence is."""
    tip = turn.library.tip_at(turn.place.said)
    if tip is not None:
        return aside(turn, f"basis/{tip.topic}/{tip.id}", question_after(turn))
    at = reading.here(turn)
    if at is None:
        return who_wrote_this(turn)
    topic, section = at
    return aside(turn, f"sources/{topic.id}/{section.id}", question_after(turn))


def where_am_i(turn: Turn) -> Reply:
    """One line of where the listener is; then the same question as before."""
    prompt_id = "nothing-yet" if reading.here(turn) is None else "where"
    return aside(turn, saying.prompt_address(prompt_id), turn.open.asking or "what")


def how_much_left(turn: Turn) -> Reply:
    """How many parts of the topic in hand are still to come; then the same question as before."""
    at = reading.here(turn)
    if at is None:
        return in_passing(turn, "nothing-yet", turn.open.asking or "what")
    topic, section = at
    left = len(topic.sections) - 1 - topic.sections.index(section)
    return in_passing(turn, f"left-{('none', 'one')[left]}" if left < 2 else "left-more", question_after(turn))


def volume(turn: Turn) -> Reply:
    """Loudness is the device's own; say the words that change it."""
    return in_passing(turn, "volume", question_after(turn))


def explain(turn: Turn) -> Reply:
    """The section in hand in easier words; whatever else was said last, again."""
    at = reading.here(turn)
    said = turn.place.said or ""
    if at is None or turn.library.tip_at(said) or not (turn.new or saying.section_at(turn.library, said)):
        return repeat(turn)
    topic, section = at
    asking, offered = reading.after_section(turn, topic, section)
    return saying.compose(turn, saying.simpler_address(topic, section), None if turn.new else asking, () if turn.new else offered)


def why(turn: Turn) -> Reply:
    """Why that is so: the section of the topic in hand that says it."""
    return _follow_up(turn, "why")


def how_long(turn: Turn) -> Reply:
    """For how long: the section of the topic in hand that says it."""
    return _follow_up(turn, "how-long")


def is_that_safe(turn: Turn) -> Reply:
    """Whether that is safe: the section of the topic in hand that holds its cautions. Never a yes."""
    return _follow_up(turn, "is-that-safe")


def _follow_up(turn: Turn, asked: str) -> Reply:
    """The section that answers a bare follow-up, or whom to ask where none does, or that one was just read."""
    at = reading.here(turn)
    if at is None:
        return in_passing(turn, "nothing-yet", turn.open.asking or "what")
    topic, section = at
    answer = next((s for s in topic.sections if s.id == topic.follow_ups.get(asked)), None)
    if answer is None or answer is section:
        return in_passing(turn, f"no-{asked}", question_after(turn))
    return reading.read_section(turn, topic, answer)


def courtesy(turn: Turn) -> Reply:
    """A short kind word for a thank-you or a hello; then the same question as before."""
    return aside(turn, saying.prompt_address("courtesy"), question_after(turn))


def question_after(turn: Turn) -> str | None:
    """What to ask after an aside: nothing after a one-shot, else what was open."""
    return None if turn.new else turn.open.asking or "what"


def in_passing(turn: Turn, prompt_id: str, asking: str | None) -> Reply:
    """An aside that "repeat" doesn't repeat: what was said before it stays what was said last."""
    reply = aside(turn, saying.prompt_address(prompt_id), asking)
    return replace(reply, place=replace(reply.place, said=turn.place.said or reply.place.said))


def aside(turn: Turn, address: str | None, asking: str | None) -> Reply:
    """Say something without moving, and leave the open question as it was."""
    return saying.compose(turn, address, asking, turn.open.offered, scope=turn.open.scope, before=turn.open.before)
