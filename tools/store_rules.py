"""What the store asks of a skill package, as far as it can be checked without the store.

Every check yields faults as lines of text, each with its place; none means none. Numbers and
rules come from Amazon's pages "Certification requirements for custom skills", "Policy
requirements for an Alexa skill" and the field descriptions of ask-smapi-model, but for
SUMMARY_LIMIT: sources differ (120 and 160 characters), and the smaller satisfies both.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from simulator.hearing import Hearing, normal
from tools.smapi_definitions import MANIFEST, MODEL, faults

LOCALES = ("en-US", "en-GB", "en-CA", "en-AU", "en-IN")
LAMBDA_REGIONS = ("us-east-1", "us-west-2", "eu-west-1", "ap-northeast-1")
"""The only regions whose functions Alexa calls."""
ICON_SIZES = {"smallIconUri": 108, "largeIconUri": 512}
SUMMARY_LIMIT = 120
EXAMPLE_PHRASES = 3
FORGOTTEN_BY = "SKILL_DISABLED"
"""The one event the skill acts on: it erases what is remembered of the listener."""

DISCLAIMER = (
    "information and education only",
    "not medical advice",
    "not a substitute for professional medical advice, diagnosis or treatment",
    "call your local emergency number",
)
"""What a health skill's description must say, or it is turned down."""
_WORD_FOR_WORD = 1
"""The rank up to which hearing found a sample exactly, with listed values only."""
_DISCLAIMER_OPENS = "Medical notice:"
_CLAIMS = re.compile(
    r"\b(cur(e|es|ed|ing)|treat(s|ed|ing|ments?)?|heal(s|ed|ing)?|diagnos\w*|detect\w*|triag\w*|sav(e|es|ed|ing)|life-saving"
    r"|prevent\w*|monitor\w*|clinically|guarantee\w*|doctor-approved)\b",
    re.IGNORECASE,
)
_OTHERS_MARKS = re.compile(r"\b(alexa|amazon|echo)\b", re.IGNORECASE)
_ALIAS = re.compile(rf"arn:aws:lambda:({'|'.join(LAMBDA_REGIONS)}):\d{{12}}:function:[\w-]+:[A-Za-z][\w-]*")
_FLAGS = {
    "allowsPurchases": False,
    "usesPersonalInfo": False,
    "isChildDirected": False,
    "isExportCompliant": True,
    "containsAds": False,
    "usesHealthInfo": False,
}


