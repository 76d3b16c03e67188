"""A device in somebody's home: keeps the session, builds request envelopes, reads responses."""

from __future__ import annotations

import html
import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from simulator.hearing import Heard, HeardSlot, Hearing, normal

Handler = Callable[[dict[str, Any], object], dict[str, Any]]

LAUNCH = "LaunchRequest"
ENDED = "SessionEndedRequest"
SILENCE, NEXT_DAY = "(silence)", "(next day)"
_LAUNCH_WORDS = "open|launch|start|begin|run|load|use"
_EXIT_WORDS = ("exit", "quit")


@dataclass(frozen=True)
class Answer:
    """What was heard of one utterance, and what the listener then hears."""

    utterance: str
    intent: str | None
    slots: Mapping[str, HeardSlot] = field(default_factory=dict)
    speech: str = ""
    ssml: str = ""
    reprompt: str | None = None
    ends: bool = True
    place: Any = None
    open: Any = None


class Device:
    """One device and its listener, talking to a skill through its Lambda handler.

    `start` is the listener's first moment; "(next day)" adds a day to it.
    """

    def __init__(
        self,
        handler: Handler,
        hearing: Hearing,
        *,
        locale: str = "en-US",
        user: str = "home",
        start: datetime | None = None,
        skill_id: str = "amzn1.ask.skill.local",
    ) -> None:
        self._handler = handler
        self._hearing = hearing
        self._locale = locale
        self._user = f"amzn1.ask.account.{user}"
        self._offset = timedelta()
        self._start = start
        self._skill_id = skill_id
        self._session: str | None = None
        self._attributes: dict[str, Any] = {}
        self._reprompt: str | None = None

    @property
    def in_session(self) -> bool:
        """Whether the skill is listening."""
        return self._session is not None

    def say(self, line: str) -> Answer | None:
        """Say one line and hear the answer; None for what is not heard by anyone: a day passing.

        "(silence)" says nothing until the session ends; "(next day)" lets a day pass.
        """
        line = line.strip()
        if line == NEXT_DAY:
            self.leave("USER_INITIATED")
            self._offset += timedelta(days=1)
            return None
        if line == SILENCE:
            return self._silence()
        words = self._without_name(line)
        if words is None:
            self.leave("USER_INITIATED")
            return self._request(line, {"type": LAUNCH}, LAUNCH, {})
        if normal(words) in _EXIT_WORDS and self.in_session:
            self.leave("USER_INITIATED")
            return Answer(line, ENDED)
        heard = self._hearing.hear(words) if self.in_session and words == line else self._hearing.hear_one_shot(words)
        return self._request(line, _intent_request(heard), heard.intent, heard.slots)

    def leave(self, reason: str) -> None:
        """End the session from outside, as the device does; nothing is spoken."""
        if self.in_session:
            self._handler(self._envelope({"type": ENDED, "reason": reason}), None)
            self._close()

    def _silence(self) -> Answer:
        reprompt = self._reprompt
        if self.in_session:
            self.leave("EXCEEDED_MAX_REPROMPTS")
        return Answer(SILENCE, ENDED, speech=plain(reprompt or ""), ssml=reprompt or "")

    def _without_name(self, line: str) -> str | None:
        """The request in `line` without the invocation name; None when it is a bare launch."""
        said, name = normal(line), re.escape(self._hearing.invocation_name)
        if re.fullmatch(rf"open|(?:{_LAUNCH_WORDS}) {name}|{name}", said):
            return None
        asked = re.fullmatch(rf"(?:ask|tell|(?:{_LAUNCH_WORDS})) {name} (.+)", said)
        return asked[1] if asked else line

    def _request(self, line: str, request: dict[str, Any], intent: str, slots: Mapping[str, HeardSlot]) -> Answer:
        named = self._without_name(line) != line
        if self.in_session and named:
            self.leave("USER_INITIATED")
        response = self._handler(self._envelope(request), None)
        return self._heard_back(line, intent, slots, response)

    def _heard_back(self, line: str, intent: str, slots: Mapping[str, HeardSlot], response: Mapping[str, Any]) -> Answer:
        body = response.get("response", {})
        ssml = body.get("outputSpeech", {}).get("ssml", "")
        reprompt = body.get("reprompt", {}).get("outputSpeech", {}).get("ssml")
        ends = body.get("shouldEndSession", True)
        attributes = response.get("sessionAttributes", {})
        if ends:
            self._close()
        else:
            self._attributes, self._reprompt = attributes, reprompt
        return Answer(line, intent, slots, plain(ssml), ssml, reprompt, ends, attributes.get("place"), attributes.get("open"))

    def _close(self) -> None:
        self._session, self._attributes, self._reprompt = None, {}, None

    def _envelope(self, request: dict[str, Any]) -> dict[str, Any]:
        new = self._session is None
        if self._session is None:
            self._session = f"amzn1.echo-api.session.{uuid.uuid4()}"
        application, user = {"applicationId": self._skill_id}, {"userId": self._user}
        moment = (self._start or datetime.now(UTC)) + self._offset
        stamped = {
            "requestId": f"amzn1.echo-api.request.{uuid.uuid4()}",
            "timestamp": moment.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "locale": self._locale,
        }
        return {
            "version": "1.0",
            "session": {"new": new, "sessionId": self._session, "application": application, "attributes": self._attributes, "user": user},
            "context": {
                "System": {
                    "application": application,
                    "user": user,
                    "device": {"deviceId": "amzn1.ask.device.home", "supportedInterfaces": {}},
                    "apiEndpoint": "https://api.amazonalexa.com",
                    "apiAccessToken": "none",
                }
            },
            "request": {**request, **stamped},
        }


def _intent_request(heard: Heard) -> dict[str, Any]:
    slots = {name: _slot(name, slot) for name, slot in heard.slots.items()}
    return {"type": "IntentRequest", "intent": {"name": heard.intent, "confirmationStatus": "NONE", "slots": slots}}


def _slot(name: str, slot: HeardSlot) -> dict[str, Any]:
    said: dict[str, Any] = {"name": name, "value": slot.value, "confirmationStatus": "NONE", "source": "USER"}
    if slot.status:
        authority: dict[str, Any] = {"authority": f"amzn1.er-authority.echo-sdk.local.{name}", "status": {"code": slot.status}}
        if slot.id:
            authority["values"] = [{"value": {"name": slot.value, "id": slot.id}}]
        said["resolutions"] = {"resolutionsPerAuthority": [authority]}
    return said


def plain(ssml: str) -> str:
    """The words a voice would say for `ssml`, with the written form of substituted words."""
    spaced = re.sub(r"</?(?:s|p|speak)>|<break[^>]*/>", " ", ssml)
    words = " ".join(html.unescape(re.sub(r"<[^>]+>", "", spaced)).split())
    return re.sub(r" (?=[.,?])", "", words)
