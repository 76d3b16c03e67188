"""Content: it keeps its rules, each rule can fail, and a broken library is refused."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from backcare import content
from tests.conftest import CONTENT
from tools import check_content
from tools.voice_rules import Known, sentence_faults, text_faults

KNOWN = Known(("rheumatologist",), ("MRI",))
TOPICS = {
    "what-is-lupus", "why-back-pain", "inflammation", "kidneys", "medication-side-effects", "how-it-feels", "other-causes",
    "relief-overview", "medication-adjustment", "physical-therapy", "pain-medicine", "lifestyle", "exercise", "diet", "stress",
    "heat-and-cold", "supportive-devices", "sleep", "fatigue-pacing", "limited-mobility", "limited-vision", "caregiver-help",
    "when-to-call-doctor", "your-care-team",
}  # fmt: skip


@pytest.fixture
def copied(tmp_path) -> Path:
    return Path(shutil.copytree(CONTENT, tmp_path / "content"))


def edit(path: Path, change) -> None:
    data = json.loads(path.read_text("utf-8"))
    change(data)
    path.write_text(json.dumps(data), "utf-8")


def rules(root: Path) -> str:
    return "\n".join(str(finding) for finding in check_content.check(root))


def test_everything_the_skill_says_keeps_the_rules():
    assert rules(CONTENT) == ""


def test_the_topics_are_all_there(library):
    assert set(library.topics) == TOPICS


@pytest.mark.parametrize(
    ("sentence", "rule"),
    [
        ("Take 10 minutes.", "digit"),
        ("Rest (if you can).", "bracket"),
        ("Use heat and/or cold.", "sign"),
        ("Rest — then move.", "dash"),
        ("Do this: rest.", "colon"),
        ("Rest now!", "exclamation"),
        ("See www.lupus.org for more.", "web address"),
        ("Ask your dr. about it.", "abbreviation"),
        ("Bend as shown.", "eyes"),
        ("It's a crippling illness.", "frightens"),
        ("You do not need it.", "stiff"),
        ("Take two tablets.", "dose"),
        ("Ask for ten milligrams.", "dose"),
        ("Your pain is muscle strain.", "diagnosis"),
        ("You have lupus nephritis.", "diagnosis"),
        ("Stop your steroids and rest.", "stop your medicine"),
        ("Skip the prednisone today.", "stop your medicine"),
        ("Warmth cures back pain.", "promise"),
        ("Ask for an ESR test.", "initials"),
        ("Rest  now.", "spaces"),
        ("Rest now", "full stop"),
        ("One two three four five six seven eight nine ten eleven twelve one two three four five six seven eight nine.", "words"),
    ],
)
def test_each_rule_of_wording_catches_its_fault(sentence, rule):
    assert any(rule in fault.rule for fault in sentence_faults(sentence, KNOWN))


@pytest.mark.parametrize(
    "sentence",
    [
        "Never stop your steroids on your own.",
        "If you have a fever, call your lupus team today.",
        "An MRI may help.",
        "Call {emergency_number} now.",
        "It's usually painless.",
        "Put a cloth between the pack and your skin.",
    ],
)
def test_good_sentences_pass(sentence):
    assert list(sentence_faults(sentence, KNOWN)) == []


def test_texts_are_held_to_length_and_reading_grade():
    long = ["Rest for a while, and then move a little."] * 8
    assert any("the most is 60" in fault.rule for fault in text_faults("section", long, KNOWN))
    hard = [
        "Immunosuppressive medication necessitates individualised rheumatological consideration and careful observation.",
        "Musculoskeletal manifestations necessitate multidisciplinary evaluation regularly.",
    ]
    assert any("reading grade" in fault.rule for fault in text_faults("section", hard, KNOWN))
    winding = ["When you wake in the morning and feel stiff you can try a warm shower first."] * 2
    assert any("mean" in fault.rule for fault in text_faults("section", winding, KNOWN))


@pytest.mark.parametrize(
    ("change", "finding"),
    [
        (lambda t: t["questions"].clear(), "questions"),
        (lambda t: t["synonyms"].append("Heat!"), "synonyms"),
        (lambda t: t["synonyms"].append("exercise"), "also stands in"),
        (lambda t: t["questions"].append("how should i sleep with a sore back"), "also stands in"),
        (lambda t: t["sections"][0]["sources"].append("nobody"), "not listed"),
        (lambda t: t["sources"].append({**t["sources"][0], "id": "spare"}), "no section or tip names it"),
        (lambda t: t["sources"][0].update(organisation="Somebody else"), "described differently"),
        (lambda t: t["sources"][0].update(strength="hearsay"), "hearsay"),
        (lambda t: t["tips"][0].pop("caution"), "without a caution"),
        (lambda t: t["tips"][0].update(caution="gone"), "no caution in cautions.json"),
        (lambda t: t["tips"].clear(), "at least 3 are needed"),
        (lambda t: t["sections"][1].update(id=t["sections"][0]["id"]), "is the id of two"),
        (lambda t: t.update(id="heat"), "differs from the file's name"),
        (lambda t: t.update(title="Everything about heat and cold"), "title"),
        (lambda t: t["gist"].append("Ask at ActiveCare."), "clinic"),
        (lambda t: t["reviewed"].pop("by"), "by"),
        (lambda t: t.update(extra=1), "extra"),
    ],
)
def test_a_fault_in_a_topic_is_found_and_told_with_file_and_remedy(copied, change, finding):
    edit(copied / "en" / "topics" / "heat-and-cold.json", change)
    found = rules(copied)
    assert finding in found
    assert "heat-and-cold.json" in found or "topics/" in found
    assert "do:" in found


def test_the_command_tells_where_json_is_broken(tmp_path, capsys):
    broken = tmp_path / "broken.json"
    broken.write_text('{"id": }', "utf-8")
    with pytest.raises(SystemExit, match="line 1"):
        check_content.read_json(broken)
    with pytest.raises(SystemExit):
        check_content.main([str(tmp_path / "missing.json")])
    assert "no such file" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("file", "change"),
    [
        ("en/topics/sleep.json", lambda d: d.pop("sections")),
        ("en/topics/sleep.json", lambda d: d["sections"].clear()),
        ("en/topics/sleep.json", lambda d: d["tips"][0].update(caution="gone")),
        ("en/groups.json", lambda d: d["groups"].pop()),
        ("en/groups.json", lambda d: d["groups"][0]["topics"].append("gone")),
        ("en-US/region.json", lambda d: d.pop("placeholders")),
        ("en/prompts.json", lambda d: d.pop("prompts")),
    ],
)
def test_an_invalid_library_is_refused(copied, file, change):
    edit(copied / file, change)
    with pytest.raises(content.ContentError):
        content.load(copied)


def test_an_empty_or_unreadable_library_is_refused(copied):
    (copied / "en" / "topics" / "sleep.json").write_text("{", "utf-8")
    with pytest.raises(content.ContentError, match=re.escape("sleep.json")):
        content.load(copied)
    shutil.rmtree(copied / "en" / "topics")
    with pytest.raises(content.ContentError):
        content.load(copied)


@pytest.mark.parametrize("locale", [*content.available_locales(CONTENT), "en"])
def test_placeholders_are_filled_in_every_locale(locale):
    library = content.load(CONTENT, locale)
    topics = library.topics.values()
    texts = [s for t in topics for s in (*t.gist, *t.not_known)]
    texts += [s for t in topics for section in t.sections for s in (*section.sentences, *section.simpler)]
    texts += [s for tip in library.tips for s in (*tip.sentences, *tip.caution)]
    assert [text for text in texts if "{" in text] == []


def test_a_locale_without_a_region_hears_general_words_and_an_unknown_language_the_default():
    assert content.nearest(CONTENT, "en-US") == "en-US"
    assert content.nearest(CONTENT, "en-NZ") == "en"
    assert content.nearest(CONTENT, "xx-YY") == "en-US"
    assert content.nearest(CONTENT, "../..") == "en-US"
    general = content.load(CONTENT, "en")
    assert any("your local emergency number" in sentence for sentence in general.prompts["help-start"].say)


def test_a_region_may_replace_a_whole_file(copied):
    place = copied / "en-US" / "topics"
    place.mkdir()
    shutil.copy(copied / "en" / "topics" / "sleep.json", place / "sleep.json")
    edit(place / "sleep.json", lambda d: d.update(title="rest"))
    assert content.load(copied).topics["sleep"].title == "rest"
    assert content.load(copied, "en").topics["sleep"].title != "rest"


def test_a_practice_is_named_once_and_only_when_the_deployer_names_one(copied):
    def named(root):
        texts = [s for t in content.load(root).topics.values() for sec in t.sections for s in sec.sentences]
        return sum("Riverside Clinic" in text for text in texts)

    assert named(copied) == 0
    edit(copied / "en-US" / "region.json", lambda d: d["placeholders"].update(practice="Riverside Clinic"))
    assert named(copied) == 1


def test_reviews_are_honest(library):
    for topic in library.topics.values():
        assert re.fullmatch(r"\d{4}-\d{2}-\d{2}", topic.reviewed_on)
    prompts = library.prompts
    assert "signed" in " ".join(prompts["who-wrote-this"].say)
