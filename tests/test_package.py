"""The skill package: what the store asks, what a deployer fills in, what is written for ask-cli."""

from __future__ import annotations

import copy
import dataclasses
import json
import re
import shutil

import pytest

from backcare import app, content
from backcare.turn import Listener
from simulator.device import Device
from simulator.hearing import Hearing
from simulator.script import SCRIPTS
from tests.conftest import CONTENT, ROOT, START
from tests.test_edge import envelope, intent, said
from tools import draw_icons, package, smapi_definitions, store_rules

SOURCE = ROOT / "skill_package"
MANIFEST = json.loads((SOURCE / "skill.json").read_text("utf-8"))
MODELS = {p.stem: json.loads(p.read_text("utf-8")) for p in (ROOT / "interaction_models").glob("*-*.json")}
LISTINGS = MANIFEST["manifest"]["publishingInformation"]["locales"]
ARN = "arn:aws:lambda:eu-west-1:123456789012:function:lupus-back-care-SkillFunction-Ab1:live"
SKILL_ID = "amzn1.ask.skill.12345678-1234-1234-1234-123456789012"
FILLED_IN = {"skill_id": SKILL_ID, "pages": "https://lupus-back-care.org/{page}", "endpoints": {"default": ARN, "EU": ARN}}

SCRIPT = """
# A listener comes and goes.
> open
Welcome ...
> give me a tip
...
> stop
Goodbye. ...
> heat and cold
...
(silence)
Shall I go on?
(next day)
> open
...
> exit
> alexa, open lupus back care
...
"""

NUMBERS = {
    "en-US": ("nine one one", "nine eight eight", "acetaminophen"),
    "en-CA": ("nine one one", "nine eight eight", "acetaminophen"),
    "en-GB": ("nine nine nine", "Samaritans on one one six, one two three", "paracetamol"),
    "en-AU": ("zero zero zero", "Lifeline on one three, one one, one four", "paracetamol"),
    "en-IN": ("one one two", "Tele-MANAS on one four four one six", "paracetamol"),
}


def deployment_file(tmp_path, **changes):
    path = tmp_path / "deployment.json"
    path.write_text(json.dumps({**FILLED_IN, **changes}), "utf-8")
    return path


@pytest.fixture
def one_script(tmp_path, monkeypatch):
    """One conversation instead of all of them, which take a second and a half."""
    folder = tmp_path / "scripts"
    folder.mkdir()
    (folder / "short.txt").write_text(SCRIPT, "utf-8")
    monkeypatch.setattr(package, "SCRIPTS", [folder / "short.txt"])


def packaged(tmp_path, *arguments):
    return package.main(["--into", str(tmp_path / "out"), *arguments])


# Countries


@pytest.mark.parametrize("locale", store_rules.LOCALES)
def test_each_country_hears_its_own_numbers_and_the_medicine_by_its_own_name(skill, locale):
    emergency, crisis, medicine = NUMBERS[locale]
    assert f"If this is an emergency, call {emergency} now." in said(skill(envelope(intent("AMAZON.HelpIntent"), locale=locale), None))
    assert re.search(rf"\b[Cc]all {crisis}( now)?[.,]", hear_topic(skill, "stress", locale))
    heard = hear_topic(skill, "pain-medicine", locale)
    assert {name for name in ("acetaminophen", "paracetamol") if name in heard} == {medicine}


def hear_topic(skill, topic, locale):
    library = content.load(CONTENT, locale)
    heard = []
    for section in library.topics[topic].sections:
        place = {"topic": topic, "section": section.id, "said": f"section/{topic}/{section.id}", "back": None}
        event = envelope(intent("AMAZON.RepeatIntent"), new=False, locale=locale, attributes={"place": place, "open": {"asking": "more"}})
        heard.append(said(skill(event, None)))
    return " ".join(heard)


@pytest.mark.parametrize("locale", store_rules.LOCALES)
def test_the_notice_of_each_listing_names_the_countrys_emergency_number(locale):
    number = content.load(CONTENT, locale).region["emergency_number"]
    assert f"call your local emergency number, {number}, right away" in LISTINGS[locale]["description"]


# The listing


def test_the_package_as_it_is_has_no_fault():
    assert list(store_rules.manifest_faults(MANIFEST, MODELS, SOURCE)) == []
    for locale, model in MODELS.items():
        assert list(store_rules.model_faults(locale, model)) == []


