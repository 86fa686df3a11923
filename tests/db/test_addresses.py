"""Addresses in turn: leases, hosts, what is remembered of a visit."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from db.addresses import Addresses
from db.engine import open_database
from db.visiting import forget_hosts
from retrieval.sources import Address, Kind, NewPage, Problem, State, Validators, Visit, host_name
from tests.standins.store import NOON, Store, article, sentences_about

LEASE = timedelta(minutes=10)
MINUTE = timedelta(minutes=1)


def _book(store: Store, *paths: str) -> Addresses:
    book = Addresses(store.database)
    for path in paths:
        book.add(f"https://{path}.example/feed", Kind.FEED, path, NOON)
    return book


def _done(**more: object) -> Visit:
    return Visit(NOON + MINUTE, NOON + timedelta(hours=1), **more)  # type: ignore[arg-type]  # a visit's other fields


def test_what_is_due_is_taken_once_until_its_lease_runs_out(store: Store) -> None:
    book = _book(store, "a", "b", "c")
    first = book.take("one", NOON, LEASE, 2)
    second = book.take("two", NOON, LEASE, 9)
    assert [address.name for address in (*first, *second)] == ["a", "b", "c"]
    assert book.take("two", NOON + LEASE - MINUTE, LEASE, 9) == []
    assert len(book.take("two", NOON + LEASE, LEASE, 9)) == 3
    assert not book.visited(first[0], _done())  # too late: another has it


def test_a_visit_is_remembered_with_all_that_came_of_it(store: Store) -> None:
    book = _book(store, "a")
    (address,) = book.take("one", NOON, LEASE, 9)
    moved = "https://a.example/moved"
    assert book.visited(address, _done(validators=Validators("e", "m"), url=moved, articles=3, name="Echo"))
    (now,) = book.sources()
    assert (now.url, now.validators, now.visits, now.failures, now.last_success_at) == (moved, Validators("e", "m"), 1, 0, NOON + MINUTE)
    assert now.name == "a"  # given by hand: the feed's own does not replace it
    (row,) = book.visits(address.id)
    assert (row.articles, row.problem) == (3, None)
    assert book.take("two", NOON + 2 * MINUTE, LEASE, 9) == []
    assert book.next_due() == NOON + timedelta(hours=1)


def test_failures_are_counted_until_it_goes_well_again(store: Store) -> None:
    book = _book(store, "a")
    for count in (1, 2):
        (address,) = book.take("one", NOON + count * timedelta(hours=2), LEASE, 9)
        book.visited(address, _done(problem=Problem.BUSY, why="The server answers 429."))
        (now,) = book.sources()
        assert (now.failures, now.why, now.last_success_at) == (count, "The server answers 429.", None)
    (address,) = book.take("one", NOON + timedelta(hours=6), LEASE, 9)
    book.visited(address, _done())
    (now,) = book.sources()
    assert (now.failures, now.why) == (0, "")


def test_pages_come_once_after_the_feeds_and_go_with_their_feed(store: Store) -> None:
    book = _book(store, "a")
    (feed,) = book.sources()
    pages = [NewPage(f"https://news.example/{n}", f"t{n}", "teaser") for n in range(3)]
    assert book.add_pages(feed, [*pages, pages[0]], NOON) == 3
    assert book.add_pages(feed, pages, NOON) == 0
    assert [address.kind for address in book.take("one", NOON, LEASE, 9)] == [Kind.FEED, Kind.PAGE]  # one a host
    assert book.take("two", NOON, LEASE, 9) == []
    assert book.waiting_pages() == {feed.id: 3}
    book.remove(feed.id)
    assert book.sources() == []
    assert book.next_due() is None


def test_paused_and_gone_ones_rest_until_they_are_resumed(store: Store) -> None:
    book = _book(store, "a")
    (feed,) = book.sources()
    book.set_state(feed.id, State.PAUSED, "Too loud.", NOON)
    assert book.take("one", NOON, LEASE, 9) == []
    book.make_due([feed.id], NOON)
    assert book.take("one", NOON, LEASE, 9) == []
    book.set_state(feed.id, State.ACTIVE, "", NOON)
    assert len(book.take("one", NOON, LEASE, 9)) == 1


def test_an_owner_that_stops_gives_everything_back(store: Store) -> None:
    book = _book(store, "a", "b")
    book.take("one", NOON, LEASE, 9)
    assert book.take_host("news.example", "one", NOON, LEASE) is None
    book.release("one")
    assert len(book.take("two", NOON, LEASE, 9)) == 2
    assert book.take_host("news.example", "two", NOON, LEASE) is None


def test_a_source_is_found_by_number_address_name_and_part(store: Store) -> None:
    book = _book(store, "alpha", "alphabet")
    one, two = book.sources()
    assert [found.id for found in book.find(str(one.id))] == [one.id]
    assert [found.id for found in book.find("ALPHA")] == [one.id]
    assert [found.id for found in book.find(two.url)] == [two.id]
    assert [found.id for found in book.find("alp")] == [one.id, two.id]
    assert book.find("beta") == []


def test_articles_remember_the_source_that_brought_them(store: Store) -> None:
    book = _book(store, "a")
    (feed,) = book.sources()
    from dataclasses import replace

    store.add(replace(article("x", "The council of Harwick voted on Tuesday to close its old bridge."), feed_id=feed.id))
    assert len(book.articles_of(feed.id)) == 1
    assert book.sources()[0].articles_a_day > 0


class Hosts(RuleBasedStateMachine):
    """A host's turn under any order of events: one at a time, and not before it is free."""

    def __init__(self) -> None:
        super().__init__()
        self.book = Addresses(open_database("sqlite://"))
        self.now = NOON
        self.holder: tuple[str, object] | None = None
        self.free_at = NOON

    @rule(owner=st.sampled_from("ab"))
    def take(self, owner: str) -> None:
        again = self.book.take_host("h", owner, self.now, LEASE)
        held = self.holder is not None and self.holder[1] > self.now  # type: ignore[operator]  # a time
        if again is None:
            assert not held
            assert self.now >= self.free_at
            self.holder = (owner, self.now + LEASE)
        else:
            assert held or self.now < self.free_at
            assert again > self.now

    @rule(owner=st.sampled_from("ab"), seconds=st.integers(0, 100))
    def leave(self, owner: str, seconds: int) -> None:
        free_at = self.now + timedelta(seconds=seconds)
        self.book.leave_host("h", owner, free_at)
        if self.holder is not None and self.holder[0] == owner:
            self.holder, self.free_at = None, free_at

    @rule(seconds=st.integers(1, 900))
    def wait(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @invariant()
    def sane(self) -> None:
        assert self.now >= NOON


TestHosts = Hosts.TestCase
TestHosts.settings = settings(max_examples=30, stateful_step_count=25)


def test_a_source_that_was_a_page_of_a_feed_becomes_its_own(store: Store) -> None:
    book = _book(store, "a")
    (feed,) = book.sources()
    book.add_pages(feed, [NewPage("https://news.example/topic")], NOON)
    added, new = book.add("https://news.example/topic", Kind.FEED, "Topic", NOON)
    assert new
    assert isinstance(added, Address)
    assert {one.name for one in book.sources()} == {"a", "Topic"}


def test_one_address_a_host_is_taken_and_none_of_a_host_that_rests(store: Store) -> None:
    book = _book(store, "a", "b")
    (feed, _) = book.sources()
    book.add_pages(feed, [NewPage(f"https://a.example/{n}") for n in range(3)], NOON)
    assert {address.name for address in book.take("one", NOON, LEASE, 1)} == {"a"}
    assert {address.name for address in book.take("two", NOON, LEASE, 9)} == {"b"}  # the other's host is left alone
    book.release("one")
    assert book.take_host("a.example", "one", NOON, LEASE) is None
    book.leave_host("a.example", "one", NOON + MINUTE)
    assert book.take("one", NOON, LEASE, 9) == []
    assert book.next_due() == NOON + MINUTE
    (taken,) = book.take("one", NOON + MINUTE, LEASE, 9)
    assert taken.kind is Kind.FEED


def test_a_lease_taken_twice_by_one_process_is_two_leases(store: Store) -> None:
    book = _book(store, "a")
    (first,) = book.take("one", NOON, LEASE, 9)
    (second,) = book.take("one", NOON + LEASE, LEASE, 9)
    assert not book.visited(first, _done())
    assert book.visited(second, _done())


def test_pages_of_a_paused_source_rest_and_a_late_visit_keeps_what_people_said(store: Store) -> None:
    book = _book(store, "a")
    (feed,) = book.take("one", NOON, LEASE, 9)
    book.add_pages(feed, [NewPage("https://other.example/1")], NOON)
    book.set_state(feed.id, State.PAUSED, "Too loud.", NOON)
    assert book.take("two", NOON, LEASE, 9) == []
    assert book.visited(feed, _done(problem=Problem.GONE, why="Gone.", state=State.GONE))
    (now,) = book.sources()
    assert (now.state, now.why) == (State.PAUSED, "Too loud.")


def test_a_host_is_one_with_and_without_www(store: Store) -> None:
    book = Addresses(store.database)
    for url in ("https://www.echo.example/feed", "https://echo.example/other"):
        book.add(url, Kind.FEED, "", NOON)
    assert book.take_host(host_name("https://www.echo.example/x"), "one", NOON, LEASE) is None
    assert book.take("two", NOON, LEASE, 9) == []
    book.release("one")
    assert len(book.take("two", NOON, LEASE, 9)) == 1


OURS, THEIRS = 111, 222


def test_a_servers_own_source_is_hidden_from_all_others(store: Store) -> None:
    book = _book(store, "common")
    address, new = book.add("https://own.example/feed", Kind.FEED, "Own", NOON, OURS)
    assert (new, address.private, address.guild_id) == (True, True, OURS)
    assert book.hidden_from(OURS) == frozenset()
    assert book.hidden_from(THEIRS) == book.hidden_from(None) == {address.id}
    assert [one.name for one in book.sources(OURS)] == ["Own", "common"]
    assert [one.name for one in book.sources(THEIRS)] == ["common"]
    assert [(one.name, one.private, one.guild_id) for one in book.sources()] == [("Own", True, OURS), ("common", False, None)]
    assert (book.find("own", OURS), book.find("own", THEIRS)) == ([address], [])
    assert book.own(OURS) == [address.id]


def test_what_everyone_sees_stays_so_when_a_server_adds_it(store: Store) -> None:
    book = _book(store, "a")
    address, new = book.add("https://a.example/feed", Kind.FEED, "Other name", NOON, OURS)
    assert (new, address.private, address.name) == (False, False, "a")
    assert (book.own(OURS), book.hidden_from(None)) == ([], frozenset())
    assert book.remove_from(address.id, OURS)  # everyone has it still


def test_a_source_of_two_servers_is_visited_once_and_seen_by_both(store: Store) -> None:
    book = Addresses(store.database)
    first, _ = book.add("https://own.example/feed", Kind.FEED, "Own", NOON, OURS)
    second, new = book.add("https://own.example/feed", Kind.FEED, "Named so by another", NOON, THEIRS)
    again, known = book.add("https://own.example/feed", Kind.FEED, "", NOON, OURS)
    assert (first.id, new) == (second.id, True)  # it does not say that another server has it
    assert (again.id, known, again.guild_id) == (first.id, False, OURS)
    assert book.hidden_from(OURS) == book.hidden_from(THEIRS) == frozenset()
    assert book.hidden_from(None) == book.hidden_from(333) == {first.id}
    assert len(book.take("one", NOON, LEASE, 9)) == 1
    assert book.remove_from(first.id, OURS)
    assert not book.remove_from(first.id, THEIRS)
    assert book.hidden_from(OURS) == {first.id}  # of nobody, and seen by nobody
    assert not book.remove_from(999, OURS)


def test_what_servers_had_becomes_everyones_when_the_operator_adds_it(store: Store) -> None:
    book = Addresses(store.database)
    book.add("https://own.example/feed", Kind.FEED, "Own", NOON, OURS)
    address, new = book.add("https://own.example/feed", Kind.FEED, "Own Gazette", NOON)
    assert (new, address.private, address.name) == (True, False, "Own Gazette")
    assert (book.hidden_from(None), book.own(OURS)) == (frozenset(), [])
    assert book.remove_from(address.id, OURS)


def test_a_private_source_goes_with_its_articles_but_for_what_was_quoted(store: Store) -> None:
    from dataclasses import replace

    book = Addresses(store.database)
    feed, _ = book.add("https://own.example/feed", Kind.FEED, "Own", NOON, OURS)
    words = [f"The council of Harwick voted {n} to 3 on Tuesday to close its old bridge for good." for n in (14, 15, 16)]
    store.add(
        *(replace(article(f"own-{n}", text), feed_id=feed.id) for n, text in enumerate(words)), article("other", "It rained in Oren.")
    )
    comparison = store.checker().check_text(words[0])
    check = store.checks.save(comparison)
    quoted = {excerpt.article.url for excerpt in (*comparison.agreeing, *comparison.contradicting)}
    store.articles.remove(["https://echo.example/own-2"])  # as those do who take a common one out
    assert not book.remove_from(feed.id, OURS)
    book.remove(feed.id)
    assert {passage.article.url for passage in store.stored_passages()} == {"https://echo.example/other"}
    assert set(store.texts("SELECT url FROM article")) == {"https://echo.example/other", *quoted}
    assert store.checks.quoted(check)
    assert book.sources() == []
    assert store.index.ids() == (store.live(), store.live())


def test_what_a_source_brings_after_it_was_removed_is_not_stored(store: Store) -> None:
    from dataclasses import replace

    book = Addresses(store.database)
    feed, _ = book.add("https://own.example/feed", Kind.FEED, "Own", NOON, OURS)
    book.remove(feed.id)  # while it is being visited
    store.add(replace(article("late", "The council of Harwick voted on Tuesday to close its old bridge."), feed_id=feed.id))
    assert store.live() == set()
    assert book.add_pages(feed, [NewPage("https://own.example/1")], NOON) == 0


def test_the_page_of_a_private_source_becomes_that_of_a_common_one_that_names_it_too(store: Store) -> None:
    book = Addresses(store.database)
    page = NewPage("https://news.example/1", "Title", "Teaser")
    own, _ = book.add("https://own.example/feed", Kind.FEED, "Own name", NOON, OURS)
    assert book.add_pages(own, [NewPage("https://news.example/1", "Forged", "Forged.")], NOON) == 1
    read = next(one for one in book.take("one", NOON, LEASE, 9) if one.kind is Kind.PAGE)
    book.visited(read, _done(validators=Validators("e", "m"), state=State.SETTLED))
    common, _ = book.add("https://common.example/feed", Kind.FEED, "Common", NOON)
    assert book.add_pages(common, [page], NOON + MINUTE) == 0
    (anew,) = (one for one in book.take("two", NOON + MINUTE, LEASE, 9) if one.kind is Kind.PAGE)
    assert (anew.feed_id, anew.name, anew.title, anew.teaser, anew.visits) == (common.id, "Common", "Title", "Teaser", 0)
    assert anew.validators == Validators(None, None)
    assert book.add_pages(own, [NewPage("https://news.example/1", "Forged", "Forged.")], NOON) == 0
    assert book.waiting_pages() == {common.id: 1}  # and it stays the common one's


def test_a_page_becomes_a_servers_own_source_only_where_not_everyone_sees_it(store: Store) -> None:
    book = _book(store, "common")
    (common,) = book.sources()
    own, _ = book.add("https://own.example/feed", Kind.FEED, "Own", NOON, OURS)
    book.add_pages(common, [NewPage("https://news.example/seen")], NOON)
    book.add_pages(own, [NewPage("https://news.example/hidden")], NOON)
    seen, new = book.add("https://news.example/seen", Kind.PAGE, "", NOON, THEIRS)
    assert (new, seen.private, seen.feed_id) == (False, False, common.id)
    hidden, new = book.add("https://news.example/hidden", Kind.PAGE, "", NOON, THEIRS)
    assert (new, hidden.private, hidden.feed_id) == (True, True, None)
    assert book.hidden_from(THEIRS) == {own.id}
    assert book.hidden_from(OURS) == frozenset()  # whose feed named it sees it still
    mine, new = book.add("https://news.example/hidden", Kind.PAGE, "", NOON, OURS)
    assert (mine.id, new) == (hidden.id, False)


class Beside(Addresses):
    """As if an article of the source was stored just after the others had been forgotten."""

    def _forget_articles(self, address_id: int, after: int) -> int | None:  # type: ignore[override]  # its own is decorated
        return None


def test_what_a_source_brought_while_it_was_removed_is_forgotten_too(store: Store) -> None:
    ours, common = store.source("own", 7), store.source("common")
    store.add(replace(article("a", sentences_about(["granite"])), feed_id=ours))
    store.add(replace(article("b", sentences_about(["violins"])), feed_id=common))
    for source in (ours, common):
        Beside(store.database).remove(source)
    assert [passage.article.url for passage in store.stored_passages()] == ["https://echo.example/b"]  # everyone's stays
    assert store.column("SELECT count(*) FROM address") == [0]
    assert store.column("SELECT count(*) FROM article WHERE feed_id IS NOT NULL") == [0]


def test_what_was_done_by_a_clock_that_was_ahead_keeps_nothing_waiting_once_it_is_right(store: Store) -> None:
    book, ahead = _book(store, "a", "b"), NOON + timedelta(days=9)
    visited, _ = book.take("ahead", ahead, LEASE, 9)  # the other is left taken
    assert book.visited(visited, Visit(ahead, ahead + MINUTE))
    assert book.take_host("a.example", "ahead", ahead, LEASE) is None
    assert book.take_host("c.example", "ahead", ahead, LEASE) is None
    book.leave_host("c.example", "ahead", ahead + MINUTE)
    assert {address.name for address in book.take("right", NOON, LEASE, 9)} == {"a", "b"}
    assert book.take_host("a.example", "right", NOON, LEASE) is None
    assert book.take_host("c.example", "right", NOON, LEASE) is None


def test_what_a_clock_that_was_ahead_has_dated_does_not_still_the_visits(store: Store) -> None:
    book = _book(store, "a")
    (feed,) = book.sources()
    for name in ("x", "y"):
        store.add(replace(article(name, sentences_about([name])), feed_id=feed.id))
    store.run("UPDATE article SET created_at = '2099-01-01 00:00:00' WHERE id = (SELECT max(id) FROM article)")
    assert book.sources()[0].articles_a_day > 0


def test_hosts_that_no_source_is_of_are_forgotten_when_they_have_rested(store: Store) -> None:
    book, day = _book(store, "a"), timedelta(days=1)
    for host in ("a.example", "link.example", "busy.example", "ahead.example"):
        assert book.take_host(host, "one", NOON, MINUTE) is None
        book.leave_host(host, "one", NOON + MINUTE)
    book.leave_host("ahead.example", "one", NOON + MINUTE)
    assert book.take_host("ahead.example", "one", NOON + MINUTE, MINUTE) is None
    book.leave_host("ahead.example", "one", NOON + 999 * day)
    assert book.take_host("busy.example", "one", NOON + day, day) is None
    assert forget_hosts(store.database, NOON + day) == 1  # the one of a clock that was wrong
    assert forget_hosts(store.database, NOON + day + 2 * MINUTE) == 1
    assert {name for (name, *_) in store.dump()["host"]} == {"a.example", "busy.example"}
