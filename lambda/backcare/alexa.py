"""The edge: request envelope -> Turn, Reply -> response; the only file with ASK SDK types.

`Skill` is called as Lambda calls a handler. Requests the SDK can't read (a request type or
an enum value newer than its model raises before any of its exception handlers) are read
again from the few fields a turn needs; if that fails too, a spoken apology goes back and
the session keeps its place. Where nothing may be spoken (session ended, skill events),
nothing is.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from ask_sdk_core.dispatch_components import AbstractExceptionHandler, AbstractRequestHandler
from ask_sdk_core.handler_input import HandlerInput
from ask_sdk_core.skill_builder import SkillBuilder
from ask_sdk_model import IntentRequest, Response

from backcare import speech
from backcare.content import Library
from backcare.dialog.routes import answer
from backcare.memory import Memory
from backcare.turn import Listener, Open, Place, Reply, Slot, Turn

Observer = Callable[[Turn, Reply], None]
"""Sees each turn and its reply; must not keep what a person said."""

log = logging.getLogger("backcare")

_SILENT = ("SessionEndedRequest", "AlexaSkillEvent.", "AudioPlayer.", "PlaybackController.", "System.", "Messaging.", "Reminders.")
_FORGET = "AlexaSkillEvent.SkillDisabled"
_MATCH = "ER_SUCCESS_MATCH"
_NOTHING: dict[str, Any] = {"version": "1.0", "response": {}}


class Skill:
    """The skill as one callable: `skill(event, context)` -> response dictionary.

    `library_of` gives the library for a locale; `observers` see each turn. With a `skill_id`, requests of any other
    skill are refused without a word. `count` is told of each failed turn, of each failure of
    the memory with its operation (load, save or forget), and of each warning sign with its
    urgency and nothing else. Never raises.
    """

    def __init__(
        self,
        library_of: Callable[[str], Library],
        memory: Memory,
        skill_id: str | None = None,
        observers: Sequence[Observer] = (),
        count: Callable[[str, str | None], None] | None = None,
    ) -> None:
        self._library_of = library_of
        self._memory = memory
        self._skill_id = skill_id
        self.observers = list(observers)
        self._count = count or (lambda _metric, _kind: None)
        builder = SkillBuilder()
        builder.add_request_handler(_Silent(self))
        builder.add_request_handler(_Spoken(self))
        builder.add_exception_handler(_Reraise())
        self._handle = builder.lambda_handler()

    def __call__(self, event: object, context: object) -> dict[str, Any]:
        """The response to one request envelope."""
        if not isinstance(event, dict):
            return _NOTHING
        if not self.answers(event):
            log.warning("refused: the request names another skill id")
            return _NOTHING
        request_type = _text(event, "request", "type")
        for envelope in (lambda: event, lambda: _bare(event)):
            try:
                response: dict[str, Any] = self._handle(envelope(), context)
            except Exception as error:  # a listener must never hear Alexa's own error
                log.error("turn failed: %s", type(error).__name__)
            else:
                return response
        self._count("FailedTurns", None)
        return _NOTHING if request_type.startswith(_SILENT) or not event.get("session") else self._apology(event)

    def answers(self, event: Mapping[str, Any]) -> bool:
        """Whether the request names our skill id; without one, any request is ours."""
        return not self._skill_id or _application_id(event) == self._skill_id

    def forget(self, user: str) -> None:
        """Erase what is remembered of `user`; a failing memory is counted, not raised."""
        try:
            self._memory.forget(user)
        except Exception as error:
            self._memory_failed("forget", error)

    def reply_to(self, handler_input: HandlerInput) -> Reply:
        """Decide the reply, save what changed of the listener, and show both to the observers."""
        turn, user = self._turn(handler_input)
        reply = answer(turn)
        try:
            if user:
                self._memory.save(user, turn.listener, reply.listener)
        except Exception as error:
            self._memory_failed("save", error)
        if reply.understood.urgency:
            self._count("WarningSigns", reply.understood.urgency)
        for observer in self.observers:
            observer(turn, reply)
        return reply

    def library_for(self, handler_input: HandlerInput) -> Library:
        """The library of the request's locale."""
        return self._library_of(handler_input.request_envelope.request.locale or "")

    def _turn(self, handler_input: HandlerInput) -> tuple[Turn, str]:
        envelope = handler_input.request_envelope
        library = self.library_for(handler_input)
        session, system = envelope.session, envelope.context.system if envelope.context else None
        user = session.user.user_id if session and session.user else system.user.user_id if system and system.user else ""
        attributes: Mapping[str, Any] = (session.attributes if session else None) or {}
        new = bool(session is None or session.new)
        listener, remembers = self._load(user)
        place = Place(listener.topic, listener.section) if new else Place.from_data(attributes.get("place"))
        interfaces = system.device.supported_interfaces if system and system.device else None
        turn = Turn(
            library=library,
            route=_route(envelope.request),
            slots=_slots(envelope.request),
            place=place,
            open=Open() if new else Open.from_data(attributes.get("open")),
            listener=listener,
            today=(_moment(envelope.request.timestamp) + timedelta(hours=library.hours_from_utc)).date(),
            new=new,
            remembers=remembers,
            screen=bool(interfaces and interfaces.alexa_presentation_apl),
        )
        return turn, user

    def _load(self, user: str) -> tuple[Listener, bool]:
        """What is remembered, and whether anything will be: nobody is remembered who has no user id."""
        if not user:
            return Listener(), False
        try:
            return self._memory.load(user), self._memory.remembers
        except Exception as error:
            self._memory_failed("load", error)
            return Listener(), False

    def _memory_failed(self, operation: str, error: Exception) -> None:
        log.error("memory: %s failed: %s", operation, type(error).__name__)
        self._count("MemoryFailures", operation)

    def _apology(self, event: Mapping[str, Any]) -> dict[str, Any]:
        library = self._library_of(_text(event, "request", "locale"))
        trouble = library.prompts["trouble"]
        attributes = event["session"].get("attributes") if isinstance(event["session"], dict) else None
        return {
            "version": "1.0",
            "sessionAttributes": attributes if isinstance(attributes, dict) else {},
            "response": {
                "outputSpeech": {"type": "SSML", "ssml": speech.render([trouble.say], trouble.ask, library).ssml},
                "reprompt": {"outputSpeech": {"type": "SSML", "ssml": speech.render([], trouble.reprompt, library).ssml}},
                "shouldEndSession": False,
            },
        }