def listing_of(manifest, locale="en-GB"):
    return manifest["manifest"]["publishingInformation"]["locales"][locale]


def change(path, value=None):
    """A change of the manifest: the value at a path replaced, or removed where it is None."""

    def apply(manifest):
        *way, last = (int(step) if step.isdigit() else step for step in path.split("/"))
        place = manifest["manifest"]
        for step in way:
            place = place[step]
        place[last] = value
        if value is None:
            del place[last]

    return apply


def rewrite(field, before, after):
    def apply(manifest):
        listing = listing_of(manifest)
        assert before in listing[field]
        listing[field] = listing[field].replace(before, after)

    return apply


GB = "publishingInformation/locales/en-GB"


@pytest.mark.parametrize(
    ("broken", "fault"),
    [
        (change("publishingInformation/catgory", "HEALTH_AND_FITNESS"), "catgory"),
        (change("publishingInformation/category", "GAMES"), "category"),
        (change("publishingInformation/distributionMode", "EVERYBODY"), "EVERYBODY"),
        (change(GB), "en-GB: no listing"),
        (change("privacyAndCompliance/locales/en-IN"), "en-IN: no privacy pages"),
        (change("publishingInformation/locales/de-DE", {"name": "Rücken"}), "de-DE: unexpected listing"),
        (change(f"{GB}/summary", "x" * 121), "summary of 121 characters"),
        (change(f"{GB}/summary", ""), "summary of 0 characters"),
        (change(f"{GB}/description", "x" * 4001), "too long"),
        (change(f"{GB}/name", "B"), "too short"),
        (rewrite("description", "not medical advice", "good advice"), "not medical advice"),
        (rewrite("description", "call your local emergency number", "wait"), "call your local emergency number"),
        (rewrite("description", "Medical notice:", ""), "no medical notice"),
        (rewrite("description", "what may ease", "what heals"), "'heals' claims too much"),
        (rewrite("summary", "gentle ideas for relief", "treatments"), "'treatments' claims too much"),
        (change(f"{GB}/name", "Lupus Back Cure"), "'Cure' claims too much"),
        (change(f"{GB}/keywords", ["life-saving"]), "'life-saving' claims too much"),
        (rewrite("description", "reads short", "detects flares in short"), "'detects' claims too much"),
        (rewrite("description", "reads short", "triages in short"), "'triages' claims too much"),
        (change(f"{GB}/keywords", ["Alexa health"]), "somebody else's mark"),
        (change(f"{GB}/smallIconUri", "file://assets/images/large_icon.png"), "not 108 by 108"),
        (change(f"{GB}/largeIconUri", "file://assets/images/none.png"), "not 512 by 512"),
        (change(f"{GB}/examplePhrases", ["Alexa, open lupus back care"]), "1 example phrases"),
        (change(f"{GB}/examplePhrases/0", "Alexa, launch lupus back care"), "first example phrase"),
        (change(f"{GB}/examplePhrases/1", "Alexa, ask lupus back care zebra crossing"), "is no sample"),
        (change(f"{GB}/examplePhrases/1", "Alexa, ask lupus back care how to sit well"), "is no sample"),
        (change(f"{GB}/examplePhrases/2", "Alexa, give me a tip"), "doesn't ask the skill by its name"),
        (lambda m: m["manifest"]["privacyAndCompliance"].update(usesHealthInfo=True), "usesHealthInfo must be false"),
        (change("privacyAndCompliance/containsAds"), "containsAds must be false"),
        (change("privacyAndCompliance/isExportCompliant"), "isExportCompliant must be true"),
        (change("privacyAndCompliance/locales/en-US/privacyPolicyUrl", "http://example.com/x"), "https"),
        (change("privacyAndCompliance/locales/en-US/termsOfUseUrl", "https://my-alexa-skill.org/x"), "may not hold the words"),
        (change("permissions", [{"name": "alexa::alerts:reminders:skill:readwrite"}]), "no permission"),
        (change("permissions", [{"name": "alexa::everything"}]), "alexa::everything"),
        (change("apis/custom/endpoint/uri", ARN.removesuffix(":live")), "no alias"),
        (change("apis/custom/regions/EU/endpoint/uri", ARN.replace("eu-west-1", "eu-central-1")), "endpoint EU"),
        (change("events/regions/FE/endpoint/uri", "https://example.com/skill"), "endpoint FE"),
        (change("events/subscriptions", []), "events must be"),
        (change("events/subscriptions/0/eventName", "SKILL_FORGOTTEN"), "SKILL_FORGOTTEN"),
        (change("apis/smartHome", {}), "smartHome"),
    ],
)
def test_what_the_store_would_turn_down_is_found(broken, fault):
    manifest = copy.deepcopy(MANIFEST)
    broken(manifest)
    found = list(store_rules.manifest_faults(manifest, MODELS, SOURCE))
    assert any(fault in line for line in found), found


