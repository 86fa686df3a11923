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


def test_words_that_nothing_but_spaces_and_dashes_part_are_marked_together() -> None:
    assert _decisive("The council closed it.", "council – closed") == ["council – closed"]
    assert _decisive("The council closed it.", "council X closed, council") == ["council", "closed", "council"]


def test_an_excerpt_brings_what_its_window_its_article_and_the_claim_say_of_it() -> None:
    text = "HARWICK (Example News) - The council closed the bridge."
    start = text.index("The")
    window = _window(text, start, len(text))
    window = replace(window, passage=replace(window.passage, copies=("https://b.example/1",)))
    excerpt = make_excerpt(window, AGREES, text, "The bridge is shut.")
    assert excerpt is not None
    assert (excerpt.stance, excerpt.article, excerpt.copies) == (AGREES, window.passage.article, ("https://b.example/1",))
    assert [excerpt.text[slice(*span)] for span in excerpt.decisive] == ["bridge"]
    assert excerpt.credit == "Example News"


def _around(before: str, after: str) -> tuple[str, str]:
    text = f"{before}The bridge closed.{after}"
    excerpt = make_excerpt(_window(text, len(before), len(text) - len(after)), AGREES, text, "The bridge closed.")
    assert excerpt is not None
    return excerpt.before, excerpt.after


def test_what_stands_around_begins_and_ends_with_a_whole_sentence_where_one_does() -> None:
    long = "word " * 50
    before, after = _around(f"{long}first. It was Monday. It rained. ", f" It was Tuesday. It snowed. It froze. It was {long}")
    assert (before, after) == ("It was Monday. It rained. ", " It was Tuesday. It snowed. It froze.")


def test_what_stands_around_else_begins_and_ends_with_a_whole_word() -> None:
    before, after = _around("abcde " * 50, " vwxyz" * 50)
    assert (before, after) == ("abcde " * 33, " vwxyz" * 33)


def test_of_one_endless_word_nothing_is_shown() -> None:
    assert _around("x" * 300, "y" * 300) == ("", "")


def test_what_is_not_longer_than_the_limit_is_shown_whole() -> None:
    before, after = "x" * (CONTEXT - 2) + ". ", " " + "y" * (CONTEXT - 1)
    assert _around(before, after) == (before, after)
    assert _around("z" + before, after + "z") == ("", "")
