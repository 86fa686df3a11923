"""What is kept of a person or a server can be handed out and deleted: afterwards it is in no table and no file. On both databases."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import MetaData, select, text
from sqlalchemy.orm import Session

from bot.pseudonyms import Pseudonyms
from db.addresses import Addresses
from db.articles import Articles
from db.asks import OWN_WORDS, About, Ask, Asks, Limits, Pending, Where
from db.cases import Flag, Post, State
from db.checks import Checks
from db.disputes import Disputes
from db.engine import Database, open_database
from db.follows import Follows
from db.guilds import Guild, Guilds
from db.keys import hangs_on_a_key
from db.opinions import Opinions
from db.privacy import Kept, Person, Privacy
from db.retention import KEEP_DAYS, purge_asks
from db.verifying import verify
from retrieval.ingest.pipeline import ingest
from retrieval.sources import Kind
from retrieval.types import ArticleRef, Claim, Comparison, Excerpt, Outcome, Stance
from tests.standins.databases import of_sqlite
from tests.standins.store import EMBEDDER, NOON, Store, article
from tests.standins.traces import cells, in_files, in_tables

KEY = b"k" * 32
OURS, THEIRS = 411_222_333_444_555_666, 422_333_444_555_666_777
NAMES = Pseudonyms(b"p" * 32)
ADA, BOB, MIA = (Person(id_, NAMES.of(id_)) for id_ in (711_111_111_111_111_111, 722_222_222_222_222_222, 733_333_333_333_333_333))
NOBODY = Person(744_444_444_444_444_444, NAMES.of(744_444_444_444_444_444))
QUOTE = "The council of Harwick voted 12 to 5 to close the old bridge."
NOTHING = Kept(*[0] * 8)
DAY = timedelta(days=1)


class Killed(BaseException):
    """As if the process had ended there."""


@dataclass(frozen=True)
class Planted:
    """What Ada left behind: words of hers, each in one place, and ids of what she took part in."""

    words: tuple[str, ...]
    ids: tuple[str, ...]


class Life:
    """A server's life with Ada in it, written as the bot writes it."""

    def __init__(self, database: Database, guild_id: int, moment: datetime = NOON, feed_id: int | None = None) -> None:
        self.database = database
        self.guild_id = guild_id
        self.asks = Asks(database, lambda: moment)
        self.checks = Checks(database)
        self.disputes = Disputes(database, KEY, lambda: moment)
        self.opinions = Opinions(database, lambda: moment)
        self.moment = moment
        articles = Articles(database)
        news = replace(article(f"bridge{guild_id}", f"It rained. {QUOTE} Buses go elsewhere."), feed_id=feed_id)
        ingest([news], articles, EMBEDDER)
        with database.reading() as session:
            revision = session.execute(text("SELECT id, article_id, text FROM revision ORDER BY id DESC LIMIT 1")).one()
        start = revision.text.index(QUOTE)
        of = ArticleRef(revision.article_id, revision.id, news.url, news.title, news.source, news.published_at)
        self.excerpt = Excerpt(QUOTE, start, start + len(QUOTE), of, Stance(0.1, 0.8, 0.1), "It rained. ", " Buses", [(4, 11)])

    def compared(self, claim: str) -> Comparison:
        found = replace(self.excerpt, difference=f"Otherwise: {claim}")
        models = {"embedding": EMBEDDER.model_id}
        return Comparison(Claim(claim, context=f"Context of {claim}"), Outcome.CONTRADICT, (), (found,), 3, 1, NOON, models)

    def check(self, claim: str) -> int:
        """As the bot saves what it compared."""
        return self.checks.save(self.compared(claim), f"key of {claim}"[:64], 7, EMBEDDER.embed([claim])[0])

    def asked(
        self, person: Person, claim: str, *, public: bool = False, about: About = OWN_WORDS, check: int | None = None, direct: bool = False
    ) -> tuple[Ask, int]:  # fmt: skip
        """An ask with its answer; the ask and the check."""
        where = Where(None, 5, person.hash) if direct else Where(self.guild_id, 10, person.hash)
        ask = self.asks.accept(where, public, "en", Pending("t0ken", claim, "claim", 9), Limits(), about)
        assert isinstance(ask, Ask)
        check = check or self.check(claim)
        assert self.asks.found(ask.id, [check])
        assert self.asks.answered(ask.id, [check], 0, 1000 + ask.id)
        return ask, check

    def case(self, post: Post, flag: Flag, claim: str, check: int | None = None) -> int:
        """A flagged post with its evidence; the case's id."""
        case = self.disputes.open(post, flag, check).dispute
        if check is None:
            self.check(claim)  # compared for the case: no ask has got it
        self.disputes.add_snapshot(case.id, [self.compared(claim)], EMBEDDER.embed([claim]), EMBEDDER.model_id)
        return case.id

    def follow(self, person: Person | None, claim: str, dispute_id: int | None = None, of: Person | None = None) -> None:
        who, vector = person.id if person else None, EMBEDDER.embed([claim])[0]
        Follows(self.database).follow(
            who, self.guild_id, dispute_id, "en", self.compared(claim), vector, EMBEDDER.model_id, author=of.hash if of else None
        )  # fmt: skip

    def whole(self, *, direct_too: bool = True) -> Planted:
        """All that can be kept of Ada."""
        n = self.guild_id % 1000  # so that two lives have different words
        private, public, direct, waiting, post, reported, appeal, note, why, followed, written = words = tuple(
            f"Ada{n} {subject} with the zebra." for subject in
            ("privately", "publicly", "directly", "patiently", "boldly", "falsely", "angrily", "noting", "why", "loyally", "slowly")
        )  # fmt: skip
        self.asked(ADA, private)
        self.asked(ADA, direct, direct=direct_too)
        ask, flagged = self.asked(ADA, public, public=True)
        self.opinions.add(ask.id, flagged, ADA.hash, True)
        self.opinions.add(ask.id, flagged, BOB.hash, False)
        assert isinstance(
            self.asks.accept(Where(self.guild_id, 10, ADA.hash), False, "en", Pending("t0ken", waiting, "claim", 9), Limits()), Ask
        )
        self.asked(BOB, post, about=About(3001 + n, ADA.hash))
        self.asked(ADA, f"Bob{n} said this in a post.", about=About(3002 + n, BOB.hash))
        answer = Post(self.guild_id, 10, 1000 + ask.id, None, public)
        self.follow(None, public, self.case(answer, Flag(MIA.id, True, "Numbers", "Look."), public, flagged))
        self.follow(BOB, public, of=ADA)
        self.follow(ADA, followed)
        theirs = self.case(Post(self.guild_id, 10, 3003 + n, ADA.id, reported), Flag(BOB.id, False, "Numbers", "No."), reported)
        self.follow(None, reported, theirs)
        assert self.disputes.assign(theirs, 1, MIA.id, MIA.id)
        resolved = self.disputes.resolve(theirs, 3, MIA.id, State.DISPUTED, "Two outlets.")
        assert resolved and self.disputes.appeal(theirs, ADA.id, appeal)
        another = f"Bob{n} wrote another."
        reviewed = self.case(Post(self.guild_id, 10, 3004 + n, BOB.id, another), Flag(ADA.id, True, "Context", note), another)
        assert self.disputes.assign(reviewed, 1, MIA.id, ADA.id)
        assert self.disputes.resolve(reviewed, 3, ADA.id, State.UPHELD, why)
        self.disputes.draft(Post(self.guild_id, 10, 3005 + n, ADA.id, written, NOON), BOB.hash)
        self.disputes.draft(Post(self.guild_id, 10, 3006 + n, BOB.id, f"Bob{n} is being flagged."), ADA.hash)
        return Planted(words, (str(self.guild_id), *(str(3000 + n + place) for place in (1, 2, 3, 5, 6))))