def test_every_locale_needs_a_model():
    models = {locale: model for locale, model in MODELS.items() if locale != "en-AU"}
    assert "en-AU: no model" in list(store_rules.manifest_faults(MANIFEST, models, SOURCE))


def language(model):
    return model["interactionModel"]["languageModel"]


@pytest.mark.parametrize(
    ("broken", "fault"),
    [
        (lambda m: m.pop("interactionModel") and m.update(interactionModel={}), "languageModel"),
        (lambda m: language(m).pop("intents"), "intents"),
        (lambda m: language(m)["intents"][0].update(sampels=[]), "sampels"),
        (lambda m: language(m)["modelConfiguration"]["fallbackIntentSensitivity"].update(level="LOUD"), "LOUD"),
        (lambda m: language(m)["types"][0]["values"][0]["name"].update(value=""), "types.0.values.0.name.value"),
        (lambda m: language(m)["intents"][0]["slots"][0].update(type="TOPICS"), "TOPICS, which isn't declared"),
        (lambda m: language(m)["intents"][0]["samples"].append("about {subject}"), "slot subject"),
    ],
)
def test_what_alexa_would_not_build_is_found(broken, fault):
    model = copy.deepcopy(MODELS["en-US"])
    broken(model)
    found = list(store_rules.model_faults("en-US", model))
    assert any(fault in line for line in found), found


def test_amazons_definitions_are_the_extract_their_tool_makes():
    extract = json.loads(smapi_definitions.EXTRACT.read_text("utf-8"))
    assert smapi_definitions.extract(extract["definitions"]) == extract["definitions"]
    assert {smapi_definitions.MANIFEST, smapi_definitions.MODEL} <= set(extract["definitions"])
    assert "Apache-2.0" in extract["source"]
    assert "Amazon.com" in (smapi_definitions.EXTRACT.parent / "NOTICE.txt").read_text("utf-8")


def test_extracting_closes_plain_objects_and_keeps_only_what_a_custom_skill_needs():
    def obj(**properties):
        return {"type": "object", "description": "Long.", "x-isEnum": True, "properties": properties}

    def to(name):
        return {"$ref": f"#/definitions/{name}"}

    apis = "v1.skill.Manifest.SkillManifestApis"
    extract = smapi_definitions.extract(
        {
            smapi_definitions.MANIFEST: obj(apis=to(apis), description={"type": "string"}),
            smapi_definitions.MODEL: obj(interface=to("Interface")),
            apis: obj(custom=to("Custom"), music=to("Music")),
            "Custom": obj(),
            "Music": obj(),
            "Interface": {**obj(type={"type": "string"}), "discriminator": "type"},
        }
    )
    assert set(extract) == {smapi_definitions.MANIFEST, smapi_definitions.MODEL, apis, "Custom", "Interface"}
    assert extract["Custom"] == {"type": "object", "properties": {}, "additionalProperties": False}
    assert extract["Interface"]["additionalProperties"] is True
    assert extract[smapi_definitions.MANIFEST]["properties"]["description"] == {"type": "string"}


def test_only_the_five_countries_whose_numbers_are_known_are_served():
    publishing = MANIFEST["manifest"]["publishingInformation"]
    assert publishing["isAvailableWorldwide"] is False
    assert sorted(publishing["distributionCountries"]) == sorted(locale[3:] for locale in store_rules.LOCALES)


# Icons


def test_icons_are_what_their_one_source_draws():
    assert draw_icons.main(["--check"]) == 0


@pytest.mark.parametrize(("name", "pixels"), draw_icons.SIZES.items())
def test_icons_have_the_stores_sizes(name, pixels):
    assert store_rules.png_size(SOURCE / "assets" / "images" / name) == (pixels, pixels)


