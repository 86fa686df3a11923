"""PostgreSQL's own programs: pg_dump, pg_restore, psql. Passwords go by the environment, never by arguments, which others can read."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy.engine import URL, make_url

from retrieval.errors import StoreError

UNKNOWN = b"SET transaction_timeout = 0;\n"  # to servers before 17
SECRETS = frozenset({"password", "sslpassword"})
Dsn = tuple[str, Mapping[str, str]]  # a connection string without secrets, and what the environment adds


def dump(connection: Connection, url: str, tables: Sequence[str], out: Path) -> None:
    """Write these tables, in the state that the connection's transaction sees, in pg_dump's custom format. Raises StoreError."""
    snapshot = connection.exec_driver_sql("SELECT pg_export_snapshot()").scalar_one()
    chosen = [f"--table={_pattern(table)}" for table in tables]
    plain = ["--format=custom", "--compress=0", "--no-owner", "--no-privileges"]  # the archive is compressed as a whole
    run("pg_dump", url, [*plain, *chosen, f"--snapshot={snapshot}", f"--file={out}"])


def script(dumped: Path, out: Path) -> dict[str, int]:
    """Write a dump as statements for psql; rows of each table in it. Raises StoreError where it cannot be read to its end.

    Programs from 17 on begin it with a setting that a server before 17 refuses; it says what is so anyway, and becomes a comment.
    """
    run("pg_restore", None, ["--no-owner", "--no-privileges", f"--file={out}", str(dumped)])
    rows: dict[str, int] = {}
    table = None
    with out.open("r+b") as lines:
        at = 0
        while line := lines.readline():
            at += len(line)
            if table is not None:
                if line == b"\\.\n":
                    table = None
                else:
                    rows[table] += 1
            elif line == UNKNOWN:
                lines.seek(at - len(line))
                lines.write(b"--" + line[2:])
                lines.seek(at)
            elif line.startswith(b"COPY ") and line.endswith(b" FROM stdin;\n"):
                table = line.split(b" (")[0].removeprefix(b"COPY ").split(b".")[-1].strip(b'"').decode()
                rows[table] = 0
    return rows


def execute(url: str, scripts: Sequence[Path]) -> None:
    """Run files of statements in one transaction: all of them, or nothing. Raises StoreError."""
    files = [f"--file={one}" for one in scripts]
    run("psql", url, ["--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1", "--output=/dev/null", *files])


def run(name: str, url: str | None, arguments: Sequence[str]) -> None:
    """Run one of the programs, on a database if there is one. Raises StoreError with what it says."""
    program = shutil.which(name)
    if program is None:
        raise StoreError(
            f"The program {name} is not here: install PostgreSQL's client programs, of the server's version or a later one "
            "(Debian: apt-get install postgresql-client), or put their folder on PATH."
        )
    dsn, more = _connection(make_url(url)) if url is not None else ("", {})
    command = [program, *arguments, *([f"--dbname={dsn}"] if dsn else [])]
    done = subprocess.run(  # noqa: S603 - our own words
        command, env={**os.environ, **more}, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False
    )
    if done.returncode:
        raise StoreError(f"{name} failed: {_said(done.stderr)}")


def _connection(url: URL) -> Dsn:
    from psycopg.conninfo import make_conninfo
    from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg

    _, given = PGDialect_psycopg().create_connect_args(url)  # type: ignore[no-untyped-call]
    secrets = {"PGPASSWORD": str(given["password"])} if given.get("password") else {}
    return make_conninfo("", **{name: value for name, value in given.items() if name not in SECRETS and name != "context"}), secrets


def _pattern(table: str) -> str:
    return f'"{table}"'


def _said(errors: bytes) -> str:
    lines = [line for line in errors.decode(errors="replace").splitlines() if line.strip()]
    telling = [line for line in lines if "rror" in line] or lines or ["it said nothing"]
    more = next((line for line in lines if "server version:" in line), "")
    return " ".join(dict.fromkeys(filter(None, (telling[0].strip(), more.strip()))))
