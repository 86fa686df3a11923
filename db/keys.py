"""The operator's secret, which is not in the database: people are hashed with it, and the audit of cases is chained with it.

The database remembers a mark of the key that it hangs on, from which nobody learns the key: another one in its place is noticed.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from pathlib import Path

from sqlalchemy import Connection, column, inspect, literal_column, select, table

from db.engine import Database, one_at_a_time
from db.ownership import make_folder
from db.retrying import retried
from db.schema import AskRow, DisputeEventRow, FlagDraftRow, FollowRow, NoteRow, OpinionRow
from db.swapping import move
from retrieval.errors import UserError

KEY_BYTES = 32
MARK = "mark of the key"  # a note's key
KEYED = (AskRow.user, OpinionRow.user, FlagDraftRow.user, FollowRow.author, DisputeEventRow.id)
LOST = "If it is lost for good, {how}: what was asked before is nobody's then, and no older case can be proved."


def derived(key: bytes, label: str) -> bytes:
    """Another key out of the key, for another use: what is made with one tells nothing about what is made with the other."""
    return hmac.new(key, label.encode(), hashlib.sha256).digest()


def mark_of(key: bytes) -> str:
    """32 hexadecimal digits that tell a key from another."""
    return derived(key, "mark").hex()[:32]


def read_key(file: Path) -> bytes | None:
    """The key in a file; None where there is none. Raises UserError where it cannot be read, or is no key."""
    try:
        key = bytes.fromhex(file.read_text(encoding="ascii"))
    except FileNotFoundError:
        return None
    except OSError as error:
        raise UserError("The key {file} cannot be read: {reason}.", file=file, reason=error.strerror) from error
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:  # a short one, as of a file that was cut off, would be guessed
        raise UserError(
            "{file} does not hold a key: put it back, from a backup or from your copy. " + LOST.format(how="delete this file"), file=file
        )
    return key


def load_key(file: Path) -> bytes:
    """The key in a file that only its owner may read; made at the first call, once, whoever comes first. Raises UserError as `read_key`."""
    if (known := read_key(file)) is not None:
        return known
    make_folder(file.parent)
    made = file.with_name(f"{file.name}.{os.getpid()}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as handle:
        handle.write(secrets.token_hex(KEY_BYTES))
        handle.flush()
        os.fsync(handle.fileno())
    try:
        os.link(made, file)  # fails where another process was first: its key is everybody's
    except FileExistsError:
        pass
    finally:
        made.unlink()
    return load_key(file)


def key_of(database: Database, file: Path) -> bytes | None:
    """The key that a store hangs on; None where none is needed yet and none is there.

    Raises UserError where it is gone, cannot be read, is none, or is another's; StoreError.
    """
    with database.looking() as connection:
        return key_for(connection, file)


def key_for(connection: Connection, file: Path) -> bytes | None:
    """As `key_of`, of a database whatever schema it is."""
    key, mark = read_key(file), _marked(connection)
    if mark is not None and (key is None or mark_of(key) != mark) and _mark_in(waiting_key(file)) == mark:
        move(waiting_key(file), file.resolve())  # a restore brought the rows, and was killed before it took the key after them
        key = read_key(file)
    if key is None and (mark is not None or _hangs(connection)):
        raise UserError(
            "The key {file} is gone: with it people are hashed, and cases are proved. Put it back, from a backup or from your copy. "
            + LOST.format(how="`db new-key` makes another"),
            file=file,
        )
    if key is not None and mark is not None and mark_of(key) != mark:
        raise UserError(
            "The key {file} is not the one that this store hangs on. Put that back, from a backup or from your copy; or, if this one is "
            "right, `db new-key --keep` takes it. " + LOST.format(how="delete this file, and `db new-key` makes another"),
            file=file,
        )
    return key


def waiting_key(file: Path) -> Path:
    """Where a restore lays the key that is to take this one's place, where that really lies."""
    return file.resolve().with_name(file.resolve().name + ".restored")


def drop_waiting_key(database: Database, file: Path) -> None:
    """After a restore that failed: the key that waits goes, unless the rows hang on it. Raises StoreError."""
    waiting = waiting_key(file)
    with database.looking() as connection:
        mark = _marked(connection)
    if mark is None or _mark_in(waiting) != mark:
        waiting.unlink(missing_ok=True)


def is_marked(database: Database) -> bool:
    """Whether the store knows which key it hangs on: one that nobody has used since it learned to does not. Raises StoreError."""
    with database.looking() as connection:
        return _marked(connection) is not None


def hangs_on_a_key(database: Database) -> bool:
    """Whether people are hashed, or cases chained, with a key already. Raises StoreError."""
    with database.looking() as connection:
        return _hangs(connection)


@retried
def mark(database: Database, key: bytes) -> None:
    """From here on this key is the one that the store hangs on. Raises StoreError."""
    with database.writing() as session:
        one_at_a_time(session, "note")
        session.merge(NoteRow(key=MARK, value=mark_of(key)))


def _marked(connection: Connection) -> str | None:
    if not inspect(connection).has_table(NoteRow.__tablename__):
        return None
    value = connection.scalar(select(NoteRow.value).where(NoteRow.key == MARK))
    return str(value) if value is not None else None


def _mark_in(file: Path) -> str | None:
    try:
        key = read_key(file)
    except UserError:
        return None
    return mark_of(key) if key is not None else None


def _hangs(connection: Connection) -> bool:
    found = inspect(connection)
    there = set(found.get_table_names())
    for one in KEYED:
        name = one.class_.__tablename__
        if name in there and one.key in {each["name"] for each in found.get_columns(name)}:
            held = select(literal_column("1")).select_from(table(name)).where(column(one.key).is_not(None)).exists()
            if connection.scalar(select(held)):
                return True
    return False
