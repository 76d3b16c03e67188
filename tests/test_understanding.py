"""What people say is understood: figures on sets that content was not written from, and single cases.

The figures are those of `make understand`, without noise where that would take too long;
the sets stand in tests/understanding.
"""

from __future__ import annotations

import json
from collections import Counter
from datetime import date

import pytest

from backcare.dialog import heard
from backcare.dialog.questions import QUESTIONS
from backcare.dialog.routes import ROUTES, answer
from backcare.turn import Open, Place, Slot, Turn
from backcare.understanding import commands, topics
from backcare.understanding.likeness import likeness
from backcare.understanding.words import Words
from simulator.hearing import Hearing
from tests.conftest import CONTENT, ROOT
from tools import understand
from tools.understand import SETS, Alone, Noise, Row, WholeWay, figures, rows
from tools.utterances import listed
from tools.write_likeness import known_words
from tools.write_likeness import main as write_likeness

TODAY = date(2026, 11, 23)
EVERY = {name: list(rows(SETS / f"{name}.jsonl")) for name in understand.OWN}
WORDED = [
    (r, s)
    for r, s in (("QuestionIntent", "question"), ("TopicIntent", "topic"), ("TipForIntent", "situation"), ("WarningSignIntent", "warning"))
]


def said(library, words: str, *, route: str = "QuestionIntent", slot: str = "question", at: str | None = None, **facts) -> Turn:
    place = Place(at, library.topics[at].sections[0].id, f"topic/{at}") if at else Place()
    facts.setdefault("open", Open("more") if at else Open())
    return Turn(library, route, {slot: Slot(words)}, place, today=TODAY, **facts)


# The sets


def test_the_sets_are_large_and_apart_from_what_content_lists(library):
    model = json.loads((ROOT / "interaction_models" / "en.json").read_text("utf-8"))
    known = {p.phrase for p in listed(CONTENT, library)} | {s for i in model["intents"] for s in i["samples"]}
    for name, those in EVERY.items():
        assert [row.utterance for row in those if row.utterance.lower() in known] == [], name
        assert max(Counter(row.utterance for row in those).values()) == 1 or name == "follow_ups", name
    assert len(EVERY["questions"]) >= 600
    assert len(EVERY["out_of_scope"]) >= 200
    assert len(EVERY["benign"]) >= 300
    per_topic = Counter(row.want for row in EVERY["questions"])
    assert set(per_topic) == set(library.topics)


@pytest.fixture(scope="module")
def whole_way(library):
    return WholeWay(library, "en-US")


# name, what, least share alone, least share over the whole way: what is reached, so that nothing is lost again.
# What is aimed at: 92 % first and 97 % among two, 92 % refused, 85 % of commands, 98 % quiet.
HELD = [
    ("questions", "topic", 0.85, 0.84),
    ("questions", "second", 0.89, 0.87),
    ("out_of_scope", "refused", 0.90, 0.89),
    ("commands", "meaning", 0.78, 0.72),
    ("follow_ups", "topic", 0.83, 0.83),
    ("benign", "quiet", 0.94, 0.93),
]


@pytest.mark.parametrize("held", HELD, ids=lambda held: f"{held[0]}-{held[1]}")
def test_the_figures_hold(library, whole_way, held, capsys):
    name, what, alone, whole = held
    by_words, _ = figures(library, Alone(library), EVERY[name])
    by_way, missed = figures(library, whole_way, EVERY[name])
    with capsys.disabled():
        print(f" {name} {what}: alone {by_words[what]}, whole way {by_way[what]} ", end="")
    assert by_words[what].share >= alone
    assert by_way[what].share >= whole, [row.utterance for row, _ in missed]
    assert by_words[what].share - by_way[what].share <= (0.04 if name != "commands" else 0.08)