class _Silent(AbstractRequestHandler):
    """Requests that may not be answered aloud; a skill that is disabled forgets its listener."""

    def __init__(self, skill: Skill) -> None:
        self._skill = skill

    def can_handle(self, handler_input: HandlerInput) -> bool:
        return str(handler_input.request_envelope.request.object_type).startswith(_SILENT)

    def handle(self, handler_input: HandlerInput) -> Response:
        envelope = handler_input.request_envelope
        if envelope.request.object_type == _FORGET and envelope.context.system.user:
            self._skill.forget(envelope.context.system.user.user_id)
        return handler_input.response_builder.response


class _Spoken(AbstractRequestHandler):
    """Everything else is a turn of the conversation."""

    def __init__(self, skill: Skill) -> None:
        self._skill = skill

    def can_handle(self, handler_input: HandlerInput) -> bool:
        return True

    def handle(self, handler_input: HandlerInput) -> Response:
        reply = self._skill.reply_to(handler_input)
        library = self._skill.library_for(handler_input)
        handler_input.attributes_manager.session_attributes = {"place": reply.place.as_data(), "open": reply.open.as_data()}
        builder = handler_input.response_builder
        builder.speak(speech.render(reply.say, reply.ask, library, reply.listener.pace).ssml)
        if reply.reprompt is not None:
            builder.ask(speech.render([], reply.reprompt, library, reply.listener.pace).ssml)
        builder.set_should_end_session(reply.ask is None)
        return builder.response


class _Reraise(AbstractExceptionHandler):
    """Faults leave the SDK, so that `Skill` can try again with less or apologise."""

    def can_handle(self, handler_input: HandlerInput, exception: Exception) -> bool:
        return True

    def handle(self, handler_input: HandlerInput, exception: Exception) -> Response:
        raise exception


def _route(request: Any) -> str:
    return str(request.intent.name) if isinstance(request, IntentRequest) and request.intent else str(request.object_type)


def _slots(request: Any) -> dict[str, Slot]:
    slots = (request.intent.slots or {}) if isinstance(request, IntentRequest) and request.intent else {}
    said = {name: (slot.value or "").strip() for name, slot in slots.items() if slot and isinstance(slot.value, str)}
    return {name: Slot(words, _resolved_id(slots[name])) for name, words in said.items() if words}


def _resolved_id(slot: Any) -> str | None:
    authorities = (slot.resolutions.resolutions_per_authority or []) if slot.resolutions else []
    for authority in authorities:
        if authority.status and authority.status.code and authority.status.code.value == _MATCH and authority.values:
            chosen = authority.values[0].value
            return str(chosen.id) if chosen and chosen.id else None
    return None


def _moment(timestamp: object) -> datetime:
    """The request's time in UTC; the beginning of time when it has none, which no rule depends on."""
    if not isinstance(timestamp, datetime):
        return datetime(1970, 1, 2, tzinfo=UTC)
    return timestamp if timestamp.tzinfo else timestamp.replace(tzinfo=UTC)


def _at(event: object, *path: str) -> Any:
    for step in path:
        event = event.get(step) if isinstance(event, dict) else None
    return event


def _text(event: object, *path: str) -> str:
    value = _at(event, *path)
    return value if isinstance(value, str) else ""


def _application_id(event: object) -> str:
    from_context = _text(event, "context", "System", "application", "applicationId")
    return from_context or _text(event, "session", "application", "applicationId")


def _bare(event: Mapping[str, Any]) -> dict[str, Any]:
    """The envelope with only what a turn is made of, so that one odd field can't spoil the rest."""
    request, session = _at(event, "request"), _at(event, "session")
    user = _text(event, "session", "user", "userId") or _text(event, "context", "System", "user", "userId")
    slots = _at(request, "intent", "slots")
    kept: dict[str, Any] = {"type": _text(request, "type"), "requestId": _text(request, "requestId"), "locale": _text(request, "locale")}
    if _text(request, "intent", "name"):
        named = (
            {n: {"name": n, "value": _text(s, "value"), "resolutions": _at(s, "resolutions")} for n, s in slots.items()}
            if isinstance(slots, dict)
            else {}
        )
        kept["intent"] = {"name": _text(request, "intent", "name"), "slots": named}
    attributes = _at(session, "attributes")
    return {
        "version": "1.0",
        "session": {
            "new": bool(_at(session, "new")),
            "sessionId": _text(session, "sessionId"),
            "attributes": attributes if isinstance(attributes, dict) else {},
            "user": {"userId": user},
        },
        "context": {"System": {"user": {"userId": user}}},
        "request": kept,
    }
