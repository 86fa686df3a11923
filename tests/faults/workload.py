"""What a worker does to a store: small steps of ingest, checks, case work and following, each about one register of the journal.

A step reads the store first and goes on from what it finds, as the bot does: what an earlier step tried in vain may be there or not.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from db.asks import Ask, Asks, Limit, Limits, Pending, Where
from db.cases import RESOLVED, Dispute, Flag, Post
from db.cases import State as CaseState
from db.disputes import Disputes
from db.follows import Follows
from db.leases import Leases
from retrieval.errors import CrosscheckError
from retrieval.types import Article, Comparison
from tests.faults.journal import Journal, Value
from tests.standins.store import EMBEDDER, Store, article, sentences_about

KEY = b"f" * 32  # of the audit
GUILDS = (501, 502)
AUTHOR, MODERATORS = 7_001, (8_001, 8_002)
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
WORDS = ("granite", "lobsters", "violins", "tariffs", "measles", "turbines", "orchids", "ferries", "glaciers", "sardines", "castles")
AREAS = ("ingest", "check", "case", "follow")
ADDRESSES = 40  # that articles of a store have: revised, removed and stored again
TURN = timedelta(minutes=2)  # of a lease
FREQUENT, FEW = Where(None, 77, "who asks often"), Limits(user=[Limit(5, 60)])
Step = Callable[[], None]


class Refused(Exception):
    """The product said that it did nothing, where it was to do something."""


class Workload:
    """Steps over one store. `name` keeps apart what different workers of one store write; `journal` is theirs."""

    def __init__(self, store: Store, journal: Journal, name: str, seed: str) -> None:
        self.store = store
        self.asks = Asks(store.database)
        self.disputes = Disputes(store.database, KEY)
        self.follows = Follows(store.database)
        self.leases = Leases(store.database)
        self._journal = journal
        self._name = name
        self._chance = random.Random(seed)
        self._count = 0
        self._checker = store.checker()

    def steps(self, areas: Sequence[str]) -> Iterator[Step]:
        """For ever. First what a process that ended before has left undone, if this one answers."""
        of_area: dict[str, Step] = {
            "ingest": self._ingest, "check": self._check, "case": self._case, "follow": self._follow, "turns": self._turns,
        }  # fmt: skip
        if "check" in areas:
            yield self.answer_waiting
        while True:
            self._count += 1
            yield of_area[self._chance.choice(areas)]

    def answer_waiting(self) -> None:
        """As a bot that starts: whoever waits gets an answer, or is told that none comes."""
        for ask in self.asks.waiting(LONG_AGO):
            with suppress(CrosscheckError):  # it stands in the journal; the others wait as well
                self._answer(ask) if self._chance.random() < 0.6 else self._tell(ask)

    def maintain(self, what: str) -> None:
        """What an operator or a keeper starts, which is no news for any register: "rebuild", "compact"."""
        if what == "rebuild":
            self.store.index.rebuild()
        else:
            self.store.database.scrub()
            self.store.database.rewrite()

    # Ingest.

    def _ingest(self) -> None:
        place = self._chance.randrange(ADDRESSES)
        url = f"https://echo.example/{place}"
        if self._chance.random() < 0.12:
            self._do(f"article {url}", None, lambda: self.store.articles.remove([url]))
            return
        one = self._made(place)
        self._do(f"article {url}", digest(one.text), lambda: self._stored(one))
        if self._chance.random() < 0.5:
            self.store.index.follow()

    def _made(self, place: int) -> Article:
        """Another wording each time; some of another address's last one, as a wire story has."""
        topics = [f"{self._chance.choice(WORDS)} {self._chance.randrange(10_000)}" for _ in range(self._chance.randint(2, 12))]
        words = sentences_about([f"{self._name} {self._count}", *topics, "ice 🧊 cafe\u0301"])
        passages = self.store.passages
        if self._chance.random() < 0.15 and (live := sorted(self.store.live())):
            chosen = self._chance.choice(live)
            found = passages.passages([chosen]).get(chosen)
            if found is not None:
                words = passages.article_text([found.article.revision_id]).get(found.article.revision_id, words)
        return article(str(place), words, source=f"Outlet {place % 5}", title=f"Report {place} of {self._name} {self._count}")

    def _stored(self, one: Article) -> None:
        report = self.store.add(one)
        if report.failed or report.items != 1:
            raise Refused(f"of one article: {report}")

    # Checks.

    def _check(self) -> None:
        user = f"user {self._name} {self._count}"
        where = Where(self._chance.choice((None, *GUILDS)), 10 + self._count % 3, user)
        pending = Pending(f"token {user}", self._claim(), "check", 99)
        taken: list[Ask] = []

        def accept() -> None:
            found = self.asks.accept(where, self._chance.random() < 0.5, "en-US", pending, Limits())
            if not isinstance(found, Ask):
                raise Refused("a first ask was refused")
            taken.append(found)

        self._do(f"ask {user}", "waiting", accept)
        if self._chance.random() < 0.85:
            self._answer(taken[0]) if self._chance.random() < 0.9 else self._tell(taken[0])

    def _answer(self, ask: Ask) -> None:
        if ask.pending is None:
            raise Refused(f"ask {ask.id} waits without its words")
        comparison, key = self._compared(ask.pending.text), f"{self._name} {self._count} {ask.id}"
        saved: list[int] = []
        self._do(f"check {key}", shown(comparison), lambda: saved.append(self._saved(comparison, key)))

        def answered() -> None:
            if not self.asks.answered(ask.id, saved, message_id=ask.id):
                raise Refused(f"ask {ask.id} was not waiting any more")

        self._do(f"ask {ask.where.user}", "answered", answered)

    def _tell(self, ask: Ask) -> None:
        def told() -> None:
            if not self.asks.told(ask.id):
                raise Refused(f"ask {ask.id} was not waiting any more")

        self._do(f"ask {ask.where.user}", "told", told)

    def _claim(self) -> str:
        return f"The council of Harwick spoke about {self._chance.choice(WORDS)} {self._chance.randrange(10_000)} for an hour on Tuesday."

    def _compared(self, text: str) -> Comparison:
        return self._checker.check_text(text)

    def _saved(self, comparison: Comparison, key: str) -> int:
        vector = EMBEDDER.embed([comparison.claim.text])[0]
        return self.store.checks.save(comparison, key, self.store.changes.last_seq(), vector)

    # Case work: a register for the flag, one for each decision (the version that it makes), one for each snapshot.

    def _case(self) -> None:
        guild = self._chance.choice(GUILDS)
        message = 1_000 + self._chance.randrange(30)
        case = self.disputes.of_message(guild, message)
        if case is None or self._chance.random() < 0.2:
            person = 9_000_000 + self._number()
            post = Post(guild, 10, message, AUTHOR, self._claim(), LONG_AGO)
            flag = Flag(person, False, "False", f"Note of {self._name}.")
            self._do(f"flag {guild} {message} {person}", True, lambda: self.disputes.open(post, flag))
        elif self._chance.random() < 0.25:
            self._do(f"evidence {case.id} {len(self.disputes.snapshots(case.id)) + 1}", True, lambda: self._evidence(case))
        else:
            self._decide(case)

    def _evidence(self, case: Dispute) -> None:
        comparison = self._compared(case.post.text)
        vectors = EMBEDDER.embed([comparison.claim.text])
        if self.disputes.add_snapshot(case.id, [comparison], vectors, EMBEDDER.model_id) is None:
            raise Refused(f"case {case.id} is gone")

    def _decide(self, case: Dispute) -> None:
        by, to = self._chance.choice(MODERATORS), self._chance.choice(sorted(RESOLVED))
        ways: list[tuple[str, Callable[[], Dispute | None]]] = []
        if case.state in RESOLVED:
            ways.append((CaseState.OPEN, lambda: self.disputes.reopen(case.id, case.decided, by, "News.")))
        else:
            ways.append((CaseState.IN_REVIEW, lambda: self.disputes.assign(case.id, case.decided, by, by)))
            ways.append((to, lambda: self.disputes.resolve(case.id, case.decided, by, to, f"So says {self._name}.")))
        state, way = self._chance.choice(ways)

        def decide() -> None:
            if way() is None:
                raise Refused(f"case {case.id} was decided by somebody else")

        self._do(f"decision {case.id} {case.version + 1}", state, decide)

    # Following.

    def _follow(self) -> None:
        person = 5_000 + self._chance.randrange(40)
        claim = f"The council of Harwick spoke about {WORDS[person % len(WORDS)]} {person} for an hour on Tuesday."
        mine = self.follows.of_person(person)
        if mine and self._chance.random() < 0.3:
            self._do(f"follow {person}", None, lambda: self.follows.unfollow(mine[0].id, person))
            return
        comparison = self._compared(claim)
        vector = EMBEDDER.embed([claim])[0]
        self._do(
            f"follow {person}", True,
            lambda: self.follows.follow(person, GUILDS[0], None, "en-US", comparison, vector, EMBEDDER.model_id),
        )  # fmt: skip

    # What the clock decides.

    def _turns(self) -> None:
        now = datetime.now(UTC)
        self.leases.take("rounds", self._name, now, TURN)
        self.store.addresses.take_host("news.test", self._name, now, TURN)
        pending = Pending(
            f"token {self._name} {self._count}", self._claim(), "check", 99
        )  # so that a kill here leaves what can be answered
        asked = self.asks.accept(FREQUENT, False, "en-US", pending, FEW)
        if isinstance(asked, Ask):
            self.asks.told(asked.id)

    def _number(self) -> int:
        """One that no other step has."""
        return int.from_bytes(hashlib.blake2b(f"{self._name} {self._count}".encode(), digest_size=5).digest(), "big")

    def _do(self, register: str, value: Value, act: Callable[[], object]) -> None:
        """Announce, act, and say that it was acknowledged; or say how it failed, and raise that."""
        entry = self._journal.attempt(register, value)
        try:
            act()
        except BaseException as error:
            self._journal.failed(entry, error, escaped=not isinstance(error, CrosscheckError))
            raise
        self._journal.done(entry)


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:20]


def shown(comparison: Comparison) -> str:
    """A check as a value: what was shown of it."""
    quotes = [f"{one.article.url} {one.start} {one.end} {one.text}" for one in (*comparison.agreeing, *comparison.contradicting)]
    return digest("\n".join([comparison.claim.text, comparison.outcome.value, *quotes]))
