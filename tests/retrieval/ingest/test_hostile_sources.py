"""A source that a server's moderators have added: it speaks for its own site alone, and takes no more room than it may."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from db import retention, visiting
from db.retention import prune_own
from retrieval.ingest.arrivals import attributed
from retrieval.sources import Kind, NewPage
from tests.standins.news import Reply, item, page, rss, story
from tests.standins.store import NOON, Store
from tests.standins.watching import watching

HOUR = timedelta(hours=1)
LIE = "The council of Harwick sold its old bridge to a circus on Tuesday, and nobody was asked about it."
SERVER = 900_000_000_000_000_001


@pytest.mark.parametrize("added_by_a_server", [True, False])
def test_what_a_server_s_feed_says_of_others_pages_is_not_stored(store: Store, added_by_a_server: bool) -> None:
    """Else its summary would be quoted as what stands on a page that nobody can read, under that page's address."""

    async def run() -> None:
        async with watching(store, ["news.test", "evil.test"]) as made:
            closed = made.site.on("/closed", Reply(b"", 403))
            url = made.site.on("/bridge", Reply(page(made.site.url("/bridge"), "Bridge closes", story("Harwick"))))
            items = [item(closed, "Bridge sold", LIE, at=NOON - HOUR), item(url, "Bridge sold", LIE, at=NOON - 9 * HOUR)]
            feed = made.site.on("/feed", Reply(rss(items)), host="evil.test")
            made.book.add(feed, Kind.FEED, "Harwick Gazette", NOON, SERVER if added_by_a_server else None)
            await made.watcher.run_due()
            assert "two years" in made.texts()[url]
            assert ("circus" in " ".join(made.texts().values())) is not added_by_a_server
            outlets = {one.article.source for one in store.stored_passages() if one.article.url == url}
            assert ("Harwick Gazette" in outlets) is not added_by_a_server

    asyncio.run(run())


def test_of_a_server_s_own_source_so_many_articles_are_kept_and_so_many_pages_wait(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    async def run() -> None:
        async with watching(store, ["own.test", "common.test"]) as made:
            for host, server in (("own.test", SERVER), ("common.test", None)):
                items = [
                    item(f"http://{host}/{n}", f"Bridge {n}", whole=f"{story('Harwick')} Report number {n} of {host}.", at=NOON - n * HOUR)
                    for n in range(5)
                ]
                made.book.add(made.site.on(f"/feed-{host}", Reply(rss(items)), host=host), Kind.FEED, f"The {host}", NOON, server)
            await made.watcher.run_due()
            own, common = sorted(made.book.sources(SERVER), key=lambda one: not one.private)
            assert prune_own(store.database) == 0
            assert prune_own(store.database, keep=3) == 2
            assert (len(made.book.articles_of(own.id)), len(made.book.articles_of(common.id))) == (3, 5)
            monkeypatch.setattr(visiting, "MAX_WAITING", 4)
            pages = [NewPage(f"http://own.test/page/{n}") for n in range(9)]
            assert made.book.add_pages(own, pages, made.clock.now()) == 4
            assert made.book.add_pages(own, pages, made.clock.now()) == 0
            assert retention.OWN_ARTICLES <= 2_000

    asyncio.run(run())


def test_pages_of_the_source_s_own_site_keep_what_it_says_of_them(store: Store) -> None:
    async def run() -> None:
        async with watching(store, ["own.test"]) as made:
            made.book.add("http://own.test/feed", Kind.FEED, "Own", NOON, SERVER)
            (own,) = made.book.sources(SERVER)
            pages = [NewPage("http://www.own.test/a", "Title", "Teaser", NOON), NewPage("http://other.test/a", "Title", "Teaser", NOON)]
            assert attributed(own, pages) == [pages[0], NewPage("http://other.test/a", own=False)]

    asyncio.run(run())
