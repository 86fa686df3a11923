"""A real store in a folder: SQLite, the local index, the ingest pipeline; only the models are fakes.

Where the tests run on PostgreSQL (tests/standins/databases.py), the folder stands for a database of it, which is its own index.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Self, cast

from sqlalchemy import MetaData, select, text

from db.addresses import Addresses
from db.articles import Articles
from db.changes import Changes
from db.checks import Checks
from db.engine import Database, open_database
from db.passages import Passages
from db.pgindex import PgIndex
from retrieval.check import Checker, Limits
from retrieval.index.local import LocalIndex
from retrieval.ingest.pipeline import Report, ingest
from retrieval.ports import StanceModel
from retrieval.search import Search
from retrieval.sources import Kind
from retrieval.types import Article, Passage
from tests.standins.databases import on_postgres, url_of
from tests.standins.models import HashEmbedder, WordStance

NOON = datetime(2025, 2, 24, 12, tzinfo=UTC)
EMBEDDER = HashEmbedder()


class Store:
    """Everything that remembers, over one folder. Close it, or use it in a `with`."""

    @classmethod
    def over(cls, database: Database) -> Self:
        """The same over a database that is open already; it has no folder."""
        return cls(Path("none"), database)

    def __init__(self, folder: Path, database: Database | None = None) -> None:
        self.folder = folder
        self.url = str(database.engine.url) if database is not None else url_of(folder)
        self.database: Database = database if database is not None else open_database(self.url)
        self.articles = Articles(self.database)
        self.changes = Changes(self.database)
        self.passages = Passages(self.database)
        self.checks = Checks(self.database)
        self.addresses = Addresses(self.database)

    @cached_property
    def index(self) -> LocalIndex:
        return self.another_index()

    def another_index(self) -> LocalIndex:
        """A second index over the same folder, as another process would have it. On PostgreSQL it is a PgIndex, which has no files."""
        if on_postgres:
            return cast("LocalIndex", PgIndex(self.database, EMBEDDER.model_id, EMBEDDER.dimension))
        return LocalIndex(self.folder / "index", Changes(self.database), EMBEDDER.model_id, EMBEDDER.dimension)

    @property
    def index_files(self) -> Path:
        """Where the index keeps its files."""
        return self.folder / "index" / EMBEDDER.model_id

    def checker(self, stance: StanceModel | None = None, limits: Limits | None = None, scout: StanceModel | None = None) -> Checker:
        search = Search(EMBEDDER, self.index, self.passages)
        return Checker(search, stance or WordStance(), self.passages, {"embedding": EMBEDDER.model_id}, limits, scout)

    def add(self, *articles: Article) -> Report:
        """Through the real pipeline."""
        return ingest(articles, self.articles, EMBEDDER)

    def source(self, name: str, *guild_ids: int) -> int:
        """A feed that everyone sees, or only these Discord servers; its id."""
        for guild_id in guild_ids or (None,):
            address, _ = self.addresses.add(f"https://{name}.example/feed", Kind.FEED, name, NOON, guild_id)
        return address.id

    def live(self) -> set[int]:
        """Ids of the passages that are there now, as the table has them."""
        return set(self.column("SELECT id FROM passage"))

    def stored_passages(self) -> list[Passage]:
        return sorted(self.passages.passages(sorted(self.live())).values(), key=lambda passage: passage.id)

    def column(self, sql: str) -> list[int]:
        """The first column of a query of raw SQL."""
        with self.database.reading() as session:
            return [row[0] for row in session.execute(text(sql))]

    def texts(self, sql: str) -> list[str]:
        """As `column`, of words."""
        return [str(value) for value in self.column(sql)]

    def run(self, sql: str) -> None:
        """Raw SQL, committed."""
        with self.database.writing() as session:
            session.execute(text(sql))

    def dump(self) -> dict[str, list[tuple[object, ...]]]:
        """Every row of every table: two equal dumps are two equal databases."""
        metadata = MetaData()
        metadata.reflect(self.database.engine)
        with self.database.reading() as session:
            return {table.name: sorted(map(tuple, session.execute(select(table))), key=repr) for table in metadata.sorted_tables}

    def close(self) -> None:
        if "index" in vars(self):
            self.index.close()
        self.database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


def article(name: str, words: str, source: str = "Harwick Echo", title: str = "", published_at: datetime | None = NOON) -> Article:
    """A small article: `name` makes its address."""
    return Article(f"https://echo.example/{name}", title or f"Report {name}", source, words, published_at)


def sentences_about(topics: Iterable[str]) -> str:
    """A text of one sentence a topic, each long enough to be found by its words."""
    return " ".join(f"The council of Harwick spoke about {topic} for an hour on Tuesday." for topic in topics)
