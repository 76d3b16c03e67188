"""Addresses and questions -> the words; decides nothing about what comes next.

Everything the skill says has an address, and every open question a name, so that
"repeat" can render it again and no spoken text is ever stored:

    topic/ID             the opening of a topic: title, gist, first section
    topic/ID/SECTION     the same, entered by the section that answers what was asked
    section/ID/SECTION   one section under its heading
    simpler/ID/SECTION   the same section in easier words
    tip/ID/TIP           one tip and its caution
    sources/ID/SECTION   who says what the section says
    basis/ID/TIP         who says what the tip says
    warning/URGENCY/ID   what to do about a warning sign
    prompt/ID            something the skill says of its own accord

What an address does not hold (which topics are on offer) comes from the place and the
open question, which are stored beside it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from backcare.content import Library, Section, Topic
from backcare.turn import Listener, Open, Paragraph, Place, Reply, Turn, Understood, Unhurried


def prompt_address(prompt_id: str) -> str:
    """The address of a prompt."""
    return f"prompt/{prompt_id}"


def warning_address(urgency: str, sign_id: str) -> str:
    """The address of what is said about a warning sign of this urgency, which may have been raised."""
    return f"warning/{urgency}/{sign_id}"


def topic_address(topic: Topic, section: Section | None = None) -> str:
    """The address of a topic's opening, by its first section or by another."""
    return f"topic/{topic.id}" if section in (None, topic.sections[0]) else f"topic/{topic.id}/{section.id}"


def simpler_address(topic: Topic, section: Section) -> str:
    """The address of one section in easier words."""
    return f"simpler/{topic.id}/{section.id}"


def section_address(topic: Topic, section: Section) -> str:
    """The address of one section."""
    return f"section/{topic.id}/{section.id}"


def section_at(library: Library, address: str | None) -> tuple[Topic, Section] | None:
    """The topic and section that are read at an address; None when none is, or content has it no more."""
    kind, topic_id, section_id = _split(address)
    topic = library.topic(topic_id)
    if topic is None or kind not in ("topic", "section"):
        return None
    index = 0 if kind == "topic" and not section_id else topic.index_of(section_id)
    return None if index is None else (topic, topic.sections[index])


def is_information(address: str | None) -> bool:
    """Whether what stands at an address tells about health, rather than about the skill."""
    return _split(address)[0] in ("topic", "section", "simpler", "tip")


def _split(address: str | None) -> tuple[str, str, str]:
    kind, _, rest = (address or "").partition("/")
    first, _, second = rest.partition("/")
    return kind, first, second


def words_at(library: Library, address: str | None, place: Place, opened: Open) -> tuple[Paragraph, ...]:
    """The paragraphs at `address`; none when content no longer has them."""
    kind, first, second = _split(address)
    if kind == "prompt":
        return prompt(library, first, place, opened)
    if kind == "warning":
        return _warning_words(library, first, second)
    if kind in ("tip", "basis"):
        return _tip_words(library, kind, f"tip/{first}/{second}")
    return _section_words(library, kind, first, second)


def _warning_words(library: Library, urgency: str, sign_id: str) -> tuple[Paragraph, ...]:
    sign = library.warning_signs.get(sign_id)
    if sign is None or not (urgency == sign.urgency or sign.raised):
        return ()
    return (Unhurried(sign.say if urgency == sign.urgency else sign.raised),)


def _tip_words(library: Library, kind: str, address: str) -> tuple[Paragraph, ...]:
    tip = library.tip_at(address)
    if tip is None:
        return ()
    if kind == "basis":
        return _who_says_so(library, library.topics[tip.topic], tip.sources)
    return (tip.sentences, Unhurried(tip.caution)) if tip.caution else (tip.sentences,)


def _section_words(library: Library, kind: str, topic_id: str, section_id: str) -> tuple[Paragraph, ...]:
    where = f"topic/{topic_id}/{section_id}".removesuffix("/") if kind == "topic" else f"section/{topic_id}/{section_id}"
    found = section_at(library, where)
    if found is None or kind not in ("topic", "section", "simpler", "sources"):
        return ()
    topic, section = found
    if kind == "topic":
        return (title_paragraph(topic), topic.gist, section.sentences)
    if kind == "simpler":
        return (section.simpler,)
    if kind == "sources":
        return _who_says_so(library, topic, section.sources)
    return ((_as_sentence(section.heading),), section.sentences)


def prompt(library: Library, prompt_id: str, place: Place, opened: Open) -> tuple[Paragraph, ...]:
    """What a prompt says, filled from where the listener is and what is on offer; nothing if there is no such prompt."""
    known = library.prompts.get(prompt_id)
    say = known.say if known else ()
    return (_filled_here(say, library, place, opened),) if say else ()