def test_an_icon_that_was_edited_by_hand_is_noticed(tmp_path, monkeypatch):
    shutil.copytree(SOURCE, tmp_path / "skill_package")
    monkeypatch.setattr(draw_icons, "PACKAGE", tmp_path / "skill_package")
    icon = tmp_path / "skill_package" / "assets" / "images" / "small_icon.png"
    original = icon.read_bytes()
    icon.write_bytes(original + b"x")
    assert draw_icons.main(["--check"]) == 1
    assert draw_icons.main([]) == 0
    assert icon.read_bytes() == original


# What a deployer fills in


def test_the_committed_manifest_is_what_the_committed_settings_give():
    deployment = package.Deployment.read(SOURCE / "deployment.json")
    assert package.filled(MANIFEST, deployment) == MANIFEST


def test_one_address_fills_every_locales_pages_and_the_endpoints_stand_for_requests_and_events(tmp_path):
    body = package.filled(MANIFEST, package.Deployment.read(deployment_file(tmp_path)))["manifest"]
    assert {page["privacyPolicyUrl"] for page in body["privacyAndCompliance"]["locales"].values()} == {
        "https://lupus-back-care.org/privacy"
    }
    assert {page["termsOfUseUrl"] for page in body["privacyAndCompliance"]["locales"].values()} == {"https://lupus-back-care.org/terms"}
    for place in (body["apis"]["custom"], body["events"]):
        assert place["endpoint"] == {"uri": ARN}
        assert place["regions"] == {"EU": {"endpoint": {"uri": ARN}}}
    assert "example.com" not in json.dumps(body)
    assert "000000000000" not in json.dumps(body)


@pytest.mark.usefixtures("one_script")
def test_with_examples_left_the_package_is_valid_but_not_called_ready(tmp_path, capsys):
    assert packaged(tmp_path) == 0
    out = capsys.readouterr().out
    assert "NOT READY" in out
    for what in ("skill_id", "endpoint", "pages", "docs/privacy.md", "docs/terms.md"):
        assert what in out
    assert "Create the skill" in out
    assert packaged(tmp_path, "--release") == 1


def test_each_example_alone_keeps_it_from_being_ready(tmp_path):
    pages = tmp_path / "docs"
    pages.mkdir()
    for page in package.PAGES:
        (pages / f"{page}.md").write_text("Write to us@lupus-back-care.org.", "utf-8")
    example = json.loads((SOURCE / "deployment.json").read_text("utf-8"))
    assert list(package.Deployment.read(deployment_file(tmp_path)).missing(pages)) == []
    for field in FILLED_IN:
        missing = list(package.Deployment.read(deployment_file(tmp_path, **{field: example[field]})).missing(pages))
        assert len(missing) == 1, (field, missing)
    (pages / "terms.md").write_text("Write to terms@example.com.", "utf-8")
    assert len(list(package.Deployment.read(deployment_file(tmp_path)).missing(pages))) == 1


def test_the_next_step_follows_from_what_is_filled_in(tmp_path):
    example = json.loads((SOURCE / "deployment.json").read_text("utf-8"))
    without_function = package.Deployment.read(deployment_file(tmp_path, endpoints=example["endpoints"]))
    assert "1. Deploy the function" in package.next_steps(without_function, ["x"], tmp_path)
    complete = package.Deployment.read(deployment_file(tmp_path))
    told = package.next_steps(complete, [], tmp_path)
    assert "Ready for the store" in told
    assert "NOT READY" not in told
    assert "ask dialog --replay" in told


@pytest.mark.parametrize(
    "broken",
    [
        "",
        "[]",
        "{}",
        '{"skill_id": "x", "pages": "x", "endpoints": {}}',
        '{"skill_id": "x", "pages": "{0}", "endpoints": {"default": "x"}}',
    ],
)
def test_broken_settings_are_told_in_words(tmp_path, broken, capsys):
    path = tmp_path / "deployment.json"
    path.write_text(broken, "utf-8")
    with pytest.raises(SystemExit):
        packaged(tmp_path, "--deployment", str(path))
    assert "must hold skill_id, pages" in capsys.readouterr().err


def test_a_fault_stops_the_package(tmp_path, capsys):
    path = deployment_file(tmp_path, endpoints={"default": ARN.replace(":live", "")})
    assert packaged(tmp_path, "--deployment", str(path)) == 1
    assert "no alias" in capsys.readouterr().out
    assert not (tmp_path / "out").exists()


