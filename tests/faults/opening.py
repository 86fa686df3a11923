"""Opening the store that is hit: SQLite in the folder, or the database of PostgreSQL that the lane has made."""

from __future__ import annotations

import os
from pathlib import Path

from db.engine import open_database
from db.pgindex import PgIndex
from tests.standins.databases import on_postgres
from tests.standins.models import DIMENSION
from tests.standins.store import EMBEDDER, Store

URL = "CROSSCHECK_FAULTS_URL"


def opened(folder: Path) -> Store:
    """Raises StoreError."""
    if not on_postgres:
        return Store(folder)
    database = open_database(os.environ[URL])
    store = Store.over(database)
    vars(store)["index"] = PgIndex(database, EMBEDDER.model_id, DIMENSION)
    return store
