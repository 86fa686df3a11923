"""A moderator in a process of their own: decides upon cases as they are told, and says whether they won."""

from __future__ import annotations

import sys

from db.cases import State
from db.disputes import Disputes
from db.engine import open_database


def main(url: str, key: str, person: int) -> None:
    """Each line of input is the id of a case and the decision that was seen last."""
    database = open_database(url)
    disputes = Disputes(database, key.encode())
    print("ready", flush=True)  # noqa: T201
    for line in sys.stdin:
        dispute_id, decided = map(int, line.split())
        won = disputes.resolve(dispute_id, decided, person, State.DISPUTED, f"said {person}")
        print("lost" if won is None else "won", flush=True)  # noqa: T201
    database.close()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
