"""The phrases that a picture and its text alternative have in common, in the reader's language."""

from __future__ import annotations

from bot.pictures.facts import Entry, Found, Overview, Period, Side, day
from bot.words import Words
from retrieval.types import Outcome


def title(overview: Overview, words: Words) -> str:
    return words.plural(
        "{n} claim of this post was compared with the stored news.",
        "{n} claims of this post were compared with the stored news.",
        overview.compared,
    )


def foot(words: Words) -> list[str]:
    """What every picture ends with."""
    return [
        words("Independent sources are counted: copies of one story count once."),
        words("Quoted word for word; Crosscheck does not rule true or false."),
    ]


def remarks(more: int, left_out: int, words: Words) -> list[str]:
    """What is not shown, in sentences; none where all is."""
    made = [words.plural("… and {n} more.", "… and {n} more.", more)] if more else []
    return made + ([words.plural("{n} more claim was left out.", "{n} more claims were left out.", left_out)] if left_out else [])


def statements(words: Words) -> tuple[str, str]:
    """Of reported speech: what its two comparisons are about."""
    return words("That it was said"), words("What was said")


def agree(found: Found, words: Words) -> str:
    return words.plural("{n} agrees", "{n} agree", found.agreeing)


def contradict(found: Found, words: Words) -> str:
    return words.plural("{n} contradicts", "{n} contradict", found.contradicting)


def silence(found: Found, words: Words) -> str:
    """Why there are no counts."""
    if found.outcome is Outcome.NO_MATCH:
        return words("No stored source speaks to this.")
    return words("Stored sources speak of this, but none clearly agrees or contradicts.")


def stand(entry: Entry, words: Words) -> list[str]:
    """An article's side, and what else is known of it then."""
    notes = [words("agrees") if entry.side is Side.AGREE else words("contradicts")]
    if entry.first and entry.published:
        notes.append(words("first appearance"))
    if entry.revised:
        notes.append(words.plural("revised", "revised {n} times", entry.revised))
    if entry.copies:
        notes.append(words.plural("and {n} copy elsewhere", "and {n} copies elsewhere", entry.copies))
    return notes


def the_post(words: Words) -> str:
    return words("The post")


def accounts(words: Words) -> str:
    return words("What was given when")


def span(period: Period, words: Words) -> str:
    """When it was given, and by how many."""
    since, until = words.date(period.since), words.date(period.until)
    by = words.plural("{n} source", "{n} sources", period.sources)
    if period.last:
        when = words("since {date}", date=since)
    else:
        when = since if day(period.since) == day(period.until) else words("{since} to {until}", since=since, until=until)
    return f"{when}, {by}"
