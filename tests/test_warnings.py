"""Warning signs: caught however they are said, and nothing else alarms; the sets stand in tests/understanding."""

from __future__ import annotations

import json
import re
import shutil
import time
from collections import Counter
from dataclasses import replace
from datetime import date

import pytest

from backcare import content, speech
from backcare.dialog.questions import QUESTIONS
from backcare.dialog.routes import ROUTES, answer
from backcare.memory import SqliteMemory
from backcare.turn import Listener, Open, Place, Slot, Turn
from backcare.understanding import warnings
from backcare.understanding.warnings import URGENCIES, find
from tests.conftest import CONTENT, ROOT
from tests.test_edge import USER, envelope, intent, said

SETS = ROOT / "tests" / "understanding"
SIGNS = [json.loads(line) for line in (SETS / "warning_signs.jsonl").read_text("utf-8").splitlines()]
BENIGN = [json.loads(line)["utterance"] for line in (SETS / "benign.jsonl").read_text("utf-8").splitlines()]
EMERGENCIES = [row["utterance"] for row in SIGNS if row["urgency"] == "emergency"]
PAIRS = [json.loads(line) for line in (SETS / "minimised.jsonl").read_text("utf-8").splitlines()]
TODAY = date(2026, 11, 23)
MODEL = json.loads((ROOT / "interaction_models" / "en-US.json").read_text("utf-8"))["interactionModel"]["languageModel"]
SLOTS = [(i["name"], s["name"]) for i in MODEL["intents"] for s in i.get("slots", ()) if not s["name"].endswith("_topic")]  # never alone
CHEST = "my chest really hurts"
MINIMISED = ("but it's probably nothing", "my husband says i'm overreacting", "just a little", "i don't want to bother anyone")


def level(library, words: str) -> str | None:
    verdict = find(library, words)
    return None if verdict.asked else verdict.urgency


def at_least(found: str | None, wanted: str) -> bool:
    return found is not None and URGENCIES.index(found) <= URGENCIES.index(wanted)


def turn(library, words: str, *, route: str = "QuestionIntent", slot: str = "question", **facts) -> Turn:
    return Turn(library, route, {slot: Slot(words)}, today=TODAY, **facts)


def heard(library, reply) -> str:
    return speech.render(reply.say, reply.ask, library).text


# The sets


@pytest.mark.parametrize(("urgency", "share"), [("emergency", 0.98), ("same_day", 0.95), ("soon", 0.95)])
def test_unseen_phrasings_are_caught_at_their_level_or_higher(library, urgency, share, capsys):
    rows = [row["utterance"] for row in SIGNS if row["urgency"] == urgency]
    missed = [words for words in rows if not at_least(level(library, words), urgency)]
    with capsys.disabled():
        print(f" {urgency}: {len(rows) - len(missed)} of {len(rows)} ", end="")
    assert len(missed) <= (1 - share) * len(rows), missed


def test_what_is_harmless_raises_no_emergency(library, capsys):
    alarming = [words for words in BENIGN if level(library, words) == "emergency"]
    with capsys.disabled():
        print(f" harmless: {len(BENIGN) - len(alarming)} of {len(BENIGN)} ", end="")
    assert len(alarming) <= 0.04 * len(BENIGN), alarming  # aimed at: 2 %


def test_what_is_harmless_hardly_ever_raises_anything(library):
    alarming = [words for words in BENIGN if level(library, words)]
    assert len(alarming) <= 0.06 * len(BENIGN), alarming


def test_the_sets_are_large_and_not_copied_from_the_examples(library):
    counted = Counter(row["sign"] for row in SIGNS)
    assert set(counted) == set(library.warning_signs)
    assert min(counted.values()) >= 34
    assert len(set(BENIGN)) >= 360
    examples = {plain(library, e) for sign in library.warning_signs.values() for e in sign.examples}
    assert [row["utterance"] for row in SIGNS if plain(library, row["utterance"]) in examples] == []
    for row in SIGNS:
        assert at_least(row["urgency"], library.warning_signs[row["sign"]].urgency)


def plain(library, words: str) -> str:
    return " ".join(warnings._rules(library).plain(words).words)


# The rules


def test_every_example_is_told_at_its_sign_s_level_or_higher(library):
    for sign in library.warning_signs.values():
        for example in sign.examples:
            assert at_least(level(library, example), sign.urgency), (sign.id, example)


