"""What is news of a claim that was checked again, and which claims are compared with what was stored."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bot import followed
from bot.followed import compare_stored, embed_anew, fresh, is_news
from retrieval.ingest.pipeline import ingest
from retrieval.types import Article, ArticleRef, Claim, Comparison, Excerpt, Outcome, Stance
from tests.bot.discord.chat import BRIDGE, FakeModelApp, app_in, news

STRONG = 0.95


@pytest.fixture
def app(tmp_path: Path) -> Iterator[FakeModelApp]:
    with app_in(tmp_path) as made:
        yield made


def _excerpt(number: int, sure: float = 0.9, story: int | None = None, copies: Sequence[str] = ()) -> Excerpt:
    article = ArticleRef(number, number, f"https://echo.example/{number}", "", "Echo", None, story_id=story)
    return Excerpt("Words.", 0, 6, article, Stance(0, sure, 1 - sure), copies=copies)


def _comparison(outcome: Outcome, agreeing: Sequence[Excerpt] = (), contradicting: Sequence[Excerpt] = ()) -> Comparison:
    return Comparison(Claim("A claim."), outcome, agreeing, contradicting, 3, 1, None, {})


SILENT = _comparison(Outcome.NO_MATCH)
AGREE = _comparison(Outcome.AGREE, [_excerpt(1)])
MIXED = _comparison(Outcome.MIXED, [_excerpt(1)], [_excerpt(2)])


@pytest.mark.parametrize(
    ("seen", "now", "expected"),
    [
        (SILENT, AGREE, True),
        (AGREE, AGREE, False),
        (AGREE, MIXED, True),
        (SILENT, _comparison(Outcome.UNCLEAR), False),
        (_comparison(Outcome.UNCLEAR), SILENT, False),
        (AGREE, SILENT, False),  # what was there is not found any more: nothing to show
        (MIXED, AGREE, False),
        (MIXED, _comparison(Outcome.AGREE, [_excerpt(1), _excerpt(3)]), True),
        (AGREE, _comparison(Outcome.AGREE, [_excerpt(1), _excerpt(3)]), False),  # more that agree
        (MIXED, _comparison(Outcome.MIXED, [_excerpt(1)], [_excerpt(2), _excerpt(3)]), False),  # a weak contradiction
        (MIXED, _comparison(Outcome.MIXED, [_excerpt(1)], [_excerpt(2), _excerpt(3, STRONG)]), True),
        (MIXED, _comparison(Outcome.MIXED, [_excerpt(1)], [_excerpt(2, 0.99)]), False),  # a known one, surer now
        (AGREE, _comparison(Outcome.CONTRADICT, [], [_excerpt(1)]), True),  # the article was revised
    ],
)
def test_what_is_news(seen: Comparison, now: Comparison, expected: bool) -> None:
    assert is_news(seen, now, STRONG) is expected


def test_a_copy_of_a_known_story_is_not_fresh() -> None:
    seen = _comparison(Outcome.CONTRADICT, [], [_excerpt(1), _excerpt(2, story=5)])
    others = [
        _excerpt(1, story=6),  # it got copies meanwhile
        _excerpt(3, story=6, copies=["https://echo.example/1"]),  # one of these
        _excerpt(4, story=5),
        _excerpt(7, story=8),
    ]
    now = _comparison(Outcome.CONTRADICT, [], others)
    assert fresh(seen, now) == ([], [others[3]])


def _follow(app: FakeModelApp, claim: str, model: str | None = None) -> int:
    silent = replace(SILENT, claim=Claim(claim))
    id_ = app.follows.follow(1, None, None, "en", silent, app.embedder.embed([claim])[0], model or app.embedder.model_id)
    assert id_ is not None
    return id_


def test_what_is_stored_makes_the_claims_due_that_it_may_speak_of_and_is_compared_once(app: FakeModelApp) -> None:
    near, _ = _follow(app, BRIDGE), _follow(app, "The ferry to Selby sank.")
    assert not compare_stored(app)
    ingest(news(3), app.articles, app.embedder)
    assert compare_stored(app)
    assert [one.id for one in app.follows.due(9)] == [near]
    assert app.follows.reached() == app.changes.last_seq()
    assert not compare_stored(app)


def test_a_kill_before_the_mark_leaves_all_to_be_compared_again(app: FakeModelApp, monkeypatch: pytest.MonkeyPatch) -> None:
    near = _follow(app, BRIDGE)
    assert not compare_stored(app)
    ingest(news(3), app.articles, app.embedder)
    with monkeypatch.context() as patched:
        patched.setattr(app.follows, "mark_due", _killed)
        with pytest.raises(KeyboardInterrupt):
            compare_stored(app)
    assert app.follows.due(9) == []
    assert compare_stored(app)
    assert [one.id for one in app.follows.due(9)] == [near]


def _killed(*_: object) -> None:
    raise KeyboardInterrupt


def test_rows_are_compared_in_pages_and_those_of_passages_that_went_are_passed_over(
    app: FakeModelApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(followed, "PAGE", 2)
    near = _follow(app, BRIDGE)
    assert not compare_stored(app)
    ingest([Article("https://echo.example/1", "Weather", "Echo", "Fog lay over the valley."), *news(1)], app.articles, app.embedder)
    app.articles.remove(["https://echo.example/1"])
    pages = 0
    while compare_stored(app):
        pages += 1
    assert pages == 2
    assert [one.id for one in app.follows.due(9)] == [near]


def test_vectors_of_another_model_are_not_compared_but_made_anew(app: FakeModelApp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(followed, "ANEW", 2)
    ids = [_follow(app, f"{BRIDGE} {number}", "another@1") for number in range(3)]
    assert not compare_stored(app)
    ingest(news(1), app.articles, app.embedder)
    assert compare_stored(app)
    assert app.follows.due(9) == []
    assert not embed_anew(app)
    assert embed_anew(app)
    (claims,) = app.follows.claims(app.embedder.model_id)
    assert list(claims.ids) == ids
    assert np.allclose(claims.vectors, app.embedder.embed(claims.texts), atol=1e-3)
