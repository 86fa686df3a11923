"""Logs: one line an event on stderr, for a person or as JSON. What people wrote is logged at DEBUG at most, secrets never.

Code logs through the standard library (`logging.getLogger("crosscheck.x")`); structlog lays the lines out, with the ids that are bound in
the context (bot/monitor/tracing.py). It is imported at the first line, since most commands log nothing.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Collection, Mapping, MutableMapping
from typing import Any, Literal

LogFormat = Literal["auto", "console", "json"]
NOISY = ("trafilatura", "htmldate", "courlan", "sentence_transformers", "transformers", "urllib3", "httpx", "alembic")
MAX_VALUE = 4_000  # characters of one value: what comes from outside must not fill the disk
MAX_TRACE = 20_000
SHORTEST_SECRET = 6  # shorter ones would blot out words
# Whoever has the token of an interaction answers in its place, and discord.py names addresses where it was told to slow down.
_OF_DISCORD = re.compile(r"/(webhooks|interactions)/(\d+)/[\w.~-]{16,}")
_PASSWORD = re.compile(r"(?<=://)[^\s/@]*:[^\s/@]*@")

# What moves a terminal's cursor, colours it, ends a line or turns the direction of writing stands as its number: nobody who is quoted in
# a log can forge a line of it (CWE-117, CWE-150).
_VISIBLE = (
    {code: f"\\x{code:02x}" for code in (*range(0x20), *range(0x7F, 0xA0))}
    | {ord("\n"): "\\n", ord("\r"): "\\r", ord("\t"): "\\t"}
    | {code: f"\\u{code:04x}" for code in (0x61C, 0x200E, 0x200F, *range(0x2028, 0x202F), *range(0x2066, 0x206A), 0xFEFF)}
    | {code: f"\\u{code:04x}" for code in range(0xD800, 0xE000)}
)

_OF_OTHERS = frozenset({"message", "asctime"})  # what other formatters leave on a record: the same once more

EventDict = MutableMapping[str, Any]


def configure(level: str, form: LogFormat = "auto", secrets: Collection[str] = ()) -> None:
    """Set the root logger up once, at the program's start. `secrets` are blotted out wherever they stand."""
    handler = logging.StreamHandler(sys.stderr)
    on_terminal = sys.stderr.isatty()
    handler.setFormatter(Lines("console" if form == "auto" and on_terminal else "json" if form == "auto" else form, secrets, on_terminal))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for noisy in NOISY:
        logging.getLogger(noisy).setLevel(max(logging.WARNING, logging.getLevelName(level)))
    # At DEBUG it writes what the gateway says and addresses with interactions' tokens.
    logging.getLogger("discord").setLevel(max(logging.INFO, logging.getLevelName(level)))


class Lines(logging.Formatter):
    """A record to a line: time (UTC), level, logger, what happened, the ids of what it belongs to; below it a traceback, indented."""

    def __init__(self, form: Literal["console", "json"], secrets: Collection[str] = (), colours: bool = False) -> None:
        super().__init__()
        self._form = form
        self._secrets = sorted({one for one in secrets if len(one) >= SHORTEST_SECRET}, key=len, reverse=True)
        self._colours = colours
        self._inner: logging.Formatter | None = None

    def format(self, record: logging.LogRecord) -> str:
        self._inner = self._inner or self._made()
        return self._inner.format(record)

    def _made(self) -> logging.Formatter:
        import structlog

        last = (
            structlog.processors.JSONRenderer(default=repr)
            if self._form == "json"
            # Not rich's traceback, which is the default: it shows local variables, and with them what people wrote.
            else structlog.dev.ConsoleRenderer(colors=self._colours, exception_formatter=structlog.dev.plain_traceback, pad_event_to=0)
        )
        return structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[
                structlog.contextvars.merge_contextvars,
                structlog.stdlib.add_log_level,
                structlog.stdlib.add_logger_name,
                structlog.stdlib.ExtraAdder(),
                structlog.processors.TimeStamper(fmt="iso", utc=True),
            ],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                self._harmless,
                last,
            ],
        )

    def _harmless(self, _logger: object, _method: str, event: EventDict) -> Mapping[str, Any]:
        """Every value as something that a terminal and a reader of lines take for no more than text."""
        return {name: self._value(name, value) for name, value in event.items() if name not in _OF_OTHERS}

    def _value(self, name: str, value: object) -> object:
        if value is None or isinstance(value, (bool, int, float)):
            return value
        text = self._without_secrets(value if isinstance(value, str) else repr(value))
        if name in ("exception", "stack"):  # it ends with what is newest
            lines = text[-MAX_TRACE:].split("\n")
            return "\n".join(f"    {line.translate(_VISIBLE)}" for line in lines)
        shown = text if len(text) <= MAX_VALUE else f"{text[:MAX_VALUE]}… ({len(text)} characters)"
        return shown.translate(_VISIBLE)

    def _without_secrets(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, "[secret]")
        return _PASSWORD.sub("[secret]@", _OF_DISCORD.sub(r"/\1/\2/[token]", text))
