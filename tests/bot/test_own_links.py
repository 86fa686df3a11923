"""Reading a post's own links: from the store, and from a site on loopback."""

from __future__ import annotations

import asyncio
import functools
import time
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import ParamSpec

import pytest

from bot import own_links
from bot.app import App
from bot.desk import Asker, Desk
from bot.discord.answering import Answering, claim_key, read_post
from bot.own_links import own_articles
from bot.web import WallClock
from config.settings import Settings
from retrieval.ingest.pipeline import ingest
from retrieval.own import OwnArticle
from retrieval.sources import Kind
from retrieval.types import Article, ArticleRef, Claim
from tests.bot.conftest import BRIDGE, NEWS, CommandLine
from tests.bot.test_sources import site as served  # noqa: F401 - a fixture
from tests.standins.models import HashEmbedder
from tests.standins.news import Reply, Site, page, story
from tests.standins.store import NOON

Given = ParamSpec("Given")
LOCAL, ALSO = "127.0.0.1", "localhost"
HTML = {"Content-Type": "text/html; charset=utf-8"}


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    """A real app whose fetcher may dial this machine. No model is loaded."""
    hosts = [LOCAL, ALSO]
    with App(Settings(data_dir=tmp_path / "own", database_url=None, intranet_hosts=hosts)) as opened:
        yield opened


def in_loop(test: Callable[Given, Coroutine[None, None, None]]) -> Callable[Given, None]:
    """The test in an event loop of its own."""

    @functools.wraps(test)
    def run(*args: Given.args, **kwargs: Given.kwargs) -> None:
        asyncio.run(test(*args, **kwargs))

    return run


def news(site: Site, path: str, place: str = "Oren", host: str = LOCAL, head: str = "") -> str:
    """A page with an article; its address."""
    return site.on(path, Reply(page(site.url(path, host), f"{place} votes", story(place), head), headers=HTML), host=host)


def keep(app: App, url: str, text: str = "", feed_id: int | None = None) -> None:
    ingest([Article(url, "Kept", "Harwick Echo", text or story("Harwick"), NOON, feed_id=feed_id)], app.articles, HashEmbedder())


@in_loop
async def test_a_stored_article_is_taken_from_the_store_whatever_its_link_carries(app: App) -> None:
    async with Site() as site:
        keep(app, site.url("/kept", LOCAL))
        link = site.url("/kept?utm_source=chat#top", LOCAL)
        (own,) = await own_articles(app, [link])
        assert (own.url, own.article.url) == (link, site.url("/kept", LOCAL))
        assert own.article.id > 0
        assert own.text == app.passages.article_text([own.article.revision_id])[own.article.revision_id]
        assert site.asked == []


@in_loop
async def test_another_is_fetched_and_not_stored(app: App) -> None:
    async with Site() as site:
        link = news(site, "/oren")
        (own,) = await own_articles(app, [link])
        assert (own.url, own.article.id, own.article.revision_id, own.article.source) == (link, 0, 0, "Harwick Echo")
        assert "The council of Oren voted on Tuesday" in own.text
        assert site.paths(LOCAL) == ["/robots.txt", "/oren"]
        assert app.articles.counts() == {"sources": 0, "articles": 0, "passages": 0}


@in_loop
async def test_a_redirect_to_a_stored_article_leads_to_the_store(app: App) -> None:
    async with Site() as site:
        keep(app, news(site, "/kept"))
        short = site.on("/s", Reply(status=302, headers={"Location": "/kept"}), host=LOCAL)
        (own,) = await own_articles(app, [short, site.url("/kept", LOCAL)])
        assert own.url == short
        assert own.article.id > 0


@in_loop
async def test_what_a_server_may_not_see_counts_as_not_stored(app: App) -> None:
    async with Site() as site:
        link = news(site, "/private")
        address, _ = app.addresses.add(site.url("/feed", LOCAL), Kind.FEED, "Private", NOON, 111)
        keep(app, link, "Only the server 111 may read these words of its own about a secret dinner of the council. " * 4, address.id)
        (theirs,) = await own_articles(app, [link], app.addresses.hidden_from(111))
        assert "secret dinner" in theirs.text
        (own,) = await own_articles(app, [link], app.addresses.hidden_from(222))
        assert own.article.id == 0
        assert "secret dinner" not in own.text


@in_loop
async def test_an_operator_can_turn_fetching_off(app: App) -> None:
    async with Site() as site:
        keep(app, site.url("/kept", LOCAL))
        app.settings = app.settings.model_copy(update={"fetch_links": False})
        found = await own_articles(app, [news(site, "/oren"), site.url("/kept", LOCAL)])
        assert [own.article.title for own in found] == ["Kept"]
        assert site.asked == []


@pytest.mark.parametrize(
    "reply",
    [
        Reply(status=404),
        Reply(b"\x89PNG" * 50, headers={"Content-Type": "image/png"}),
        Reply(b"<html><body>Subscribe now to continue reading.</body></html>", headers=HTML),
        Reply(page("", "Clip", story("Oren"), '<meta property="og:type" content="video.other">'), headers=HTML),
        Reply(
            page("", "Rat", "Der Rat der Stadt hat am Dienstag beschlossen, die alte Brücke für zwei Jahre zu sperren. " * 6), headers=HTML
        ),
        Reply(b"x" * 1000, headers=HTML, endless=True),
        Reply(b"<html>" + b"<div>" * 20_000, headers=HTML, cut=True),
    ],
    ids=["missing", "picture", "wall", "film", "German", "endless", "cut off"],
)
@in_loop
async def test_what_holds_no_readable_article_is_left_out(app: App, reply: Reply) -> None:
    async with Site() as site:
        assert await own_articles(app, [site.on("/x", reply, host=LOCAL)]) == []


