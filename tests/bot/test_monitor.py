"""Figures and health over a real socket: what they say, when they say no, and whom they do not answer."""

from __future__ import annotations

import asyncio
import contextlib
import math
import os
import socket
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.app import App
from bot.monitor import endpoint as endpoints
from bot.monitor import watching
from bot.monitor.endpoint import Endpoint, Pages
from bot.monitor.health import MOST_BEHIND, SILENT, STALE, Health, Look
from bot.monitor.metrics import ASK_KINDS, DESKS, ERRORS, MAX_SOURCES, SCOPES, STATUSES, Metrics
from bot.monitor.port import UNWATCHED, AskResult, GatewayEvent, Unwatched
from bot.monitor.sampling import Sampler
from bot.monitor.watching import INGEST, RUN, SERVE, watched
from config.settings import Settings
from db.health import Trouble
from retrieval.claims import find_claims
from retrieval.errors import BadClaim, ModelError
from retrieval.ingest.pipeline import ingest
from retrieval.sources import Problem, Skipped, Visit
from retrieval.types import Outcome
from tests.bot.discord.chat import BRIDGE, FakeModelApp, news
from tests.standins.databases import of_sqlite
from tests.standins.discord.clock import PATIENCE
from tests.standins.scraping import get, scrape, value

ANYWHERE = "127.0.0.1:0"


class Hands:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.at = 100.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def app(tmp_path: Path) -> Iterator[FakeModelApp]:
    with FakeModelApp(Settings(data_dir=tmp_path / "data", stance="small", monitor=ANYWHERE)) as opened:
        ingest(news(), opened.articles, opened.embedder)
        yield opened


@pytest.fixture
def shown() -> Iterator[tuple[Endpoint, Health, Metrics]]:
    metrics, health = Metrics(), Health(SERVE)
    endpoint = Endpoint("127.0.0.1", 0, Pages(metrics.registry, health.live, health.ready))
    endpoint.start()
    yield endpoint, health, metrics
    endpoint.stop()


def metrics_of(app: App) -> Metrics:
    assert isinstance(app.monitor, Metrics)
    return app.monitor


def _until(seen: Callable[[], bool], seconds: float = PATIENCE) -> None:
    until = time.monotonic() + seconds
    while not seen():
        assert time.monotonic() < until, "it did not come about"
        time.sleep(0.02)


# What is counted.


def test_a_check_counts_its_outcome_and_times_its_stages(app: FakeModelApp) -> None:
    metrics = metrics_of(app)
    endpoint = Endpoint("127.0.0.1", 0, Pages(metrics.registry, Health(SERVE).live, Health(SERVE).ready))
    endpoint.start()
    try:
        before = scrape(endpoint.port)
        assert value(before, "crosscheck_checks_total", outcome="mixed") == 0
        assert app.check(BRIDGE).outcome == "mixed"
        assert [one.outcome for some in app.check_in_turn(find_claims(f"{BRIDGE} Pigs fly to the moon in winter.")) for one in some]
        after = scrape(endpoint.port)
    finally:
        endpoint.stop()
    counted = sum(number for (name, _), number in after.items() if name == "crosscheck_checks_total")
    assert counted >= 2 and value(after, "crosscheck_checks_total", outcome="mixed") >= 1
    for stage in ("embed", "search", "stance", "compare", "whole"):
        assert value(after, "crosscheck_stage_seconds_count", stage=stage) >= 1, stage
    whole, parts = (
        sum(value(after, "crosscheck_stage_seconds_sum", stage=stage) for stage in stages)
        for stages in (["whole"], ["search", "stance", "compare"])
    )
    assert 0 < parts <= whole + 0.01
    assert value(after, "process_resident_memory_bytes") > 1e6
    assert value(after, "crosscheck_memory_bytes", kind="own") > 1e6


def test_a_check_that_breaks_is_counted_by_its_fault() -> None:
    metrics = Metrics()
    for error in (ModelError("gone"), BadClaim("empty"), RuntimeError("?")):
        metrics.check_failed(error)
    found = {tuple(sample.labels.values()): sample.value for family in metrics.check_errors.collect() for sample in family.samples
             if sample.name.endswith("_total")}  # fmt: skip
    assert (found["model",], found["claim",], found["other",], found["store",]) == (1, 1, 1, 0)


