"""What was shown stays readable, whatever happens to the article."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from db.asks import Ask, Asks, Limits, Where
from db.checks import Earlier
from db.retention import prune
from retrieval.errors import StoreError
from retrieval.ports import Vectors
from retrieval.types import Claim, Comparison, Excerpt, Outcome, Stance
from tests.standins.store import NOON, Store, article, sentences_about

BRIDGE = article("bridge", sentences_about(["the bridge", "the tunnel 😀", "the ferry"]))


def _excerpt(store: Store, words: str, stance: Stance) -> Excerpt:
    start = BRIDGE.text.index(words)
    ref = next(passage.article for passage in store.stored_passages() if passage.article.url == BRIDGE.url)
    return Excerpt(words, start, start + len(words), ref, stance)


def _comparison(store: Store) -> Comparison:
    agreeing = [_excerpt(store, "about the tunnel 😀", Stance(0.9, 0.05, 0.05)), _excerpt(store, "the ferry", Stance(0.8, 0.1, 0.1))]
    contradicting = [_excerpt(store, "the bridge", Stance(0.05, 0.9, 0.05))]
    return Comparison(Claim("A claim."), Outcome.MIXED, agreeing, contradicting, 3, 1, None, {"embedding": "m"})


def test_quoted_words_are_the_same_after_the_article_was_revised_and_removed(store: Store) -> None:
    store.add(BRIDGE)
    check = store.checks.save(_comparison(store))
    shown = ["about the tunnel 😀", "the ferry", "the bridge"]
    assert store.checks.quoted(check) == shown
    store.add(replace(BRIDGE, text=sentences_about(["something else"])))
    assert store.checks.quoted(check) == shown
    store.articles.remove([BRIDGE.url])
    assert store.checks.quoted(check) == shown


def test_each_check_has_its_own_words(store: Store) -> None:
    store.add(BRIDGE)
    first = store.checks.save(_comparison(store))
    empty = replace(_comparison(store), agreeing=(), contradicting=(), outcome=Outcome.NO_MATCH)
    second = store.checks.save(empty)
    assert first != second
    assert store.checks.quoted(second) == []
    assert store.checks.quoted(999) == []


def test_a_check_of_a_revision_that_does_not_exist_leaves_nothing(store: Store) -> None:
    store.add(BRIDGE)
    comparison = _comparison(store)
    lost = replace(comparison.agreeing[0], article=replace(comparison.agreeing[0].article, revision_id=999))
    before = store.dump()
    with pytest.raises(StoreError, match="refused"):
        store.checks.save(replace(comparison, contradicting=[lost]))
    assert store.dump() == before


VOTE = "The council of Harwick voted 14 to 3 to close the old bridge."
NO_VOTE = "The council of Harwick did not vote 14 to 3 to close the old bridge."
LEAD = "It rained for days in the valley of the Ermin 😀, and cafe\u0301s were full. "
TAIL = " Buses go round by the new road, said Ilse Brandt. Nobody knew for how long."
NEWS = [
    replace(article("1", LEAD * 4 + VOTE + TAIL * 4, "Harwick Echo"), external_id="x-1"),
    article("2", LEAD * 4 + VOTE + TAIL * 4, "Valley News"),
    article("3", "Readers wrote to us in great numbers. " + NO_VOTE + TAIL, "Oren Post", published_at=None),
]


def _shown(store: Store) -> Comparison:
    """A real comparison with both sides, a copy, context on both sides and a difference."""
    feed = store.source("oren")
    store.add(NEWS[0], NEWS[1], replace(NEWS[2], feed_id=feed))
    store.articles.mark_gone(NEWS[0].url, NOON)
    (comparison,) = store.checker().check([Claim(VOTE, (3, 9), "In Harwick there is a bridge.")])
    assert comparison.agreeing[0].copies and comparison.agreeing[0].before and comparison.agreeing[0].after
    assert comparison.agreeing[0].article.gone and comparison.agreeing[0].article.story_id and comparison.contradicting[0].article.feed_id
    credited = replace(comparison.agreeing[0], credit="Reuters", difference="93 against 120 votes")
    return replace(comparison, agreeing=[credited, *comparison.agreeing[1:]])


def _kept(comparison: Comparison) -> Comparison:
    """What of a comparison is kept."""
    return replace(comparison, claim=replace(comparison.claim, span=None), took_ms={})


def test_a_check_is_read_back_as_it_was_shown(store: Store) -> None:
    shown = _shown(store)
    assert store.checks.load(store.checks.save(shown)) == _kept(shown)


def test_it_is_read_back_so_whatever_becomes_of_its_articles_and_sources(store: Store) -> None:
    shown = _shown(store)
    check = store.checks.save(shown)
    changed = [replace(one, text=sentences_about(["something else"]), title="Other", source="Another", published_at=NOON) for one in NEWS]
    store.add(*changed)
    assert store.checks.load(check) == _kept(shown)
    store.addresses.remove(shown.contradicting[0].article.feed_id or 0)
    store.articles.remove([one.url for one in NEWS])
    assert store.checks.load(check) == _kept(shown)
    prune(store.database, None, 0)
    assert store.checks.load(check) == _kept(shown)


def test_several_are_read_back_at_once_and_those_forgotten_are_left_out(store: Store) -> None:
    shown = _shown(store)
    silent = Comparison(Claim("Nobody knows this."), Outcome.NO_MATCH, [], [], 0, 0, None, {"embedding": "m"})
    ids = [store.checks.save(one) for one in (shown, silent)]
    assert store.checks.load_many([*ids, 999]) == {ids[0]: _kept(shown), ids[1]: silent}
    assert store.checks.load_many([]) == {}
    assert store.checks.load(999) is None


def test_more_of_the_article_as_it_stood_can_be_read_around_a_quote(store: Store) -> None:
    shown = _shown(store)
    check = store.checks.save(shown)
    store.articles.remove([one.url for one in NEWS])
    excerpt = shown.agreeing[0]
    text = NEWS[0].text
    before, quote, after = store.checks.context(check, "agree", 1, 20) or ("", "", "")
    assert (before, quote, after) == (text[excerpt.start - 20 : excerpt.start], excerpt.text, text[excerpt.end : excerpt.end + 20])
    assert "".join(store.checks.context(check, "agree", 1, 10_000) or ()) == text
    assert store.checks.context(check, "agree", 9, 20) is None
    assert store.checks.context(check, "contradict", 1, 0) == ("", shown.contradicting[0].text, "")


def test_the_newest_check_of_the_same_key_store_and_models_is_the_same(store: Store) -> None:
    store.add(BRIDGE)
    comparison = _comparison(store)
    key, seq, models = "a" * 64, store.changes.last_seq(), {"embedding": "m"}
    assert store.checks.same(key, seq, models) is None
    first, second = store.checks.save(comparison, key, seq), store.checks.save(comparison, key, seq)
    for other_key, other_seq, other_models in ((key, seq, {"embedding": "n"}), (key, seq + 1, models), ("b" * 64, seq, models)):
        store.checks.save(replace(comparison, models=other_models), other_key, other_seq)
    assert first < second == store.checks.same(key, seq, models)
    assert store.checks.same(key, seq + 2, models) is None
    store.checks.save(comparison)
    assert store.checks.same("", 0, models) is None  # without a key no two are the same


def _vector(*numbers: float) -> Vectors:
    row = np.array(numbers, dtype=np.float32)
    return row / np.float32(np.linalg.norm(row))


class Town:
    """A server in which claims are asked, one a minute."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._minutes = 0

    def ask(
        self, claim: str, vector: Vectors | None, *, guild_id: int = 1, public: bool = True, model: str = "m", answered: bool = True
    ) -> tuple[int, int]:
        """(ask, check)"""
        self._minutes += 1
        asks = Asks(self._store.database, lambda: NOON + timedelta(minutes=self._minutes))
        check = self._store.checks.save(
            Comparison(Claim(claim), Outcome.NO_MATCH, [], [], 0, 0, None, {"embedding": model, "stance": "s"}), vector=vector
        )
        ask = asks.accept(Where(guild_id, 10, "ann"), public, "en", None, Limits())
        assert isinstance(ask, Ask)
        if answered:
            asks.answered(ask.id, [check], 0, 1_000 + self._minutes)
        return ask.id, check


