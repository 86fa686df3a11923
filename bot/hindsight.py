"""What was known when a post was written: which evidence is newer, and whether the post agreed with the news of its time. Pure."""

from __future__ import annotations

from datetime import datetime

from retrieval.facts.quantities import quantities
from retrieval.types import Account, Comparison, Excerpt


def is_newer(excerpt: Excerpt, posted_at: datetime | None) -> bool:
    """Whether the article came after the post; False where either has no date."""
    published = excerpt.article.published_at
    return posted_at is not None and published is not None and published > posted_at


def later_contradicting(comparison: Comparison, posted_at: datetime | None) -> list[Excerpt]:
    """What contradicts a claim that agreed with the news of its time: all of it newer than the post. Empty where it did not agree then.

    It did where all that contradicts is newer and nothing that agrees is, or where the account of the news at that date was the claim's;
    of reported speech, accounts are of the words said, not of whether they were said.
    """
    if posted_at is None:
        return []
    later = [one for one in comparison.contradicting if is_newer(one, posted_at)]
    dated = [one for one in comparison.agreeing if one.article.published_at]
    agreed = bool(dated) and not any(is_newer(one, posted_at) for one in dated)
    if (agreed and len(later) == len(comparison.contradicting)) or (comparison.said is None and _account_then(comparison, posted_at)):
        return later
    return []


def _account_then(comparison: Comparison, posted_at: datetime) -> bool:
    """Whether what articles gave last before the post is what the claim gives."""
    before = [account for account in comparison.accounts if account.since <= posted_at]
    return bool(before) and before[-1] in _claimed(comparison)


def _claimed(comparison: Comparison) -> list[Account]:
    """The accounts with the claim's own value: of its first number that any account has."""
    for wanted in quantities(comparison.claim.text):
        slack = max(wanted.slack, 1e-9 * abs(wanted.low))
        same = [one for one in comparison.accounts if abs(one.value - wanted.low) <= slack]
        if same and not wanted.ordinal and not wanted.partial:
            return same
    return []
