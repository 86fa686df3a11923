"""What a post is read as: its clauses, who says what, what is only the writer's comment, what a pronoun stands for."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.claims import find_claims, parse_claim, said_by, spans_of, statement
from retrieval.errors import BadClaim
from retrieval.reading.clauses import clauses
from retrieval.reading.speech import speech_in
from retrieval.reading.trimming import core

CUT = [
    ("The bridge was closed on Monday, while the ferry kept running.", ["The bridge was closed on Monday", "the ferry kept running."]),
    ("The plan failed, and the mayor, who had backed it, resigned.", ["The plan failed", "the mayor, who had backed it, resigned."]),
    ("Although the vote was lost, the council went on.", ["the vote was lost", "the council went on."]),
    ("Prices rose in May; wages fell.", ["Prices rose in May", "wages fell."]),
]
WHOLE = [
    "The minister apologised and resigned.",
    "After the dam broke, the town was evacuated.",
    "It passed with 93 votes in favour, while 73 states abstained and eight voted against it.",
    "The storm killed 12 people, and 40 more were injured.",
    "They arrested the driver, a man called Averill.",
    "The bridge is safe, the mayor said on Monday.",
    "The gate was shut because the pillars were cracked and the deck was sinking.",
]
SAID = [
    ("The Kremlin confirmed on Tuesday that Oren accepts the plan", "The Kremlin", "Oren accepts the plan"),
    ("Olsen met her in May and said that the bridge would close", "Olsen", "the bridge would close"),
    ("According to the ministry, 12 people were killed", "the ministry", "12 people were killed"),
    ("12 people died, according to the coroner, Jane Roe", "the coroner", "12 people died"),
    ("“We will not send troops,” Brandt said on Tuesday", "Brandt", "We will not send troops"),
    ("Bridge to reopen in May, says Olsen", "Olsen", "Bridge to reopen in May"),
    ("Mayor Olsen told reporters on Friday the bridge will reopen", "Mayor Olsen", "the bridge will reopen"),
]
NOBODY = [
    "The Kremlin denied the claims",
    "Olsen was said to be ill",
    "He said nothing",
    "The United States, under its president, voted no",
]
TRIMMED = [
    ("Oh, and the ferry sank in May, sorry", "the ferry sank in May"),
    ("I read that the council sold the mill lol", "the council sold the mill"),
    ("the ferry sank so take that with a pinch of salt", "the ferry sank"),
    ("Eleven people are dead, those poor families", "Eleven people are dead"),
    ("the line opened in January, five months late", "the line opened in January, five months late"),
    ("the bank is moving, apparently because of the roof", "the bank is moving, apparently because of the roof"),
]


@pytest.mark.parametrize(("sentence", "wanted"), CUT)
def test_clauses_with_a_subject_and_a_verb_are_cut(sentence: str, wanted: list[str]) -> None:
    assert [sentence[start:end] for start, end in clauses(sentence)] == wanted


@pytest.mark.parametrize("sentence", WHOLE)
def test_what_depends_on_a_clause_or_goes_on_counting_stays_with_it(sentence: str) -> None:
    assert [sentence[start:end] for start, end in clauses(sentence)] == [sentence]


@pytest.mark.parametrize(("claim", "speaker", "said"), SAID)
def test_who_says_what_is_read(claim: str, speaker: str, said: str) -> None:
    found = speech_in(claim)
    assert found is not None
    assert (claim[slice(*found.speaker)], claim[slice(*found.said)]) == (speaker, said)


@pytest.mark.parametrize("claim", NOBODY)
def test_where_nobody_is_quoted_there_is_no_speech(claim: str) -> None:
    assert speech_in(claim) is None


@pytest.mark.parametrize(("clause", "wanted"), TRIMMED)
def test_the_writer_s_comments_are_no_part_of_a_claim(clause: str, wanted: str) -> None:
    assert clause[slice(*core(clause))] == wanted


def test_reported_speech_asks_two_questions() -> None:
    claim = parse_claim("Mayor Olsen said on Friday that the bridge will reopen in May.")
    said = said_by(claim)
    assert (claim.speaker, claim.said) == ("Mayor Olsen", "the bridge will reopen in May.")
    assert said is not None and said.text == claim.said
    assert said_by(parse_claim("The bridge reopened in May.")) is None


def test_a_pronoun_is_resolved_where_its_subject_is_plain_and_shown_in_the_words_of_the_post() -> None:
    first, second = find_claims("The American text named the invasion. It passed with 93 votes in May.").claims
    assert (second.pointer, second.referent) == ("It", "The American text")
    assert statement(second) == "The American text passed with 93 votes in May."
    assert first.referent == ""


@pytest.mark.parametrize("post", ["Ann Roe met Eva Lund in May. She was fined 300 euros.", "Rain fell on 3 May. He was fined 300 euros."])
def test_a_pronoun_that_might_mean_another_is_left_to_its_context(post: str) -> None:
    assert [claim.referent for claim in find_claims(post).claims if claim.text.startswith(("She", "He"))] in ([""], ["Ann Roe"])


def test_chat_without_capitals_is_cut_at_its_stops() -> None:
    post = "the bank cut its rate by half a point!! six of the board voted for it. kelbank goes down to 4.7 percent in april"
    found = [claim.text for claim in find_claims(post).claims]
    assert "the bank cut its rate by half a point" in [text.rstrip("!") for text in found]
    assert any(text.startswith("kelbank") for text in found)


def test_links_are_listed_once_and_no_part_of_a_claim() -> None:
    url = "https://oren.example/a/1"
    post = find_claims(f"Oren Steel sold its shipyard for 40 million euros ({url}). Good luck to all, see {url}!")
    assert post.links == (url,)
    assert [claim.text for claim in post.claims] == ["Oren Steel sold its shipyard for 40 million euros"]


@settings(max_examples=150)
@given(st.text(st.sampled_from("aA1 ,.;:!?\n\"“”()*->_—'’") | st.sampled_from(" and said that the 93 votes it"), max_size=160))
def test_whatever_is_written_spans_are_exact_and_apart(post: str) -> None:
    shown, spans = spans_of(post)
    assert all(0 <= start < end <= len(shown) for start, end in spans)
    assert all(one[1] <= other[0] for one, other in zip(spans, spans[1:], strict=False))
    try:
        found = find_claims(post)
    except BadClaim:
        return
    for claim in (*found.claims, *found.left_out):
        assert claim.span is not None
        assert found.text[slice(*claim.span)] == claim.text


@pytest.mark.parametrize("nasty", [", " * 8_000, "and " * 4_500, "“" * 15_000, "(" * 15_000, "A" * 15_000, "he said that " * 1_400])
def test_long_nasty_posts_end(nasty: str) -> None:
    spans_of(nasty)
