"""What the program can be asked for: its parts (bot/parts.py) put to work."""

from __future__ import annotations

import asyncio
import gc
import logging
import time
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from bot.parts import Parts
from retrieval.claims import Post, find_claims, parse_claim
from retrieval.own import OwnArticle
from retrieval.ports import Vectors
from retrieval.stories import StoryComparison
from retrieval.types import Claim, Comparison

log = logging.getLogger("crosscheck.app")

AT_ONCE = 4  # claims of a post that are looked at together: more share work, fewer are shown sooner


@dataclass(frozen=True, slots=True)
class Checked:
    """A comparison with its claim's embedding, (dimension,) float32."""

    comparison: Comparison
    vector: Vectors


class App(Parts):
    """Everything a command needs. Raises StoreError when the database cannot be opened; ModelError when a model is missing or altered."""

    def warm_up(self) -> None:
        """Load models and index, so that the first who asks waits no longer than others. Raises ModelError, StoreError, IndexFault."""
        with self.turns.claim():
            self.search.find([parse_claim("The council said nothing.").text], 1)  # which loads what tells kinds of words too
            for model in (self.scout, self.stance):
                if model is not None:
                    model.judge([(".", ".")])
            self.checker  # noqa: B018 - made at its first use
        gc.collect()
        gc.freeze()  # what models and libraries are made of stays: to look through it again and again took a third of a second each time

    def check(self, text: str) -> Comparison:
        """Check one claim, before any article that waits to be stored. Raises BadClaim, ModelError, StoreError, IndexFault."""
        with self.turns.claim():
            return self._measured([parse_claim(text)])[0]

    def check_post(self, text: str) -> list[Comparison]:
        """As `check`, for the check-worthy clauses of a post, and beside them what it links to. Not for use within an event loop."""
        return [one for some in self.check_in_turn(find_claims(text, self.settings.max_claims)) for one in some]

    def check_in_turn(self, post: Post) -> Iterator[list[Comparison]]:
        """The claims of a post, some at a time: as soon as there is something to show. As `check_post`."""
        from bot import own_links  # which knows this file

        own = asyncio.run(own_links.own_articles(self, post.links)) if post.links else []
        for at in range(0, len(post.claims), AT_ONCE):
            with self.turns.claim():
                some = post.claims[at : at + AT_ONCE]
                found = self.checker.beside_own(self._measured(some), own)
            yield found

    def check_claims(self, claims: Sequence[Claim], hidden: Collection[int] = ()) -> list[Checked]:
        """As `check`, for claims that were found already; articles of the sources `hidden` are not looked at."""
        with self.turns.claim():
            comparisons = self._measured(claims, hidden)
            vectors = self.questions.embed([claim.query for claim in claims])
        return [Checked(comparison, vector) for comparison, vector in zip(comparisons, vectors, strict=True)]

    def beside_own(self, checked: Sequence[Checked], own: Sequence[OwnArticle]) -> list[Checked]:
        """What was checked, with what the articles that its post links to say of each claim."""
        with self.turns.claim():
            comparisons = self.checker.beside_own([one.comparison for one in checked], own)
        return [replace(one, comparison=comparison) for one, comparison in zip(checked, comparisons, strict=True)]

    def compare_stories(self, asked: Sequence[Claim], hidden: Collection[int] = ()) -> list[StoryComparison]:
        """For each story that is named, its outlets against one another, before any article that waits to be stored.

        Articles of the sources `hidden` are not looked at. Raises NoStory, ModelError, StoreError, IndexFault.
        """
        with self.turns.claim():
            return [self.stories.compare(one.text, hidden) for one in asked]

    def same_question(self, pairs: Sequence[tuple[str, str]]) -> list[float]:
        """For pairs of claims, how sure the stance model is that each agrees with the other: the less sure of the two ways, 0 to 1."""
        with self.turns.claim():
            stances = self.stance.judge([way for one, other in pairs for way in ((one, other), (other, one))])
        return [min(there.agree, back.agree) for there, back in zip(stances[::2], stances[1::2], strict=True)]

    def _measured(self, claims: Sequence[Claim], hidden: Collection[int] = ()) -> list[Comparison]:
        """As Checker.check; how long that took, and what came of it, is told and logged."""
        started = time.perf_counter()
        try:
            comparisons = self.checker.check(claims, hidden)
        except Exception as error:
            self.monitor.check_failed(error)
            raise
        seconds = time.perf_counter() - started
        self.monitor.checked(comparisons, seconds)
        outcomes = ", ".join(comparison.outcome for comparison in comparisons)
        log.info("%d claims compared in %.0f ms: %s", len(comparisons), 1000 * seconds, outcomes)
        return comparisons