def _privacy(database: Database) -> Privacy:
    return Privacy(database, Disputes(database, KEY), Follows(database), lambda: NOON)


def test_after_a_delete_neither_id_nor_hash_nor_words_are_in_any_table(database: Database) -> None:
    planted = Life(database, OURS).whole()
    before = in_tables(database, ADA, planted.words)
    assert {place.split(".")[0] for place in before} >= {
        "ask", "check", "opinion", "dispute", "dispute_flag", "dispute_claim", "dispute_event", "snapshot", "flag_draft", "follow",
    }  # fmt: skip
    privacy = _privacy(database)
    assert privacy.delete(ADA) == Kept(asked=5, about=1, opinions=1, follows=1, posts=2, flags=1, steps=4, drafts=2)
    assert in_tables(database, ADA, planted.words) == set()
    assert privacy.show(ADA) == NOTHING == privacy.delete(ADA)
    assert verify(database, KEY).problems == []


def test_what_is_others_stays_when_somebody_deletes_what_is_theirs(database: Database) -> None:
    life = Life(database, OURS)
    life.whole()
    _, both = life.asked(BOB, "Said by both of us.", public=True)
    life.asked(ADA, "Said by both of us.", check=both)
    life.case(Post(OURS, 10, 99, None, "Said by both of us."), Flag(MIA.id, True, "", ""), "Said by both of us.", both)
    life.follow(BOB, "Said by both of us.")
    privacy = _privacy(database)
    kept = privacy.show(BOB)
    privacy.delete(ADA)
    # What he asked and follows of her words is gone, her ask of his and both open forms; what both said is now his alone, with its case.
    gone = {"asked": 1, "about": 1, "follows": 1, "drafts": 2, "posts": -1}
    assert privacy.show(BOB) == replace(kept, **{name: getattr(kept, name) - count for name, count in gone.items()})
    assert Checks(database).load(both) is not None
    page = life.disputes.page(OURS)
    assert [case.state for case in page.disputes] == [State.OPEN, State.UPHELD, State.OPEN, State.OPEN]
    evidence = [life.disputes.snapshots(case.id)[0].comparisons[0].contradicting[0].text for case in page.disputes]
    assert evidence == [QUOTE] * 4  # what sources say stays as it stood