# What ask-cli reads


def read(path):
    return json.loads(path.read_text("utf-8"))


@pytest.mark.usefixtures("one_script")
def test_the_package_that_creates_the_skill_names_no_function(tmp_path):
    packaged(tmp_path)
    manifest = read(tmp_path / "out" / "skill-package" / "skill.json")
    assert manifest["manifest"]["apis"] == {"custom": {"interfaces": []}}
    assert "events" not in manifest["manifest"]
    assert list(smapi_definitions.faults(smapi_definitions.MANIFEST, manifest)) == []
    assert not (tmp_path / "out" / ".ask").exists()


@pytest.mark.usefixtures("one_script")
def test_the_project_holds_what_ask_cli_deploys(tmp_path):
    assert packaged(tmp_path, "--deployment", str(deployment_file(tmp_path))) == 0
    project = tmp_path / "out"
    folder = project / read(project / "ask-resources.json")["profiles"]["default"]["skillMetadata"]["src"]
    assert read(project / ".ask" / "ask-states.json")["profiles"]["default"]["skillId"] == SKILL_ID
    manifest = read(folder / "skill.json")
    assert manifest["manifest"]["apis"]["custom"]["endpoint"]["uri"] == ARN
    assert {p.stem for p in (folder / "interactionModels" / "custom").iterdir()} == set(store_rules.LOCALES)
    for locale in store_rules.LOCALES:
        assert read(folder / "interactionModels" / "custom" / f"{locale}.json") == MODELS[locale]
        for field in store_rules.ICON_SIZES:
            assert (folder / listing_of(manifest, locale)[field].removeprefix("file://")).is_file()


@pytest.mark.usefixtures("one_script")
def test_packaging_again_leaves_what_ask_cli_noted_until_the_id_is_filled_in(tmp_path):
    states = tmp_path / "out" / ".ask" / "ask-states.json"
    states.parent.mkdir(parents=True)
    states.write_text("noted", "utf-8")
    packaged(tmp_path)
    assert states.read_text("utf-8") == "noted"


# Replays


def played(script):
    hearing = Hearing(MODELS["en-US"])
    return package.replays(script, Device(app.build({}), hearing, start=START), hearing.invocation_name)


def test_a_replay_says_what_the_script_says_and_names_the_skill_where_it_has_stopped_listening():
    assert played(SCRIPT)[0] == ["open lupus back care", "give me a tip", "stop", "ask lupus back care heat and cold", ".quit"]


def test_a_replay_is_cut_where_time_passes_or_the_listener_leaves():
    assert played(SCRIPT)[1:] == [["open lupus back care", "exit", ".quit"], ["open lupus back care", ".quit"]]


def test_every_conversation_has_its_replays(tmp_path):
    count = package.write_replays(SCRIPTS, tmp_path / "replays", SKILL_ID, MODELS["en-US"])
    files = list((tmp_path / "replays").glob("*.json"))
    assert len(files) == count >= len(SCRIPTS) > 0
    for script in SCRIPTS:
        assert any(re.fullmatch(rf"{re.escape(script.stem)}(-\d+)?", f.stem) for f in files), script.name
    for file in files:
        replay = read(file)
        assert (replay["skillId"], replay["locale"], replay["type"]) == (SKILL_ID, "en-US", "text")
        assert all(line.strip() for line in replay["userInput"])
        assert replay["userInput"][-1] == ".quit"
        assert "lupus back care" in replay["userInput"][0], file.name


# The pages


def test_the_privacy_page_lists_everything_that_is_remembered():
    words = {
        "topic": "the topic you were in",
        "section": "the section you were in",
        "last_visit": "the day of your last visit",
        "pace": "how fast you like it read",
    }
    remembered = {field.name for field in dataclasses.fields(Listener)}
    assert set(words) == remembered, "what is remembered has changed: tell it in docs/privacy.md, then here"
    page = (ROOT / "docs" / "privacy.md").read_text("utf-8")
    for told in words.values():
        assert f"| {told} |" in page


def test_nothing_on_the_device_checklist_is_ticked():
    page = (ROOT / "docs" / "device-checklist.md").read_text("utf-8")
    assert page.count("- [ ] ") >= 30
    assert not re.search(r"- \[[xX]\]", page)
