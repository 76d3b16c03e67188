"""Every state a listener can reach, walked breadth first: something is said, and a way on exists."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections import deque
from dataclasses import replace
from datetime import date

import pytest

from backcare import speech
from backcare.dialog.questions import QUESTIONS
from backcare.dialog.routes import ROUTES, answer
from backcare.dialog.tips import in_scope
from backcare.turn import Listener, Open, Place, Slot, Turn
from tools.voice_rules import words

TODAY = date(2026, 11, 23)
FOUR_WORDS = ("AMAZON.YesIntent", "AMAZON.NoIntent", "AMAZON.MoreIntent")
WORDLESS = [
    route for route in ROUTES if route not in ("LaunchRequest", "TopicIntent", "QuestionIntent", "TipForIntent", "WarningSignIntent")
]
MOST_WORDS = 100
FOLLOWS_OPENING = {"more", "tip", "topic"}


def turn_after(library, reply, route, **slots):
    return Turn(library, route, slots, reply.place, reply.open, reply.listener, TODAY, new=False, remembers=True)


def launch(library, **changes):
    return answer(replace(Turn(library, "LaunchRequest", today=TODAY, new=True, remembers=True), **changes))


READING = {"more", "tip", "another", "resume", "pause", None}


def state(reply):
    """What decides the future: the place while something is read, the offer while something is offered.

    The two are walked each alone, not multiplied. One tip stands for all of its topic, and
    one place to go back to for any other.
    """
    place, opened = reply.place, reply.open
    said = (place.said or "").rpartition("/")[0] if (place.said or "").startswith("tip/") else place.said
    if opened.asking not in READING:
        return (opened.asking, opened.offered, opened.misses, said, place.topic is None)
    some = any(address.startswith(f"tip/{place.topic}/") for address in opened.heard)
    return (opened.asking, place.topic, place.section, said, place.back is None, opened.misses, some)


def holds(library, reply, how):
    spoken = speech.render(reply.say, reply.ask, library)
    ET.fromstring(spoken.ssml)  # noqa: S314 - our own output
    assert spoken.text, how
    assert len(spoken.ssml) < speech.SPEECH_LIMIT
    assert not re.search(r"\{\w*\}", spoken.text), (how, spoken.text)
    assert len(words(spoken.text)) <= MOST_WORDS, (how, len(words(spoken.text)), spoken.text)
    asks = spoken.text.endswith("?") or reply.open.asking == "pause" or (reply.open.misses == 1 and reply.ask == reply.reprompt)
    assert asks is (reply.ask is not None), (how, spoken.text)
    if reply.ask is not None:
        assert reply.open.asking in QUESTIONS, how
        assert len(words(reply.reprompt)) <= 20
    assert reply.place.topic is None or library.topic(reply.place.topic), how


@pytest.fixture(scope="module")
def walked(library):
    """Every reachable reply by its state, with the fewest turns and the words that led to it."""
    starts = [launch(library), launch(library, listener=Listener("sleep", None, TODAY), place=Place("sleep"))]
    starts += [
        answer(Turn(library, "TopicIntent", {"topic": Slot(t.title, t.id)}, listener=Listener(last_visit=TODAY), today=TODAY, new=True))
        for t in library.topics.values()
    ]
    seen = {state(reply): (reply, ()) for reply in starts}
    queue = deque(seen.values())
    while queue:
        reply, path = queue.popleft()
        if reply.ask is None:
            continue
        for route in WORDLESS:
            following = answer(turn_after(library, reply, route))
            key = state(following)
            if key not in seen:
                seen[key] = (following, (*path, route))
                queue.append(seen[key])
    return list(seen.values())


def test_every_reachable_reply_is_fit_to_be_heard(library, walked):
    assert len(walked) > 1000
    for reply, path in walked:
        holds(library, reply, path)


def test_every_section_is_reached(library, walked):
    reached = {(reply.place.topic, reply.place.section) for reply, _ in walked}
    assert reached >= {(t.id, s.id) for t in library.topics.values() for s in t.sections}


def test_repeat_says_the_same_again_and_keeps_the_question(library, walked):
    for reply, path in walked:
        if reply.ask is None or reply.place.said is None or reply.open.misses or reply.open.asking == "pause":
            continue  # repeat ends a pause; after a miss, repeat goes back to what was said before the apology
        again = answer(turn_after(library, reply, "AMAZON.RepeatIntent"))
        assert again.place == reply.place, path
        assert again.open.asking == reply.open.asking, path
        heard = [s for p in reply.say for s in p]
        assert [s for p in again.say for s in p] == heard[-sum(len(p) for p in again.say) :], path


def test_help_and_the_second_miss_say_the_emergency_number_everywhere(library, walked):
    number = speech.render([("Call 911",)], None, library).text.removeprefix("Call ")
    for reply, path in walked:
        if reply.ask is None:
            continue
        helped = answer(turn_after(library, reply, "AMAZON.HelpIntent"))
        assert number in speech.render(helped.say, helped.ask, library).text, path
        assert helped.open.asking == reply.open.asking, path
        assert (helped.place.topic, helped.place.section) == (reply.place.topic, reply.place.section)
        once = answer(turn_after(library, reply, "AMAZON.FallbackIntent"))
        if once.open.misses == 1:
            twice = answer(turn_after(library, once, "AMAZON.FallbackIntent"))
            assert number in speech.render(twice.say, twice.ask, library).text, path
            assert twice.say != once.say
            thrice = answer(turn_after(library, twice, "AMAZON.FallbackIntent"))
            assert thrice.place.topic is not None
            assert thrice.open.misses == 0


def test_stop_ends_at_once_in_every_state(library, walked):
    for reply, _ in walked:
        if reply.ask is not None:
            for route in ("AMAZON.StopIntent", "AMAZON.CancelIntent", "AMAZON.NavigateHomeIntent"):
                stopped = answer(turn_after(library, reply, route))
                assert stopped.ask is None
                assert stopped.listener.topic == (reply.place.topic or reply.listener.topic)


def test_four_words_reach_every_topic_section_and_some_tip_of_each(library, capsys):
    seen, topics = {}, {}
    start = launch(library)
    queue = deque([(start, 0)])
    while queue:
        reply, turns = queue.popleft()
        topics.setdefault((reply.place.topic, reply.place.section), turns)
        tip = library.tip_at(reply.place.said or "")
        if tip:
            topics.setdefault(("tip", tip.topic), turns)
        for route in FOUR_WORDS:
            following = answer(turn_after(library, reply, route))
            if state(following) not in seen and following.ask is not None and turns < 20:
                seen[state(following)] = True
                queue.append((following, turns + 1))
    wanted = {(t.id, s.id) for t in library.topics.values() for s in t.sections} | {
        ("tip", t.id) for t in library.topics.values() if t.tips
    }
    assert wanted <= set(topics)
    longest = max(wanted, key=lambda place: topics[place])
    with capsys.disabled():
        print(f" longest way by yes, no and more: {topics[longest]} turns, to {'/'.join(map(str, longest))} ", end="")
    assert topics[longest] <= 15


def test_saying_no_to_everything_ends_kindly(library):
    reply, turns = launch(library), 0
    while reply.ask is not None:
        reply, turns = answer(turn_after(library, reply, "AMAZON.NoIntent")), turns + 1
        assert turns < 40
    assert "Goodbye" in speech.render(reply.say, None, library).text


@pytest.mark.parametrize("situation", ["seated", "in-bed", "caregiver", "no-sight", "standing", None])
def test_no_tip_comes_twice_until_all_were_heard(library, situation):
    slots = {"situation": Slot("so", situation)} if situation else {}
    reply = answer(turn_after(library, launch(library), "TipForIntent", **slots))
    everything = in_scope(turn_after(library, reply, "AnotherTipIntent"), (situation,) if situation else ())
    heard = [reply.place.said]
    for _ in range(len(everything) - 1):
        reply = answer(turn_after(library, reply, "AMAZON.YesIntent"))
        holds(library, reply, "another tip")
        heard.append(reply.place.said)
    assert sorted(heard) == sorted(tip.address for tip in everything)
    assert situation is None or all(situation in tip.situations for tip in everything)
    again = answer(turn_after(library, reply, "AMAZON.YesIntent"))
    assert again.place.said == heard[0]
    assert "again" in " ".join(again.say[0])


def test_tips_start_elsewhere_tomorrow_and_in_the_same_place_today(library):
    ask = Turn(library, "TipIntent", today=TODAY, new=True)
    days = [answer(replace(ask, today=date(2026, 11, day))).place.said for day in range(1, 29)]
    assert answer(ask).place.said == answer(ask).place.said
    assert len(set(days)) > 20


def test_tips_come_from_the_topic_in_hand_in_a_session(library):
    opened = answer(turn_after(library, launch(library), "TopicIntent", topic=Slot("sleep", "sleep")))
    reply = answer(turn_after(library, opened, "TipIntent"))
    assert library.tip_at(reply.place.said).topic == "sleep"


def test_when_the_topic_in_hand_has_no_more_tips_others_follow(library):
    reply = answer(turn_after(library, launch(library), "TopicIntent", topic=Slot("sleep", "sleep")))
    heard = []
    for _ in range(len(library.tips)):
        reply = answer(turn_after(library, reply, "AnotherTipIntent"))
        heard.append(reply.place.said)
    here = len(library.topic("sleep").tips)
    assert all(address.startswith("tip/sleep/") for address in heard[:here])
    assert len(set(heard)) == len(library.tips)


def test_tips_asked_for_on_a_topic_stay_on_it(library):
    reply = answer(turn_after(library, launch(library), "TipForIntent", topic=Slot("sleep", "sleep")))
    for _ in range(10):
        assert library.tip_at(reply.place.said).topic == "sleep"
        reply = answer(turn_after(library, reply, "AMAZON.YesIntent"))


def test_an_unfinished_state_from_nowhere_is_answered(library):
    for asking in [*QUESTIONS, None, "unheard-of"]:
        for route in WORDLESS:
            reply = answer(Turn(library, route, open=Open(asking, ("gone",)), today=TODAY))
            if asking != "unheard-of" or route != "AMAZON.HelpIntent":
                assert reply.say
