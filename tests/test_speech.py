"""Speech: escaped, within limits, numbers digit by digit, hard words pronounced."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest

from backcare import speech
from backcare.content import Pronunciation
from backcare.dialog.routes import answer
from backcare.turn import Listener, Slot, Turn, Unhurried
from simulator.device import plain


def test_text_is_escaped(library):
    spoken = speech.render([('Heat & <ice> "quoted".',)], "Yes & no?", library)
    assert plain(spoken.ssml) == spoken.text == 'Heat & <ice> "quoted". Yes & no?'
    ET.fromstring(spoken.ssml)  # noqa: S314 - our own output


def test_telephone_numbers_are_said_digit_by_digit_with_a_pause_after(library):
    spoken = speech.render([("Call 911 now, or 1-800-22.",)], None, library)
    assert spoken.text == "Call nine one one now, or one, eight zero zero, two two."
    assert 'nine one one<break time="300ms"/> now' in spoken.ssml
    assert plain(spoken.ssml) == spoken.text


def test_hard_words_are_substituted_in_ssml_only(library):
    small = replace(library, pronunciations=(Pronunciation("nephritis", alias="neff rye tiss"), Pronunciation("Raynaud's", ipa="reɪnoʊz")))
    spoken = speech.render([("Nephritis and Raynaud's.",)], None, small)
    assert spoken.text == "Nephritis and Raynaud's."
    assert '<sub alias="neff rye tiss">Nephritis</sub>' in spoken.ssml
    assert '<phoneme alphabet="ipa" ph="reɪnoʊz">Raynaud\'s</phoneme>' in spoken.ssml


def test_control_characters_and_broken_surrogates_are_dropped(library):
    spoken = speech.render([("a\x00b\ud800c",)], None, library)
    ET.fromstring(spoken.ssml)  # noqa: S314 - our own output
    assert spoken.text == "abc"


def test_too_long_a_speech_is_refused(library):
    with pytest.raises(ValueError, match="8000"):
        speech.render([("word " * 2000,)], None, library)


def test_a_question_comes_last_after_a_pause(library):
    assert speech.render([("One.",)], "Two?", library).ssml == '<speak><p><s>One.</s></p><break time="400ms"/><s>Two?</s></speak>'


def test_slow_is_pauses_between_phrases_and_sentences_at_the_normal_rate(library):
    ssml = speech.render([("One, two.", "Three.")], None, library, "slow").ssml
    assert ssml == '<speak><p><s>One, <break time="400ms"/>two.</s><break time="700ms"/><s>Three.</s></p></speak>'


def test_fast_is_at_most_a_quarter_faster_and_never_for_what_safety_hangs_on(library):
    fast = [("Go on.",), Unhurried(("Call now.",)), ("Call 911.",)]
    ssml = speech.render(fast, "Shall I go on?", library, "fast").ssml
    assert ssml.count('<prosody rate="120%">') == 2
    assert '<prosody rate="120%"><s>Go on.</s></prosody>' in ssml
    assert "<p><s>Call now.</s></p>" in ssml


def test_no_warning_sign_and_no_caution_is_ever_said_faster(library):
    for sign in library.warning_signs.values():
        reply = answer(Turn(library, "QuestionIntent", {"question": Slot(sign.examples[0])}, listener=Listener(pace="fast")))
        assert "prosody" not in speech.render(reply.say, None, library, reply.listener.pace).ssml, sign.id
    reply = answer(Turn(library, "TipIntent", listener=Listener(pace="fast")))
    caution = next(tip.caution for tip in library.tips if tip.address == reply.place.said)
    assert not caution or isinstance(reply.say[-2], Unhurried) or isinstance(reply.say[-1], Unhurried)