def _claims(found: Sequence[Earlier]) -> list[str]:
    return [one.claim for one in found]


def test_like_claims_that_a_server_saw_before_are_found_most_alike_first(store: Store) -> None:
    town = Town(store)
    town.ask("Far.", _vector(0, 1, 0))
    ask, check = town.ask("Near.", _vector(9, 4, 0))
    town.ask("Nearest.", _vector(9, 1, 0))
    found = store.checks.earlier(1, _vector(1, 0, 0), "m", NOON, 0.8)
    assert _claims(found) == ["Nearest.", "Near."]
    assert (found[1].ask_id, found[1].check_id, found[1].message_id, found[1].channel_id) == (ask, check, 1_002, 10)
    assert found[1].created_at == NOON + timedelta(minutes=2)
    assert found[1].likeness == pytest.approx(9 / np.hypot(9, 4), abs=1e-3)
    assert _claims(store.checks.earlier(1, _vector(1, 0, 0), "m", NOON, 0.8, limit=1)) == ["Nearest."]
    assert _claims(store.checks.earlier(1, _vector(1, 0, 0), "m", NOON, 0.8, without={check})) == ["Nearest."]
    assert _claims(store.checks.earlier(1, _vector(1, 0, 0), "m", NOON + timedelta(minutes=2), 0.8)) == ["Nearest."]


def test_what_others_must_not_see_or_what_cannot_be_compared_is_never_found(store: Store) -> None:
    town, same = Town(store), _vector(1, 0, 0)
    town.ask("In another server.", same, guild_id=2)
    town.ask("Asked privately.", same, public=False)
    town.ask("Not answered.", same, answered=False)
    town.ask("Without a vector.", None)
    town.ask("By another model.", same, model="n")
    town.ask("By another model of that name.", _vector(1, 0, 0, 0))
    assert store.checks.earlier(1, same, "m", NOON, 0.5) == []
    town.ask("Seen by all.", same)
    assert _claims(store.checks.earlier(1, same, "m", NOON, 0.5)) == ["Seen by all."]


def test_a_claim_asked_often_is_found_once_by_its_newest_ask(store: Store) -> None:
    town, same = Town(store), _vector(3, 4, 0)
    town.ask("The bridge is closed.", same)
    newest, _ = town.ask("the bridge  is CLOSED.", same)
    (found,) = store.checks.earlier(1, same, "m", NOON, 0.9)
    assert found.ask_id == newest


def test_only_the_newest_are_compared(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("db.checks.COMPARED", 2)
    town, same = Town(store), _vector(1, 1, 0)
    for number in range(4):
        town.ask(f"Claim {number}.", same)
    assert sorted(_claims(store.checks.earlier(1, same, "m", NOON, 0.9))) == ["Claim 2.", "Claim 3."]