def question(library: Library, place: Place, opened: Open) -> tuple[str | None, str | None]:
    """The open question and its reprompt in words, or two Nones when nothing is asked."""
    if opened.asking is None:
        return None, None
    asked = library.prompts[f"ask-{opened.asking}"]
    ask, reprompt = _filled_here((asked.ask or "", asked.reprompt or ""), library, place, opened)
    return ask, reprompt


def title_paragraph(topic: Topic) -> Paragraph:
    """The topic's title as a sentence of its own, to tell a listener where they now are."""
    return (_as_sentence(topic.title),)


def compose(
    turn: Turn,
    address: str | None,
    asking: str | None,
    offered: Sequence[str] = (),
    *,
    lead: Sequence[str | Paragraph] = (),
    place: Place | None = None,
    heard: tuple[str, ...] | None = None,
    scope: tuple[str, ...] = (),
    misses: int = 0,
    before: str | None = None,
    understood: Understood | None = None,
) -> Reply:
    """The reply that says what stands at `address` and then asks `asking`.

    `lead` comes first and is not part of what "repeat" repeats: prompt ids, or paragraphs
    ready to say. `place` is where the listener is afterwards (as before, if not given).
    """
    opened = Open(asking, tuple(offered), misses, turn.open.heard if heard is None else heard, scope, before)
    place = replace(place or turn.place, said=address)
    say: list[Paragraph] = []
    for item in lead:
        say.extend(prompt(turn.library, item, place, opened) if isinstance(item, str) else (item,))
    say.extend(words_at(turn.library, address, place, opened))
    ask, reprompt = question(turn.library, place, opened)
    return Reply(
        say=tuple(say),
        place=place,
        open=opened,
        listener=_remembered(turn, place),
        understood=understood or Understood(turn.route, place.topic, place.section),
        ask=ask,
        reprompt=reprompt,
    )


def _remembered(turn: Turn, place: Place) -> Listener:
    if place.topic is None:
        return replace(turn.listener, last_visit=turn.today)
    return replace(turn.listener, topic=place.topic, section=place.section, last_visit=turn.today)


def _who_says_so(library: Library, topic: Topic, source_ids: Sequence[str]) -> tuple[Paragraph, ...]:
    names = [(topic.sources[s].organisation, topic.sources[s].strength) for s in source_ids]
    organisations = listed(library, list(dict.fromkeys(name for name, _ in names))[:3], "and")
    strengths = listed(library, list(dict.fromkeys(strength for _, strength in names))[:3], "and")
    fills = {"organisations": organisations, "strengths": strengths, "reviewed": spoken_date(library, topic.reviewed_on)}
    return (_filled(library.prompts["sources"].say, fills),)


def spoken_date(library: Library, iso_date: str) -> str:
    """An ISO date as month and year in words, which is as exact as a review needs."""
    year, month, _ = iso_date.split("-")
    months, years = library.vocabulary["months"], library.vocabulary["years"]
    return f"{months[int(month) - 1]} {years.get(year, year)}"


def listed(library: Library, names: Sequence[str], joint: str) -> str:
    """Names joined as people say them: "a, b, or c"; `joint` is "and" or "or"."""
    word = library.vocabulary["joints"][joint]
    if len(names) < 2:
        return "".join(names)
    comma = "," if len(names) > 2 or joint == "or" else ""
    return f"{', '.join(names[:-1])}{comma} {word} {names[-1]}"


def _filled_here(sentences: Sequence[str], library: Library, place: Place, opened: Open) -> Paragraph:
    """Sentences filled from where the listener is and what is on offer; most have nothing to fill."""
    if not any("{" in sentence for sentence in sentences):
        return tuple(sentences)
    return _filled(sentences, _fills(library, place, opened))


def _fills(library: Library, place: Place, opened: Open) -> Mapping[str, str]:
    titles = [title for title in (_title(library, i) for i in opened.offered[:3]) if title]
    here = library.topic(place.topic)
    at = here.index_of(place.section) if here else None
    return {
        "left": library.vocabulary["counts"][len(here.sections) - 1 - at] if here and at is not None else "",
        "here": here.title if here else "",
        "first": titles[0] if titles else "",
        "second": titles[1] if len(titles) > 1 else "",
        "list": listed(library, titles, "or"),
    }


def _title(library: Library, offered_id: str) -> str | None:
    topic = library.topic(offered_id)
    if topic is not None:
        return topic.title
    return next((g.title for g in library.groups if g.id == offered_id), None)


def _filled(sentences: Sequence[str], fills: Mapping[str, str]) -> Paragraph:
    return tuple(re.sub(r"\{(\w+)\}", lambda m: fills.get(m[1], m[0]), s) for s in sentences)


def _as_sentence(title: str) -> str:
    return title[0].upper() + title[1:] + ("" if title.endswith((".", "?")) else ".")