def test_of_a_person_nobody_knows_nothing_is_kept_and_deleting_it_changes_nothing(database: Database) -> None:
    Life(database, OURS).whole()
    before = sorted(map(repr, cells(database)))
    privacy = _privacy(database)
    assert privacy.delete(NOBODY) == NOTHING
    assert sorted(map(repr, cells(database))) == before
    assert not any(value for key, value in privacy.export(NOBODY).items() if key not in ("person", "made_at", "cases"))


def test_an_export_holds_all_that_concerns_a_person_and_nothing_of_others(database: Database) -> None:
    planted = Life(database, OURS).whole()
    found = _privacy(database).export(ADA)
    said = json.dumps(found, ensure_ascii=False)
    for one in (*planted.words, *planted.ids, str(ADA.id), QUOTE, "https://echo.example/", NOON.date().isoformat()):
        assert one in said, one
    assert [one["outcome"] for one in found["opinions"]] == ["contradict"]
    assert [one["state"] for one in found["asked"]] == ["answered"] * 3 + ["waiting", "answered"]
    for secret in ("t0ken", ADA.hash, BOB.hash, MIA.hash, str(BOB.id), str(MIA.id), "Look.", "Two outlets."):
        assert secret not in said, secret


def test_who_asked_about_somebody_s_words_and_where_is_not_handed_out(database: Database) -> None:
    Life(database, OURS).whole()
    (one,) = _privacy(database).export(ADA)["asked_by_others_about_your_words"]
    assert one.keys() == {"day", "server", "message_checked", "words_while_it_waits", "claims"}
    assert one["day"] == "2025-02-24"


HASHED = {"ask": "true", "opinion": "true", "flag_draft": "true", "follow": "author IS NOT NULL", "dispute_event": "true"}


@pytest.mark.parametrize("left", [*HASHED, None])
def test_whatever_is_hashed_or_chained_hangs_on_the_key(database: Database, left: str | None) -> None:
    Life(database, OURS).whole()
    with database.engine.begin() as connection:
        for name, which in HASHED.items():
            if name != left:
                connection.execute(text(f"DELETE FROM {name} WHERE {which}"))  # noqa: S608 - names of this file
    assert hangs_on_a_key(database) == (left is not None)


@contextmanager
def _killed_after(database: Database, count: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], int]]:
    """The process ends when it begins another transaction after so many; gives how many there were."""
    real, begun = Database.writing, 0

    @contextmanager
    def writing(self: Database) -> Iterator[Session]:
        nonlocal begun
        if begun == count:
            raise Killed
        begun += 1
        with real(self) as session:
            yield session

    with monkeypatch.context() as patched:
        patched.setattr(Database, "writing", writing)
        yield lambda: begun


def _copies(folder: Path, target: Path, at: int) -> Database:
    copied = target / str(at)
    shutil.copytree(folder, copied)
    return open_database(f"sqlite:///{copied / 'crosscheck.db'}")


