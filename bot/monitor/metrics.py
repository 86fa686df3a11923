"""The program's figures, for Prometheus. Each label has a set of values that is known beforehand, or at most MAX_SOURCES of them.

Names follow https://prometheus.io/docs/practices/naming: seconds and bytes, counters end in _total. No figure names a person, a server
or a claim.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from importlib.metadata import version

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info
from prometheus_client.gc_collector import GCCollector
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector

from bot.monitor.memory import memory
from bot.monitor.port import AskResult, GatewayEvent, Stage, Unwatched
from db.health import Trouble
from retrieval.errors import BadClaim, IndexFault, ModelError, StoreError
from retrieval.sources import Visit
from retrieval.types import Comparison, Outcome

MAX_SOURCES = 100  # hosts with figures of their own; the others share "other"
OTHER = "other"
SCOPES = ("user", "global", "shared", OTHER)  # https://discord.com/developers/docs/topics/rate-limits: X-RateLimit-Scope
STATUSES = ("2xx", "3xx", "429", "4xx", "5xx", OTHER)
ERRORS = ((BadClaim, "claim"), (ModelError, "model"), (StoreError, "store"), (IndexFault, "index"))
READ, UNCHANGED = "read", "unchanged"
ASK_KINDS = ("claim", "post", "story")
DESKS = ("claims", "stories")
# Seconds. A claim takes .2 on two cores, a stage of it from .005 on; who waits in line waits minutes, and Discord gives up after 15.
OF_STAGE = (0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1.0, 2.5, 5.0, 10.0, 30.0)
OF_WAIT = (0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 900.0)


class Bounded:
    """The first values of a label keep their names; later ones share one. Safe for threads."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._known: set[str] = set()
        self._guard = threading.Lock()

    def __call__(self, value: str) -> str:
        """`value` itself, cut to what a host name may have, or "other"."""
        value = value[:253] or OTHER
        with self._guard:
            if value not in self._known and len(self._known) >= self._size:
                return OTHER
            self._known.add(value)
        return value


