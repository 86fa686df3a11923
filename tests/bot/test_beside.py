"""What an answer says beside its sides: two answers for reported speech, facts apart, accounts over time, own links, hindsight."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.render import answer, headline, symbol
from bot.words import words_for
from retrieval.types import (
    Account,
    ArticleRef,
    Claim,
    Comparison,
    Excerpt,
    Outcome,
    OwnSource,
    Part,
    Stance,
    Standing,
)  # fmt: skip

ENGLISH = words_for("en-GB")
POSTED = datetime(2025, 8, 14, 12, tzinfo=UTC)
BEFORE, AFTER = datetime(2025, 8, 14, 9, tzinfo=UTC), datetime(2025, 8, 15, 9, tzinfo=UTC)


def article(outlet: str, at: datetime | None = BEFORE) -> ArticleRef:
    number = sum(map(ord, outlet))
    return ArticleRef(number, number, f"https://{outlet.lower().replace(' ', '-')}.example/a", "Title", outlet, at)


def excerpt(outlet: str, at: datetime | None = BEFORE) -> Excerpt:
    return Excerpt("Two people died.", 0, 16, article(outlet, at), Stance(0.9, 0.05, 0.05))


def compared(
    agreeing: Sequence[Excerpt] = (), contradicting: Sequence[Excerpt] = (), claim: Claim | None = None, **more: object
) -> Comparison:  # fmt: skip
    outcome = Outcome.MIXED if agreeing and contradicting else Outcome.AGREE if agreeing else Outcome.CONTRADICT
    made = Comparison(claim or Claim("Nobody died, with 0 dead."), outcome, agreeing, contradicting, 9, 2, AFTER, {})
    return replace(made, **more)  # type: ignore[arg-type]


def account(words: str, value: float, since: datetime, until: datetime, *outlets: str) -> Account:
    return Account(words, value, since, until, outlets, article(outlets[0], since), 0, len(words))


CHANGED = (account("0 dead", 0, BEFORE, BEFORE, "Echo"), account("2 dead", 2, AFTER, AFTER, "Post", "Courier", "Valley News"))


@pytest.mark.parametrize(
    ("agreeing", "contradicting", "hindsight"),
    [
        ([excerpt("Echo")], [excerpt("Post", AFTER)], True),
        ([excerpt("Echo")], [excerpt("Post", BEFORE)], False),
        ([excerpt("Echo")], [excerpt("Post", AFTER), excerpt("Mill", BEFORE)], False),
        ([excerpt("Echo", AFTER)], [excerpt("Post", AFTER)], False),
        ([excerpt("Echo", None)], [excerpt("Post", AFTER)], False),
        ([excerpt("Echo")], [excerpt("Post", None)], False),
        ([], [excerpt("Post", AFTER)], False),
    ],
)
def test_a_post_that_agreed_with_the_news_of_its_time_is_never_only_contradicted(
    agreeing: list[Excerpt], contradicting: list[Excerpt], hindsight: bool
) -> None:
    found = compared(agreeing, contradicting)
    said = headline(found, ENGLISH, posted_at=POSTED)
    assert (said == "It agreed with the news of its time; 1 later source contradicts it.") == hindsight
    assert headline(found, ENGLISH) == headline(found, ENGLISH, posted_at=AFTER)
    assert "of its time" not in headline(found, ENGLISH)


def test_accounts_show_what_was_the_news_of_its_time_where_no_excerpt_does() -> None:
    claim = Claim("The storm left 0 dead.")
    found = compared([], [excerpt("Post", AFTER), excerpt("Mill", AFTER)], claim, accounts=CHANGED)
    assert headline(found, ENGLISH, posted_at=POSTED) == "It agreed with the news of its time; 2 later independent sources contradict it."
    assert (symbol(found, POSTED), symbol(found)) == ("✓✗", "✗")
    later = replace(found, claim=Claim("The storm left 2 dead."))
    assert headline(later, ENGLISH, posted_at=POSTED) == "2 independent sources contradict this; none found that agrees."


def test_what_is_newer_than_the_post_says_so() -> None:
    shown = answer(compared([excerpt("Echo")], [excerpt("Post", AFTER)]), ENGLISH, posted_at=POSTED)
    assert [card.newer for card in (*shown.agreeing, *shown.contradicting)] == ["", "newer than the post"]
    assert not answer(compared([excerpt("Echo", AFTER)]), ENGLISH).agreeing[0].newer


def test_reported_speech_has_two_answers() -> None:
    claim = Claim("Olsen said the bridge would close.", speaker="Olsen", said="the bridge would close")
    of_words = compared([], [excerpt("Post")], Claim("the bridge would close"))
    shown = answer(compared([excerpt("Echo")], [], claim, said=of_words), ENGLISH)
    assert shown.question == "Did Olsen say it?"
    assert shown.headline == "1 source agrees; none found that contradicts."
    assert shown.said is not None
    assert shown.said.title == "What was said: “the bridge would close”"
    assert (shown.said.symbol, shown.said.headline) == ("✗", "1 source contradicts this; none found that agrees.")
    assert [card.outlet for card in shown.said.contradicting] == ["Post"]


def test_each_fact_that_something_was_found_for_has_a_line() -> None:
    claim = Claim("It passed by 93 votes to 18 on 4 May.")
    spans = [(13, 21), (25, 27), (31, 36)]
    parts = (
        Part(spans[0], Standing.AGREES, "93 votes", article("Echo")),
        Part(spans[1], Standing.ELSEWHERE, "18 against", article("Post")),
        Part(spans[2], Standing.OPEN),
    )
    shown = answer(compared([excerpt("Echo")], [], claim, parts=parts), ENGLISH)
    assert [(fact.symbol, fact.text, fact.outlet) for fact in shown.facts] == [
        ("✓", "“93 votes” agrees", "Echo"),
        ("≠", "“18” stands in a report of something else: 18 against", "Post"),
    ]
    assert shown.facts[0].link == "https://echo.example/a#:~:text=93%20votes"
    differs = answer(compared([], [excerpt("Echo")], claim, parts=(Part(spans[1], Standing.DIFFERS, "33", article("Echo")),)), ENGLISH)
    assert (differs.facts[0].symbol, differs.facts[0].text) == ("✗", "“18” differs: 33")


def test_what_was_reported_when_is_one_line_in_the_reader_s_dates() -> None:
    assert answer(compared([excerpt("Echo")], accounts=CHANGED), ENGLISH).changes == (
        "Reported: 0 dead on 14 Aug 2025 (Echo · echo.example), 2 dead since 15 Aug 2025 (Post · post.example and 2 more)"
    )
    long = replace(CHANGED[0], until=AFTER)
    assert answer(compared([excerpt("Echo")], accounts=(long, CHANGED[1])), words_for("de")).changes.count("15.08.2025") == 2
    many = [replace(CHANGED[1], words=f"{n} dead", value=n) for n in range(9)]
    assert [part.split()[0] for part in answer(compared(accounts=tuple(many)), ENGLISH).changes.split(": ")[1].split(", ")] == [
        "0", "…", "6", "7", "8",
    ]  # fmt: skip


def test_how_a_claim_was_read_is_said() -> None:
    pointing = Claim("It was adopted.", context="The American text came last.", pointer="It", referent="the American text")
    assert answer(compared([excerpt("Echo")], claim=pointing), ENGLISH).reading == "“It” is taken for “the American text”."
    assert answer(compared([excerpt("Echo")], claim=replace(pointing, pointer="", referent="")), ENGLISH).reading == (
        "Before it in the post: “The American text came last.”"
    )
    assert answer(compared([excerpt("Echo")]), ENGLISH).reading == ""


def test_the_post_s_own_links_are_answered_for() -> None:
    own = (
        OwnSource("https://a.example/1", Outcome.NO_MATCH),
        OwnSource("https://a.example/2", Outcome.AGREE, excerpt("Echo")),
        OwnSource("https://a.example/3", Outcome.CONTRADICT, excerpt("Post", AFTER)),
    )
    shown = answer(compared([excerpt("Echo")], own=own), ENGLISH, posted_at=POSTED).own
    assert [(one.link.symbol, one.link.text) for one in shown] == [
        ("·", "The post's own link does not say this"),
        ("✓", "The post's own link agrees"),
        ("✗", "The post's own link contradicts this"),
    ]
    assert [one.card.newer if one.card else None for one in shown] == [None, "", "newer than the post"]
