"""How the news changed its account of a plain fact of a claim: "0 dead" on 14 August, "2 dead" since 15 August. No model is run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from retrieval.anchors import names
from retrieval.facts.quantities import quantities
from retrieval.facts.quantity import Quantity
from retrieval.facts.sameness import same_thing
from retrieval.facts.vocabulary import BALLOT_ROLES
from retrieval.nearest import overlap_scores
from retrieval.text import sentences
from retrieval.types import Account, Claim, Window

CHANGES_WITHIN = timedelta(days=45)  # accounts of one event; what is further apart is next year's event
NAMES = 2  # names that an article's title and passage must share with those of the article that is nearest to the claim
NEAR = 0.25  # share of the words of claim and context that the nearest must have


@dataclass(frozen=True, slots=True)
class _Told:
    """What one article gives for the fact."""

    value: float
    at: datetime
    window: Window
    start: int  # in the article
    end: int


def accounts_of(claim: Claim, windows: Sequence[Window]) -> tuple[Account, ...]:
    """What dated articles of one event gave for the claim's first number that changed, earliest first; none where it did not.

    Only numbers with a name, unit or role ("dead", "dalers") count, of each article the first; counts of votes do not change. One of the
    values must be the claim's.
    """
    about = _of_one_event(claim, windows)
    for wanted in quantities(claim.text):
        votes = wanted.role in BALLOT_ROLES or wanted.noun == "vote"
        if wanted.ordinal or wanted.partial or votes or not (wanted.noun or wanted.role or wanted.unit):
            continue
        accounts = _accounts([told for told in (_told(wanted, each) for each in about) if told])
        if len(accounts) > 1 and any(_may_be(wanted, account.value) for account in accounts):
            return accounts
    return ()


def _of_one_event(claim: Claim, windows: Sequence[Window]) -> list[list[Window]]:
    """The dated windows of the articles that tell of what the claim tells of, by article, each in the order of its text."""
    dated = [window for window in windows if window.passage.article.published_at]
    shares = overlap_scores(claim.query, [window.text for window in dated])
    if not dated or max(shares) < NEAR:
        return []
    nearest = dated[max(range(len(dated)), key=shares.__getitem__)]
    called = _names(nearest)
    by_article: dict[int, list[Window]] = {}
    for window in dated:
        if window.passage.article.id == nearest.passage.article.id or len(called & _names(window)) >= NAMES:
            by_article.setdefault(window.passage.article.id, []).append(window)
    return [sorted(each, key=lambda window: (window.start, window.end)) for each in by_article.values()]


def _told(wanted: Quantity, windows: Sequence[Window]) -> _Told | None:
    """The first number of an article's windows that is of the same thing; None where there is none, or it is no plain number."""
    for window in windows:
        published = window.passage.article.published_at
        for start, end in sentences(window.text):
            for one in quantities(window.text[start:end]):
                if published is None or one.partial or not same_thing(wanted, one, alone=False):
                    continue
                if one.low != one.high or one.modifier not in {"exact", "about"}:
                    return None
                at = window.start + start
                return _Told(one.low, published, window, at + one.start, at + one.end)
    return None


def _accounts(told: Sequence[_Told]) -> tuple[Account, ...]:
    values: dict[float, list[_Told]] = {}
    for one in sorted(told, key=lambda one: (one.at, one.window.passage.article.id)):
        values.setdefault(one.value, []).append(one)
    accounts = [_account(each) for each in values.values()]
    return tuple(account for account in accounts if account.since - accounts[0].since <= CHANGES_WITHIN)


def _account(told: Sequence[_Told]) -> Account:
    first, window = told[0], told[0].window
    text = window.text[first.start - window.start : first.end - window.start]
    outlets = tuple(dict.fromkeys(one.window.passage.article.source for one in told))
    return Account(text, first.value, first.at, told[-1].at, outlets, window.passage.article, first.start, first.end)


def _may_be(wanted: Quantity, value: float) -> bool:
    return abs(value - wanted.low) <= max(wanted.slack, 1e-9 * abs(wanted.low))


def _names(window: Window) -> frozenset[str]:
    return names(f"{window.passage.article.title}. {window.passage.text}")
