"""The composition root: settings to working parts. The only place where models, store, index and checker meet."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import cached_property
from types import TracebackType
from typing import Literal, Self

from bot.backing_up import open_store
from bot.monitor.port import UNWATCHED, Unwatched
from bot.monitor.timed import Timed
from bot.pseudonyms import Pseudonyms
from config.models import UnknownModel, model_entry
from config.settings import Settings
from db.addresses import Addresses
from db.articles import Articles
from db.asks import Asks
from db.changes import Changes
from db.checks import Checks
from db.disputes import Disputes
from db.engine import Database
from db.follows import Follows
from db.guilds import Guilds
from db.headlines import Headlines
from db.health import listen
from db.keys import derived, is_marked, key_of, load_key, mark
from db.leases import Leases
from db.opinions import Opinions
from db.passages import Passages
from db.pgindex import PgIndex
from db.privacy import Person, Privacy
from db.verifying import is_foreign
from retrieval.bearing import Scales, read_scales
from retrieval.check import Checker, Limits
from retrieval.embed import SentenceEmbedder
from retrieval.errors import ModelError
from retrieval.index.local import LocalIndex
from retrieval.models import ModelFiles
from retrieval.ports import Embedder
from retrieval.recent import RecentVectors
from retrieval.search import Search
from retrieval.stance import CrossEncoderStance
from retrieval.stories import Stories
from retrieval.turns import Turns, Yielding

log = logging.getLogger("crosscheck.parts")


class Parts:
    """Each part made at its first use. Close it, or use it in a `with`.

    Raises StoreError when the database cannot be opened; ModelError when a model that is used is missing or altered.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    @cached_property
    def monitor(self) -> Unwatched:
        """Who is told of what goes on here: those who watch, where the operator wants them to."""
        if not self.settings.monitor:
            return UNWATCHED
        from bot.monitor.metrics import Metrics

        return Metrics()

    @cached_property
    def database(self) -> Database:
        database = open_store(self.settings)
        if self.settings.monitor:
            listen(database, self.monitor.database_failed)
        return database

    @cached_property
    def articles(self) -> Articles:
        return Articles(self.database)

    @cached_property
    def addresses(self) -> Addresses:
        return Addresses(self.database)

    @cached_property
    def checks(self) -> Checks:
        return Checks(self.database)

    @cached_property
    def changes(self) -> Changes:
        return Changes(self.database)

    @cached_property
    def guilds(self) -> Guilds:
        return Guilds(self.database)

    @cached_property
    def asks(self) -> Asks:
        return Asks(self.database)

    @cached_property
    def opinions(self) -> Opinions:
        return Opinions(self.database)

    @cached_property
    def key(self) -> bytes:
        """The operator's secret, which is not in the database: people are hashed with it, and the audit of cases is chained with it."""
        key = self.known_key() or load_key(self.settings.pseudonym_key)
        if not is_marked(self.database):
            if is_foreign(self.database, derived(key, "audit")):  # a wrong key, or one in the place of a lost one: nobody can tell
                log.warning("no row of the audit of cases was written under the key %s", self.settings.pseudonym_key)
            else:
                mark(self.database, key)
        return key

    def known_key(self) -> bytes | None:
        """The key; None where none is needed yet. Raises UserError where it is gone, cannot be read, is none, or another store's."""
        # The database is opened first, since a restore that was begun is finished then, and may bring the key.
        return key_of(self.database, self.settings.pseudonym_key)

    @cached_property
    def audit_key(self) -> bytes:
        return derived(self.key, "audit")

    @cached_property
    def pseudonyms(self) -> Pseudonyms:
        return Pseudonyms(self.key)

    @cached_property
    def disputes(self) -> Disputes:
        return Disputes(self.database, self.audit_key)

    @cached_property
    def follows(self) -> Follows:
        return Follows(self.database)

    @cached_property
    def leases(self) -> Leases:
        return Leases(self.database)

    @cached_property
    def privacy(self) -> Privacy:
        return Privacy(self.database, self.disputes, self.follows)

    def person(self, user_id: int) -> Person:
        """Somebody, as the store knows them."""
        return Person(user_id, self.pseudonyms.of(user_id))

    @cached_property
    def passages(self) -> Passages:
        return Passages(self.database)

    @cached_property
    def embedder(self) -> Embedder:
        files, dimension = model_files("embedding", self.settings.embedding_model)
        if self.settings.embeddings_url:
            from retrieval.web.embeddings import RemoteEmbedder

            key = self.settings.embeddings_key.get_secret_value() if self.settings.embeddings_key else None
            return RemoteEmbedder(self.settings.embeddings_url, key, files.name, files.model_id, dimension)
        return SentenceEmbedder(files, dimension, self.settings.threads)

    @cached_property
    def questions(self) -> RecentVectors:
        """The embedder of what people ask."""
        return RecentVectors(Timed(self.embedder, self.monitor))

    @cached_property
    def turns(self) -> Turns:
        """Whose turn the models are: checks go before ingest."""
        return Turns()

    @cached_property
    def ingest_embedder(self) -> Yielding:
        return Yielding(self.embedder, self.turns)

    @cached_property
    def stance(self) -> CrossEncoderStance:
        if self.settings.stance == "small":
            return self.small_stance
        return CrossEncoderStance(model_files("stance", "stance-large")[0], self.settings.threads, self.small_stance)

    @cached_property
    def small_stance(self) -> CrossEncoderStance:
        return CrossEncoderStance(model_files("stance", "stance-small")[0], self.settings.threads)

    @cached_property
    def index(self) -> LocalIndex | PgIndex:
        """PostgreSQL searches by itself; beside SQLite the index lies in files."""
        files, dimension = model_files("embedding", self.settings.embedding_model)
        if self.database.engine.dialect.name == "postgresql":
            return PgIndex(self.database, files.model_id, dimension)
        return LocalIndex(self.settings.index_dir, self.changes, files.model_id, dimension)

    @cached_property
    def search(self) -> Search:
        return Search(self.questions, self.index, self.passages)

    @cached_property
    def checker(self) -> Checker:
        limits = Limits(self.settings.passages, self.settings.passages_per_article, self.settings.excerpts)
        return Checker(self.search, self.stance, self.passages, self.models, limits, self.scout, self.scales)

    @property
    def scout(self) -> CrossEncoderStance | None:
        """The quicker stance model that reads before the large one."""
        return self.small_stance if self.settings.stance == "large" else None

    @cached_property
    def scales(self) -> Scales | None:
        """What the large stance model's word is weighed with."""
        return read_scales(model_files("stance", "stance-large")[0].folder) if self.settings.stance == "large" else None

    @cached_property
    def headlines(self) -> Headlines:
        return Headlines(self.database)

    @cached_property
    def stories(self) -> Stories:
        return Stories(self.search, self.embedder, self.passages, self.headlines, self.stance, self.models, self.scout)

    @property
    def models(self) -> dict[str, str]:
        """Role -> model id: what an answer depends on besides the store."""
        ids = {"embedding": self.embedder.model_id, "stance": self.stance.model_id}
        return ids | ({"bearing": self.scales.model_id} if self.scales else {})

    def close(self) -> None:
        parts = vars(self)
        closable = [parts[name] for name in ("embedder", "index", "database") if name in parts]
        closers: list[Callable[[], None]] = [part.close for part in closable if hasattr(part, "close")]
        for close in closers:
            close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


def model_files(kind: Literal["embedding", "stance"], name: str) -> tuple[ModelFiles, int]:
    """Where a model of models.toml lies, and its dimension (0 for a stance model). Raises ModelError."""
    try:
        entry = model_entry(kind, name)
        others = tuple(entry.files.items())
        files = ModelFiles(entry.name, entry.folder, entry.sha256, entry.max_tokens, entry.labels, entry.base, entry.base_sha256, others)
        return files, entry.dimension
    except UnknownModel as error:
        raise ModelError(str(error)) from error
