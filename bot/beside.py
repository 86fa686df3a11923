"""What an answer says beside its two sides: how the claim was read, its facts apart, how a fact changed, what the post's own links say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC

from bot.links import fragment_link, named
from bot.words import Words
from retrieval.types import Account, Claim, Comparison, Outcome, OwnSource, Part, Standing

AGREE, CONTRADICT, SILENT, ELSEWHERE = "✓", "✗", "·", "≠"
ACCOUNTS = 4  # of more, the first and the last are named


@dataclass(frozen=True, slots=True)
class Fact:
    """A plain fact of the claim and how it stands, with the article that has it."""

    symbol: str
    text: str
    outlet: str
    url: str
    link: str  # lands on the fact


@dataclass(frozen=True, slots=True)
class OwnLink:
    """What an address in the post says of the claim."""

    symbol: str
    text: str
    url: str


def reading(claim: Claim, words: Words) -> str:
    """What a pronoun was taken for, or the words that the claim points back to; "" where it stands by itself."""
    if claim.pointer:
        return words("“{pointer}” is taken for “{referent}”.", pointer=claim.pointer, referent=claim.referent)
    return words("Before it in the post: “{context}”", context=claim.context) if claim.context else ""


def facts(comparison: Comparison, words: Words) -> list[Fact]:
    """The facts that something was found for, in the claim's order."""
    return [_fact(comparison.claim, part, words) for part in comparison.parts if part.standing is not Standing.OPEN]


def changes(accounts: Sequence[Account], words: Words) -> str:
    """What was reported when, in one line; "" where nothing changed."""
    if not accounts:
        return ""
    told = [_account(one, words, last=one is accounts[-1]) for one in accounts]
    if len(told) > ACCOUNTS:
        told = [told[0], "…", *told[1 - ACCOUNTS :]]
    return words("Reported: {accounts}", accounts=", ".join(told))


def own_link(own: OwnSource, words: Words) -> OwnLink:
    """Whether an address in the post says what the post says."""
    match own.outcome:
        case Outcome.AGREE:
            return OwnLink(AGREE, words("The post's own link agrees"), own.url)
        case Outcome.CONTRADICT:
            return OwnLink(CONTRADICT, words("The post's own link contradicts this"), own.url)
    return OwnLink(SILENT, words("The post's own link does not say this"), own.url)


def _fact(claim: Claim, part: Part, words: Words) -> Fact:
    match part.standing:
        case Standing.AGREES:
            symbol, stands = AGREE, words("agrees")
        case Standing.DIFFERS:
            symbol, stands = CONTRADICT, words("differs: {words}", words=part.words)
        case _:
            symbol, stands = ELSEWHERE, words("stands in a report of something else: {words}", words=part.words)
    fact, article = claim.text[slice(*part.span)], part.article
    url = article.url if article else ""
    text = words("“{fact}” {stands}", fact=fact, stands=stands)
    return Fact(symbol, text, article.source if article else "", url, fragment_link(url, part.words) if url else "")


def _account(account: Account, words: Words, *, last: bool) -> str:
    since, until, more = words.date(account.since), words.date(account.until), len(account.sources) - 1
    first = account.sources[0] if account.sources else account.article.source
    outlets = named(first, account.article.url) if first == account.article.source else first
    if more > 0:
        outlets = words.plural("{outlet} and {n} more", "{outlet} and {n} more", more, outlet=outlets)
    if last:
        return words("{fact} since {date} ({outlets})", fact=account.words, date=since, outlets=outlets)
    if account.since.astimezone(UTC).date() == account.until.astimezone(UTC).date():
        return words("{fact} on {date} ({outlets})", fact=account.words, date=since, outlets=outlets)
    return words("{fact} from {since} to {until} ({outlets})", fact=account.words, since=since, until=until, outlets=outlets)
