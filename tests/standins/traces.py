"""What is left of a person: in every table, and in the bytes of every file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from sqlalchemy import MetaData, select

from db.engine import Database
from db.privacy import Person


def cells(database: Database) -> Iterator[tuple[str, object]]:
    """Every value of every table that is there, whatever the program knows of it, with its place."""
    metadata = MetaData()
    metadata.reflect(database.engine)
    with database.reading() as session:
        for table in metadata.sorted_tables:
            for row in session.execute(select(table)):
                yield from ((f"{table.name}.{column.name}", value) for column, value in zip(table.columns, row, strict=True))


def in_tables(database: Database, person: Person, words: Sequence[str]) -> set[str]:
    """Where the person's id, hash or one of the words stands."""
    places = set()
    for place, value in cells(database):
        said = bytes(value).decode("latin-1") if isinstance(value, (bytes, memoryview)) else str(value)
        if any(one in said for one in (str(person.id), person.hash, *words)):
            places.add(place)
    return places


def in_files(folder: Path, person: Person, words: Sequence[str]) -> set[str]:
    """Which of the words, the hash, and the id as text or number stand in any file."""
    data = b"".join(file.read_bytes() for file in folder.rglob("*") if file.is_file())
    wanted = {word: word.encode() for word in (person.hash, str(person.id), *words)} | {"number": person.id.to_bytes(8, "big")}
    return {name for name, one in wanted.items() if one in data}