def test_a_recogniser_s_slips_cost_little(library, capsys):
    noise, alone = Noise(library), Alone(library)
    clean, _ = figures(library, alone, EVERY["questions"])
    noisy, _ = figures(library, alone, [r._replace(utterance=noise.of(r.utterance, 0.1)) for r in EVERY["questions"]])
    with capsys.disabled():
        print(f" one word in ten misheard: {noisy['topic']} ", end="")
    assert clean["topic"].share - noisy["topic"].share <= 0.10


def test_a_recogniser_s_slips_cost_few_emergencies(library, capsys):  # aimed at: at most 3 points
    noise, alone = Noise(library), Alone(library)
    emergencies = [row for row in EVERY["warning_signs"] if row.want == "emergency"]
    clean, _ = figures(library, alone, emergencies)
    noisy, _ = figures(library, alone, [r._replace(utterance=noise.of(r.utterance, 0.1)) for r in emergencies])
    with capsys.disabled():
        print(f" emergencies misheard: {noisy['emergency']} ", end="")
    assert clean["emergency"].share - noisy["emergency"].share <= 0.10


# Words


@pytest.fixture(scope="module")
def words(library) -> Words:
    return likeness(library).words


@pytest.mark.parametrize(
    ("slip", "right"),
    [
        ("loopus", "lupus"), ("prednizone", "prednisone"), ("neph right us", "nephritis"), ("nef rye tis", "nephritis"),
        ("sigh attica", "sciatica"), ("pred nice alone", "prednisolone"), ("fizzio", "physio"), ("eye bew profen", "ibuprofen"),
    ],
)  # fmt: skip
def test_words_said_apart_or_misspelt_are_taken_for_what_they_sound_like(words, slip, right):
    assert words.mended(words.said(slip)) in ([right], [words.mended([right])[0]])
    assert words.sound("".join(slip.split())) == words.sound(right)


def test_known_words_are_never_taken_for_others(words):
    for phrase in ("what kind of chair is best", "how do i put my pillow on my side", "is that the right heat for me"):
        assert words.mended(words.said(phrase)) == phrase.split()


def test_apostrophes_make_no_difference(words):
    assert list(words.features("I don't know what's wrong")) == list(words.features("i dont know whats wrong"))


def test_endless_words_are_cut(words):
    assert len(words.said("pain " * 10_000)) == 60
    assert words.said("x" * 100_000) == ["x" * 30]


@pytest.mark.parametrize("endless", ["no " * 50_000, "what about ice " * 5_000, "not " * 50_000 + "i meant sleep", "x" * 200_000])
def test_endless_words_are_asked_no_more_of_than_a_long_story(library, endless):
    asked = []

    def likely(text):
        asked.append(text)
        return likeness(library).probabilities(text)

    topics.find(library, endless, likely=likely)
    assert len(asked) <= 14


def test_a_sound_belongs_to_the_commonest_word_that_has_it(library):
    phrases = [p for p in listed(CONTENT, library) if p.label == "topic/kidneys"]
    known, by_sound = known_words(phrases, library.vocabulary)
    assert "kidneys" in known
    assert by_sound[Words(library.vocabulary).sound("kidnees")] == "kidneys"


# Likeness


def test_probabilities_add_up_and_name_only_what_exists(library):
    likely = likeness(library).probabilities("can a warm bath help my back")
    assert sum(likely.values()) == pytest.approx(1)
    ids = {c["id"] for c in library.commands["commands"]}
    limits = {limit["id"] for limit in library.commands["limits"]}
    for label in likely:
        kind, _, name = label.partition("/")
        assert {
            "topic": name in library.topics,
            "command": name in ids,
            "limit": name in limits,
            "warning": name.removesuffix(".raised") in library.warning_signs,
            "harmless": not name,
            "outside": not name,
        }[kind], label
    assert {f"topic/{t}" for t in library.topics} | {f"command/{c}" for c in ids} <= set(likely)


def test_every_decision_can_be_told_apart_into_words(library):
    reasons = likeness(library).why("is it ok to lie on a hot water bottle", "topic/heat-and-cold")
    assert {"hot", "bottl"} & {feature for feature, _ in reasons} or any("bottle" in f for f, _ in reasons)
    assert reasons[0][1] > 0


