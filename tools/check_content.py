"""Check everything the skill can say, and print what an author must mend.

    python -m tools.check_content            all of content/
    python -m tools.check_content FILE ...   these topic files only

Each fault is one block: the file and place, the sentence, the rule, what to do.
Exit 0 when there is none, 1 when there are, 2 when the command itself is wrong.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from tools.voice_rules import Fault, Known, sentence_faults, text_faults, words

CONTENT = Path(__file__).resolve().parent.parent / "content"
RELIEF_TOPICS = (
    "relief-overview",
    "medication-adjustment",
    "physical-therapy",
    "pain-medicine",
    "lifestyle",
    "exercise",
    "diet",
    "stress",
    "heat-and-cold",
    "supportive-devices",
    "sleep",
    "fatigue-pacing",
    "limited-mobility",
    "limited-vision",
    "caregiver-help",
)
TIPS_IN_ALL = 90
TIPS_IN_A_RELIEF_TOPIC = 3
TIPS_FOR = {"seated": 12, "in-bed": 12, "caregiver": 12, "no-sight": 8}
TITLE_WORDS = 4

# The clinic that published the article is credited where people ask who wrote this, and recommended nowhere.
CLINIC = re.compile(r"\bactive ?care\b", re.IGNORECASE)

# Words that make a caution necessary, and the cautions that answer them.
CAUTION_NEEDED: tuple[tuple[str, frozenset[str]], ...] = (
    (r"\b(heat|heated|warm|warmth|hot|ice|cold pack|cold)\b", frozenset({"skin"})),
    (
        r"\b(stretch|march|lift|roll|turn|squeeze|pump|walk|exercise|bend|stand|stands|lean)\b",
        frozenset({"movement", "thin-bones", "lifting", "skin"}),
    ),
    (r"\b(medicines?|tablets?|pills?|steroids?|painkillers?|gel)\b", frozenset({"medicine", "skin"})),
)


@dataclass(frozen=True)
class Finding:
    """A fault, and where it stands: the file and the part of it."""

    file: str
    part: str
    fault: Fault

    def __str__(self) -> str:
        """The finding as a block an author can read."""
        fault = self.fault
        return f"{self.file}: {self.part}\n    sentence: {fault.sentence}\n    rule:     {fault.rule}\n    do:       {fault.remedy}"


def read_json(path: Path) -> Any:
    """The JSON in `path`. Raises SystemExit with line and column when it is not JSON."""
    try:
        return json.loads(path.read_text("utf-8"))
    except json.JSONDecodeError as error:
        sys.exit(f"{path}: line {error.lineno}, column {error.colno}: not valid JSON ({error.msg}). Mend it and try again.")


def schema_findings(path: Path, data: Any, root: Path) -> Iterator[Finding]:
    """What the schema named in the file's own "$schema" has against it."""
    name = str(path.relative_to(root))
    named = data.get("$schema") if isinstance(data, dict) else None
    schema_path = (path.parent / named).resolve() if named else None
    if schema_path is None or not schema_path.is_file():
        yield Finding(name, "$schema", Fault(str(named), "names no schema that exists", "Copy the line from a file of the same kind."))
        return
    for error in Draft202012Validator(read_json(schema_path), registry=_schemas(schema_path.parent)).iter_errors(data):
        place = "/".join(str(step) for step in error.absolute_path) or "the whole file"
        said = error.message if len(error.message) < 160 else f"{len(error.instance)} of them; {error.validator} is {error.validator_value}"
        yield Finding(name, place, Fault(str(error.instance)[:100], said, "Compare with a file of the same kind that passes."))


@cache
def _schemas(folder: Path) -> Registry[Any]:
    """Every schema by its file's name, so that one can refer to another."""
    return Registry().with_resources((p.name, DRAFT202012.create_resource(read_json(p))) for p in folder.glob("*.schema.json"))


def topic_findings(name: str, topic: Mapping[str, Any], cautions: frozenset[str], known: Known) -> Iterator[Finding]:
    """What the voice rules have against one topic that its schema accepts."""
    for part, kind, sentences, heading in _texts(topic):
        for fault in text_faults(kind, sentences, known, heading):
            yield Finding(name, part, fault)
        for sentence in filter(CLINIC.search, sentences):
            yield Finding(name, part, Fault(sentence, "names the article's clinic, which would recommend it", "Leave it out."))
    for fault in _name_faults(Path(name).stem, topic):
        yield Finding(name, "id and title", fault)
    for section in topic["sections"]:
        for fault in sentence_faults(section["heading"] + ".", known):
            yield Finding(name, f"heading of {section['id']}", fault)
    for tip in topic["tips"]:
        yield from _caution_findings(name, tip, cautions)
    yield from _reference_findings(name, topic)