def test_a_thousand_sources_share_the_series_of_a_hundred() -> None:
    metrics = Metrics()
    now = datetime.now(UTC)
    for number in range(1000):
        metrics.visited(f"news{number}.example", Visit(now, now, articles=2, skipped={Skipped.COPY: 1, Skipped.UNREADABLE: 3}))
        metrics.visited(f"news{number}.example", Visit(now, now, Problem.BUSY))
    for status in range(100, 700):
        metrics.discord_answered(status, "user" if status % 2 else "made up")
    found = [sample for family in metrics.registry.collect() for sample in family.samples if not sample.name.endswith("_created")]
    hosts = {sample.labels["source"] for sample in found if "source" in sample.labels}
    assert len(hosts) == MAX_SOURCES + 1 and "other" in hosts
    rest = {(sample.name, *sample.labels.values()): sample.value for sample in found}
    assert rest["crosscheck_ingest_articles_total", "other"] == 2 * (1000 - MAX_SOURCES)
    assert rest["crosscheck_ingest_skipped_total", "news7.example", "unreadable"] == 3
    assert rest["crosscheck_ingest_visits_total", "news7.example", "busy"] == 1
    assert rest["crosscheck_discord_rate_limited_total", "user"] == 1
    assert len([one for one in found if one.labels and "le" not in one.labels and one.name.startswith("crosscheck_")]) < most_series() + 50


def most_series() -> int:
    """How many series of counters and gauges with labels there can be at most; a histogram has one for each of its buckets too."""
    per_source = 1 + len(Skipped) + len(Problem) + 2
    fixed = len(Outcome) + len(ERRORS) + 1 + len(ASK_KINDS) * len(AskResult) + 2 * len(DESKS) + len(STATUSES) + len(SCOPES)
    return (MAX_SOURCES + 1) * per_source + fixed + len(GatewayEvent) + len(Trouble)


def test_who_hears_nothing_has_the_same_ears() -> None:
    """A method that only one of the two has would be a mistake that shows where nobody watches."""
    told = {name for name in vars(Unwatched) if not name.startswith("_")}
    assert told == {name for name in vars(Metrics) if not name.startswith("_")}
    UNWATCHED.gateway(GatewayEvent.CONNECTED)
    Metrics().gateway(GatewayEvent.CONNECTED)


# Health.


def test_a_process_lives_while_its_event_loop_turns() -> None:
    clock = Hands()
    health = Health(SERVE, clock)
    clock.at += 10 * SILENT
    assert health.live().good  # starting: models may take their time
    health.beat(gateway=False)
    clock.at += SILENT
    assert health.live().good
    clock.at += 1
    assert not health.live().good and "loop" in health.live().missing


def test_readiness_names_what_is_missing() -> None:
    clock = Hands()
    health = Health(RUN, clock)
    assert set(health.ready().missing) == {"models", "database", "gateway"}
    health.models_loaded()
    health.beat(gateway=True)
    health.looked(Look(answered=True))
    assert set(health.ready().missing) == {"index"}
    health.looked(Look(answered=True, behind=MOST_BEHIND))
    assert health.ready().good
    health.looked(Look(answered=True, behind=MOST_BEHIND + 1))
    assert set(health.ready().missing) == {"index"}
    health.looked(Look(answered=False))
    assert health.ready().missing == {"database": "does not answer"}
    health.looked(Look(answered=True, behind=0))
    clock.at += STALE + 1  # a look that has hung since
    assert set(health.ready().missing) == {"database"}
    health.looked(Look(answered=True, behind=0))
    health.beat(gateway=False)
    assert set(health.ready().missing) == {"gateway"}


def test_what_only_ingests_needs_the_database_alone() -> None:
    health = Health(INGEST)
    health.looked(Look(answered=True))
    assert health.ready().good


