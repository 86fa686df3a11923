"""`sources` on the command line against a site on loopback."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from tests.bot.conftest import CommandLine
from tests.standins.news import Reply, Site, item, page, rss, story

LOCAL = "127.0.0.1"


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """A site that serves from a thread of its own, and may be visited."""
    monkeypatch.setenv("CROSSCHECK_INTRANET_HOSTS", f'["{LOCAL}"]')
    monkeypatch.setattr("retrieval.ingest.watch.PAUSE", timedelta(0))
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    made = Site()
    asyncio.run_coroutine_threadsafe(made.__aenter__(), loop).result(10)
    yield made
    asyncio.run_coroutine_threadsafe(made.__aexit__(None, None, None), loop).result(10)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(10)
    loop.close()


@pytest.fixture
def feed(site: Site) -> str:
    """A feed with one whole article and one that must be read on its page."""
    now = datetime.now(UTC) - timedelta(hours=1)
    url = site.on("/oren", Reply(page(site.url("/oren", LOCAL), "Oren votes", story("Oren"))), host=LOCAL)
    whole = item(site.url("/a", LOCAL), "Bridge closes", whole=story("Harwick"), at=now)
    return site.on("/feed.xml", Reply(rss([whole, item(url, "Oren votes", "It voted.", at=now)])), host=LOCAL)


def test_a_site_s_feed_is_found_followed_and_looked_after(bare: CommandLine, site: Site, feed: str) -> None:
    head = f'<link rel="alternate" type="application/rss+xml" title="News" href="{feed}">'
    site.on("/", Reply(f"<html><head><title>Echo</title>{head}</head><body>Hello</body></html>".encode()), host=LOCAL)
    added = bare("sources", "add", site.url("/", LOCAL))
    assert added.exit_code == 0, added.output
    assert f"Added feed 1, Harwick Echo (2 items): {feed}" in added.stdout
    listed = bare("sources", "list").stdout
    assert "active" in listed
    assert "2  Harwick Echo" in listed
    health = bare("sources", "health", "Echo").stdout
    assert "working; next visit: in" in health
    assert "1 new or revised" in health
    assert bare("search", "council of Oren bridge", "-k", "3").stdout.count("Oren votes") >= 1
    assert "Known already: feed 1" in bare("sources", "add", feed).stdout


def test_it_is_paused_resumed_refreshed_and_removed_in_words(bare: CommandLine, feed: str) -> None:
    bare("sources", "add", feed, "--name", "Echo")
    assert "Paused Echo" in bare("sources", "pause", "1", "--why", "Too loud.").stdout
    assert "paused: Too loud." in bare("sources", "health").stdout
    assert "Too loud." in bare("sources", "refresh", "1").stderr
    assert "Resumed Echo" in bare("sources", "resume", "Echo").stdout
    assert bare("sources", "refresh").exit_code == 0
    removed = bare("sources", "remove", "1", given="n\n")
    assert "Its 2 articles stay in search." in removed.stdout
    assert "Removed" not in removed.stdout
    removed = bare("sources", "remove", "1", "--with-articles", "--yes")
    assert "are taken out of search" in removed.stdout
    assert "Removed." in removed.stdout
    assert "0  Echo" in bare("sources", "list").stdout
    assert "No news source has been added yet" in bare("sources", "health").stdout


def test_what_cannot_be_followed_is_told(bare: CommandLine, site: Site) -> None:
    empty = site.on("/", Reply(b"<html><body><p>Nothing here</p></body></html>"), host=LOCAL)
    result = bare("sources", "add", empty)
    assert result.exit_code == 1
    assert "Nothing was found there" in result.stderr
    missing = bare("sources", "add", site.url("/missing", LOCAL))
    assert missing.exit_code == 2
    assert "404" in missing.stderr
    assert bare("sources", "add", "not an address").exit_code == 2
    assert bare("sources", "add", "http://169.254.169.254/latest/meta-data/").exit_code == 2
    assert bare("sources", "pause", "nothing").exit_code == 2


def test_common_places_and_sitemaps_are_looked_at(bare: CommandLine, site: Site, feed: str) -> None:
    site.on("/", Reply(b"<html><body><p>Hello</p></body></html>"), host=LOCAL)
    assert f"{feed}" in bare("sources", "add", site.url("/", LOCAL)).stdout.replace("/feed.xml", "/feed.xml")
    site.on("/feed.xml", Reply(b"", 404), host=LOCAL)
    site.on("/robots.txt", Reply(f"Sitemap: {site.url('/news.xml', LOCAL)}".encode()), host=LOCAL)
    site.on("/news.xml", Reply(f"<urlset><url><loc>{site.url('/oren', LOCAL)}</loc></url></urlset>".encode()), host=LOCAL)
    assert "Added sitemap" in bare("sources", "add", site.url("/", LOCAL)).stdout


def test_a_page_and_a_feed_can_be_ingested_by_address(bare: CommandLine, site: Site, feed: str) -> None:
    result = bare("ingest", site.url("/oren", LOCAL), feed)
    assert result.exit_code == 0, result.output
    assert "Added page 1" in result.stdout
    assert "Added feed" in result.stdout


def test_lists_of_feeds_go_in_and_out_as_opml(bare: CommandLine, feed: str) -> None:
    bare("sources", "add", feed, "--name", "Echo & Sons")
    file = bare.data.with_suffix(".opml")
    assert bare("sources", "export", str(file)).exit_code == 0
    assert 'text="Echo &amp; Sons"' in file.read_text()
    bare("sources", "remove", "1", "--yes")
    assert "1 feeds added, 0 known already" in bare("sources", "import", str(file)).stdout
    assert "0 feeds added, 1 known already" in bare("sources", "import", str(file)).stdout
    file.write_text("<opml><body><outline text='x'/></body></opml>")
    assert bare("sources", "import", str(file)).exit_code == 2
    assert bare("sources", "import", str(file) + "x").exit_code == 2
    nowhere = bare("sources", "export", str(file / "below"))
    assert (nowhere.exit_code, "cannot be written" in nowhere.output) == (2, True)


def test_a_path_that_may_not_be_looked_at_is_told_in_a_sentence(bare: CommandLine) -> None:
    result = bare("ingest", f"{'x' * 300}.jsonl")  # too long for any file system: asked of, it raises as a forbidden folder does
    assert result.exit_code == 1, result.output
    assert "there is no such file or folder, or it may not be looked at" in result.output
