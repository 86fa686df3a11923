"""Words with which pairs are made (augment.py): all ours, common in news."""

from __future__ import annotations

NUMBER_WORDS = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen", "fourteen",
    "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty",
)  # fmt: skip
MONTHS = ("January", "February", "March", "April", "June", "July", "August", "September", "October", "November", "December")  # not "May"
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

_OPPOSITES = (
    "rose fell", "rise fall", "rising falling", "increased decreased", "increase decrease", "increasing decreasing", "higher lower",
    "before after", "won lost", "wins loses", "approved rejected", "opened closed", "opens closes", "accepted refused",
    "supported opposed", "supports opposes", "above below", "started ended", "began ended", "arrived left", "gained lost",
    "guilty innocent", "alive dead", "largest smallest", "highest lowest", "oldest youngest", "best worst", "north south",
    "northern southern", "east west", "eastern western", "positive negative", "passed failed", "allowed banned",
    "strengthened weakened", "succeeded failed", "earlier later",
)  # fmt: skip
DIRECTIONS = {word: other for pair in _OPPOSITES for word, other in (pair.split(), reversed(pair.split()))}
DIRECTIONS |= {"fall": "rise", "ended": "began", "lost": "won", "failed": "passed"}  # words with two opposites

AUXILIARIES = ("is", "are", "was", "were", "has", "have", "had", "will", "can", "could", "would", "should", "did", "does", "do")
TRANSITIVE = (
    "beat", "defeated", "sued", "accused", "acquired", "bought", "attacked", "invaded", "killed", "succeeded", "replaced", "criticised",
    "criticized", "overtook", "hired", "thanked", "married", "arrested", "followed", "directed", "founded", "influenced", "signed",
)  # fmt: skip

# A sentence's first word that is written small after "that".
OPENERS = frozenset(
    "The A An There It He She They This That These Those In On At During After Before Since Some Most Many More Less At Over Under About "
    "All No One Two Three Four Five Six Seven Eight Nine Ten People Police Its His Her Their".split()
)
SPEAKERS = (
    "the ministry", "the foreign minister", "a government spokesperson", "the police", "the company", "the president", "the mayor",
    "the army", "the health agency", "the prime minister's office", "the opposition leader", "the union", "a court official",
    "the regional governor", "the central bank", "the embassy", "the head of the agency", "the club", "the prosecutor", "the Kremlin",
    "the White House", "the organisers", "the university", "the commission", "the rescue service", "the election authority",
)  # fmt: skip
ASSERTED = (
    "{who} said that {clause}.", "{who} confirmed that {clause}.", "{who} announced that {clause}.", "According to {who}, {clause}.",
    "{clause}, {who} said.", "In a statement, {who} said {clause}.", "{who} told reporters that {clause}.",
)  # fmt: skip
DENIED = (
    "{who} denied that {clause}.", "{who} dismissed as false reports that {clause}.", "{who} rejected the claim that {clause}.",
    "It is not true that {clause}, {who} said.", "{who} said there was no truth in reports that {clause}.",
    "{who} called the report that {clause} an invention.",
)  # fmt: skip
UNCONFIRMED = (
    "{who} declined to say whether {clause}.", "{who} would neither confirm nor deny that {clause}.",
    "It could not be confirmed whether {clause}, {who} said.", "{who} did not comment on reports that {clause}.",
    "{who} is looking into whether {clause}.", "{who} was asked whether {clause} and gave no answer.",
)  # fmt: skip
REPORTED = (
    "Rumours that {clause} spread online; no evidence has been given.", "An anonymous post claims that {clause}.",
    "Critics allege that {clause}, without naming a source.", "Users of several forums asked whether {clause}.",
    "{who} was accused by opponents of hiding that {clause}.",
)  # fmt: skip
PLANNED = (
    "{who} hopes that one day it can be said that {clause}.", "It remains to be seen whether {clause}, {who} said.",
    "If {clause}, the consequences would be serious, {who} warned.", "{who} would like it to be the case that {clause}.",
    "Experts disagree on whether {clause}.", "{who} will look at the question of whether {clause} next month.",
)  # fmt: skip
