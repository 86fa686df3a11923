"""The story, over a real store and index; only the models are plain rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from retrieval.check import Limits
from retrieval.claims import find_claims
from retrieval.errors import BadClaim
from retrieval.types import Claim, Comparison, Outcome, Stance
from tests.standins.models import WordStance
from tests.standins.store import Store, article

BRIDGE = "The council of Harwick voted 14 to 3 to close the old bridge."
NO = "The council of Harwick did not vote 14 to 3 to close the old bridge."
ZOO = "A young giraffe was born at the zoo of Oren on Sunday."
LEAD = "It rained for days in the valley of the Ermin. "
TAIL = " Buses go round by the new road, said Ilse Brandt. Nobody knew for how long."
NEWS = [
    article("1", LEAD + BRIDGE + TAIL, "Harwick Echo"),
    article("2", LEAD + BRIDGE + " Shops complained at once, and loudly.", "Valley News"),
    article("3", "Readers wrote to us in great numbers. " + NO + TAIL, "Oren Post"),
    article("4", "In a second report we tell more. " + BRIDGE, "Harwick Echo"),
    article("5", ZOO + " Visitors may see it from Friday on. 🦒 It is called Café\u0301.", "Oren Post"),
    article("6", "The council of Harwick met for an hour about the price of bread and of milk.", "Bread Weekly"),
]


@pytest.fixture
def news(store: Store) -> Store:
    store.add(*NEWS)
    return store


def _timeless(comparison: Comparison) -> Comparison:
    return replace(comparison, took_ms={})


def _assert_verbatim(store: Store, comparisons: Sequence[Comparison]) -> None:
    texts = {each.url: each.text for each in NEWS}
    for comparison in comparisons:
        shown = [*comparison.agreeing, *comparison.contradicting]
        assert len({excerpt.article.id for excerpt in shown}) == len(shown)
        for excerpt in shown:
            stored = store.passages.article_text([excerpt.article.revision_id])[excerpt.article.revision_id]
            assert stored == texts[excerpt.article.url]
            assert stored[excerpt.start : excerpt.end] == excerpt.text
            assert (
                stored[excerpt.start - len(excerpt.before) : excerpt.end + len(excerpt.after)]
                == excerpt.before + excerpt.text + excerpt.after
            )
            assert all(0 <= start < end <= len(excerpt.text) for start, end in excerpt.decisive)


def test_a_claim_is_answered_with_both_sides_word_for_word(news: Store) -> None:
    found = news.checker().check_text(BRIDGE)
    assert found.outcome is Outcome.MIXED
    assert {excerpt.article.source for excerpt in found.agreeing} == {"Harwick Echo", "Valley News"} or found.agreeing[0].copies
    assert [excerpt.article.source for excerpt in found.contradicting] == ["Oren Post"]
    assert NO in found.contradicting[0].text
    _assert_verbatim(news, [found])


def test_a_syndicated_story_is_one_excerpt_with_its_copies(news: Store) -> None:
    (best, *_) = news.checker().check_text(BRIDGE).agreeing
    assert {best.article.url, *best.copies} == {"https://echo.example/1", "https://echo.example/2"}


def test_the_other_claim_swaps_the_sides(news: Store) -> None:
    found = news.checker().check_text(NO)
    assert [excerpt.article.source for excerpt in found.agreeing] == ["Oren Post"]
    assert all(BRIDGE in excerpt.text for excerpt in found.contradicting)


def test_what_nothing_speaks_to_is_no_match_and_what_is_near_is_unclear(news: Store) -> None:
    assert news.checker().check_text("Volcanoes erupted beneath Patagonian glaciers.").outcome is Outcome.NO_MATCH
    near = news.checker().check_text("The council of Harwick met for an hour about 99 new lamps.")
    assert near.outcome in {Outcome.UNCLEAR, Outcome.CONTRADICT}
    assert not near.agreeing


def test_the_same_claim_twice_and_in_another_batch_gives_the_same_answer(news: Store) -> None:
    checker = news.checker()
    claims = [Claim(BRIDGE), Claim(ZOO), Claim(NO)]
    together = [_timeless(each) for each in checker.check(claims)]
    assert together == [_timeless(each) for each in checker.check(claims)]
    assert together == [_timeless(checker.check([claim])[0]) for claim in claims]
    with Store(news.folder) as again:
        assert together == [_timeless(each) for each in again.checker().check(claims)]


def test_a_post_is_answered_claim_by_claim_in_its_order(news: Store) -> None:
    post = f"Hi all!\n\n{ZOO} I think that is lovely. {BRIDGE}"
    found = news.checker().check(find_claims(post, 12).claims)
    assert [each.claim.text for each in found] == [ZOO, BRIDGE]
    assert all(each.claim.span is not None and post[slice(*each.claim.span)] == each.claim.text for each in found)
    assert [each.outcome for each in found] == [Outcome.AGREE, Outcome.MIXED]
    assert all(set(each.took_ms) == {"search", "stance", "compare"} for each in found)
    _assert_verbatim(news, found)


def test_limits_are_kept(news: Store) -> None:
    found = news.checker(limits=Limits(passages=5, per_article=1, excerpts=1)).check([Claim(BRIDGE)])
    assert all(len(side) <= 1 for side in (found[0].agreeing, found[0].contradicting))
    assert found[0].considered <= 5


def test_words_altered_in_the_store_are_never_shown(news: Store) -> None:
    news.index.follow()
    news.run("UPDATE revision SET text = upper(text)")
    found = news.checker().check_text(BRIDGE)
    texts = news.passages.article_text([excerpt.article.revision_id for excerpt in (*found.agreeing, *found.contradicting)])
    assert all(excerpt.text in texts[excerpt.article.revision_id] for excerpt in (*found.agreeing, *found.contradicting))


def test_a_revised_article_is_quoted_as_it_is_now(news: Store) -> None:
    assert BRIDGE in news.checker().check_text(BRIDGE).agreeing[0].text
    news.add(*(replace(each, text=each.text.replace("14 to 3", "12 to 5")) for each in NEWS if BRIDGE in each.text))
    found = news.checker().check_text(BRIDGE)
    assert not found.agreeing
    assert any("12 to 5" in excerpt.text for excerpt in found.contradicting)


def test_nothing_to_check_is_told(news: Store) -> None:
    for text in ("", "🎉", "x" * 4001):
        with pytest.raises(BadClaim):
            news.checker().check_text(text)
    assert news.checker().check([]) == []


WORDS = sorted({word for each in NEWS for word in each.text.split()})


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(WORDS), min_size=3, max_size=14).map(" ".join))
def test_whatever_is_asked_what_is_shown_is_verbatim(news: Store, text: str) -> None:
    found = news.checker(limits=Limits(excerpts=2)).check([Claim(text)])
    assert len(found[0].agreeing) <= 2 and len(found[0].contradicting) <= 2
    _assert_verbatim(news, found)


class _Listening(WordStance):
    """A WordStance that remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []

    def judge(self, pairs: Sequence[tuple[str, str]]) -> list[Stance]:
        self.asked += pairs
        return super().judge(pairs)


