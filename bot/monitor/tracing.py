"""The ids that all lines of one piece of work share in the log: of an asking, a case, a client of the service.

They are bound in the context, which tasks and `asyncio.to_thread` take along; a ThreadPoolExecutor does not, so that whoever hands work to
one hands over the context (bot/desk.py, retrieval/search.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager

from structlog.contextvars import bound_contextvars, get_contextvars

Ids = Mapping[str, str]


def bound(**ids: object) -> AbstractContextManager[None]:
    """Within it, lines carry these ids."""
    return bound_contextvars(**{name: str(id_) for name, id_ in ids.items()})


def ids() -> Ids:
    """What is bound here."""
    return {name: str(id_) for name, id_ in get_contextvars().items()}


def joined(several: Iterable[Ids]) -> Ids:
    """The ids of several pieces of work that are done at once: those of one kind with commas between, in their order, each once."""
    found: dict[str, dict[str, None]] = {}
    for each in several:
        for name, id_ in each.items():
            found.setdefault(name, {}).update(dict.fromkeys(id_.split(",")))
    return {name: ",".join(of_it) for name, of_it in found.items()}
