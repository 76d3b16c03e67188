"""Everything that can be said in one locale, read from `content/`; knows no dialogue.

`load` reads a language's files and the region's, fills what the region decides (the
emergency number, names of medicines) and returns a frozen `Library`. It refuses an empty
or broken library with a `ContentError` that names the file, because a skill that starts
with half its words would fail in someone's ear instead of at the deployer's desk.

Records are NamedTuples, which cost a fifth of a dataclass to define: at start-up that counts.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

DEFAULT_LOCALE = "en-US"


class ContentError(Exception):
    """Content that can't be spoken: which file, and what is wrong with it."""


class Source(NamedTuple):
    """Who says so: organisation, title, address (None for general knowledge), strength."""

    id: str
    organisation: str
    title: str
    address: str | None
    strength: str


class Section(NamedTuple):
    """One short spoken part of a topic."""

    id: str
    heading: str
    sentences: tuple[str, ...]
    simpler: tuple[str, ...]
    sources: tuple[str, ...]


class Tip(NamedTuple):
    """One relief idea; `situations` says for whom, `caution` is what must follow it."""

    id: str
    topic: str
    situations: tuple[str, ...]
    sentences: tuple[str, ...]
    caution: tuple[str, ...]
    sources: tuple[str, ...]

    @property
    def address(self) -> str:
        """Where "repeat" finds it again."""
        return f"tip/{self.topic}/{self.id}"


class Topic(NamedTuple):
    """A subject a listener can ask for; `reviewed_on` is an ISO date.

    `follow_ups` names the section that answers "why", "how-long" and "is-that-safe".
    """

    id: str
    title: str
    synonyms: tuple[str, ...]
    questions: tuple[str, ...]
    gist: tuple[str, ...]
    sections: tuple[Section, ...]
    tips: tuple[Tip, ...]
    not_known: tuple[str, ...]
    sources: Mapping[str, Source]
    reviewed_on: str
    reviewed_by: str | None
    follow_ups: Mapping[str, str]

    def index_of(self, section_id: str | None) -> int | None:
        """The position of a section, or None when the topic has no such section."""
        return next((i for i, s in enumerate(self.sections) if s.id == section_id), None)


class WarningRule(NamedTuple):
    """Concepts that must `all` be told, and those that must `never` be there.

    `alone`: the words are a bare name; `asked`: the rule only finds general questions.
    """

    id: str
    all: tuple[str, ...]
    never: tuple[str, ...] = ()
    alone: bool = False
    asked: bool = False


class WarningSign(NamedTuple):
    """Something said that needs help.

    `urgency` is emergency, same_day or soon; `raises` are what makes it `raised_to`; a
    `crisis` is answered with the crisis line. `raised` is said when it was raised.
    """

    id: str
    title: str
    urgency: str
    crisis: bool
    say: tuple[str, ...]
    raised_to: str
    raised: tuple[str, ...]
    rules: tuple[WarningRule, ...]
    raises: tuple[WarningRule, ...]
    examples: tuple[str, ...]


class Named(NamedTuple):
    """Something with an id, a spoken title and other names: a situation, a group."""

    id: str
    title: str
    synonyms: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()


class Prompt(NamedTuple):
    """What the skill says of its own accord."""

    say: tuple[str, ...] = ()
    ask: str | None = None
    reprompt: str | None = None


class Pronunciation(NamedTuple):
    """How a voice should say a word: another spelling (`alias`) or IPA."""

    written: str
    alias: str | None = None
    ipa: str | None = None


@dataclass(frozen=True, eq=False)
class Library:
    """Everything that can be said in one locale; two are equal only if they are the same."""

    locale: str
    topics: Mapping[str, Topic]
    groups: tuple[Named, ...]
    situations: Mapping[str, Named]
    prompts: Mapping[str, Prompt]
    pronunciations: tuple[Pronunciation, ...]
    digits: tuple[str, ...]
    region: Mapping[str, str]
    hours_from_utc: float
    vocabulary: Mapping[str, Any] = field(repr=False)
    files: _Files = field(repr=False)

    @cached_property
    def warning_signs(self) -> Mapping[str, WarningSign]:
        """Every warning sign by its id, read when words are first to be judged."""
        return _warning_signs(self.files, self.region)

    @cached_property
    def warning_concepts(self) -> Mapping[str, Any]:
        """What the rules of warning signs are made of: see `backcare.understanding.warnings`."""
        return MappingProxyType(self.files.read("warning_concepts.json"))

    @cached_property
    def likeness(self) -> Mapping[str, Any]:
        """The weights that tell what words are likest to: see `backcare.understanding.likeness`."""
        return MappingProxyType(self.files.read("likeness.json"))

    @cached_property
    def commands(self) -> Mapping[str, Any]:
        """What free words can command, and the questions that only others can answer."""
        return MappingProxyType(self.files.read("commands.json"))

    @cached_property
    def tips(self) -> tuple[Tip, ...]:
        """Every tip, in reading order of the topics."""
        return tuple(tip for topic in self.topics.values() for tip in topic.tips)

    def topic(self, topic_id: str | None) -> Topic | None:
        """The topic with this id, or None; ids may come from an older release."""
        return self.topics.get(topic_id) if topic_id else None

    def tip_at(self, address: str | None) -> Tip | None:
        """The tip at an address, or None when content no longer has it."""
        kind, _, rest = (address or "").partition("/")
        topic = self.topic(rest.partition("/")[0]) if kind == "tip" else None
        return next((tip for tip in topic.tips if tip.address == address), None) if topic else None