def test_the_table_was_made_from_the_phrases_that_stand_in_content(capsys):
    assert write_likeness(["--check"]) == 0


def test_every_command_s_route_exists_and_every_limit_has_words_and_a_topic(library):
    for command in library.commands["commands"]:
        assert command["route"] in ROUTES
    for limit in library.commands["limits"]:
        assert f"limit-{limit['id']}" in library.prompts
        assert {limit["topic"], *limit.get("among", ())} <= set(library.topics)


# Commands in free words


@pytest.mark.parametrize(("route", "slot"), WORDED)
@pytest.mark.parametrize(
    ("words", "does"),
    [
        ("could you slow down a bit please", "SlowerIntent"),
        ("what was that again", "AMAZON.RepeatIntent"),
        ("i've heard quite enough now", "AMAZON.StopIntent"),
        ("i really did not follow any of that", "ExplainIntent"),
    ],
)
def test_a_command_is_understood_from_any_slot(library, route, slot, words, does):
    assert answer(said(library, words, route=route, slot=slot, at="exercise")).understood.route == does


def test_a_warning_sign_comes_before_a_command(library):
    reply = answer(said(library, "stop i can't feel my legs", at="exercise"))
    assert reply.understood.urgency == "emergency"


def test_a_topic_named_by_its_slot_is_no_command(library):
    reply = answer(Turn(library, "TopicIntent", {"topic": Slot("sleep", "sleep")}, today=TODAY))
    assert reply.place.topic == "sleep"


@pytest.mark.parametrize("word", ["help", "stop", "next", "yes", "no"])
@pytest.mark.parametrize("asking", [*QUESTIONS, None])
def test_no_slot_swallows_the_words_of_control_in_any_state(library, hearing: Hearing, word, asking):
    taken = hearing.hear(word)
    assert taken.slots == {}
    opened = Open(asking, ("sleep", "diet"))
    turn = Turn(library, taken.intent, place=Place("exercise", "how-to-start", "topic/exercise"), open=opened, today=TODAY)
    assert answer(turn).understood.route == taken.intent


# What only others can answer


@pytest.mark.parametrize(
    ("words", "limit", "topic"),
    [
        ("how many tylenol can i take for my back", "dose", "pain-medicine"),
        ("do i have a slipped disc", "do-i-have", "other-causes"),
        ("what do my blood test results mean", "results", "other-causes"),
        ("should i have back surgery", "surgery", "other-causes"),
        ("is it safe to try for a baby with lupus", "pregnancy", "medication-adjustment"),
        ("should i stop my prednisone", "stopping", "medication-adjustment"),
        ("can you refill my plaquenil", "prescribing", "medication-adjustment"),
    ],
)
def test_these_get_their_own_honest_answer_and_a_way_on(library, words, limit, topic):
    reply = answer(said(library, words))
    assert reply.understood.rule == f"limit/{limit}"
    assert reply.place.topic == topic
    assert (reply.open.asking, reply.open.offered) == ("topic", (topic,))
    following = answer(Turn(library, "AMAZON.YesIntent", place=reply.place, open=reply.open, today=TODAY))
    assert following.place.said == f"topic/{topic}"


def test_words_of_no_topic_are_said_not_to_be_covered_and_whom_to_ask(library):
    reply = answer(said(library, "who won the football last night", at="sleep"))
    assert reply.understood.confidence == "none"
    assert "doctor or pharmacist" in " ".join(reply.say[0])
    again = answer(Turn(library, "QuestionIntent", {"question": Slot("who won the cricket")}, reply.place, reply.open, today=TODAY))
    assert library.region["emergency_number"] in " ".join(again.say[0])


# Topics and sections


