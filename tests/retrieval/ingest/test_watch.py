"""Sources visited: what is stored, what is asked, when again, and why not."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Awaitable, Callable
from contextlib import nullcontext
from datetime import timedelta

import pytest

from retrieval.errors import ModelError, TextRefused
from retrieval.ingest.pipeline import Report
from retrieval.ingest.watch import LOOKS
from retrieval.sources import Kind, Problem, State
from tests.standins.news import Reply, item, page, rss, story
from tests.standins.store import NOON, Store
from tests.standins.watching import Watching, watching

HOUR = timedelta(hours=1)
WHOLE = item("http://news.test/a?utm_source=rss", "Bridge closes", whole=story("Harwick"), at=NOON - HOUR)


def watched(store: Store, work: Callable[[Watching], Awaitable[None]]) -> None:
    async def run() -> None:
        async with watching(store) as made:
            await work(made)

    asyncio.run(run())


def test_a_feed_with_whole_articles_needs_no_page(store: Store) -> None:
    async def work(made: Watching) -> None:
        made.book.add(made.site.on("/feed", Reply(rss([WHOLE]))), Kind.FEED, "", NOON)
        await made.watcher.run_due()
        assert made.site.paths() == ["/robots.txt", "/feed"]
        assert list(made.texts()) == ["http://news.test/a"]
        (source,) = made.book.sources()
        assert (source.name, source.visits, source.why) == ("Harwick Echo", 1, "")
        assert made.book.articles_of(source.id) == ["http://news.test/a"]

    watched(store, work)


def test_of_a_feed_with_teasers_the_pages_are_read(store: Store) -> None:
    async def work(made: Watching) -> None:
        url = made.site.on("/bridge", Reply(page(made.site.url("/bridge"), "Bridge closes", story("Harwick"))))
        made.book.add(made.site.on("/feed", Reply(rss([item(url, "Bridge closes", "It is shut.", at=NOON - HOUR)]))), Kind.FEED, "", NOON)
        await made.watcher.run_due()
        assert made.site.paths() == ["/robots.txt", "/feed", "/bridge"]
        (text,) = made.texts().values()
        assert "buses will run every ten minutes" in text
        (passage, *_) = store.stored_passages()
        assert passage.article.published_at == NOON - HOUR

    watched(store, work)


def test_between_two_requests_to_a_host_there_is_a_pause_and_never_two_at_once(store: Store) -> None:
    async def work(made: Watching) -> None:
        made.site.on("/robots.txt", Reply(b"User-agent: *\nCrawl-delay: 9"))
        urls = [made.site.on(f"/{n}", Reply(page(made.site.url(f"/{n}"), f"Bridge {n}", story(f"Place{n}")))) for n in range(5)]
        made.book.add(made.site.on("/feed", Reply(rss([item(url, "Bridge", "It is shut.") for url in urls]))), Kind.FEED, "", NOON)
        await made.watcher.run_due()
        times = [asked.at for asked in made.site.asked]
        assert len(times) == 7
        assert all(later - earlier >= timedelta(seconds=9) for earlier, later in zip(times[1:], times[2:], strict=False))
        assert made.site.most_at_once["news.test"] == 1

    watched(store, work)


def test_an_unchanged_feed_is_asked_conditionally_and_not_before_it_is_due(store: Store) -> None:
    async def work(made: Watching) -> None:
        headers = {"ETag": '"1"', "Cache-Control": "max-age=7200"}
        made.book.add(made.site.on("/feed", Reply(rss([WHOLE]), headers=headers)), Kind.FEED, "", NOON)
        await made.watcher.run_due()
        made.clock.turn(HOUR)
        assert await made.watcher.run_due() == 0
        made.clock.turn(timedelta(hours=13))
        assert await made.watcher.run_due() == 1
        assert made.site.asked[-1].headers["If-None-Match"] == '"1"'
        assert made.visits[-1][1].not_modified
        assert len(made.texts()) == 1

    watched(store, work)


def test_a_page_that_changes_makes_a_revision_and_one_that_goes_keeps_its_words(store: Store) -> None:
    async def work(made: Watching) -> None:
        url = made.site.url("/bridge")
        first, second = (page(url, "Bridge closes", story("Harwick").replace("two years", years)) for years in ("two years", "three years"))
        made.site.on("/bridge", Reply(first), Reply(second), Reply(b"", 410))
        made.book.add(
            made.site.on("/feed", Reply(rss([item(url, "Bridge closes", "Shut.")]), headers={"ETag": '"1"'})), Kind.FEED, "", NOON
        )
        await made.watcher.run_due()
        made.clock.turn(LOOKS[0])
        await made.watcher.run_due()
        assert "three years" in made.texts()[url]
        assert store.column("SELECT count(*) FROM revision") == [2]
        made.clock.turn(LOOKS[1])
        await made.watcher.run_due()
        assert "three years" in made.texts()[url]
        last = [visit for address, visit in made.visits if address.kind is Kind.PAGE][-1]
        assert (last.problem, last.state) == (Problem.GONE, State.GONE)
        assert "What was stored of it stays." in last.why
        assert store.column("SELECT count(*) FROM article WHERE gone_at IS NOT NULL") == [1]
        made.clock.turn(timedelta(days=30))
        await made.watcher.run_due()
        assert made.site.paths().count("/bridge") == 3

    watched(store, work)


def test_a_page_that_may_not_be_read_leaves_the_words_of_its_feed(store: Store) -> None:
    async def work(made: Watching) -> None:
        url = made.site.on("/bridge", Reply(b"", 403))
        teaser = "The council of Harwick voted on Tuesday to close its old bridge for two years."
        made.book.add(made.site.on("/feed", Reply(rss([item(url, "Bridge closes", teaser)]))), Kind.FEED, "", NOON)
        await made.watcher.run_due()
        assert made.texts() == {url: teaser}
        assert made.visits[-1][1].state is State.SETTLED
        assert "summary in the feed was stored" in made.visits[-1][1].why

    watched(store, work)


@pytest.mark.parametrize(
    ("reply", "problem", "words"),
    [
        (Reply(b"", 500), Problem.FAULT, "500"),
        (Reply(b"", 429, {"Retry-After": "7200"}), Problem.BUSY, "429"),
        (Reply(b"", 404), Problem.MISSING, "404"),
        (Reply(b"<html><body>Hello</body></html>", headers={"Content-Type": "text/html"}), Problem.UNREADABLE, "not a feed"),
        (Reply(b"<rss><channel", headers={"Content-Type": "image/png"}), Problem.UNREADABLE, ""),
        (Reply(b"x" * 999, endless=True), Problem.LARGE, "larger"),
        (Reply(b"<rss>", drip=0.4), Problem.SLOW, ""),
        (Reply(b"", 302, {"Location": "/feed"}), Problem.REDIRECTS, "circle"),
        (Reply(b"", 302, {"Location": "http://127.0.0.1/"}), Problem.REFUSED, "private"),
        (Reply(gzip.compress(bytes(30_000_000)), headers={"Content-Encoding": "gzip"}), Problem.LARGE, "larger"),
    ],
)
def test_a_source_that_fails_says_why_and_is_tried_again(store: Store, reply: Reply, problem: Problem, words: str) -> None:
    async def work(made: Watching) -> None:
        made.book.add(made.site.on("/feed", reply), Kind.FEED, "Echo", NOON)
        await made.watcher.run_due()
        (source,) = made.book.sources()
        assert (source.failures, source.state) == (1, State.ACTIVE)
        assert made.visits[-1][1].problem is problem
        assert words in source.why
        pause = source.next_visit_at - made.clock.now()
        assert pause > (timedelta(hours=1.9) if reply.status == 429 else timedelta(minutes=14))
        made.site.on("/feed", Reply(rss([WHOLE])))
        made.clock.turn(timedelta(days=1))
        await made.watcher.run_due()
        assert made.book.sources()[0].failures == 0
        assert len(made.texts()) == 1

    watched(store, work)


def test_a_source_that_is_gone_is_not_asked_again_and_says_so(store: Store) -> None:
    async def work(made: Watching) -> None:
        made.book.add(made.site.on("/feed", Reply(b"", 410)), Kind.FEED, "Echo", NOON)
        await made.watcher.run_due()
        (source,) = made.book.sources()
        assert source.state is State.GONE
        assert "not visited any more" in source.why
        made.clock.turn(timedelta(days=30))
        assert await made.watcher.run_due() == 0

    watched(store, work)


def test_a_source_that_moved_for_good_is_asked_where_it_is(store: Store) -> None:
    async def work(made: Watching) -> None:
        new = made.site.on("/new", Reply(rss([WHOLE])))
        made.book.add(made.site.on("/feed", Reply(b"", 301, {"Location": new})), Kind.FEED, "Echo", NOON)
        await made.watcher.run_due()
        assert made.book.sources()[0].url == new

    watched(store, work)


def test_robots_that_forbid_are_kept_to(store: Store) -> None:
    async def work(made: Watching) -> None:
        made.site.on("/robots.txt", Reply(b"User-agent: *\nDisallow: /feed"))
        made.book.add(made.site.on("/feed", Reply(rss([WHOLE]))), Kind.FEED, "Echo", NOON)
        await made.watcher.run_due()
        assert "/feed" not in made.site.paths()
        assert "forbids" in made.book.sources()[0].why

    watched(store, work)


def test_items_without_or_with_the_same_guid_broken_and_from_the_future_cost_only_themselves(store: Store) -> None:
    async def work(made: Watching) -> None:
        ahead = item("http://news.test/b", "Ahead", whole=story("Oren"), at=NOON + timedelta(days=400))
        broken = "<title>No link at all</title><description>x</description>"
        twice = f"{WHOLE}<guid isPermaLink='false'>same</guid>"
        body = rss([twice, twice, broken, ahead + "<guid isPermaLink='false'>same</guid>"])
        made.book.add(made.site.on("/feed", Reply(body[:-20])), Kind.FEED, "Echo", NOON)  # and its end is missing
        await made.watcher.run_due()
        assert set(made.texts()) == {"http://news.test/a", "http://news.test/b"}
        dates = {passage.article.url: passage.article.published_at for passage in store.stored_passages()}
        assert dates["http://news.test/b"] is None
        assert "1 items could not be read" in made.book.sources()[0].why

    watched(store, work)


def test_a_news_sitemap_names_pages(store: Store) -> None:
    async def work(made: Watching) -> None:
        url = made.site.on("/bridge", Reply(page(made.site.url("/bridge"), "Bridge closes", story("Harwick"))))
        old = f"<url><loc>{made.site.url('/old')}</loc><n:news><n:publication_date>2020-01-01</n:publication_date></n:news></url>"
        body = f"<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9' xmlns:n='http://www.google.com/schemas/sitemap-news/0.9'>{old}<url><loc>{url}</loc></url></urlset>"
        made.book.add(made.site.on("/map.xml", Reply(body.encode())), Kind.SITEMAP, "Echo", NOON)
        await made.watcher.run_due()
        assert list(made.texts()) == [url]

    watched(store, work)


def test_two_processes_never_visit_one_source_at_once(store: Store) -> None:
    async def work(made: Watching) -> None:
        other = Watching(store, made.site, made.clock, owner="other")
        for number in range(12):
            made.book.add(made.site.on(f"/feed{number}", Reply(rss([WHOLE]))), Kind.FEED, f"Echo {number}", NOON)
        async with other.fetcher:
            counts = await asyncio.gather(made.watcher.run_due(), other.watcher.run_due())
        assert sum(counts) == 12
        assert sorted(path for path in made.site.paths() if path != "/robots.txt") == sorted(f"/feed{number}" for number in range(12))
        assert made.site.most_at_once["news.test"] == 1

    watched(store, work)


def test_a_dead_process_loses_its_lease_and_nothing_is_stored_twice(store: Store) -> None:
    async def work(made: Watching) -> None:
        made.book.add(made.site.on("/feed", Reply(rss([WHOLE]))), Kind.FEED, "Echo", NOON)
        (taken,) = made.book.take("dead", NOON, timedelta(minutes=15), 1)
        assert await made.watcher.run_due() == 0
        made.clock.turn(timedelta(minutes=16))
        assert await made.watcher.run_due() == 1
        late = Watching(store, made.site, made.clock, owner="dead")
        async with late.fetcher:
            await late.watcher.visit(taken)  # it wakes up again
        assert len(made.texts()) == 1
        assert made.book.sources()[0].visits == 1

    watched(store, work)


def test_run_ends_when_it_is_told(store: Store) -> None:
    async def work(made: Watching) -> None:
        made.book.add(made.site.on("/feed", Reply(rss([WHOLE]))), Kind.FEED, "Echo", NOON)
        stop = asyncio.Event()
        running = asyncio.create_task(made.watcher.run(stop))
        while not made.visits:
            await asyncio.sleep(0.01)
        stop.set()
        await asyncio.wait_for(running, 30)
        assert len(made.texts()) == 1

    watched(store, work)


def test_a_robots_file_that_cannot_be_read_for_now_costs_no_article(store: Store) -> None:
    async def work(made: Watching) -> None:
        url = made.site.on("/bridge", Reply(page(made.site.url("/bridge"), "Bridge closes", story("Harwick"))))
        made.site.on("/robots.txt", Reply(b""), Reply(b"", 503), Reply(b""))
        made.book.add(
            made.site.on("/feed", Reply(rss([item(url, "Bridge closes", "Shut.")]), headers={"ETag": '"1"'})), Kind.FEED, "", NOON
        )
        await made.watcher.run_due()
        made.clock.turn(timedelta(hours=25))
        await made.watcher.run_due()  # the rules have run out and cannot be had
        made.clock.turn(timedelta(days=2))
        await made.watcher.run_due()
        assert list(made.texts()) == [url]

    watched(store, work)


def test_a_feed_speaks_only_for_its_own_site(store: Store) -> None:
    async def run() -> None:
        async with watching(store, ["news.test", "evil.test"]) as made:
            made.book.add(made.site.on("/feed", Reply(rss([WHOLE]))), Kind.FEED, "Echo", NOON)
            await made.watcher.run_due()
            forged = item("http://news.test/a", "Bridge closes", whole=story("Harwick").replace("two years", "no time at all"))
            made.book.add(made.site.on("/feed", Reply(rss([forged])), host="evil.test"), Kind.FEED, "Evil", made.clock.now())
            await made.watcher.run_due()
            assert "two years" in made.texts()["http://news.test/a"]
            assert "no time at all" not in " ".join(made.texts().values())

    asyncio.run(run())


def test_what_makes_us_stumble_costs_one_source_and_no_other(store: Store) -> None:
    async def work(made: Watching) -> None:
        strange_item = '{"url":"http://news.test/x","title":"\\ud800 \\u001b[31m","summary":"\\udfff"}'
        strange = f'{{"version":"https://jsonfeed.org/version/1.1","title":"\\ud800","items":[{strange_item}]}}'
        made.book.add(made.site.on("/strange", Reply(strange.encode())), Kind.FEED, "", NOON)
        made.book.add(made.site.on("/feed", Reply(rss([WHOLE]))), Kind.FEED, "Echo", NOON)
        await made.watcher.run_due()
        assert "http://news.test/a" in made.texts()
        assert all(source.last_visit_at is not None for source in made.book.sources())
        assert all("\x1b" not in f"{source.name}{source.title}" for source in made.book.sources())

    watched(store, work)


def test_an_error_of_our_own_is_a_failed_visit(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    async def work(made: Watching) -> None:
        def broken(*_: object) -> None:
            raise RuntimeError("secret words")

        monkeypatch.setattr("retrieval.ingest.arrivals.parse_feed", broken)
        made.book.add(made.site.on("/feed", Reply(rss([WHOLE]))), Kind.FEED, "Echo", NOON)
        await made.watcher.run_due()
        (source,) = made.book.sources()
        assert source.failures == 1
        assert "RuntimeError" in source.why
        assert "secret" not in source.why

    watched(store, work)


def test_a_redirect_to_where_robots_may_not_go_is_not_followed(store: Store) -> None:
    async def work(made: Watching) -> None:
        made.site.on("/robots.txt", Reply(b"User-agent: *\nDisallow: /private/"))
        made.site.on("/private/feed", Reply(rss([WHOLE])))
        made.book.add(made.site.on("/feed", Reply(b"", 302, {"Location": "/private/feed"})), Kind.FEED, "Echo", NOON)
        await made.watcher.run_due()
        assert "/private/feed" not in made.site.paths()
        assert "forbids" in made.book.sources()[0].why

    watched(store, work)


def test_two_feeds_with_one_article_do_not_revise_it_in_turn(store: Store) -> None:
    async def work(made: Watching) -> None:
        for name in ("world", "city"):
            made.book.add(made.site.on(f"/{name}", Reply(rss([WHOLE], title=f"Echo {name}"))), Kind.FEED, "", NOON)
        for _ in range(4):
            await made.watcher.run_due()
            made.clock.turn(timedelta(days=1))
        assert store.column("SELECT count(*) FROM revision") == [1]

    watched(store, work)


def test_a_sitemap_index_leads_to_its_newest_sitemaps_and_old_pages_are_left(store: Store) -> None:
    async def work(made: Watching) -> None:
        url = made.site.on("/bridge", Reply(page(made.site.url("/bridge"), "Bridge closes", story("Harwick"))))
        old = f"<url><loc>{made.site.url('/old')}</loc><lastmod>2009-01-01</lastmod></url>"
        child = made.site.on("/child.xml", Reply(f"<urlset>{old}<url><loc>{url}</loc></url></urlset>".encode()))
        index = f"<sitemapindex><sitemap><loc>{child}</loc></sitemap></sitemapindex>"
        made.book.add(made.site.on("/index.xml", Reply(index.encode(), headers={"ETag": '"1"'})), Kind.SITEMAP, "Echo", NOON)
        await made.watcher.run_due()
        assert list(made.texts()) == [url]
        assert "/old" not in made.site.paths()
        made.clock.turn(timedelta(days=1))
        await made.watcher.run_due()
        assert made.site.paths().count("/child.xml") == 2  # though the index itself has not changed

    watched(store, work)


def test_a_host_with_many_pages_does_not_keep_others_waiting(store: Store) -> None:
    async def run() -> None:
        async with watching(store, ["slow.test", "news.test"]) as made:
            made.site.on("/robots.txt", Reply(b"User-agent: *\nCrawl-delay: 60"), host="slow.test")
            slow = "slow.test"
            pages = {f"/{n}": Reply(page(made.site.url(f"/{n}", slow), f"B {n}", story(f"Place{n}"))) for n in range(9)}
            urls = [made.site.on(path, reply, host=slow) for path, reply in pages.items()]
            made.book.add(made.site.on("/feed", Reply(rss([item(url, "B", "x") for url in urls])), host="slow.test"), Kind.FEED, "", NOON)
            await made.watcher.visit(made.book.take("test", NOON, timedelta(minutes=15), 1)[0])
            made.book.add(made.site.on("/feed", Reply(rss([WHOLE]))), Kind.FEED, "Echo", made.clock.now())
            await made.watcher.run_due()
            asked = [one.host for one in made.site.asked]
            assert asked.index("news.test") < len(asked) - 6
            times = [one.at for one in made.site.asked if one.host == "slow.test"]
            assert min(later - earlier for earlier, later in zip(times, times[1:], strict=False)) >= timedelta(seconds=60)

    asyncio.run(run())


def test_a_page_whose_canonical_address_differs_is_known_to_be_gone(store: Store) -> None:
    async def work(made: Watching) -> None:
        canonical = made.site.url("/canonical")
        url = made.site.on("/bridge", Reply(page(canonical, "Bridge closes", story("Harwick"))), Reply(b"", 404))
        made.book.add(
            made.site.on("/feed", Reply(rss([item(url, "Bridge closes", "Shut.")]), headers={"ETag": '"1"'})), Kind.FEED, "", NOON
        )
        await made.watcher.run_due()
        assert list(made.texts()) == [canonical]
        made.clock.turn(LOOKS[0])
        await made.watcher.run_due()
        assert store.column("SELECT count(*) FROM article WHERE gone_at IS NOT NULL") == [1]

    watched(store, work)


@pytest.mark.slow
def test_days_with_kills_in_between_lose_and_double_nothing(store: Store) -> None:
    from tests.bench.month import simulate

    month = asyncio.run(simulate(store, days=6, feeds=12, seed=3, restart_every=2))
    assert (month.missing, month.double) == (0, 0)
    assert month.shortest_pause_s >= 2.0
    assert month.most_at_once == 1
    assert month.not_modified > 0
    assert month.restarts >= 3


def test_sitemaps_of_an_index_of_which_none_can_be_read_are_a_failure_and_one_that_can_is_enough(store: Store) -> None:
    async def work(made: Watching) -> None:
        url = made.site.on("/bridge", Reply(page(made.site.url("/bridge"), "Bridge closes", story("Harwick"))))
        gone, broken = made.site.on("/gone.xml", Reply(b"", 404)), made.site.on("/broken.xml", Reply(b"<html>Hello</html>"))
        index = "<sitemapindex>" + "".join(f"<sitemap><loc>{child}</loc></sitemap>" for child in (gone, broken)) + "</sitemapindex>"
        made.book.add(made.site.on("/index.xml", Reply(index.encode())), Kind.SITEMAP, "Echo", NOON)
        await made.watcher.run_due()
        assert made.visits[-1][1].problem in (Problem.MISSING, Problem.UNREADABLE)
        assert made.book.sources()[0].failures == 1
        made.site.on("/broken.xml", Reply(f"<urlset><url><loc>{url}</loc></url></urlset>".encode()))
        made.clock.turn(timedelta(days=1))
        await made.watcher.run_due()
        assert list(made.texts()) == [url]
        assert made.book.sources()[0].failures == 0

    watched(store, work)


def test_a_page_that_was_looked_at_often_enough_is_left_alone(store: Store) -> None:
    async def work(made: Watching) -> None:
        url = made.site.on("/bridge", Reply(page(made.site.url("/bridge"), "Bridge closes", story("Harwick"))))
        feed = made.site.on("/feed", Reply(rss([item(url, "Bridge closes", "It is shut.")]), headers={"ETag": '"1"'}))
        made.book.add(feed, Kind.FEED, "", NOON)
        await made.watcher.run_due()
        for pause in LOOKS:
            made.clock.turn(pause)
            await made.watcher.run_due()
        looks = [visit for address, visit in made.visits if address.kind is Kind.PAGE]
        assert [visit.state for visit in looks] == [None] * len(LOOKS) + [State.SETTLED]
        assert "often enough" in looks[-1].why
        asked = made.site.paths().count("/bridge")
        made.clock.turn(timedelta(days=60))
        await made.watcher.run_due()
        assert made.site.paths().count("/bridge") == asked == len(LOOKS) + 1

    watched(store, work)


def test_a_page_that_was_never_read_and_is_gone_leaves_no_words_of_its_feed(store: Store) -> None:
    async def work(made: Watching) -> None:
        url = made.site.on("/bridge", Reply(b"", 410))
        teaser = "The council of Harwick voted on Tuesday to close its old bridge for two years."
        made.book.add(made.site.on("/feed", Reply(rss([item(url, "Bridge closes", teaser)]))), Kind.FEED, "", NOON)
        await made.watcher.run_due()
        assert made.texts() == {}
        assert made.visits[-1][1].state is State.GONE
        assert "summary" not in made.visits[-1][1].why

    watched(store, work)


def test_a_page_that_may_not_be_read_any_more_keeps_what_was_stored(store: Store) -> None:
    async def work(made: Watching) -> None:
        url = made.site.on("/bridge", Reply(page(made.site.url("/bridge"), "Bridge closes", story("Harwick"))), Reply(b"", 403))
        feed = made.site.on("/feed", Reply(rss([item(url, "Bridge closes", "Shut.")]), headers={"ETag": '"1"'}))
        made.book.add(feed, Kind.FEED, "", NOON)
        await made.watcher.run_due()
        made.clock.turn(LOOKS[0])
        await made.watcher.run_due()
        last = [visit for address, visit in made.visits if address.kind is Kind.PAGE][-1]
        assert (last.problem, last.state) == (Problem.DENIED, State.SETTLED)
        assert "two years" in made.texts()[url]
        assert store.column("SELECT count(*) FROM article WHERE gone_at IS NOT NULL") == [0]

    watched(store, work)


def test_articles_in_a_language_that_no_model_reads_are_stored_and_told_of(store: Store) -> None:
    async def work(made: Watching) -> None:
        words = " ".join(["Der Stadtrat von Harwick hat am Dienstag beschlossen, die alte Brücke für zwei Jahre zu sperren."] * 12)
        whole = item("http://news.test/a", "Die Brücke wird gesperrt", whole=words, at=NOON - HOUR)
        made.book.add(made.site.on("/feed", Reply(rss([whole]))), Kind.FEED, "", NOON)
        await made.watcher.run_due()
        assert "not searched" in made.visits[-1][1].why
        assert "1 in de" in made.visits[-1][1].why

    watched(store, work)


def test_items_older_than_what_is_kept_are_left(store: Store) -> None:
    async def work(made: Watching) -> None:
        old = item("http://news.test/old", "Bridge opens", whole=story("Oren"), at=NOON - timedelta(days=4_000))
        made.book.add(made.site.on("/feed", Reply(rss([old, WHOLE]))), Kind.FEED, "", NOON)
        await made.watcher.run_due()
        assert list(made.texts()) == ["http://news.test/a"]

    watched(store, work)


def test_a_watcher_that_is_cancelled_ends_its_visits_and_leaves_them_to_others(store: Store) -> None:
    async def work(made: Watching) -> None:
        made.book.add(made.site.on("/feed", Reply(rss([WHOLE]), drip=0.2)), Kind.FEED, "", NOON)
        running = asyncio.create_task(made.watcher.run_due())
        while "/feed" not in made.site.paths():
            await asyncio.sleep(0.01)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        assert made.visits == []
        made.site.on("/feed", Reply(rss([WHOLE])))
        made.clock.turn(timedelta(hours=1))  # the lease runs out
        assert await made.watcher.run_due() == 1
        assert list(made.texts()) == ["http://news.test/a"]

    watched(store, work)


@pytest.mark.parametrize(("error", "failures"), [(ModelError("It cannot be reached."), 0), (TextRefused("It answers 413."), 1)])
def test_a_model_that_fails_is_no_fault_of_a_source_but_texts_that_it_refuses_are(
    store: Store, monkeypatch: pytest.MonkeyPatch, error: ModelError, failures: int
) -> None:
    async def work(made: Watching) -> None:
        async def broken(*_: object) -> Report:
            raise error

        monkeypatch.setattr(made.watcher, "_store", broken)
        made.book.add(made.site.on("/feed", Reply(rss([WHOLE]))), Kind.FEED, "Echo", NOON)
        with nullcontext() if failures else pytest.raises(ModelError):
            await made.watcher.run_due()
        (source,) = made.book.sources()
        assert (source.failures, str(error) in source.why) == (failures, failures == 1)

    watched(store, work)