def test_every_rule_of_every_sign_is_used_by_an_example(library):
    rules = warnings._rules(library)
    for sign in library.warning_signs.values():
        for rule in (r for r in sign.rules if not r.asked):
            assert any(holds(rules, rule, example) for example in sign.examples), (sign.id, rule.id)


def holds(rules, rule, words):
    return warnings._Heard(rules.plain(words), rules).holds(rule)


ALWAYS = {
    "all-well",
    "minimising",
    "saying",
    "personal",
    "now",
    "past",
    "past-goes-on",
    "statement",
    "joins",
    "lead",
    "general",
    "denial",
    "no-denial",
}


def test_no_concept_is_left_over(library):
    concepts = {c["id"]: " ".join(c["any"]) for c in library.warning_concepts["concepts"]}
    rules = [r for s in library.warning_signs.values() for r in (*s.rules, *s.raises)]
    used, waiting = set(), ALWAYS | {c for r in rules for c in (*r.all, *r.never)}
    while waiting:
        used |= waiting
        waiting = {c for u in waiting for c in re.findall(r"<([^>]+)>", concepts[u])} - used
    assert set(concepts) - used == set()


def test_a_rule_that_names_no_concept_is_refused(tmp_path):
    folder = shutil.copytree(CONTENT, tmp_path / "content")
    path = folder / "en" / "warning_signs" / "fever.json"
    path.write_text(path.read_text("utf-8").replace('["fever"]', '["gone"]'), "utf-8")
    with pytest.raises(content.ContentError, match="gone"):
        content.load(folder)
    shutil.rmtree(folder / "en" / "warning_signs")
    with pytest.raises(content.ContentError, match="warning_signs"):
        content.load(folder)


def test_every_decision_names_its_rule(library):
    for words in (row["utterance"] for row in SIGNS if level(library, row["utterance"])):
        sign, _, rule = (find(library, words).rule or "").partition("/")
        assert sign in library.warning_signs
        assert rule.partition("+")[0] in {r.id for r in library.warning_signs[sign].rules} | {"likeness"}


