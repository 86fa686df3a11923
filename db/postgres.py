"""What is different where the database is PostgreSQL: connections for many processes, and one writer at a time.

The code that writes reads first and then writes by what it read, as SQLite's single writer lets it: who has a url, which number comes
next, whose turn a host is. And whoever follows the change log takes it that rows appear in the order of their numbers. So writers go
one after the other here too, under an advisory lock that each takes first: they cannot deadlock, and wait for one another in fair order.
What a writer does takes milliseconds; embedding, which takes long, is done before.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Engine, event, text

# A bot asks from some threads at once, and opening a connection takes as long as some questions; PostgreSQL takes 100 connections unless
# it is told otherwise.
POOL: dict[str, Any] = {
    "pool_size": 5,
    "max_overflow": 5,
    "pool_use_lifo": True,
    "pool_pre_ping": True,  # a restarted server costs a new connection, not an error
    "pool_recycle": 1800,
    # Seconds, the last one thousandths. A server that is not there is told, not waited for; nor is one that vanished from a connection, for
    # which the system would wait between a quarter of an hour and two hours.
    "connect_args": {
        "connect_timeout": 10,
        "keepalives_idle": 30,
        "keepalives_interval": 10,
        "keepalives_count": 3,
        "tcp_user_timeout": 30_000,
    },
}
# Seconds. A writer waits as long as with SQLite; a process that stands still in the middle of a transaction is put out of it, or all
# others would wait for it.
SETTINGS = {"lock_timeout": "30s", "idle_in_transaction_session_timeout": "120s"}
WRITERS = 0x43726F73  # "Cros": the key of the writers' lock


def prepare(engine: Engine) -> None:
    """Give each new connection its settings."""

    @event.listens_for(engine, "connect")
    def _on_connect(connection: Any, _record: Any) -> None:  # noqa: ANN401 - DBAPI objects have no common type
        with connection.cursor() as cursor:
            for name, value in SETTINGS.items():
                cursor.execute(f"SET {name} = '{value}'")
        connection.commit()


def wait_for_turn(connection: Connection) -> None:
    """Until the transaction ends, no other writes."""
    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": WRITERS})
