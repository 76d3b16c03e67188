"""Speech: escaped, within limits, numbers digit by digit, hard words pronounced."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest

from backcare import speech
from backcare.content import Pronunciation
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