def test_with_a_scout_only_the_least_neutral_windows_are_judged_and_the_answer_stays(news: Store) -> None:
    scout, judge = _Listening(), _Listening()
    limits = Limits(judged=4)
    claims = [Claim(BRIDGE), Claim(ZOO)]
    found = news.checker(judge, limits, scout).check(claims)
    assert len(scout.asked) > len(judge.asked)
    assert set(judge.asked) <= set(scout.asked)
    assert max(sum(asked[1] == claim.text for asked in judge.asked) for claim in claims) == 4
    neutral = {pair: stance.neutral for pair, stance in zip(scout.asked, WordStance().judge(scout.asked), strict=True)}
    for claim in claims:
        judged = [neutral[pair] for pair in judge.asked if pair[1] == claim.text]
        left = [neutral[pair] for pair in set(scout.asked) - set(judge.asked) if pair[1] == claim.text]
        assert max(judged) <= min(left)
    alone = news.checker().check(claims)
    assert [each.outcome for each in found] == [each.outcome for each in alone]
    assert [(each.considered, each.newest_article_at) for each in found] == [(each.considered, each.newest_article_at) for each in alone]


def test_a_claim_is_judged_as_it_is_alone_however_many_are_checked_with_it(news: Store) -> None:
    alone, crowded = _Listening(), _Listening()
    news.checker(alone, Limits(), WordStance()).check([Claim(BRIDGE)])
    news.checker(crowded, Limits(), WordStance()).check([Claim(BRIDGE), *(Claim(f"{ZOO} It was number {n}.") for n in range(9))])
    assert {pair for pair in crowded.asked if pair[1] == BRIDGE} == set(alone.asked)


def test_copies_of_one_story_take_one_place_before_the_judge(store: Store) -> None:
    copies = [article(f"copy-{n}", BRIDGE, f"Outlet {n}") for n in range(6)]
    store.add(*copies, article("other", NO, "Oren Post"))
    judge = _Listening()
    found = store.checker(judge, Limits(judged=2), WordStance()).check_text(BRIDGE)
    assert sorted(judge.asked) == sorted([(BRIDGE, BRIDGE), (NO, BRIDGE)])
    assert found.outcome is Outcome.MIXED
    assert [len(excerpt.copies) for excerpt in found.agreeing] == [5]


def test_many_who_say_the_same_do_not_hide_the_one_who_does_not(store: Store) -> None:
    told = [article(f"{n}", f"{BRIDGE[:-1]}, said {who}.", f"Outlet {n}") for n, who in enumerate(("Ann", "Ben", "Cem", "Dora", "Eva"))]
    store.add(*told, article("other", "The council of Harwick did not vote to close the old bridge.", "Oren Post"))
    judge = _Listening()
    found = store.checker(judge, Limits(judged=4), WordStance()).check_text(BRIDGE)
    assert found.outcome is Outcome.MIXED
    assert [each.article.source for each in found.contradicting] == ["Oren Post"]
    assert len(judge.asked) == 5  # those who agree lose no place


def test_another_servers_own_article_is_never_shown_counted_or_listed_as_a_copy(store: Store) -> None:
    feed = store.source("own", 111)
    own = [replace(each, feed_id=feed) for each in NEWS if each.url.endswith(("/1", "/3"))]
    store.add(*own, *(each for each in NEWS if not each.url.endswith(("/1", "/3"))))
    urls = {each.url for each in own}
    ours = store.checker().check_text(BRIDGE, store.addresses.hidden_from(111))
    theirs = [
        *store.checker().check([Claim(BRIDGE), Claim(ZOO)], store.addresses.hidden_from(222)),
        store.checker().check_text(NO, store.addresses.hidden_from(None)),
    ]
    assert ours.outcome is Outcome.MIXED
    assert [each.outcome for each in theirs] == [Outcome.AGREE, Outcome.AGREE, Outcome.CONTRADICT]
    for comparison in theirs:
        for excerpt in (*comparison.agreeing, *comparison.contradicting):
            assert urls.isdisjoint((excerpt.article.url, *excerpt.copies))
    assert theirs[0].considered < ours.considered
    assert any("https://echo.example/2" in (excerpt.article.url, *excerpt.copies) for excerpt in theirs[0].agreeing)
    _assert_verbatim(store, theirs)