def model_faults(locale: str, model: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with an interaction model: Amazon's definitions, and what they leave unsaid about slots."""
    found = [f"{locale}.json: {fault}" for fault in faults(MODEL, model)]
    yield from found
    if found:
        return
    language = model["interactionModel"]["languageModel"]
    types = {t["name"] for t in language["types"]}
    for intent in language["intents"]:
        slots = {slot["name"]: slot["type"] for slot in intent.get("slots", ())}
        for name, slot_type in slots.items():
            if not slot_type.startswith("AMAZON.") and slot_type not in types:
                yield f"{locale}.json: {intent['name']}: slot {name} is of type {slot_type}, which isn't declared"
        for sample in intent.get("samples", ()):
            for name in set(re.findall(r"\{(\w+)\}", sample)) - set(slots):
                yield f"{locale}.json: {intent['name']}: {sample!r} names the slot {name}, which the intent doesn't have"


def manifest_faults(manifest: Mapping[str, Any], models: Mapping[str, Mapping[str, Any]], package: Path) -> Iterator[str]:
    """What is wrong with a whole manifest (skill.json parsed); `models` by locale, icons under `package`."""
    found = [f"skill.json: {fault}" for fault in faults(MANIFEST, manifest)]
    yield from found
    if found:
        return
    body = manifest["manifest"]
    listings, pages = body["publishingInformation"]["locales"], body["privacyAndCompliance"]["locales"]
    for what, has in (("listing", listings), ("privacy pages", pages), ("model", models)):
        for locale in sorted(set(LOCALES) ^ set(has)):
            yield f"{locale}: {'no' if locale in LOCALES else 'unexpected'} {what}"
    for locale in sorted(set(listings) & set(models)):
        yield from (f"{locale}: {fault}" for fault in listing_faults(listings[locale], models[locale], package))
    yield from _declaration_faults(body)
    yield from _page_faults(pages)
    yield from _connection_faults(body)


def _declaration_faults(body: Mapping[str, Any]) -> Iterator[str]:
    if body["publishingInformation"].get("category") != "HEALTH_AND_FITNESS":
        yield "skill.json: category must be HEALTH_AND_FITNESS"
    for flag, wanted in _FLAGS.items():
        if body["privacyAndCompliance"].get(flag) is not wanted:
            yield f"skill.json: {flag} must be {str(wanted).lower()}"
    if body.get("permissions"):
        yield "skill.json: the skill needs no permission, so it asks for none"


def listing_faults(listing: Mapping[str, Any], model: Mapping[str, Any], package: Path) -> Iterator[str]:
    """What is wrong with one locale's listing."""
    yield from text_faults(listing)
    yield from phrase_faults(listing.get("examplePhrases", []), model)
    for field, pixels in ICON_SIZES.items():
        path = package / str(listing.get(field, "")).removeprefix("file://")
        size = png_size(path)
        if size != (pixels, pixels):
            yield f"{field}: {path.name} is {size or 'no PNG'}, not {pixels} by {pixels} pixels"


def text_faults(listing: Mapping[str, Any]) -> Iterator[str]:
    """Lengths, the disclaimer, and words that claim what no information can do."""
    summary, description = listing.get("summary", ""), listing.get("description", "")
    if not 0 < len(summary) <= SUMMARY_LIMIT:
        yield f"summary of {len(summary)} characters; 1 to {SUMMARY_LIMIT} are allowed"
    story, found, disclaimer = description.partition(_DISCLAIMER_OPENS)
    for part in DISCLAIMER:
        if part not in disclaimer:
            yield (
                f"the description's {_DISCLAIMER_OPENS!r} paragraph must say {part!r}" if found else "the description has no medical notice"
            )
    claim = _CLAIMS.search(" ".join([listing["name"], summary, story, *listing.get("keywords", ())]))
    if claim:
        yield f"{claim[0]!r} claims too much; only the medical notice may say it"
    mark = _OTHERS_MARKS.search(" ".join([listing["name"], *listing.get("keywords", ())]))
    if mark:
        yield f"{mark[0]!r} is somebody else's mark"


def phrase_faults(phrases: list[str], model: Mapping[str, Any]) -> Iterator[str]:
    """Three phrases: the first opens the skill by its name, the others are samples word for word."""
    hearing = Hearing(model)
    opening = f"Alexa, open {hearing.invocation_name}"
    if len(phrases) != EXAMPLE_PHRASES:
        yield f"{len(phrases)} example phrases; there must be {EXAMPLE_PHRASES}"
    if phrases[:1] != [opening]:
        yield f"the first example phrase must be {opening!r}"
    for phrase in phrases[1:]:
        asked = normal(phrase).removeprefix(f"ask {hearing.invocation_name} ")
        if asked == normal(phrase):
            yield f"{phrase!r} doesn't ask the skill by its name"
        elif min(hearing.hear(words).rank[0] for words in (asked, asked.removeprefix("to "))) > _WORD_FOR_WORD:
            yield f"{phrase!r} is no sample of the interaction model"


def _page_faults(locales: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    for locale, pages in locales.items():
        for field in ("privacyPolicyUrl", "termsOfUseUrl"):
            address = pages.get(field, "")
            host = re.match(r"https://([^/]+)/\S+", address)
            if not host:
                yield f"{locale}: {field} must be an https address, not {address!r}"
            elif re.search(r"alexa|amazon", host[1], re.IGNORECASE):
                yield f"{locale}: {field}: the host may not hold the words Alexa or Amazon"


def _connection_faults(body: Mapping[str, Any]) -> Iterator[str]:
    """Endpoints are aliases (the permission to call stands on the alias), in regions that answer Alexa; one event."""
    events = [s["eventName"] for s in body.get("events", {}).get("subscriptions", [])]
    if events != [FORGOTTEN_BY]:
        yield f"skill.json: events must be [{FORGOTTEN_BY}], the one the skill acts on, not {events}"
    for place in (body["apis"]["custom"], body.get("events", {})):
        for where, endpoint in {"default": place, **place.get("regions", {})}.items():
            arn = endpoint.get("endpoint", {}).get("uri", "")
            if not _ALIAS.fullmatch(arn):
                yield f"endpoint {where}: {arn!r} is no alias of a Lambda function in {', '.join(LAMBDA_REGIONS)}"


def png_size(path: Path) -> tuple[int, int] | None:
    """Width and height of a PNG in pixels, or None when the file is none."""
    head = path.read_bytes()[:24] if path.is_file() else b""
    if len(head) < 24 or head[:8] != b"\x89PNG\r\n\x1a\n":
        return None
    width, height = struct.unpack(">II", head[16:24])
    return width, height