class _Files:
    """A language's files, each replaced by the region's file of the same name if there is one."""

    def __init__(self, folder: Path, language: str, locale: str) -> None:
        self._roots = [folder / locale, folder / language]

    def read(self, name: str) -> Any:
        for root in self._roots:
            path = root / name
            if path.is_file():
                return _read(path)
        raise ContentError(f"{self._roots[-1] / name}: missing")

    def names(self, folder: str) -> set[str]:
        """The names of a folder's files, without their ending."""
        return {p.stem for root in self._roots for p in (root / folder).glob("*.json")}


class _Topics(Mapping[str, Topic]):
    """Topics in reading order, each read from its file when it is first needed.

    A launch needs no topic and most turns need one, so reading all of them would make
    start-up grow with the content.
    """

    def __init__(self, files: _Files, order: list[str], region: Mapping[str, str]) -> None:
        self._files, self._region = files, region
        self._read: dict[str, Topic | None] = dict.fromkeys(order)

    def __getitem__(self, topic_id: str) -> Topic:
        topic = self._read[topic_id]
        if topic is None:
            topic = self._read[topic_id] = self._load(topic_id)
        return topic

    def __iter__(self) -> Iterator[str]:
        return iter(self._read)

    def __len__(self) -> int:
        return len(self._read)

    def __contains__(self, topic_id: object) -> bool:
        return topic_id in self._read

    def _load(self, topic_id: str) -> Topic:
        name = f"topics/{topic_id}.json"
        try:
            topic = _topic(_filled(self._files.read(name), self._region), self._cautions, self._region)
        except (KeyError, TypeError, AttributeError) as error:
            raise ContentError(f"{name}: {type(error).__name__}: {error}") from error
        if topic.id != topic_id:
            raise ContentError(f"{name}: its id is {topic.id!r}")
        return topic

    @cached_property
    def _cautions(self) -> Mapping[str, tuple[str, ...]]:
        data = self._files.read("cautions.json")["cautions"]
        return {c["id"]: tuple(_filled(c["sentences"], self._region)) for c in data}


def _read(path: Path) -> Any:
    try:
        return json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise ContentError(f"{path}: {error}") from error


def _filled(value: Any, region: Mapping[str, str]) -> Any:
    """`value` with the region's placeholders filled, all the way down; others are left."""
    if isinstance(value, str):
        return re.sub(r"\{(\w+)\}", lambda m: region.get(m[1], m[0]), value)
    if isinstance(value, list):
        return [_filled(v, region) for v in value]
    if isinstance(value, dict):
        return {k: _filled(v, region) for k, v in value.items()}
    return value


def available_locales(folder: Path) -> tuple[str, ...]:
    """The locales that have a region of their own, such as "en-US"."""
    return tuple(sorted(p.parent.name for p in folder.glob("*-*/region.json")))


@lru_cache(maxsize=64)
def nearest(folder: Path, locale: str) -> str:
    """What to load for `locale`: itself, its language alone, or the default locale.

    A locale without a region of its own hears its language, with numbers in general words
    ("your local emergency number"); a language without content is given the default.
    """
    if not re.fullmatch(r"[a-z]{2,3}-[A-Z]{2}", locale):
        return DEFAULT_LOCALE
    language = locale.partition("-")[0]
    if (folder / locale / "region.json").is_file():
        return locale
    return language if (folder / language / "region.json").is_file() else DEFAULT_LOCALE


def load(folder: Path, locale: str = DEFAULT_LOCALE, *, whole: bool = True) -> Library:
    """The library for `locale` ("en-US", or "en" for a language alone), from `folder`.

    Raises ContentError when a file is missing, unreadable, or says something impossible.
    With `whole` every topic is read and checked now; without it each when it is first
    needed, for a start that doesn't grow with the content: `tools.build` has then checked
    the whole, and a file damaged since raises ContentError when it is reached.
    """
    files = _Files(folder, locale.partition("-")[0], locale)
    try:
        library = _library(files, locale)
        if whole:
            list(library.topics.values())
            _hold_concepts(library)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise ContentError(f"{folder}: {locale}: {type(error).__name__}: {error}") from error
    return library