@of_sqlite
def test_a_database_that_goes_away_makes_the_process_unready_until_it_is_back(app: FakeModelApp) -> None:
    file = app.settings.data_dir / "crosscheck.db"
    metrics = metrics_of(app)
    health = Health(SERVE)
    endpoint = Endpoint("127.0.0.1", 0, Pages(metrics.registry, health.live, health.ready))
    endpoint.start()
    quick = timedelta(seconds=0.02)

    def readiness() -> int:
        return get(endpoint.port, "/readyz").status

    async def story() -> None:
        async with Sampler(app, metrics, health, every=quick, beat=quick).running():
            await asyncio.to_thread(_until, lambda: set(get(endpoint.port, "/readyz").json["missing"]) == {"models", "index"})
            app.warm_up()
            health.models_loaded()
            await asyncio.to_thread(_until, lambda: readiness() == 200)
            file.rename(file.with_name("elsewhere"))
            await asyncio.to_thread(_until, lambda: readiness() == 503)
            got = await asyncio.to_thread(get, endpoint.port, "/readyz")
            assert got.json == {"ok": False, "missing": {"database": "does not answer"}}
            assert str(file) not in got.body
            assert (await asyncio.to_thread(get, endpoint.port, "/healthz")).status == 200  # no reason to be killed
            assert value(await asyncio.to_thread(scrape, endpoint.port), "crosscheck_database_up") == 0
            file.with_name("elsewhere").rename(file)
            await asyncio.to_thread(_until, lambda: readiness() == 200)
            assert value(await asyncio.to_thread(scrape, endpoint.port), "crosscheck_database_up") == 1

    try:
        asyncio.run(story())
    finally:
        endpoint.stop()


