"""Whose words a window reports, beside the speaker that the claim names."""

from __future__ import annotations

import pytest
from hypothesis import given

from retrieval.attribution import Voice, voice
from retrieval.bearing import Bearing, with_voice
from retrieval.claims import parse_claim
from retrieval.types import Claim, Window
from tests.retrieval.news import ref, window
from tests.retrieval.reading.nasty import TEXTS

CLAIM = "The Kremlin said that Russia would accept peacekeepers in Karsk."


def _window(whole: str, text: str, source: str) -> Window:
    return Window(window(ref(1, source), whole, whole).passage, text, 0, len(text))


def _voice(claim: str, text: str, around: str = "", source: str = "Harwick Echo") -> Voice:
    return voice(parse_claim(claim), _window(f"{text} {around}".strip(), text, source))


@pytest.mark.parametrize(
    ("claim", "text", "around"),
    [
        (CLAIM, "The Kremlin said on Monday that it would accept peacekeepers in Karsk.", ""),
        (CLAIM, "The Kremlin on Monday denied that Russia would accept peacekeepers in Karsk.", ""),  # what it says is the model's to judge
        (CLAIM, "Dmitry Varlin, the Kremlin spokesman, said that Russia would accept peacekeepers.", ""),
        (
            CLAIM,
            "Varlin said that Russia would accept peacekeepers in Karsk.",
            "Dmitry Varlin, the spokesman of the Kremlin, met reporters.",
        ),
        (CLAIM, "Moscow said that it would accept peacekeepers in Karsk.", ""),  # a government by its seat
        (CLAIM, "According to the Russian foreign ministry, peacekeepers would be accepted in Karsk.", ""),
        ("Mayor Olsen said the bridge is safe.", "“The bridge is safe,” Tove Olsen told the council.", ""),
        ("Delmar's own spokesman, Crispin Ayre, said the offer was made.", "Delmar said that the offer was made in May.", ""),
        ("The police said that 9,000 people marched.", "Police said that 4,000 people marched.", ""),
    ],
)
def test_words_of_the_claims_speaker_are_theirs_by_whatever_name(claim: str, text: str, around: str) -> None:
    assert _voice(claim, text, around) is Voice.OWN


@pytest.mark.parametrize(
    ("claim", "text"),
    [
        (CLAIM, "President Harlan Boyd said on Monday that Russia would accept peacekeepers in Karsk."),
        (CLAIM, "Boyd says that Russia will accept peacekeepers. He met Prime Minister Ilse Brandt."),
        ("Mayor Olsen said the bridge is safe.", "The bridge is safe, said Ilse Brandt of the Harwick Echo."),
        ("Olsen said the bridge is safe.", "Brandt said that Olsen had called the bridge safe."),
    ],
)
def test_words_of_somebody_else_by_name_are_not_theirs(claim: str, text: str) -> None:
    assert _voice(claim, text) is Voice.ELSE


@pytest.mark.parametrize(
    "text",
    [
        "The Kremlin on Tuesday declined to confirm that Russia would accept peacekeepers in Karsk.",
        "The spokesman of the Kremlin did not repeat the assurance on peacekeepers in Karsk that President Boyd had given.",
        "The Kremlin would neither confirm nor deny that it would accept peacekeepers in Karsk.",
    ],
)
def test_who_would_not_say_it_has_not_said_it(text: str) -> None:
    assert _voice(CLAIM, text) is Voice.REFUSED


@pytest.mark.parametrize(
    ("claim", "text", "source"),
    [
        ("Russia would accept peacekeepers.", "Boyd said that Russia would accept peacekeepers.", "Echo"),  # no speech in the claim
        (CLAIM, "Russia would accept peacekeepers in Karsk from May on.", "Echo"),  # none in the text
        (CLAIM, "Officials said that Russia would accept peacekeepers in Karsk.", "Echo"),  # nobody by name
        ("The minister said that the bridge is safe.", "Ilse Brandt said that the bridge is safe.", "Echo"),  # she may be the minister
        ("The Harwick Echo says the bridge is safe.", "Ilse Brandt said that the bridge is safe.", "Harwick Echo"),  # it is in their paper
        (CLAIM, "Brandt declined to confirm that Russia would accept peacekeepers in Karsk.", "Echo"),
    ],
)
def test_where_nobody_else_is_named_it_stays_open(claim: str, text: str, source: str) -> None:
    assert _voice(claim, text, source=source) is Voice.OPEN


def test_the_sentence_nearest_to_the_words_said_tells_whose_they_are() -> None:
    of_both = "The Kremlin said that talks would go on. Boyd said that Russia would accept peacekeepers in Karsk."
    assert _voice(CLAIM, of_both) is Voice.ELSE
    assert _voice("The Kremlin said that talks would go on.", of_both) is Voice.OWN


def test_other_peoples_words_bring_no_side_and_a_refusal_no_agreement() -> None:
    texts = {
        "Boyd said that Russia would accept peacekeepers in Karsk.": (-1.0, -1.0),
        "The Kremlin declined to confirm that Russia would accept peacekeepers in Karsk.": (-1.0, 2.0),
        "The Kremlin said that Russia would accept peacekeepers in Karsk.": (2.0, 2.0),
    }
    windows = {window(ref(at), text, text): wanted for at, (text, wanted) in enumerate(texts.items(), 1)}
    heard = with_voice(parse_claim(CLAIM), dict.fromkeys(windows, Bearing(2.0, 2.0)))
    assert [(one.agree, one.contradict) for one in heard.values()] == list(windows.values())


@given(TEXTS, TEXTS, TEXTS)
def test_any_text_has_a_voice(speaker: str, said: str, text: str) -> None:
    claim = Claim(f"{speaker} said {said}", speaker=speaker, said=said)
    assert voice(claim, window(ref(1), text or "A word.", text or "A word.")) in Voice
