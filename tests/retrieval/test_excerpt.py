"""Verbatim or nothing."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from retrieval.excerpt import CONTEXT, decisive_spans, make_excerpt
from retrieval.types import Window
from tests.retrieval.news import AGREES, hit, ref

PIECES = ["The bridge closed.", "Nobody – no one – voted 93-8.", "x" * 250, "Cafés 😀 opened!", "\n\n", "e\u0301tude", "Mr. Smith left."]
TEXTS = st.lists(st.sampled_from(PIECES), min_size=1, max_size=12).map(" ".join).filter(lambda text: text.strip() != "")


def _window(text: str, start: int, end: int) -> Window:
    return Window(hit(ref(1), text).passage, text[start:end], start, end)


@given(TEXTS, st.data())
def test_an_excerpt_and_its_surroundings_are_one_slice_of_the_article(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    excerpt = make_excerpt(_window(text, start, end), AGREES, text, "The bridge closed.")
    assert excerpt is not None
    assert excerpt.text == text[excerpt.start : excerpt.end]
    from_, to = start - len(excerpt.before), end + len(excerpt.after)
    assert text[from_:to] == excerpt.before + excerpt.text + excerpt.after
    assert len(excerpt.before) <= CONTEXT and len(excerpt.after) <= CONTEXT
    if start <= CONTEXT:
        assert from_ == 0
    if end + CONTEXT >= len(text):
        assert to == len(text)


@given(TEXTS, st.data())
def test_words_that_the_article_no_longer_has_there_give_no_excerpt(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    window = _window(text, start, len(text))
    for altered in ("", text[:start], text[:-1], text[:start] + "~" + text[start + 1 :]):
        assert make_excerpt(window, AGREES, altered, "x") is None
    assert make_excerpt(replace(window, end=window.end - 1), AGREES, text, "x") is None


@given(TEXTS, TEXTS)
def test_decisive_spans_lie_in_the_text_in_order_and_apart(claim: str, text: str) -> None:
    at = 0
    for start, end in decisive_spans(claim, text):
        assert at <= start < end <= len(text)
        assert text[start].isalnum()
        at = end


def _decisive(claim: str, text: str) -> list[str]:
    return [text[start:end] for start, end in decisive_spans(claim, text)]


def test_decisive_words_are_those_shared_with_the_claim_and_the_numbers() -> None:
    claim = "The council voted on closing the bridge."
    assert _decisive(claim, "On Monday the council closed 14 bridges and a road.") == ["council closed 14 bridges"]
    assert _decisive("It passed by 93 votes.", "The text passed 93-8-73.") == ["passed 93-8-73"]
    assert _decisive("the of and", "the of and") == []
    assert _decisive("", "Nothing here.") == []