def _library(files: _Files, locale: str) -> Library:
    region_file = files.read("region.json")
    region: dict[str, str] = region_file["placeholders"]
    groups = tuple(_named(g) for g in files.read("groups.json")["groups"])
    order = [topic_id for group in groups for topic_id in group.topics]
    found = files.names("topics")
    if not found or sorted(order) != sorted(found):
        differing = sorted(set(order) ^ found) or "one named twice"
        raise ContentError(f"groups.json: must hold the id of each topic's file once; it differs in {differing}")
    speech = files.read("pronunciation.json")
    return Library(
        locale=locale,
        topics=_Topics(files, order, region),
        groups=groups,
        situations=MappingProxyType({s["id"]: _named(s) for s in files.read("situations.json")["situations"]}),
        prompts=MappingProxyType({k: _prompt(_filled(p, region)) for k, p in files.read("prompts.json")["prompts"].items()}),
        pronunciations=tuple(Pronunciation(p["written"], p.get("alias"), p.get("ipa")) for p in speech["words"]),
        digits=tuple(speech["digits"]),
        region=MappingProxyType(region),
        hours_from_utc=float(region_file["hours_from_utc"]),
        vocabulary=MappingProxyType(files.read("vocabulary.json")),
        files=files,
    )


def _warning_signs(files: _Files, region: Mapping[str, str]) -> Mapping[str, WarningSign]:
    names = sorted(files.names("warning_signs"))
    if not names:
        raise ContentError("warning_signs/: no warning sign; a skill without them must not start")
    try:
        signs = [_warning_sign(_filled(files.read(f"warning_signs/{name}.json"), region)) for name in names]
    except (KeyError, TypeError, AttributeError) as error:
        raise ContentError(f"warning_signs/: {type(error).__name__}: {error}") from error
    return MappingProxyType({sign.id: sign for sign in signs})


def _warning_sign(data: Mapping[str, Any]) -> WarningSign:
    return WarningSign(
        id=data["id"],
        title=data["title"],
        urgency=data["urgency"],
        crisis=bool(data.get("crisis")),
        say=tuple(data["say"]),
        raised_to=data.get("raised_to", "emergency"),
        raised=tuple(data.get("raised", ())),
        rules=tuple(_warning_rule(r) for r in data["rules"]),
        raises=tuple(_warning_rule(r) for r in data.get("raises", ())),
        examples=tuple(data["examples"]),
    )


def _warning_rule(data: Mapping[str, Any]) -> WarningRule:
    return WarningRule(data["id"], tuple(data["all"]), tuple(data.get("not", ())), bool(data.get("alone")), bool(data.get("asked")))


def _hold_concepts(library: Library) -> None:
    """Raises ContentError when a rule, or a phrase of a concept, names a concept that isn't there."""
    concepts = {c["id"]: c["any"] for c in library.warning_concepts["concepts"]}
    named = {c for s in library.warning_signs.values() for r in (*s.rules, *s.raises) for c in (*r.all, *r.never)}
    named |= {c for phrases in concepts.values() for phrase in phrases for c in re.findall(r"<([^>]+)>", phrase)}
    if named - concepts.keys():
        raise ContentError(f"warning_concepts.json: no concept {sorted(named - concepts.keys())}")


def _named(data: Mapping[str, Any]) -> Named:
    return Named(data["id"], data["title"], tuple(data.get("synonyms", ())), tuple(data.get("topics", ())))


def _prompt(data: Mapping[str, Any]) -> Prompt:
    return Prompt(tuple(data.get("say", ())), data.get("ask"), data.get("reprompt"))


def _topic(data: Mapping[str, Any], cautions: Mapping[str, tuple[str, ...]], region: Mapping[str, str]) -> Topic:
    if not data["sections"]:
        raise KeyError("sections")
    return Topic(
        id=data["id"],
        title=data["title"],
        synonyms=tuple(data["synonyms"]),
        questions=tuple(data["questions"]),
        gist=tuple(data["gist"]),
        sections=tuple(_section(s, region) for s in data["sections"]),
        tips=tuple(_tip(t, data["id"], cautions) for t in data["tips"]),
        not_known=tuple(data["not_known"]),
        sources=MappingProxyType({s["id"]: Source(**s) for s in data["sources"]}),
        reviewed_on=data["reviewed"]["on"],
        reviewed_by=data["reviewed"]["by"],
        follow_ups=MappingProxyType(data.get("follow_ups", {})),
    )


def _section(data: Mapping[str, Any], region: Mapping[str, str]) -> Section:
    practice = (data["practice"],) if data.get("practice") and region.get("practice") else ()
    return Section(data["id"], data["heading"], tuple(data["sentences"]) + practice, tuple(data["simpler"]), tuple(data["sources"]))


def _tip(data: Mapping[str, Any], topic: str, cautions: Mapping[str, tuple[str, ...]]) -> Tip:
    caution = cautions[data["caution"]] if "caution" in data else ()
    return Tip(data["id"], topic, tuple(data["for"]), tuple(data["sentences"]), caution, tuple(data["sources"]))
