"""The interaction model: platform rules, and that model, routes and prompts agree."""

from __future__ import annotations

import json
import re
from collections import defaultdict

import pytest

from backcare.content import available_locales
from backcare.dialog.routes import ROUTES
from simulator.hearing import FALLBACK, Hearing, normal
from tests.conftest import CONTENT, ROOT
from tools import write_models

LOCALES = available_locales(CONTENT)
BUILTIN = json.loads((ROOT / "simulator" / "builtin_phrases.json").read_text("utf-8"))
REQUIRED = {"AMAZON.CancelIntent", "AMAZON.HelpIntent", "AMAZON.StopIntent", "AMAZON.NavigateHomeIntent", "AMAZON.FallbackIntent"}
LAUNCH_WORDS = {"run", "start", "play", "resume", "use", "launch", "ask", "open", "tell", "load", "begin", "enable"}
JOINING_WORDS = {"to", "from", "in", "using", "with", "about", "for", "that", "by", "if", "and", "whether"}
WAKE_WORDS = {"alexa", "amazon", "echo", "computer", "skill", "app"}


@pytest.fixture(params=LOCALES)
def language(request):
    return json.loads((ROOT / "interaction_models" / f"{request.param}.json").read_text("utf-8"))["interactionModel"]["languageModel"]


def test_written_models_are_up_to_date():
    assert write_models.main(["--check"]) == 0


def test_routes_and_intents_are_the_same(language):
    assert {i["name"] for i in language["intents"]} | {"LaunchRequest"} == set(ROUTES)


def test_the_invocation_name_keeps_the_rules(language):
    words = language["invocationName"].split()
    assert language["invocationName"] == "lupus back care"
    assert len(words) >= 2
    assert not set(words) & (LAUNCH_WORDS | JOINING_WORDS | WAKE_WORDS)
    assert re.fullmatch(r"[a-z][a-z.' ]*", language["invocationName"])


def test_required_built_in_intents_are_there(language):
    assert {i["name"] for i in language["intents"]} >= REQUIRED


def test_names_hold_letters_and_underscores_only(language):
    for intent in language["intents"]:
        assert re.fullmatch(r"(AMAZON\.)?[A-Za-z_]+", intent["name"])
        for slot in intent.get("slots", ()):
            assert re.fullmatch(r"[a-z_]+", slot["name"])


def test_samples_use_only_what_alexa_accepts(language):
    for intent in language["intents"]:
        for sample in intent["samples"]:
            assert re.fullmatch(r"[a-z.' \-]*(\{[a-z_]+\}[a-z.' \-]*)*", sample), sample
            assert sample == sample.strip()
            assert set(re.findall(r"\{(\w+)\}", sample)) <= {s["name"] for s in intent.get("slots", ())}, sample


def test_each_intent_of_our_own_has_at_least_25_samples(language):
    for intent in language["intents"]:
        if not intent["name"].startswith("AMAZON."):
            assert len(intent["samples"]) >= 25, intent["name"]


def test_no_utterance_belongs_to_two_intents(language):
    owners = defaultdict(set)
    names = {i["name"] for i in language["intents"]}
    for intent in language["intents"]:
        for sample in intent["samples"]:
            for utterance in values_of(sample, intent, language) or [re.sub(r"\{\w+\}", "{}", normal_sample(sample))]:
                owners[utterance].add(intent["name"])
    for name, phrases in BUILTIN.items():
        for phrase in phrases if name in names else ():
            owners[phrase].add(name)
    assert {phrase: who for phrase, who in owners.items() if len(who) > 1} == {}


def values_of(sample, intent, language):
    """What a sample that is nothing but a slot stands for: the listed values of the slot's type."""
    types = {f"{{{s['name']}}}": s["type"] for s in intent.get("slots", ())}
    values = [t["values"] for t in language["types"] if t["name"] == types.get(sample)]
    return [n for of_type in values for v in of_type for n in (v["name"]["value"], *v["name"]["synonyms"])]


def normal_sample(sample: str) -> str:
    return " ".join(sample.split())


def test_slotless_samples_stay_out_of_slotted_intents(language):
    for intent in language["intents"]:
        if intent.get("slots"):
            assert all("{" in sample for sample in intent["samples"]), intent["name"]


def test_a_slot_name_has_one_type(language):
    types = defaultdict(set)
    for intent in language["intents"]:
        for slot in intent.get("slots", ()):
            types[slot["name"]].add(slot["type"])
    assert all(len(t) == 1 for t in types.values())


def test_search_queries_are_alone_and_carried(language):
    for intent in language["intents"]:
        if any(s["type"] == "AMAZON.SearchQuery" for s in intent.get("slots", ())):
            assert len(intent["slots"]) == 1
            assert all(re.sub(r"\{\w+\}", "", sample).strip() for sample in intent["samples"])


def test_slot_types_have_short_values_each_named_once(language):
    for slot_type in language["types"]:
        names = [n for v in slot_type["values"] for n in (v["name"]["value"], *v["name"]["synonyms"])]
        assert names
        assert len(names) == len(set(names)), [n for n in names if names.count(n) > 1]
        assert all(0 < len(n) <= 140 for n in names)


def test_the_model_is_within_the_platform_limits(language):
    assert len(json.dumps(language)) < 1_500_000
    assert len(language["intents"]) <= 250
    assert len(language["intents"]) + len(language["types"]) <= 350


def test_every_phrase_a_prompt_suggests_is_in_it_and_is_understood(hearing):
    prompts = json.loads((CONTENT / "en" / "prompts.json").read_text("utf-8"))["prompts"]
    for prompt_id, prompt in prompts.items():
        text = normal(" ".join([*prompt.get("say", ()), prompt.get("ask", ""), prompt.get("reprompt", "")]))
        for phrase in prompt.get("suggests", ()):
            assert phrase in text, f"{prompt_id} suggests {phrase!r} but doesn't say it"
            assert hearing.hear(phrase).intent != FALLBACK, f"{prompt_id}: {phrase!r}"
        telling = re.sub(r"say alexa [\w' ]+", "", text)
        if re.search(r"\b(say|just say)\b", telling) and not re.search(r"say (its name|\w* ?first)", telling):
            assert prompt.get("suggests"), f"{prompt_id} tells people to say something it doesn't list under 'suggests'"


@pytest.mark.parametrize("word", ["help", "stop", "cancel", "next", "yes", "no", "repeat", "more", "previous", "pause", "go back"])
def test_no_slot_swallows_a_word_of_control(word, hearing: Hearing):
    heard = hearing.hear(word)
    assert heard.slots == {}
    assert heard.intent != FALLBACK


def test_every_topic_opens_by_its_title_and_by_every_synonym(hearing, library):
    for topic in library.topics.values():
        for name in (topic.title, *topic.synonyms):
            for utterance in (name, f"tell me about {name}"):
                heard = hearing.hear(utterance)
                assert heard.intent == "TopicIntent", (utterance, heard)
                assert heard.slots["topic"].id == topic.id, (utterance, heard)
