"""The simulator's ear: what it takes for what, and that it is no more lenient than Alexa."""

from __future__ import annotations

import json

import pytest

from simulator.device import plain
from simulator.hearing import FALLBACK, MATCH, NO_MATCH, Hearing, normal

MODEL = {
    "interactionModel": {
        "languageModel": {
            "invocationName": "small skill",
            "intents": [
                {"name": "TopicIntent", "slots": [{"name": "topic", "type": "TOPIC"}], "samples": ["{topic}", "tell me about {topic}"]},
                {
                    "name": "QuestionIntent",
                    "slots": [{"name": "question", "type": "AMAZON.SearchQuery"}],
                    "samples": ["how {question}", "{question} hurts", "tell me {question}"],
                },
                {"name": "TipIntent", "samples": ["give me a tip", "what helps"]},
                {"name": "AMAZON.StopIntent", "samples": []},
                {"name": "AMAZON.HelpIntent", "samples": ["i need help"]},
            ],
            "types": [
                {
                    "name": "TOPIC",
                    "values": [{"id": "heat", "name": {"value": "heat and cold", "synonyms": ["warmth", "a hot water bottle"]}}],
                }
            ],
        }
    }
}


@pytest.fixture(scope="module")
def ear():
    return Hearing(MODEL)


@pytest.mark.parametrize(
    ("utterance", "intent"),
    [
        ("give me a tip", "TipIntent"),
        ("Give me a tip!", "TipIntent"),
        ("Alexa, give me a tip", "TipIntent"),
        ("give me a tips", "TipIntent"),
        ("stop", "AMAZON.StopIntent"),
        ("goodbye", "AMAZON.StopIntent"),
        ("help", "AMAZON.HelpIntent"),
        ("i need help", "AMAZON.HelpIntent"),
        ("how do i lie down", "QuestionIntent"),
        ("my back hurts", "QuestionIntent"),
        ("sing me a song", FALLBACK),
        ("step", FALLBACK),
        ("next", FALLBACK),
        ("", FALLBACK),
        ("?!", FALLBACK),
    ],
)
def test_intents(ear, utterance, intent):
    assert ear.hear(utterance).intent == intent


def test_a_listed_value_resolves_to_its_id_and_keeps_what_was_said(ear):
    slot = ear.hear("tell me about warmth").slots["topic"]
    assert (slot.value, slot.id, slot.status) == ("warmth", "heat", MATCH)


def test_a_small_slip_in_a_listed_value_is_forgiven(ear):
    slot = ear.hear("a hot water bottel").slots["topic"]
    assert (slot.value, slot.id, slot.status) == ("a hot water bottel", "heat", MATCH)


def test_a_bare_slot_takes_listed_values_only(ear):
    assert ear.hear("the moon").intent == FALLBACK


def test_a_carried_slot_takes_any_words_and_says_they_are_not_listed(ear):
    heard = ear.hear("tell me about the moon")
    assert heard.intent == "TopicIntent"
    assert (heard.slots["topic"].value, heard.slots["topic"].id, heard.slots["topic"].status) == ("the moon", None, NO_MATCH)


def test_a_fuller_sample_wins_over_a_search_query(ear):
    assert ear.hear("tell me about warmth").intent == "TopicIntent"
    assert ear.hear("tell me if it rains").intent == "QuestionIntent"


def test_words_between_two_slots_stand_alone():
    model = json.loads(json.dumps(MODEL))
    language = model["interactionModel"]["languageModel"]
    person = {"name": "person", "type": "PERSON"}
    language["intents"].append(
        {"name": "ForIntent", "slots": [language["intents"][0]["slots"][0], person], "samples": ["{topic} is for {person}"]}
    )
    language["types"].append({"name": "PERSON", "values": [{"id": "mother", "name": {"value": "my mother", "synonyms": []}}]})
    ear = Hearing(model)
    heard = ear.hear("warmth is for my mother")
    assert {name: slot.id for name, slot in heard.slots.items()} == {"topic": "heat", "person": "mother"}
    assert ear.hear("this for my mother").intent == FALLBACK


def test_a_search_query_takes_what_its_carrier_leaves(ear):
    slot = ear.hear("how long do i lie down").slots["question"]
    assert (slot.value, slot.status) == ("long do i lie down", None)


def test_one_shot_connecting_words_are_dropped(ear):
    assert ear.hear_one_shot("for a hot water bottle").slots["topic"].id == "heat"
    assert ear.hear_one_shot("to give me a tip").intent == "TipIntent"
    assert ear.hear_one_shot("what helps").intent == "TipIntent"


def test_normal_and_plain_text():
    assert normal("  Alexa,  What's   UP?! ") == "what's up"
    assert (
        plain('<speak><p><s>Heat &amp; cold.</s><s>Ask a <sub alias="x">doctor</sub>.</s></p><break time="1s"/><s>Yes?</s></speak>')
        == "Heat & cold. Ask a doctor. Yes?"
    )