def _name_faults(stem: str, topic: Mapping[str, Any]) -> Iterator[Fault]:
    if len(words(topic["title"])) > TITLE_WORDS or topic["title"] != topic["title"].lower():
        yield Fault(topic["title"], f"a title is lower case and at most {TITLE_WORDS} words", "Shorten it.")
    if stem != topic["id"]:
        yield Fault(topic["id"], "differs from the file's name", "Make them the same.")


def _texts(topic: Mapping[str, Any]) -> Iterator[tuple[str, str, list[str], str]]:
    yield "gist", "gist", topic["gist"], ""
    yield "not_known", "not known", topic["not_known"], ""
    for section in topic["sections"]:
        extra = [section["practice"]] if "practice" in section else []
        yield f"section {section['id']}", "section", section["sentences"] + extra, section["heading"]
        yield f"simpler of {section['id']}", "simpler", section["simpler"], ""
    for tip in topic["tips"]:
        yield f"tip {tip['id']}", "tip", tip["sentences"], ""


def _caution_findings(name: str, tip: Mapping[str, Any], cautions: frozenset[str]) -> Iterator[Finding]:
    caution = tip.get("caution")
    text = " ".join(tip["sentences"])
    if caution is not None and caution not in cautions:
        yield Finding(
            name,
            f"tip {tip['id']}",
            Fault(str(caution), "is no caution in cautions.json", f"Choose one of: {', '.join(sorted(cautions))}."),
        )
    for expression, answers in CAUTION_NEEDED:
        found = re.search(expression, text, re.IGNORECASE)
        if found and caution not in answers:
            rule = f"speaks of {found.group(0)!r} without a caution for it"
            yield Finding(name, f"tip {tip['id']}", Fault(text, rule, f"Add one of: {', '.join(sorted(answers & cautions))}."))


def _reference_findings(name: str, topic: Mapping[str, Any]) -> Iterator[Finding]:
    listed = [source["id"] for source in topic["sources"]]
    used = {s for part in (*topic["sections"], *topic["tips"]) for s in part["sources"]}
    for source in sorted(used - set(listed)):
        yield Finding(name, "sources", Fault(source, "is named but not listed in the file's sources", "List it, or name another."))
    for source in sorted(set(listed) - used):
        yield Finding(name, "sources", Fault(source, "is listed but no section or tip names it", "Name it where it is used, or remove it."))
    for kind in ("sections", "tips"):
        for repeated in _repeated(part["id"] for part in topic[kind]):
            yield Finding(name, kind, Fault(repeated, "is the id of two of them", "Give each its own id."))
    for repeated in _repeated(listed):
        yield Finding(name, "sources", Fault(repeated, "is listed twice", "Remove one."))


def _repeated(values: Any) -> list[str]:
    return sorted(value for value, count in Counter(values).items() if count > 1)


def library_findings(topics: Mapping[str, Mapping[str, Any]]) -> Iterator[Finding]:
    """What only shows across topics: names that two share, sources told two ways, too few tips."""
    names: dict[str, str] = {}
    questions: dict[str, str] = {}
    sources: dict[str, tuple[str, Any]] = {}
    for file, topic in topics.items():
        for kind, seen, phrases in (
            ("synonyms", names, [topic["title"], *topic["synonyms"]]),
            ("questions", questions, topic["questions"]),
        ):
            for phrase in dict.fromkeys(phrases):
                other = seen.setdefault(phrase, file)
                if other != file:
                    yield Finding(file, kind, Fault(phrase, f"also stands in {other}", "Keep it where people mean it most."))
        for source in topic["sources"]:
            other, first = sources.setdefault(source["id"], (file, source))
            if first != source:
                yield Finding(
                    file, "sources", Fault(source["id"], f"is described differently in {other}", "Describe it in the same words.")
                )
    yield from _tip_count_findings(topics)


def _tip_count_findings(topics: Mapping[str, Mapping[str, Any]]) -> Iterator[Finding]:
    tips = [tip for topic in topics.values() for tip in topic["tips"]]
    wanted = [("tips in all", len(tips), TIPS_IN_ALL)]
    wanted += [(f"tips for {who}", sum(who in tip["for"] for tip in tips), least) for who, least in TIPS_FOR.items()]
    by_id = {topic["id"]: len(topic["tips"]) for topic in topics.values()}
    wanted += [(f"tips in {topic}", by_id.get(topic, 0), TIPS_IN_A_RELIEF_TOPIC) for topic in RELIEF_TOPICS]
    for what, count, least in wanted:
        if count < least:
            yield Finding("topics/", what, Fault(str(count), f"at least {least} are needed", "Write more."))


