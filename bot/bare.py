"""Errors as a log may have them."""

from __future__ import annotations

from types import TracebackType

from retrieval.errors import CrosscheckError


def bare(error: BaseException) -> tuple[type[BaseException], BaseException, TracebackType | None]:
    """Where an error came from, for a log: without messages and causes, which may hold what somebody wrote; our own say only our words."""
    shown = Exception(f"{type(error).__name__}: {error}" if isinstance(error, CrosscheckError) else type(error).__name__)
    return type(shown), shown, error.__traceback__