def test_an_index_far_behind_is_brought_up_to_date_though_nobody_asks(app: FakeModelApp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.monitor.sampling.APPLY_FROM", 2)
    metrics, health, quick = metrics_of(app), Health(SERVE), timedelta(seconds=0.02)
    app.warm_up()
    health.models_loaded()
    assert app.index.behind() == 0
    ingest(news(3), app.articles, app.embedder)
    behind = app.index.behind()
    assert behind is not None and behind >= 2

    async def story() -> None:
        async with Sampler(app, metrics, health, every=quick, beat=quick).running():
            await asyncio.to_thread(_until, lambda: app.index.behind() == 0)
            await asyncio.to_thread(_until, lambda: health.ready().good)

    asyncio.run(story())


def test_the_age_of_the_newest_backup_is_told(app: FakeModelApp) -> None:
    metrics, folder = metrics_of(app), app.settings.backups
    sampler = Sampler(app, metrics, Health(SERVE))
    sampler.look_for_backups()  # no folder yet
    assert not list(metrics.backups.collect())[0].samples
    folder.mkdir(parents=True)
    for name, at in (("automatic-1.tar.zst", 1_000), ("automatic-2.tar.zst.age", 2_000), ("manual-1.tar.zst", 500), ("odd.tar.zst", 9_000)):
        (folder / f"crosscheck-{name}").touch()
        os.utime(folder / f"crosscheck-{name}", (at, at))
    sampler.look_for_backups()
    told = {sample.labels["occasion"]: sample.value for sample in list(metrics.backups.collect())[0].samples}
    assert told == {"automatic": 2_000, "manual": 500}


def test_a_loop_that_stands_still_is_told_by_a_thread_of_its_own(
    shown: tuple[Endpoint, Health, Metrics], monkeypatch: pytest.MonkeyPatch
) -> None:
    endpoint, health, _ = shown
    monkeypatch.setattr("bot.monitor.health.SILENT", 0.05)

    async def story() -> None:
        health.beat(gateway=False)
        time.sleep(0.2)  # noqa: ASYNC251 - that is what is tried
        assert get(endpoint.port, "/healthz").status == 503

    asyncio.run(story())


# Who is answered.


def test_only_three_paths_are_there(shown: tuple[Endpoint, Health, Metrics]) -> None:
    port = shown[0].port
    assert get(port, "/healthz").status == 200
    assert get(port, "/readyz").status == 503
    got = get(port, "/metrics")
    assert got.status == 200 and got.headers["content-type"].startswith("text/plain")
    assert got.headers["cache-control"] == "no-store"
    for path in ("/", "/metrics/", "/metrics?name[]=x", "/../etc/passwd", "/%6detrics"):
        assert get(port, path).status == 404, path
    assert "passwd" not in get(port, "/../etc/passwd").body
    assert get(port, "/metrics", method="HEAD").body == ""
    for method in ("POST", "PUT", "DELETE", "OPTIONS", "TRACE"):
        assert get(port, "/metrics", method=method).status == 501


@pytest.mark.parametrize("host", ["evil.example", "evil.example:9464", "127.0.0.1.evil.example", "", "localhost.evil.example", "[::1].x"])
def test_a_page_that_points_a_name_of_its_own_here_is_not_answered(shown: tuple[Endpoint, Health, Metrics], host: str) -> None:
    got = get(shown[0].port, "/metrics", host)
    assert got.status == 421 and "crosscheck" not in got.body


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:9464", "127.0.0.1", "127.0.0.1:1", "[::1]:9464", "10.1.2.3:9464"])
def test_this_machine_s_names_and_numbers_are_answered(shown: tuple[Endpoint, Health, Metrics], host: str) -> None:
    assert get(shown[0].port, "/metrics", host).status == 200


def test_those_who_say_nothing_keep_nobody_else_out_for_long(
    shown: tuple[Endpoint, Health, Metrics], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(endpoints, "SECONDS", 0.3)
    port = shown[0].port
    silent = [socket.create_connection(("127.0.0.1", port), timeout=5) for _ in range(endpoints.AT_ONCE + 4)]
    try:
        with contextlib.suppress(OSError):  # while all places are taken, further ones are closed at once
            assert silent[-1].recv(10) == b""

        def answered() -> bool:
            with contextlib.suppress(OSError, AssertionError):
                return get(port, "/healthz").status == 200
            return False

        _until(answered)  # they are cut off
    finally:
        for one in silent:
            one.close()


def test_too_much_of_a_header_is_refused_without_its_words(shown: tuple[Endpoint, Health, Metrics]) -> None:
    with socket.create_connection(("127.0.0.1", shown[0].port), timeout=10) as connection:
        connection.sendall(b"GET /" + b"s3cret" * 20_000 + b" HTTP/1.1\r\n\r\n")
        answer = connection.recv(4096)
    assert b" 414 " in answer and b"s3cret" not in answer


# The process.


def test_who_is_not_watched_opens_no_port_and_counts_nothing(tmp_path: Path) -> None:
    with FakeModelApp(Settings(data_dir=tmp_path / "data", stance="small")) as app, watched(app, RUN) as watch:
        assert app.monitor is UNWATCHED
        watch.models_loaded()

        async def story() -> None:
            async with watch.sampling():
                pass

        asyncio.run(story())


def test_a_port_that_another_process_has_is_taken_when_it_is_free(
    app: FakeModelApp, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(watching, "AGAIN", 0.05)
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        app.settings.monitor = f"127.0.0.1:{port}"
        ending = contextlib.ExitStack()
        ending.enter_context(watched(app, SERVE))
        assert "not shown" in caplog.text
    with ending:

        def answered() -> bool:
            with contextlib.suppress(OSError):
                return get(port, "/healthz").status == 200
            return False

        _until(answered)
        weights = scrape(port)
        assert value(weights, "crosscheck_model_weights_bytes", role="stance") > 1e6
    with pytest.raises(OSError):
        get(port, "/healthz")


@of_sqlite
def test_a_failing_statement_is_counted(app: FakeModelApp) -> None:
    metrics = metrics_of(app)
    (app.settings.data_dir / "crosscheck.db").stat()
    with pytest.raises(Exception, match="no such table"), app.database.looking() as connection:
        connection.exec_driver_sql("SELECT 1 FROM nowhere")
    found = {sample.labels.get("kind"): sample.value for family in metrics.database_errors.collect() for sample in family.samples
             if sample.name.endswith("_total")}  # fmt: skip
    assert found[Trouble.OTHER.value] == 1 and math.isclose(sum(found.values()), 1)