@pytest.mark.parametrize("minimised", MINIMISED)
def test_playing_it_down_changes_nothing_before_inside_or_after(library, minimised):
    for words in EMERGENCIES:
        if level(library, words) != "emergency":
            continue
        spoken = words.split()
        inside = " ".join([*spoken[: len(spoken) // 2], minimised, *spoken[len(spoken) // 2 :]])
        for changed in (f"{minimised} {words}", inside, f"{words} {minimised}"):
            assert level(library, changed) == "emergency", changed


def test_people_who_play_it_down_in_their_own_words_are_judged_as_without(library):
    changed = [pair for pair in PAIRS if level(library, pair["minimised"]) != level(library, pair["plain"])]
    assert changed == []
    assert all(at_least(level(library, pair["minimised"]), pair["urgency"]) for pair in PAIRS)


@pytest.mark.parametrize(
    ("told", "harmless"),
    [
        ("i have a fever", "i don't have a fever"),
        ("i have chest pain", "i have no chest pain"),
        ("i have chest pain", "i had chest pain years ago"),
        ("i think i'm having a stroke", "can lupus cause a stroke"),
        ("i think i have cauda equina", "what is cauda equina"),
        ("i took an overdose", "what is an overdose of tylenol"),
        ("i want to die", "i'm dying for a nap"),
        ("my legs won't work", "my legs feel tired after exercise"),
        ("i can't breathe", "how do i breathe to relax"),
        ("my mom fell down the stairs and can't move", "my mom fell down the stairs last year and couldn't move then"),
    ],
)
def test_a_sign_and_its_look_alike_are_told_apart(library, told, harmless):
    assert level(library, told) in ("emergency", "same_day")
    assert level(library, harmless) is None


@pytest.mark.parametrize(
    "words",
    [
        "i cant feel my legs", "i can't feel my legs", "i cannot feel my legs", "I can’t feel my legs!",
        "my sattle area is numb", "i think i've got corda quina", "why can't i feel my legs", "what should i do i can't breathe",
        "my back is killing me and i wet myself", "i don't have a fever but i can't feel between my legs",
        "my husband's face has dropped", "my mum won't wake up", "is it normal that i can't feel between my legs",
        "help i can't move my legs", "no i can't breathe", "yes but my chest hurts", "stop i can't feel my legs",
        "okay my speech is slurred",
        "i'm scared of having a stroke my face is drooping", "can you help my mom she's not breathing",
        "give me a tip for when i can't feel my legs",
    ],
)  # fmt: skip
def test_an_emergency_is_caught_however_it_is_wrapped(library, words):
    assert level(library, words) == "emergency"


def test_the_higher_of_two_levels_wins(library):
    assert find(library, "my hip hurts and i have a fever").urgency == "same_day"
    assert find(library, "my hip hurts and i have a fever and i can't breathe").urgency == "emergency"


def test_what_raises_a_sign_makes_it_an_emergency(library):
    assert find(library, "i have shingles").urgency == "same_day"
    raised = find(library, "i have shingles near my eye")
    assert (raised.sign, raised.urgency) == ("shingles", "emergency")
    reply = answer(turn(library, "i have shingles near my eye"))
    assert reply.place.said == "warning/emergency/shingles"
    assert "nine one one" in heard(library, reply)


def test_a_name_alone_is_told_where_signs_are_named_and_asked_about_where_people_ask(library):
    assert find(library, "anaphylaxis").urgency == "emergency"
    assert not find(library, "anaphylaxis").asked
    assert find(library, "anaphylaxis", question=True).asked


def test_a_sign_that_resolution_chose_counts_unless_it_is_denied_or_asked_about(library):
    assert find(library, "me chess paining", resolved="chest-pain").urgency == "emergency"
    assert find(library, "i don't have chess pain", resolved="chest-pain").urgency is None
    assert find(library, "what is chess pain", resolved="chest-pain").asked


def test_an_utterance_is_judged_within_milliseconds(library):
    find(library, CHEST)
    began = time.perf_counter()
    for row in SIGNS:
        find(library, row["utterance"])
    assert (time.perf_counter() - began) / len(SIGNS) < 0.005
    began = time.perf_counter()
    find(library, "numb " * 20_000)
    find(library, "x" * 100_000)
    assert time.perf_counter() - began < 0.5


# The dialogue


@pytest.mark.parametrize(("route", "slot"), SLOTS)
def test_every_slot_of_every_intent_is_checked_whether_it_matched_or_not(library, route, slot):
    for slot_id in (None, "sleep", "seated", "hip-pain"):
        reply = answer(Turn(library, route, {slot: Slot(CHEST, slot_id)}, today=TODAY))
        assert reply.understood.urgency == "emergency", (route, slot, slot_id)
        assert reply.understood.rule.startswith("chest-pain/")


@pytest.mark.parametrize("asking", [*QUESTIONS, None])
@pytest.mark.parametrize("new", [True, False])
def test_a_sign_is_caught_in_every_state_and_the_place_is_kept(library, asking, new):
    place = Place("sleep", library.topics["sleep"].sections[1].id, "topic/sleep", "section/kidneys/x")
    reply = answer(turn(library, CHEST, place=place, open=Open(asking, ("sleep",)), new=new))
    assert replace(reply.place, said=place.said) == place
    assert reply.place.said == "warning/emergency/chest-pain"
    assert reply.open.asking == "warning"


def test_no_route_without_words_ever_alarms(library):
    for route in ROUTES:
        assert answer(Turn(library, route, today=TODAY)).understood.urgency is None


def test_an_emergency_opens_with_the_action_and_stays_open_on_one_question(library):
    reply = answer(turn(library, CHEST))
    text = heard(library, reply)
    assert text.startswith("Call nine one one now, or ask someone near you to call. I can't call for you.")
    assert text.endswith("Say repeat to hear that again, or stop.")
    assert "911" in reply.reprompt
    assert "tip" not in text


@pytest.mark.parametrize("route", ["AMAZON.RepeatIntent", "AMAZON.YesIntent", "AMAZON.MoreIntent", "AMAZON.NextIntent"])
def test_after_an_emergency_these_words_say_it_again(library, route):
    first = answer(turn(library, CHEST))
    again = answer(Turn(library, route, place=first.place, open=first.open, today=TODAY))
    assert again.say == first.say
    assert (again.place, again.open.asking) == (first.place, "warning")


@pytest.mark.parametrize("route", ["AMAZON.NoIntent", "AMAZON.StopIntent", "AMAZON.CancelIntent"])
def test_after_an_emergency_these_words_end(library, route):
    first = answer(turn(library, CHEST))
    assert answer(Turn(library, route, place=first.place, open=first.open, today=TODAY)).ask is None


def test_after_an_emergency_other_words_are_answered_with_their_own_check(library):
    first = answer(turn(library, CHEST))
    following = answer(turn(library, "would a warm bath help", place=first.place, open=first.open))
    assert following.understood.topic == "heat-and-cold"
    worse = answer(turn(library, "now my face is drooping", place=first.place, open=first.open))
    assert worse.place.said == "warning/emergency/stroke"


@pytest.mark.parametrize(("words", "urgency"), [("i have a fever", "same_day"), ("my hip hurts", "soon")])
def test_less_urgent_signs_say_whom_to_call_and_ask_to_carry_on(library, words, urgency):
    nowhere = answer(turn(library, words))
    assert (nowhere.understood.urgency, nowhere.open.asking) == (urgency, "what")
    assert heard(library, nowhere).startswith("Please call your lupus team")
    place = Place("sleep", library.topics["sleep"].sections[1].id)
    reading = answer(turn(library, words, place=place))
    assert reading.ask == "Shall I carry on?"
    carried_on = answer(Turn(library, "AMAZON.YesIntent", place=reading.place, open=reading.open, today=TODAY))
    assert (carried_on.place.topic, carried_on.place.section) == (place.topic, place.section)


def test_a_crisis_is_answered_warmly_with_the_crisis_line_and_the_emergency_number(library):
    text = heard(library, answer(turn(library, "i don't want to live any more")))
    assert text.startswith("I'm so glad you said that.")
    assert "nine eight eight" in text
    assert "nine one one" in text


@pytest.mark.parametrize("locale", [*content.available_locales(CONTENT), "en"])
def test_numbers_and_services_are_the_locale_s_own(locale):
    library = content.load(CONTENT, locale)
    for sign in library.warning_signs.values():
        assert "{" not in " ".join((*sign.say, *sign.raised)), (locale, sign.id)
    spoken = " ".join(answer(turn(library, CHEST)).say[0])
    assert library.region["emergency_number"] in spoken
    assert library.region["crisis_line"] in " ".join(library.warning_signs["suicidal-thoughts"].say)


def test_a_general_question_is_answered_with_one_line_on_when_to_call(library):
    reply = answer(turn(library, "can lupus cause a stroke"))
    assert reply.understood.urgency is None
    assert reply.understood.rule.startswith("asked/stroke/")
    assert reply.say[-1] == ("If this is happening now, call 911.",)
    assert reply.open.asking != "warning"


def test_nothing_of_a_sign_reaches_memory_and_the_next_session_opens_normally(skill, tmp_path):
    memory = SqliteMemory(tmp_path / "memory.sqlite")
    memory.save(USER, Listener(), Listener("sleep", "x", TODAY))
    told = skill(envelope(intent("QuestionIntent", question=CHEST)), None)
    assert "Call nine one one now" in said(told)
    assert b"warning" not in (tmp_path / "memory.sqlite").read_bytes()
    assert (memory.load(USER).topic, memory.load(USER).section) == ("sleep", "x")
    assert said(skill(envelope({"type": "LaunchRequest"}), None)).startswith("Welcome back. Last time we were in sleep")


def test_what_was_told_is_not_logged(skill, caplog):
    caplog.set_level(0)
    skill(envelope(intent("QuestionIntent", question=CHEST)), None)
    assert "chest" not in caplog.text


def test_emergencies_reach_the_skill_through_the_interaction_model(library, hearing, capsys):
    lost = []
    for words in EMERGENCIES:
        taken = hearing.hear(words)
        slots = {name: Slot(slot.value, slot.id) for name, slot in taken.slots.items()}
        if answer(Turn(library, taken.intent, slots, today=TODAY)).understood.urgency != "emergency":
            lost.append((words, taken.intent, slots))
    with capsys.disabled():
        print(f" through the model: {len(EMERGENCIES) - len(lost)} of {len(EMERGENCIES)} ", end="")
    assert len(lost) <= 0.02 * len(EMERGENCIES), lost


@pytest.mark.parametrize("first", ["help", "no", "yes", "stop", "okay"])
def test_emergencies_that_begin_with_a_word_of_control_reach_the_skill(library, hearing, first):
    for words in ("my chest hurts", "i can't breathe", "i can't feel my legs", "my face is drooping", "she won't wake up"):
        taken = hearing.hear(f"{first} {words}")
        slots = {name: Slot(slot.value, slot.id) for name, slot in taken.slots.items()}
        reply = answer(Turn(library, taken.intent, slots, today=TODAY))
        assert reply.understood.urgency == "emergency", (first, words, taken)
