"""Reading: opening a topic, and moving through its sections."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from backcare.content import Section, Topic
from backcare.dialog import saying
from backcare.turn import Paragraph, Place, Reply, Turn, Understood


def open_topic(
    turn: Turn,
    topic: Topic,
    section: Section | None = None,
    *,
    lead: Sequence[str | Paragraph] = (),
    understood: Understood | None = None,
) -> Reply:
    """The topic's title, gist and first section, or the `section` that answers what was asked.

    "Go back" will return to where the listener was.
    """
    section = section or topic.sections[0]
    place = _jump(turn, topic, section)
    asking, offered = after_section(turn, topic, section) if section is topic.sections[0] else ("more", ())
    return saying.compose(turn, saying.topic_address(topic, section), asking, offered, lead=lead, place=place, understood=understood)


def pass_by(turn: Turn, topic: Topic) -> Place:
    """The place at a topic's beginning, where "go back" returns to where the listener was."""
    return _jump(turn, topic, topic.sections[0])


def read_section(
    turn: Turn, topic: Topic, section: Section, *, lead: Sequence[str | Paragraph] = (), understood: Understood | None = None
) -> Reply:
    """One section, told under the topic's title when the listener was elsewhere."""
    place = _jump(turn, topic, section)
    titled = [*lead, saying.title_paragraph(topic)] if turn.place.topic != topic.id else lead
    asking, offered = after_section(turn, topic, section)
    return saying.compose(turn, saying.section_address(topic, section), asking, offered, lead=titled, place=place, understood=understood)


def _jump(turn: Turn, topic: Topic, section: Section) -> Place:
    back = turn.place.back
    if turn.place.topic is not None and turn.place.topic != topic.id:
        back = f"section/{turn.place.topic}/{turn.place.section}"
    return Place(topic.id, section.id, back=back)


def after_section(turn: Turn, topic: Topic, section: Section) -> tuple[str, tuple[str, ...]]:
    """What to ask once `section` has been read: go on, a tip on it, or the topic that follows."""
    if section is not topic.sections[-1]:
        return "more", ()
    if untouched_tips(turn, topic):
        return "tip", (topic.id,)
    return "topic", following_topics(turn, topic)


def untouched_tips(turn: Turn, topic: Topic) -> bool:
    """Whether the topic has tips and none was heard in this session."""
    return bool(topic.tips) and not any(tip.address in turn.open.heard for tip in topic.tips)


def following_topics(turn: Turn, topic: Topic) -> tuple[str, ...]:
    """The topics after `topic` in its group; after a group's last, the next group's; then from the start."""
    group = next(i for i, g in enumerate(turn.library.groups) if topic.id in g.topics)
    topics = turn.library.groups[group].topics
    rest = topics[topics.index(topic.id) + 1 :]
    return rest or turn.library.groups[(group + 1) % len(turn.library.groups)].topics


def here(turn: Turn) -> tuple[Topic, Section] | None:
    """The topic and section the listener is in; None if nowhere, or if content no longer has it."""
    topic = turn.library.topic(turn.place.topic)
    if topic is None:
        return None
    return topic, topic.sections[topic.index_of(turn.place.section) or 0]


def go_on(turn: Turn, *, lead: Sequence[str | Paragraph] = ()) -> Reply:
    """The next section; after a topic's last, the topic that follows; with no place, the first topic.

    After a later section that answered a question comes the first, which says what is safe.
    """
    at = here(turn)
    if at is None:
        return open_topic(turn, next(iter(turn.library.topics.values())), lead=lead)
    topic, section = at
    index = 0 if _came_in_by(turn, topic, section) else topic.sections.index(section) + 1
    if index < len(topic.sections):
        return read_section(turn, topic, topic.sections[index], lead=lead)
    return open_topic(turn, turn.library.topics[following_topics(turn, topic)[0]], lead=[*lead, "last-section"])


def _came_in_by(turn: Turn, topic: Topic, section: Section) -> bool:
    """Whether the topic was entered by this section, and it isn't the first."""
    return section is not topic.sections[0] and turn.place.said == saying.topic_address(topic, section)


def carry_on(turn: Turn) -> Reply:
    """The section the listener was in, once more, since it may have been cut off; or the beginning."""
    at = here(turn)
    if at is None:
        return go_on(turn)
    topic, section = at
    lead = (saying.title_paragraph(topic),)
    return read_section(turn, topic, section, lead=lead)


def previous(turn: Turn) -> Reply:
    """The section before this one; at a topic's first, that one again, and says so."""
    at = here(turn)
    if at is None:
        return nowhere(turn)
    topic, section = at
    index = topic.sections.index(section)
    if saying.section_at(turn.library, turn.place.said) is None:
        return read_section(turn, topic, section)
    if index == 0:
        return read_section(turn, topic, section, lead=["first-section"])
    return read_section(turn, topic, topic.sections[index - 1])


def go_back(turn: Turn) -> Reply:
    """Undo one jump: from a tip, a list or help to the reading; from a topic to the one before it."""
    at = here(turn)
    if at is None:
        return nowhere(turn)
    if saying.section_at(turn.library, turn.place.said) is None:
        return carry_on(turn)
    earlier = saying.section_at(turn.library, turn.place.back)
    if earlier is None:
        topic, section = at
        return read_section(turn, topic, section, lead=["no-way-back"])
    reply = read_section(turn, *earlier)
    return replace(reply, place=replace(reply.place, back=None))


def start_over(turn: Turn) -> Reply:
    """The topic in hand from its beginning; with none, the beginning of everything."""
    at = here(turn)
    return go_on(turn) if at is None else open_topic(turn, at[0])


def nowhere(turn: Turn) -> Reply:
    """Nothing has been read yet, so say so and ask what to read."""
    return saying.compose(turn, saying.prompt_address("nothing-yet"), "what")