def test_a_narrower_question_is_answered_by_its_section_and_the_first_follows(library):
    reply = answer(said(library, "how do i build up the exercises from my therapist"))
    topic = library.topics["physical-therapy"]
    assert (reply.place.topic, reply.place.section) == (topic.id, reply.understood.section)
    assert reply.place.section != topic.sections[0].id
    following = answer(Turn(library, "AMAZON.YesIntent", place=reply.place, open=reply.open, today=TODAY))
    assert following.place.section == topic.sections[0].id


@pytest.mark.parametrize(
    ("at", "words", "topic"),
    [
        ("exercise", "what about ice", "heat-and-cold"),
        ("stress", "no i meant kidneys", "kidneys"),
        ("sleep", "i said steroids not sleep", "medication-side-effects"),
        ("stress", "not stress i asked for stretches", "exercise"),
        ("diet", "and what about eggs", "diet"),
    ],
)
def test_follow_ups_and_corrections_are_understood_against_the_place(library, at, words, topic):
    assert topics.find(library, words, here=at).topic == topic


def test_the_other_one_not_that_one_and_the_first_one_choose_among_two(library):
    opened = Open("which", ("sleep", "stress"))
    facts = {"place": Place("diet", library.topics["diet"].sections[0].id), "open": opened, "today": TODAY}
    assert answer(Turn(library, "OtherOneIntent", **facts)).place.topic == "stress"
    assert answer(Turn(library, "FirstOneIntent", **facts)).place.topic == "sleep"
    assert answer(Turn(library, "NotThatIntent", **facts)).open.offered == ("stress",)
    unasked = Turn(library, "NotThatIntent", place=facts["place"], open=Open("more"), today=TODAY)
    assert answer(unasked).open.asking == "what"


@pytest.mark.parametrize("route", ["WhyIntent", "HowLongIntent", "IsThatSafeIntent"])
def test_bare_follow_ups_are_answered_from_the_topic_or_by_whom_to_ask_and_never_by_a_yes(library, route):
    asked = {"WhyIntent": "why", "HowLongIntent": "how-long", "IsThatSafeIntent": "is-that-safe"}[route]
    for topic in library.topics.values():
        for section in topic.sections:
            place = Place(topic.id, section.id, f"section/{topic.id}/{section.id}")
            reply = answer(Turn(library, route, place=place, open=Open("more"), today=TODAY))
            named = topic.follow_ups.get(asked)
            if named and named != section.id:
                assert reply.place.section == named
            else:
                assert "team" in " ".join(reply.say[0])
                assert reply.place == place
    assert answer(Turn(library, route, today=TODAY)).open.asking == "what"


def test_a_long_story_is_searched_for_its_question(library):
    story = "well you know i was just saying to my sister the other day when she rang that i wondered whether a hot water bottle would help"
    assert topics.find(library, story).topic == "heat-and-cold"


def test_words_come_together_from_all_the_slots_of_a_sample(library):
    slots = {"topic": Slot("osteoporosis", "medication-side-effects"), "from_topic": Slot("steroids", "medication-side-effects")}
    turn = Turn(library, "TopicIntent", slots, today=TODAY)
    assert heard.unresolved(turn) == "osteoporosis from steroids"
    assert answer(turn).place.topic == "medication-side-effects"
    assert commands.find(library, "osteoporosis from steroids").command is None


def test_a_set_that_says_nothing_is_refused(tmp_path):
    path = tmp_path / "set.jsonl"
    path.write_text('{"topic": "diet"}\n')
    with pytest.raises(ValueError, match=r"set\.jsonl:1"):
        list(rows(path))


def test_a_set_may_be_a_table_and_underscores_are_hyphens(tmp_path):
    path = tmp_path / "set.tsv"
    path.write_text("utterance\ttopic\nslow down\t\nmy knee\tout_of_scope\nask about food\theat_and_cold\n")
    assert [row.kind for row in rows(path)] == ["quiet", "refused", "topic"]
    assert list(rows(path))[2] == Row("ask about food", "topic", "heat-and-cold")
