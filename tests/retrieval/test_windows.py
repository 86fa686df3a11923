"""Windows: what the stance model judges."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from retrieval.windows import choose_windows, windows_of
from tests.retrieval.news import hit, ref

PIECES = ["The bridge closed.", "It rained on 😀 day.", "Nobody voted no.", "Cafés opened! ", "\n", "Who knows?"]
SENTENCES = st.lists(st.sampled_from(PIECES), min_size=1, max_size=8).map(" ".join)


@given(SENTENCES, st.integers(0, 500))
def test_windows_are_slices_of_one_or_two_sentences_that_cover_the_passage(text: str, start: int) -> None:
    found = windows_of(hit(ref(1), text, start))
    article = "." * start + text
    for window in found:
        assert article[window.start : window.end] == window.text != ""
    if text.strip():
        assert found[0].start == start + len(text) - len(text.lstrip())
        assert found[-1].end == start + len(text.rstrip())
    assert [window.end for window in found] == sorted({window.end for window in found})


@given(st.lists(st.tuples(st.integers(1, 4), SENTENCES, st.integers(0, 3)), max_size=10), st.integers(1, 9), st.integers(1, 4))
def test_at_most_so_many_are_chosen_and_of_one_article_and_none_twice(hits: list[tuple[int, str, int]], count: int, each: int) -> None:
    found = choose_windows("The bridge closed.", [hit(ref(number), text, start) for number, text, start in hits], count, each)
    assert len(found) <= count
    articles = [window.passage.article.id for window in found]
    assert all(articles.count(article) <= each for article in articles)
    places = [(window.passage.article.id, window.start, window.end) for window in found]
    assert len(places) == len(set(places))


def test_the_window_with_the_claims_words_comes_first_and_overlapping_passages_give_it_once() -> None:
    text = "It rained. The council closed the bridge. Nobody came."
    found = choose_windows("The council closed the bridge.", [hit(ref(1), text), hit(ref(1), text[11:], 11, 0.5)])
    assert found[0].text in ("The council closed the bridge.", "It rained. The council closed the bridge.")
    assert len({(window.start, window.end) for window in found}) == len(found)


def test_no_hits_give_no_windows() -> None:
    assert choose_windows("The bridge closed.", []) == []
