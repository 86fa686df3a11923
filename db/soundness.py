"""Whether what is stored is whole: the database itself, passages within their articles, and the audit of cases."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import func, or_, select

from db import pgtools, verifying
from db.archives import KEY, POSTGRESQL, SQLITE, Manifest, damaged, look_for, unpack
from db.articles import wording_hash
from db.backup import Place, work_folder
from db.engine import NEWEST, Database, open_database
from db.keys import derived, hangs_on_a_key, is_marked, key_of, read_key
from db.restoring import bring_up_to_date, check_copy
from db.schema import ArticleRow, CheckExcerptRow, PassageRow, RevisionRow, SourceRow
from db.sqlite_copy import MOST, VERSIONS, count_rows, problems_of
from retrieval.errors import UserError

AUDIT = "dispute_event"
KEYED = "key of people and cases"


@dataclass(frozen=True, slots=True)
class Look:
    """One thing that was looked at: in words what it is, and what is wrong with it."""

    what: str
    problems: Sequence[str] = ()


def look_at_store(database: Database, key_file: Path) -> list[Look]:
    """Look at all of a store, and at the key that it hangs on. Raises StoreError."""
    looks = [_tables(database)] if database.engine.dialect.name == "sqlite" else []
    looks += [_slices(database), _wordings(database)]
    try:
        key = key_of(database, key_file)
    except UserError as error:
        with database.looking() as connection:
            rows = count_rows(connection).get(AUDIT, 0)
        return [Look(KEYED, [str(error)]), *looks, _keyless(rows, "store")]
    if key is None:
        return [Look(f"{KEYED}: none is needed yet"), *looks, _keyless(0, "store")]
    return [Look(KEYED), *looks, _audit(database, derived(key, "audit"))]


def look_at_archive(place: Place, archive: Path, identity: Path | None = None) -> tuple[Manifest, list[Look]]:
    """As `look_at_store`, of what is in a backup, unpacked beside the store; of PostgreSQL's, whether it can be read, and its rows.

    Raises UserError: it is damaged, foreign, encrypted for another key; StoreError.
    """
    look_for(archive)
    with work_folder(place) as work:
        manifest = unpack(archive, work, NEWEST, identity)
        whole = Look(f"backup of {manifest.made_at:%Y-%m-%d %H:%M} UTC, schema {manifest.schema}: hashes are right")
        if manifest.database == POSTGRESQL:
            found = pgtools.script(work / POSTGRESQL, work / "rows.sql")
            found.pop(VERSIONS, None)
            if found != manifest.rows:
                raise damaged(archive, "its database has other rows than its manifest says")
            return manifest, [whole, Look(f"{sum(found.values())} rows can be read; the rest shows when it is restored")]
        check_copy(archive, work / SQLITE, manifest)
        bring_up_to_date(work / SQLITE)
        database = open_database(f"sqlite:///{work / SQLITE}")
        try:
            rows = Look(f"{sum(manifest.rows.values())} rows of {len(manifest.rows)} tables, as its manifest says")
            key = read_key(work / KEY)
            keyed = _key(database, work / KEY, expected=place.with_key)
            audit = _audit(database, derived(key, "audit")) if key is not None else _keyless(manifest.rows.get(AUDIT, 0), "backup")
            return manifest, [whole, rows, keyed, _slices(database), _wordings(database), audit]
        finally:
            database.close()


def _tables(database: Database) -> Look:
    with database.reading() as session:
        driver = session.connection().connection.driver_connection
        problems = problems_of(driver) if isinstance(driver, sqlite3.Connection) else []
    return Look("database file and its references", problems)


def _slices(database: Database) -> Look:
    """A passage or a shown excerpt is revision.text[start:end]."""
    problems: list[str] = []
    counts: list[int] = []
    with database.reading() as session:
        for name, row in (("passage", PassageRow), ("shown excerpt", CheckExcerptRow)):
            outside = or_(row.start < 0, row.end <= row.start, row.end > func.length(RevisionRow.text))
            joined = select(func.count()).select_from(row).outerjoin(RevisionRow, RevisionRow.id == row.revision_id)
            counts.append(session.scalar(select(func.count()).select_from(row)) or 0)
            wrong = session.scalar(joined.where(or_(outside, RevisionRow.id.is_(None)))) or 0
            if wrong:
                problems.append(f"{wrong} of {counts[-1]} {name}s lie outside of their article's text")
    return Look(f"{counts[0]} passages and {counts[1]} shown excerpts lie within their articles", problems)


def _wordings(database: Database) -> Look:
    """Each wording is what its hash, taken when it was stored, says (`db.articles.content_hash`).

    The hash covers the outlet's name, as it was then, of an article that no feed brought: any known outlet's is tried. Where the outlet is
    called by its host instead, because its own name looked like another's, that name is not known, and nothing can be told.
    """
    columns = (RevisionRow.title, RevisionRow.published_at, RevisionRow.text, RevisionRow.content_hash, SourceRow.name, ArticleRow.url)
    query = select(*columns).join(ArticleRow, ArticleRow.id == RevisionRow.article_id).join(SourceRow, SourceRow.id == ArticleRow.source_id)
    count, changed = 0, []
    with database.reading() as session:
        outlets = session.scalars(select(SourceRow.name)).all()
        for title, published_at, text, said, source, url in session.execute(query.execution_options(yield_per=500)):
            count += 1
            if any(said == wording_hash(title, published_at, outlet, text) for outlet in ("", source, *outlets)) or source in url:
                continue
            changed.append(url)
    problems = [f"{url}: text, title or time are not what was stored" for url in changed[:MOST]]
    more = [f"and {len(changed) - MOST} more"] if len(changed) > MOST else []
    return Look(f"{count} wordings are as they were stored", problems + more)


def _audit(database: Database, key: bytes) -> Look:
    report = verifying.verify(database, key)
    return Look(f"audit of cases: {report.rows} rows in {len(report.chains)} chains", report.problems)


def _key(database: Database, file: Path, *, expected: bool) -> Look:
    """Whether the key of a backup, unpacked into this file, is the one that its rows hang on."""
    if not file.exists():
        wanted = is_marked(database) or hangs_on_a_key(database)
        missing = ["it is not in this backup: with it people are hashed, and cases are proved"] if wanted and expected else []
        return Look(KEYED + ("" if missing else ": not in this backup"), missing)
    try:
        key_of(database, file)
    except UserError:
        return Look(KEYED, ["the one in this backup is not the one that its rows hang on"])
    return Look(KEYED)


def _keyless(rows: int, which: str) -> Look:
    return Look(f"audit of cases: {rows} rows", [f"the {which} has no pseudonym.key, so nobody can prove it"] if rows else [])
