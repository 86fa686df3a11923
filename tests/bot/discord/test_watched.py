"""A conversation as those see it who watch: figures on /metrics, ids in the log, and no word that anybody wrote."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from bot.discord.watched import gateway
from bot.monitor import sampling
from bot.monitor.endpoint import Endpoint
from bot.monitor.metrics import Metrics
from bot.monitor.watching import RUN, watched
from config.logging import Lines
from retrieval.sources import Kind
from tests.bot.discord.chat import BRIDGE, Chat, talking
from tests.standins.discord.clock import PATIENCE
from tests.standins.news import Reply, Site, item, rss, story
from tests.standins.scraping import get, scrape, value

ORIGINAL = r"/webhooks/\d+/[^/]+/messages/@original"
LOCAL = "127.0.0.1"


class Written(logging.Handler):
    """Lines as a process writes them."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.setFormatter(Lines("json"))
        self.lines: list[str] = []
        self.threads: dict[str, set[str]] = {}  # of each ask, where it was logged

    def emit(self, record: logging.LogRecord) -> None:
        line = self.format(record)
        self.lines.append(line)
        for ask in str(json.loads(line).get("ask", "")).split(","):
            self.threads.setdefault(ask, set()).add(str(record.threadName).partition("_")[0])

    @property
    def text(self) -> str:
        return "\n".join(self.lines)


@pytest.fixture
def written() -> Iterator[Written]:
    handler, root = Written(), logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    yield handler
    root.removeHandler(handler)
    root.setLevel(before)


def _watch(folder: Path, story: Callable[[Chat, int], Awaitable[None]], monkeypatch: pytest.MonkeyPatch, *, news: bool = False) -> None:
    """A conversation with a process that is watched at a port."""
    started: list[Endpoint] = []
    of_old = Endpoint.start

    def start(endpoint: Endpoint) -> None:
        of_old(endpoint)
        started.append(endpoint)

    monkeypatch.setattr(Endpoint, "start", start)

    async def whole() -> None:
        async with talking(folder, monitor=f"{LOCAL}:0", watch=news, intranet_hosts=[LOCAL] if news else []) as chat:
            with watched(chat.app, RUN) as watch:
                async with watch.sampling(partial(gateway, chat.client)):
                    await asyncio.to_thread(chat.app.warm_up)
                    watch.models_loaded()
                    await story(chat, started[0].port)

    asyncio.run(whole())