@in_loop
async def test_robots_txt_is_obeyed_and_private_hosts_are_not_dialled(app: App) -> None:
    async with Site() as site:
        link = news(site, "/oren")
        site.on("/robots.txt", Reply(b"User-agent: *\nDisallow: /"), host=LOCAL)
        assert await own_articles(app, [link]) == []
        assert site.paths(LOCAL) == ["/robots.txt"]
        app.settings = app.settings.model_copy(update={"intranet_hosts": []})
        assert await own_articles(app, [news(site, "/b", host=ALSO), "http://[::1]/", "http://user:word@x.example/", "https://[bad"]) == []
        assert site.paths(ALSO) == []


@in_loop
async def test_only_three_links_are_read_and_pictures_do_not_count(app: App) -> None:
    async with Site() as site:
        links = [site.url("/a.JPG?size=9", LOCAL)]
        for number in range(5):
            keep(app, site.url(f"/{number}", LOCAL), f"{number} councils of the valley voted on {number} bridges and on nothing else. " * 6)
            links.append(site.url(f"/{number}", LOCAL))
        assert [own.url for own in await own_articles(app, links)] == links[1:4]


@in_loop
async def test_an_answer_waits_no_longer_than_its_seconds_and_has_what_came(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own_links, "SECONDS", 3.0)  # the slow page would take 300
    async with Site() as site:
        slow = site.on("/slow", Reply(b"<html>" * 1000, drip=0.05, headers=HTML), host=LOCAL)
        quick = news(site, "/quick", host=ALSO)
        started = time.monotonic()
        assert [own.url for own in await own_articles(app, [slow, quick])] == [quick]
        assert time.monotonic() - started < 100


@in_loop
async def test_a_host_is_asked_by_one_at_a_time_and_left_with_a_pause(app: App) -> None:
    async with Site() as site:
        links = [news(site, f"/{number}", f"Oren{number}") for number in range(3)]
        assert len(await own_articles(app, links)) == 3
        assert site.most_at_once[LOCAL] == 1
        clock = WallClock()
        again = app.addresses.take_host(LOCAL, "another", clock.now(), timedelta(seconds=9))
        assert again is not None
        assert timedelta(seconds=1) < again - clock.now() <= timedelta(seconds=2)


def test_a_claim_whose_pronoun_stands_for_another_thing_has_another_answer() -> None:
    read = Claim("It passed.", context="Two texts were put to the vote.", pointer="It", referent="The first text")
    assert claim_key(read, frozenset()) != claim_key(replace(read, referent="The second text"), frozenset())


def test_a_claim_with_own_links_has_another_answer_than_one_without() -> None:
    claim, hidden = Claim(BRIDGE), frozenset({3})
    own = _own("One text.")
    keys = {claim_key(claim, hidden), claim_key(claim, hidden, [own]), claim_key(claim, hidden, [_own("Another text.")])}
    assert len(keys) == 3
    assert claim_key(claim, hidden, ()) == claim_key(claim, hidden)
    assert read_post(f"{BRIDGE} See https://a.example/b for more.", 5).links == ("https://a.example/b",)


@in_loop
async def test_what_was_answered_without_own_links_is_compared_anew_with_them_once(bare: CommandLine) -> None:
    bare.ingest(NEWS)
    with App(Settings()) as app:
        desk = Desk(app.check_claims)
        serving = asyncio.create_task(desk.run())
        answering, asker, claims, own = Answering(app, desk), Asker(1, "p"), [Claim(BRIDGE)], [_own(f"It rained. {BRIDGE} Buses go round.")]
        (plain,) = await answering.answer(asker, claims, frozenset())
        (beside,) = await answering.answer(asker, claims, frozenset(), own=own)
        assert plain.comparison.own == ()
        assert [one.outcome.value for one in beside.comparison.own] == ["agree"]
        assert beside.comparison.agreeing == plain.comparison.agreeing
        assert [one.check_id for one in await answering.answer(asker, claims, frozenset(), own=own)] == [beside.check_id]
        assert [one.check_id for one in await answering.answer(asker, claims, frozenset())] == [plain.check_id]
        stored = app.checks.load(beside.check_id)
        assert stored is not None
        assert [(one.url, one.excerpt.text) for one in stored.own if one.excerpt] == [("https://a.example/b", f"It rained. {BRIDGE}")]
        desk.close()
        await serving


def _own(text: str) -> OwnArticle:
    return OwnArticle("https://a.example/b", ArticleRef(0, 0, "https://a.example/b", "T", "S", None), text)


def test_the_command_line_compares_a_post_with_its_own_link(bare: CommandLine, served: Site, tmp_path: Path) -> None:  # noqa: F811
    text = f"{BRIDGE} {story('Harwick')}"
    link = served.on("/bridge", Reply(page(served.url("/bridge", LOCAL), "Bridge", text), headers=HTML), host=LOCAL)
    post = tmp_path / "post.txt"
    post.write_text(f"Good evening to all.\n\n{BRIDGE} Read it here: {link}\n\nThe zoo of Oren has a young giraffe since Sunday.", "utf-8")
    bare.ingest([{"url": "https://x.example/1", "title": "X", "source": "X", "text": story("Oren")}])
    assert bare("check", "--file", str(post)).exit_code == 0
    assert served.paths(LOCAL) == ["/robots.txt", "/bridge"]
    with App(Settings()) as app:
        found = {one.claim.text: one.own for one in app.checks.load_many(range(1, 9)).values()}
    assert [(one.url, one.outcome.value) for one in found[BRIDGE]] == [(link, "agree")]
    assert sum(map(bool, found.values())) == 1