def spoken_findings(root: Path, known: Known) -> Iterator[Finding]:
    """What the voice rules have against prompts and cautions."""
    prompts = root / "en" / "prompts.json"
    for prompt_id, prompt in read_json(prompts)["prompts"].items():
        sentences = [*prompt.get("say", []), *([prompt["ask"]] if "ask" in prompt else [])]
        for fault in text_faults("prompt", sentences, known) if sentences else ():
            yield Finding("en/prompts.json", prompt_id, fault)
        if "reprompt" in prompt:
            for fault in text_faults("tip", [prompt["reprompt"]], known):
                yield Finding("en/prompts.json", f"reprompt of {prompt_id}", fault)
    for caution in read_json(root / "en" / "cautions.json")["cautions"]:
        for fault in text_faults("caution", caution["sentences"], known):
            yield Finding("en/cautions.json", caution["id"], fault)


ACTIONS = {
    "emergency": ("Call {emergency_number} now, or ask someone near you to call.", "I can't call for you."),
    "same_day": ("today", "now"),
    "soon": ("this week", "in the next week or two"),
}
"""An emergency opens with these two sentences; the first two sentences of the others say when to call."""


def warning_findings(root: Path, known: Known) -> Iterator[Finding]:
    """What the voice rules have against warning signs that their schema accepts, and the examples that two share."""
    owners: dict[str, str] = {}
    for path in sorted((root / "en" / "warning_signs").glob("*.json")):
        sign, name = read_json(path), str(path.relative_to(root))
        for part in ("say", "raised"):
            for fault in text_faults("warning sign", sign[part], known) if part in sign else ():
                yield Finding(name, part, fault)
        if path.stem != sign["id"]:
            yield Finding(name, "id", Fault(sign["id"], "differs from the file's name", "Make them the same."))
        for fault in _action_faults(sign):
            yield Finding(name, "say", fault)
        for phrase in (sign["title"], *sign["examples"]):
            other = owners.setdefault(phrase, name)
            if other != name:
                yield Finding(name, "examples", Fault(phrase, f"also stands in {other}", "Keep it where it is most urgent."))


def _action_faults(sign: Mapping[str, Any]) -> Iterator[Fault]:
    texts = [sign["raised"]] if "raised" in sign and "raised_to" not in sign else []
    texts += [sign["say"]] if sign["urgency"] == "emergency" and not sign.get("crisis") else []
    for text in texts:
        if tuple(text[:2]) != ACTIONS["emergency"]:
            yield Fault(text[0], "doesn't open with the action and the number", f"Open with: {' '.join(ACTIONS['emergency'])}")
    opening = " ".join(sign["say"][:2])
    if sign["urgency"] != "emergency" and not any(when in opening for when in ACTIONS[sign["urgency"]]):
        yield Fault(opening, "doesn't say first when to call", f"Say one of: {', '.join(ACTIONS[sign['urgency']])}.")
    if sign.get("crisis") and not {"{crisis_line}", "{emergency_number}"} <= set(re.findall(r"\{\w+\}", " ".join(sign["say"]))):
        yield Fault(opening, "doesn't give the crisis line and the emergency number", "Give both.")


def check(root: Path, only: list[Path] | None = None) -> list[Finding]:
    """All findings under `root`, or those of the topic files in `only`."""
    known_file = read_json(root / "en" / "known_words.json")
    known = Known(tuple(known_file["words"]), tuple(known_file["initials"]))
    cautions = frozenset(c["id"] for c in read_json(root / "en" / "cautions.json")["cautions"])
    findings: list[Finding] = []
    topics: dict[str, Any] = {}
    paths = only or sorted(p for p in root.glob("**/*.json") if "schema" not in p.relative_to(root).parts)
    for path in paths:
        data = read_json(path)
        faults = list(schema_findings(path, data, root))
        findings += faults
        if path.parent.name == "topics" and not faults:
            name = str(path.relative_to(root))
            findings += topic_findings(name, data, cautions, known)
            topics[name] = data
    if only is None:
        findings += library_findings(topics)
        findings += spoken_findings(root, known)
        findings += warning_findings(root, known) if not findings else []
    return findings


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.check_content", description="Check what the skill says against its schemas and voice rules."
    )
    parser.add_argument("files", nargs="*", type=Path, help="topic files to check on their own (default: everything in content/)")
    options = parser.parse_args(arguments)
    for path in options.files:
        if not path.is_file():
            parser.error(f"{path}: no such file")
    findings = check(CONTENT, [path.resolve() for path in options.files] or None)
    for finding in findings:
        print(finding)
    files = len(options.files) or sum(1 for _ in CONTENT.glob("en*/**/*.json"))
    print(f"content: {files} files, {len(findings)} {'fault' if len(findings) == 1 else 'faults'}", file=sys.stderr)
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
