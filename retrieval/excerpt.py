"""Verbatim or nothing: a window becomes an excerpt only if its very words are found again in the stored article."""

from __future__ import annotations

from retrieval.anchors import numbers
from retrieval.ingest.duplicates import credited_agency
from retrieval.text import WORD, Span, sentences, terms
from retrieval.types import Excerpt, Stance, Window

# Characters of the article shown before and after, cut at a sentence where one ends there, else at a word.
CONTEXT = 200


def make_excerpt(window: Window, stance: Stance, article_text: str, claim: str) -> Excerpt | None:
    """The window as an excerpt with a little context; None when the stored article no longer has these words there."""
    if article_text[window.start : window.end] != window.text:
        return None
    before = _tail(article_text[max(0, window.start - CONTEXT) : window.start], cut=window.start > CONTEXT)
    after = _head(article_text[window.end : window.end + CONTEXT], cut=window.end + CONTEXT < len(article_text))
    return Excerpt(
        window.text, window.start, window.end, window.passage.article, stance, before, after, decisive_spans(claim, window.text),
        window.passage.copies, credited_agency(article_text),
    )  # fmt: skip


def decisive_spans(claim: str, text: str) -> list[Span]:
    """Spans of the words of `text` that speak to the claim: those it shares with it and its quantities; neighbours are joined."""
    wanted = set(terms(claim))
    spans: list[Span] = []
    for match in WORD.finditer(text):
        word = match.group()
        shared = not wanted.isdisjoint(terms(word))
        if not shared and not numbers(word):
            continue
        if spans and text[spans[-1][1] : match.start()].strip(" -–") == "":
            spans[-1] = (spans[-1][0], match.end())
        else:
            spans.append(match.span())
    return spans


def _tail(text: str, *, cut: bool) -> str:
    """The last part of the text before an excerpt, from a sentence's start on if one is there; adjacent to the excerpt."""
    if not cut:
        return text
    starts = [start for start, _ in sentences(text)][1:]
    if starts:
        return text[starts[0] :]
    return text[text.find(" ") + 1 :] if " " in text else ""


def _head(text: str, *, cut: bool) -> str:
    if not cut:
        return text
    ends = [end for _, end in sentences(text)][:-1]
    if ends:
        return text[: ends[-1]]
    return text[: text.rfind(" ")] if " " in text else ""