@of_sqlite
def test_a_delete_that_was_killed_anywhere_is_finished_by_another(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    planted = Life(store.database, OURS).whole()
    store.database.scrub()
    for at in range(100):
        database = _copies(store.folder, tmp_path / "killed", at)
        with _killed_after(database, at, monkeypatch):
            try:
                _privacy(database).delete(ADA)
                break
            except Killed:
                pass
        _privacy(database).delete(ADA)
        purge_asks(database, datetime.now(NOON.tzinfo) + DAY / 12)  # a check that lost its ask at that moment is found by nobody's name
        assert in_tables(database, ADA, planted.words) == set(), at
        assert verify(database, KEY).problems == []
        database.close()
    assert at > 8
    database.close()


@of_sqlite
def test_what_was_deleted_is_in_no_file(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("DEBUG"):
        planted = Life(store.database, OURS).whole()
        assert in_files(store.folder, ADA, planted.words) == {*planted.words, ADA.hash, str(ADA.id), "number"}
        _privacy(store.database).delete(ADA)
        assert (store.folder / "crosscheck.db-wal").stat().st_size == 0
        store.database.rewrite()
    assert in_files(store.folder, ADA, planted.words) == set()
    assert not [word for word in (str(ADA.id), ADA.hash, *planted.words) if word in caplog.text]


@of_sqlite
@pytest.mark.parametrize("size", [200, 20_000])
def test_deleted_words_are_overwritten_in_the_file_and_go_from_the_log_at_once(store: Store, size: int) -> None:
    store.run(f"INSERT INTO note (key, value) VALUES ('a', '{'zebra ' * size}')")
    store.database.scrub()
    assert in_files(store.folder, NOBODY, ("zebra zebra",)) == {"zebra zebra"}
    store.run("DELETE FROM note")
    assert store.database.scrub()
    assert in_files(store.folder, NOBODY, ("zebra zebra",)) == set()


@of_sqlite
def test_who_reads_for_long_keeps_the_log_and_the_next_scrub_empties_it(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("db.engine.SCRUB_TIMEOUT_MS", 10)
    with store.database.reading() as session:
        session.execute(text("SELECT count(*) FROM note"))
        store.run("INSERT INTO note (key, value) VALUES ('a', 'zebra')")
        assert not store.database.scrub()
    assert store.database.scrub()
    assert (store.folder / "crosscheck.db-wal").stat().st_size == 0


def test_a_purge_leaves_nothing_of_its_server_and_the_other_whole(database: Database) -> None:
    guilds, addresses = Guilds(database), Addresses(database)
    guilds.joined(THEIRS)
    Life(database, THEIRS).whole()
    before = _rows(database)
    guilds.change(OURS, keep_days=9, reasons=["Ours alone"])
    feed, _ = addresses.add("https://ours.example/feed", Kind.FEED, "Ours", NOON, OURS)
    planted = Life(database, OURS, feed_id=feed.id).whole(direct_too=False)
    _privacy(database).purge(OURS)
    assert guilds.settings(OURS) == Guild(OURS)
    assert guilds.present() == {OURS, THEIRS}
    marks = (str(OURS), "ours.example", *planted.words)
    assert {place for place, value in cells(database) if any(mark in str(value) for mark in marks)} == {"guild.id"}
    now = _rows(database)
    for table in now.keys() - {"guild", "passage_change", "dispute_event", "audit_head"}:
        assert now[table] == before[table], table
    assert verify(database, KEY).problems == []


def _rows(database: Database) -> dict[str, list[str]]:
    metadata = MetaData()
    metadata.reflect(database.engine)
    with database.reading() as session:
        return {table.name: sorted(repr(tuple(row)) for row in session.execute(select(table))) for table in metadata.sorted_tables}


def test_a_flagged_check_outlives_its_private_ask_and_goes_with_the_case(database: Database) -> None:
    life = Life(database, OURS)
    _, check = life.asked(MIA, "A claim that was flagged.")
    case = life.case(
        Post(OURS, 10, None, None, "A claim that was flagged."), Flag(MIA.id, True, "", ""), "A claim that was flagged.", check
    )
    assert life.asks.purge(NOON + 2 * DAY) == 1
    assert Checks(database).load(check) is not None
    assert life.disputes.get(case) is not None
    _privacy(database).purge(OURS)
    assert Checks(database).load(check) is None
    assert KEEP_DAYS == 30
