"""Logs: one line an event on stderr. What people wrote is logged at DEBUG at most, tokens never."""

from __future__ import annotations

import logging
import sys


def configure(level: str) -> None:
    """Set the root logger up once, at the program's start."""
    logging.basicConfig(level=level, stream=sys.stderr, format="%(asctime)s %(levelname)s %(name)s: %(message)s", force=True)
    for noisy in ("trafilatura", "htmldate", "courlan", "sentence_transformers", "transformers", "urllib3", "httpx", "alembic"):
        logging.getLogger(noisy).setLevel(max(logging.WARNING, logging.getLevelName(level)))
    # At DEBUG it writes what the gateway says and addresses with interactions' tokens.
    logging.getLogger("discord").setLevel(max(logging.INFO, logging.getLevelName(level)))