async def _until(seen: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not await asyncio.to_thread(seen):
            await asyncio.sleep(0.05)


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is looked some times a second, and hosts need no rest."""
    quick = timedelta(seconds=0.05)
    monkeypatch.setattr(sampling, "Sampler", partial(sampling.Sampler, every=quick, beat=quick))
    monkeypatch.setattr("retrieval.ingest.watch.PAUSE", timedelta(0))
    monkeypatch.setattr("retrieval.ingest.watch.IDLE", timedelta(seconds=0.2))


def test_what_is_asked_and_answered_shows_in_the_figures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(chat: Chat, port: int) -> None:
        await _until(lambda: get(port, "/readyz").status == 200)
        before = await asyncio.to_thread(scrape, port)
        await (await chat.ada.command("check", chat.server.channel, claim=BRIDGE)).answer()
        await (await chat.ada.command("check", chat.server.channel, claim=BRIDGE)).answer()  # stored by now
        await (await chat.ada.command("check", chat.server.channel, claim="🙂")).answer()
        chat.discord.fail("PATCH", ORIGINAL, times=1, status=429)
        await (await chat.ada.command("check", chat.server.channel, claim=f"{BRIDGE[:-1]}, it is said.")).answer()
        await chat.settled()
        await _until(lambda: value(scrape(port), "crosscheck_asks_total", kind="claim", result="answered") == 3)
        after = await asyncio.to_thread(scrape, port)

        def more(name: str, **labels: str) -> float:
            return value(after, name, **labels) - value(before, name, **labels)

        assert more("crosscheck_checks_total", outcome="mixed") == 2
        assert more("crosscheck_checks_reused_total") == 1
        assert more("crosscheck_asks_total", kind="claim", result="explained") == 1
        assert more("crosscheck_ask_seconds_count", kind="claim") == 3
        assert more("crosscheck_desk_wait_seconds_count", desk="claims") == 2
        assert value(after, "crosscheck_desk_waiting", desk="claims") == 0
        assert (
            more("crosscheck_discord_rate_limited_total", scope="other") + more("crosscheck_discord_rate_limited_total", scope="user") >= 1
        )
        assert more("crosscheck_discord_responses_total", status="429") >= 1
        assert more("crosscheck_discord_responses_total", status="2xx") >= 3
        assert value(after, "crosscheck_gateway_shards", state="connected") == 1
        assert value(after, "crosscheck_ready") == 1 and value(after, "crosscheck_index_lag_changes") == 0

    _watch(tmp_path, story, monkeypatch)


def test_a_lost_gateway_makes_the_process_unready(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(chat: Chat, port: int) -> None:
        await _until(lambda: get(port, "/readyz").status == 200)
        await chat.client.close()
        await _until(lambda: get(port, "/readyz").json["missing"] == {"gateway": "is not connected"})
        assert (await asyncio.to_thread(get, port, "/healthz")).status == 200

    _watch(tmp_path, story, monkeypatch)


def test_lines_of_one_asking_share_its_id_in_every_thread_and_hold_no_word(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, written: Written
) -> None:
    claims = [BRIDGE, "The zoo of Oren sold its giraffe to a circus in Valley for 3000 crowns.", f"{BRIDGE[:-1]} on Monday."]

    async def story(chat: Chat, port: int) -> None:
        chat.app.gate.clear()
        calls = [await chat.ada.command("check", chat.server.channel, claim=claim) for claim in claims]
        await _until(lambda: chat.client.desk.waiting + 1 >= len(claims) - 1)
        chat.app.gate.set()
        for call in calls:
            await call.answer()
        await chat.ada.say(chat.server.channel, f"{chat.client.user.mention} {claims[1]}")  # type: ignore[union-attr]
        await chat.settled()
        chat.app.broken = RuntimeError(f"about {claims[0]}")
        await (await chat.ada.command("check", chat.server.channel, claim=f"{claims[0][:-1]} again.")).answer()
        chat.app.broken = None
        await chat.settled()
        await _until(lambda: any("answered" in line for line in written.lines))
        tokens = [f"Bot {chat.discord.token}", *(call.token for call in calls)]
        for words in (*claims, "Harwick voted", "giraffe", *tokens, str(chat.ada.id)):
            assert words not in written.text
        assert "claims compared in" in written.text and "ask 1 answered" in written.text
        asks = {ask: threads for ask, threads in written.threads.items() if ask}
        assert {"1", "2", "3"} <= set(asks)
        assert all({"MainThread", "models"} <= asks[ask] for ask in ("1", "2", "3"))
        assert "RuntimeError" in written.text  # with the id that its asker was told, and the ask's
        failed = next(json.loads(line) for line in written.lines if "RuntimeError" in line)
        assert failed["ask"] and failed["level"] == "error"

    _watch(tmp_path, story, monkeypatch)


def test_a_visit_counts_by_source_and_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def conversation(chat: Chat, port: int) -> None:
        async with Site() as site:
            whole = item(site.url("/bridge", LOCAL), "Bridge closes", whole=story("Oren"), at=datetime.now(UTC) - timedelta(hours=1))
            feed = site.on("/feed.xml", Reply(rss([whole], "Oren Herald")), host=LOCAL)
            await asyncio.to_thread(chat.app.addresses.add, feed, Kind.FEED, "Oren Herald", datetime.now(UTC))
            gone = site.url("/gone.xml", LOCAL)
            await asyncio.to_thread(chat.app.addresses.add, gone, Kind.FEED, "Gone", datetime.now(UTC))

            def counted() -> bool:
                found = scrape(port)
                return (
                    value(found, "crosscheck_ingest_articles_total", source=LOCAL) >= 1
                    and value(found, "crosscheck_ingest_visits_total", source=LOCAL, result="read") >= 1
                    and value(found, "crosscheck_ingest_visits_total", source=LOCAL, result="missing") >= 1
                )

            await _until(counted)

    _watch(tmp_path, conversation, monkeypatch, news=True)


def test_the_app_counts_where_it_is_watched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(chat: Chat, port: int) -> None:
        assert isinstance(chat.app.monitor, Metrics) and port

    _watch(tmp_path, story, monkeypatch)
