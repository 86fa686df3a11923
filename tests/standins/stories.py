"""Made stories with edited copies, and other stories about the same events: to measure the search for copies."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from retrieval.text import sentences
from retrieval.training.scenes import SCENES
from retrieval.training.scenes.draw import Draw

SCENES_A_STORY = 7
QUOTES = (
    '"We have waited for this for a long time and will not be turned round again," {who} said.',
    '"Nobody should believe that this ends the matter," {who} told reporters outside.',
    '"I have seen many such days and this was one of the harder ones," said {who}.',
)
LOCAL = (
    "Readers who have pictures of the day can send them to our newsroom until the end of the week.",
    "In our region the news was followed closely, as many families have relatives there.",
    "A public meeting about it will be held in the town hall on the first evening of next month.",
)
SYNONYMS = (
    ("said", "stated"), ("people", "persons"), ("because of", "owing to"), ("According to", "As reported by"), ("members", "delegates"),
    ("another", "a further"), ("against", "opposing"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Made:
    """A text, the story that it is a copy of, and the event that it is about."""

    text: str
    story: int
    event: int


def made_stories(events: int, seed: int) -> list[Made]:
    """Of each event two stories that share facts and a quote, in other words, each with 3 to 6 copies; shuffled."""
    rng = random.Random(seed)
    result: list[Made] = []
    for event in range(events):
        who, quote = Draw(rng).person(), rng.choice(QUOTES)
        scenes = [make(Draw(rng)) for make in rng.sample(SCENES, SCENES_A_STORY)]
        wordings = [rng.sample(range(len(scene.reports)), 2) for scene in scenes]
        for side in (0, 1):
            parts = [scene.reports[order[side]] for scene, order in zip(scenes, wordings, strict=True)]
            rng.shuffle(parts)
            parts.insert(rng.randrange(len(parts)), quote.format(who=who))
            original = [part[0].upper() + part[1:] for part in parts]
            story = event * 2 + side
            result.append(Made("\n\n".join(original), story, event))
            result.extend(Made(edited(original, rng), story, event) for _ in range(rng.randint(3, 6)))
    rng.shuffle(result)
    return result


def edited(paragraphs: Sequence[str], rng: random.Random) -> str:
    """A copy as another outlet would print it: two to four changes."""
    copy = list(paragraphs)
    for edit in rng.sample(EDITS, rng.randint(2, 4)):
        copy = edit(copy, rng)
    return "\n\n".join(copy)


def _credit(copy: list[str], rng: random.Random) -> list[str]:
    return [f"{Draw(rng).place().upper()} (Sample Wire) - {copy[0]}", *copy[1:]]


def _byline(copy: list[str], rng: random.Random) -> list[str]:
    return [f"By {Draw(rng).person()}, our correspondent", *copy]


def _shortened(copy: list[str], rng: random.Random) -> list[str]:
    return copy[: max(4, len(copy) - rng.randint(1, 3))]


def _local(copy: list[str], rng: random.Random) -> list[str]:
    return [*copy, *rng.sample(LOCAL, rng.randint(1, 2))]


def _reworded(copy: list[str], rng: random.Random) -> list[str]:
    for old, new in rng.sample(SYNONYMS, 3):
        copy = [part.replace(old, new) for part in copy]
    return copy


def _first_sentence(copy: list[str], rng: random.Random) -> list[str]:
    first = [copy[0][start:end] for start, end in sentences(copy[0])]
    return [
        f"This is what is known so far about the events in {Draw(rng).place()}.",
        *([" ".join(first[1:])] if first[1:] else []),
        *copy[1:],
    ]


def _swapped(copy: list[str], rng: random.Random) -> list[str]:
    at = rng.randrange(len(copy) - 1)
    return [*copy[:at], copy[at + 1], copy[at], *copy[at + 2 :]]


def _without_one(copy: list[str], rng: random.Random) -> list[str]:
    at = rng.randrange(1, len(copy))
    return [*copy[:at], *copy[at + 1 :]]


Edit = Callable[[list[str], random.Random], list[str]]
EDITS: tuple[Edit, ...] = (_credit, _byline, _shortened, _local, _reworded, _first_sentence, _swapped, _without_one)


def pairs_found(stories: Sequence[Made], groups: Sequence[object]) -> tuple[float, float]:
    """(precision, recall) of pairs that are put into one group, against pairs of one story."""
    right = found = wanted = 0
    for first in range(len(stories)):
        for second in range(first):
            together = groups[first] is not None and groups[first] == groups[second]
            copies = stories[first].story == stories[second].story
            right += together and copies
            found += together
            wanted += copies
    return right / max(1, found), right / max(1, wanted)