class Metrics(Unwatched):
    """Counts what it is told, in a registry of its own."""

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        PlatformCollector(registry=registry)
        GCCollector(registry=registry)
        self._source = Bounded(MAX_SOURCES)

        def counter(name: str, what: str, labels: Sequence[str] = ()) -> Counter:
            return Counter(f"crosscheck_{name}", what, labels, registry=registry)

        def gauge(name: str, what: str, labels: Sequence[str] = ()) -> Gauge:
            return Gauge(f"crosscheck_{name}", what, labels, registry=registry)

        def histogram(name: str, what: str, labels: Sequence[str], buckets: Sequence[float]) -> Histogram:
            return Histogram(f"crosscheck_{name}_seconds", what, labels, registry=registry, buckets=buckets)

        self.build = Info("crosscheck_build", "What runs here.", registry=registry)
        self.checks = counter("checks", "Claims that were compared with the sources, by what came of it.", ["outcome"])
        self.check_errors = counter("check_errors", "Batches of claims that could not be compared.", ["error"])
        self.checks_reused = counter("checks_reused", "Claims that had a stored answer which still holds.")
        self.stages = histogram("stage", "How long a batch of claims takes, and its stages.", ["stage"], OF_STAGE)
        self.asks = counter("asks", "Askings in Discord, by what became of them.", ["kind", "result"])
        self.ask_time = histogram("ask", "From an asking to the end of its answer.", ["kind"], OF_WAIT)
        self.desk_waiting = gauge("desk_waiting", "Claims whose turn has not come.", ["desk"])
        self.desk_wait = histogram("desk_wait", "How long claims wait for their turn.", ["desk"], OF_WAIT)
        self.desk_refused = counter("desk_refused", "Times that a desk was full.", ["desk"])
        self.articles = counter("ingest_articles", "New and revised articles that visits brought.", ["source"])
        self.skipped = counter("ingest_skipped", "Items of visits that are no new article in search, and why.", ["source", "reason"])
        self.visits = counter("ingest_visits", "Visits to news sources and their pages: read, unchanged, or why not.", ["source", "result"])
        self.index_lag = gauge("index_lag_changes", "Rows of the change log that the search index has not applied.")
        self.responses = counter("discord_responses", "Discord's answers to HTTP requests.", ["status"])
        self.rate_limited = counter("discord_rate_limited", "Answers 429, by whose limit it was.", ["scope"])
        self.shards = gauge("gateway_shards", "Shards of this process by the state of their connection.", ["state"])
        self.gateway_latency = gauge("gateway_latency_seconds", "The slowest shard's heartbeat, there and back.")
        self.gateway_events = counter("gateway_events", "Connections to the gateway that came and went.", ["event"])
        self.database_up = gauge("database_up", "Whether the database answered when last asked.")
        self.database_time = gauge("database_answer_seconds", "How long it took to answer a small question.")
        self.database_errors = counter("database_errors", "Statements that failed, and connections that could not be had.", ["kind"])
        self.backups = gauge("backup_newest_timestamp_seconds", "When the newest backup of an occasion was written.", ["occasion"])
        self.loop_delay = gauge("loop_delay_seconds", "How much later than asked for the event loop woke up.")
        self.ready = gauge("ready", "Whether /readyz says so.")
        self.models_loaded = gauge("models_loaded", "Whether the models are in memory.")
        self.model_weights = gauge("model_weights_bytes", "Files of the weights of the models in use.", ["role"])
        self.memory = gauge("memory_bytes", "Resident memory: of its own, of mapped files, shared; and the peak of all.", ["kind"])
        for kind, read in memory().items():
            self.memory.labels(kind).set_function(read)
        self.build.info({"version": version("crosscheck")})
        self._begin()

    def _begin(self) -> None:
        """Series that are known beforehand start at 0: a rate sees their first event."""
        _start(self.checks, Outcome)
        _start(self.check_errors, [name for _, name in ERRORS] + [OTHER])
        _start(self.stages, Stage)
        _start(self.desk_waiting, DESKS)
        _start(self.desk_wait, DESKS)
        _start(self.desk_refused, DESKS)
        _start(self.ask_time, ASK_KINDS)
        _start(self.responses, STATUSES)
        _start(self.rate_limited, SCOPES)
        _start(self.gateway_events, GatewayEvent)
        _start(self.database_errors, Trouble)
        for kind in ASK_KINDS:
            for result in AskResult:
                self.asks.labels(kind, result.value)

    def checked(self, comparisons: Sequence[Comparison], seconds: float) -> None:
        for comparison in comparisons:
            self.checks.labels(comparison.outcome.value).inc()
        self.stages.labels(Stage.WHOLE.value).observe(seconds)
        for stage in (Stage.SEARCH, Stage.STANCE, Stage.COMPARE):  # all comparisons of a batch have the batch's times
            if comparisons and stage.value in comparisons[0].took_ms:
                self.stages.labels(stage.value).observe(comparisons[0].took_ms[stage.value] / 1000)

    def check_failed(self, error: Exception) -> None:
        self.check_errors.labels(next((name for kind, name in ERRORS if isinstance(error, kind)), OTHER)).inc()

    def reused(self, count: int) -> None:
        self.checks_reused.inc(count)

    def embedded(self, seconds: float) -> None:
        self.stages.labels(Stage.EMBED.value).observe(seconds)

    def asked(self, kind: str, result: AskResult, seconds: float) -> None:
        self.asks.labels(kind, result.value).inc()
        if result is AskResult.ANSWERED:
            self.ask_time.labels(kind).observe(seconds)

    def waiting(self, desk: str, count: int) -> None:
        self.desk_waiting.labels(desk).set(count)

    def waited(self, desk: str, seconds: float) -> None:
        self.desk_wait.labels(desk).observe(seconds)

    def turned_away(self, desk: str) -> None:
        self.desk_refused.labels(desk).inc()

    def visited(self, host: str, visit: Visit) -> None:
        source = self._source(host)
        result = visit.problem.value if visit.problem else UNCHANGED if visit.not_modified else READ
        self.visits.labels(source, result).inc()
        self.articles.labels(source).inc(visit.articles)
        for reason, count in visit.skipped.items():
            self.skipped.labels(source, reason.value).inc(count)

    def discord_answered(self, status: int, scope: str) -> None:
        name = str(status) if status == 429 else f"{status // 100}xx"
        self.responses.labels(name if name in STATUSES else OTHER).inc()
        if status == 429:
            self.rate_limited.labels(scope if scope in SCOPES else OTHER).inc()

    def gateway(self, event: GatewayEvent) -> None:
        self.gateway_events.labels(event.value).inc()

    def database_failed(self, trouble: Trouble) -> None:
        self.database_errors.labels(trouble.value).inc()


def _start(metric: Counter | Gauge | Histogram, values: Iterable[str]) -> None:
    for value in values:
        metric.labels(str(value))
