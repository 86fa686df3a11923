"""One line of a .jsonl file -> Article, and the checks that every article passes, wherever it was found."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import cast
from urllib.parse import urlsplit

from retrieval.errors import BadItem
from retrieval.hosts import ascii_host, ascii_url, honest_name, site
from retrieval.text import normalise, sentences, words
from retrieval.types import Article

MAX_LINE_BYTES = 5_000_000
MAX_TEXT_CHARACTERS = 1_000_000
MIN_WORDS_CHARACTERS = 40  # shorter "articles" are captions, cookie notices and "read more"
MAX_URL_CHARACTERS = 2_048
MAX_ID_CHARACTERS = 500
MAX_NAME_CHARACTERS = 300  # of a title or a source; what is longer is cut at a word
_HEADLINE_CHARACTERS = 100  # of a title made from the first sentence

# Tabs and line ends are white space. C1 characters, the traces of a wrong charset, are left to `normalise`: they cost no words.
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_PAGE_BREAKS = str.maketrans("\x0b\x0c", "\n\n")  # `normalise` would drop them and join the words on either side
_LANGUAGE = re.compile(r"\s*([A-Za-z]{2})(?:[-_].*)?\s*", re.DOTALL)
_KINDS = {dict: "an object", list: "a list", str: "text", bool: "true or false", int: "a number", float: "a number", type(None): "null"}


def read_record(line: bytes, where: str) -> Article:
    """One JSON object of "url", "source", "text" and, optionally, "title", "published_at", "id", "language".

    Raises BadItem with `where`, for anything that is not such an object; the reason quotes none of its words.
    """
    record = _parse(line, where)
    return make_article(
        where,
        url=_required(record, "url", where),
        title=_optional(record, "title", where) or "",
        source=_required(record, "source", where),
        text=_required(record, "text", where),
        published_at=_date(record, where),
        external_id=_external_id(record, where),
        language=language_code(_optional(record, "language", where)),
    )


def make_article(
    where: str,
    *,
    url: str,
    title: str,
    source: str,
    text: str,
    published_at: datetime | None = None,
    external_id: str | None = None,
    language: str | None = None,
) -> Article:
    """An Article of checked parts: normalised text, a one-line title (else the first sentence) and source (else the host
    name, also where the name given deceives: retrieval/hosts.py).

    Raises BadItem for an address that `checked_url` refuses, and a text that is too short, too long or not Unicode.
    """
    url = checked_url(url, where)
    if any(_SURROGATE.search(part) for part in (title, source, text)):
        raise BadItem(where, "the text holds half of a surrogate pair, which is not a character")
    if len(text) > MAX_TEXT_CHARACTERS:
        raise BadItem(where, f"the text has {len(text):,} characters; at most {MAX_TEXT_CHARACTERS:,} are read")
    text = normalise(text.translate(_PAGE_BREAKS)).strip()
    if not has_enough_words(text):
        raise BadItem(where, "no article text found")
    return Article(
        url=url,
        title=one_line(title, MAX_NAME_CHARACTERS) or _headline(text),
        source=honest_name(one_line(source, MAX_NAME_CHARACTERS), url) or site(url),
        text=text,
        published_at=published_at,
        external_id=external_id,
        language=language,
    )


def checked_url(url: str, where: str) -> str:
    """`url` without outer white space and with its host in ASCII, if it is an http(s) address with a host and without credentials.

    Raises BadItem if it is not.
    """
    url = url.strip()
    if len(url) > MAX_URL_CHARACTERS:
        raise BadItem(where, f"the url has {len(url):,} characters; at most {MAX_URL_CHARACTERS:,} are read")
    # Control, invisible and surrogate characters are not printable; urlsplit would drop some of them silently.
    if " " in url or not url.isprintable():
        raise BadItem(where, "the url holds white space or invisible characters")
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise BadItem(where, "the url cannot be understood") from error
    if parts.scheme not in ("http", "https") or not host:
        raise BadItem(where, "the url is not an http or https address with a host")
    if "@" in parts.netloc:
        raise BadItem(where, "the url holds a user name or password")
    if not ascii_host(url):  # one that browsers read otherwise than we do, or not at all
        raise BadItem(where, "the url's host is no name that a site can have")
    return ascii_url(url)


def has_enough_words(text: str) -> bool:
    """Whether the words of `text`, one space between them, make at least MIN_WORDS_CHARACTERS characters."""
    # Nearly every article shows it at its very beginning; only the others are read whole.
    return any(len(" ".join(words(part))) >= MIN_WORDS_CHARACTERS for part in (text[: 10 * MIN_WORDS_CHARACTERS], text))


def language_code(tag: str | None) -> str | None:
    """ISO 639-1 of a language tag such as "en-GB" or "pt_BR"; None for everything else."""
    match = _LANGUAGE.fullmatch(tag or "")
    return match[1].lower() if match else None


def parse_time(value: str) -> datetime:
    """ISO 8601 as an aware time in UTC; a time without a zone is taken as UTC.

    Raises ValueError if it is no such time, or one beyond the years 1 to 9999.
    """
    moment = datetime.fromisoformat(value.strip())
    try:
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("beyond the years 1 to 9999") from error


def _parse(line: bytes, where: str) -> Mapping[str, object]:
    if len(line) > MAX_LINE_BYTES:
        raise BadItem(where, f"the line is longer than {MAX_LINE_BYTES:,} bytes")
    try:
        value: object = json.loads(line.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise BadItem(where, f"not valid UTF-8 at byte {error.start + 1}") from error
    except json.JSONDecodeError as error:
        raise BadItem(where, f"not valid JSON at character {error.pos + 1}") from error
    except (ValueError, RecursionError) as error:  # a number of thousands of digits; brackets nested thousands deep
        raise BadItem(where, "JSON with a number or a nesting that is too large") from error
    if not isinstance(value, dict):
        raise BadItem(where, f"not a JSON object but {_kind(value)}")
    return cast("dict[str, object]", value)


def _required(record: Mapping[str, object], key: str, where: str) -> str:
    if key not in record:
        raise BadItem(where, f'"{key}" is missing')
    value = _text(record[key], key, where)
    if not value.strip():
        raise BadItem(where, f'"{key}" is empty')
    return value


def _optional(record: Mapping[str, object], key: str, where: str) -> str | None:
    value = record.get(key)
    return None if value is None else _text(value, key, where)


def _text(value: object, key: str, where: str) -> str:
    if not isinstance(value, str):
        raise BadItem(where, f'"{key}" is {_kind(value)}, not text')
    if _CONTROL.search(value):
        raise BadItem(where, f'"{key}" holds control characters')
    if _SURROGATE.search(value):
        raise BadItem(where, f'"{key}" holds half of a surrogate pair, which is not a character')
    return value


def _date(record: Mapping[str, object], where: str) -> datetime | None:
    value = _optional(record, "published_at", where)
    if value is None:
        return None
    try:
        return parse_time(value)
    except ValueError as error:
        reason = f'"published_at" is text of {len(value):,} characters, not an ISO 8601 time such as 2024-05-31T18:30:00Z'
        raise BadItem(where, reason) from error


def _external_id(record: Mapping[str, object], where: str) -> str | None:
    value = record.get("id")
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)  # ids are numbers in many collections
    if value is None:
        return None
    identifier = _text(value, "id", where).strip()
    if len(identifier) > MAX_ID_CHARACTERS:
        raise BadItem(where, f'"id" has {len(identifier):,} characters; at most {MAX_ID_CHARACTERS} are kept')
    return identifier or None


def _kind(value: object) -> str:
    return _KINDS[type(value)]


def _headline(text: str) -> str:
    spans = sentences(text[: 10 * _HEADLINE_CHARACTERS])
    start, end = spans[0] if spans else (0, len(text))
    return one_line(text[start:end], _HEADLINE_CHARACTERS)


def one_line(text: str, limit: int = MAX_NAME_CHARACTERS) -> str:
    """Text as one line of at most `limit` characters, without what is invisible or no character; cut at a word."""
    line = " ".join(normalise(_SURROGATE.sub("", text).translate(_PAGE_BREAKS)).split())
    if len(line) <= limit:
        return line
    cut = line[: limit - 1]
    at_word = cut.rsplit(" ", 1)[0] if " " in cut else cut
    return f"{at_word}…"
