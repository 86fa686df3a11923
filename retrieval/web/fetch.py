"""One GET over the network: conditional, bounded in bytes, redirects and time, to public addresses only, each hop in its host's turn."""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import urljoin

import httpx

from retrieval.errors import BadItem
from retrieval.ingest.records import checked_url
from retrieval.sources import Failure, Problem, Validators
from retrieval.web.decoding import ACCEPTED, BadEncoding, TooLarge, decoded
from retrieval.web.dialer import GuardedBackend, GuardedTransport, Refused

Turn = Callable[
    [str], AbstractAsyncContextManager[None]
]  # the turn of a url's host: entered when it may be asked, left when it has answered

Permit = Callable[[str], Awaitable[None]]  # raises Failure where a url may not be fetched

_PERMANENT = frozenset({301, 308})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MAX_AGE = re.compile(r"(?:^|[\s,])max-age\s*=\s*\"?(\d{1,9})", re.IGNORECASE)
_NO_STORE = re.compile(r"\bno-(?:store|cache)\b", re.IGNORECASE)
_MAX_VALIDATOR = 1_000  # characters of an ETag or date worth keeping


@dataclass(frozen=True, slots=True)
class Bounds:
    """What one fetch may cost."""

    wire_bytes: int = 8_000_000
    bytes: int = 10_000_000  # decompressed: feedparser reads about a megabyte a second
    redirects: int = 5
    seconds: float = 60.0  # in all
    connect_seconds: float = 10.0
    read_seconds: float = 20.0  # between two pieces of the answer


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer. `body` is None when nothing has changed since the validators (304)."""

    url: str  # where it came from in the end
    moved_to: str | None  # where it has moved to for good, if it has
    body: bytes | None
    content_type: str
    validators: Validators
    fresh_for: timedelta | None  # as the server says


class Fetcher:
    """Fetches, one connection pool for all. `async with Fetcher(...)` or `aclose`."""

    def __init__(
        self,
        user_agent: str,
        backend: GuardedBackend | None = None,
        bounds: Bounds | None = None,
        turn: Turn | None = None,
        verify: ssl.SSLContext | bool = True,
    ) -> None:
        self.bounds = bounds or Bounds()
        self._turn: Turn = turn or (lambda _url: nullcontext())
        timeout = httpx.Timeout(self.bounds.read_seconds, connect=self.bounds.connect_seconds, pool=None)
        self._client = httpx.AsyncClient(
            transport=GuardedTransport(backend or GuardedBackend(), verify=verify),
            headers={"User-Agent": user_agent, "Accept-Encoding": ACCEPTED},
            timeout=timeout,
            follow_redirects=False,
            trust_env=False,
        )

    async def __aenter__(self) -> Fetcher:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        await self._client.aclose()

    async def get(self, url: str, accept: str, validators: Validators | None = None, permit: Permit | None = None) -> Fetched:
        """Fetch `url`, following redirects; `permit` is asked before each hop. Raises Failure."""
        here, moved, permanent, seen = _checked(url), None, True, set[str]()
        for _ in range(self.bounds.redirects + 1):
            if here in seen:
                raise Failure(Problem.REDIRECTS, "The address leads round in a circle.")
            seen.add(here)
            if permit is not None:
                await permit(here)
            async with self._turn(here):
                found = await self._one(here, accept, validators if here == url or permanent else None)
            if isinstance(found, httpx.Response):
                location = _checked(urljoin(here, found.headers.get("location", "")), redirect=True)
                permanent = permanent and found.status_code in _PERMANENT
                moved = location if permanent else moved
                here = location
                continue
            return Fetched(here, moved, *found)
        raise Failure(Problem.REDIRECTS, f"The address leads on more than {self.bounds.redirects} times.")

    async def _one(
        self, url: str, accept: str, validators: Validators | None
    ) -> httpx.Response | tuple[bytes | None, str, Validators, timedelta | None]:
        """One request: its redirect, or the answer's body, type, validators and freshness."""
        headers = {"Accept": accept, **_conditions(validators)}
        with self._explained():
            async with asyncio.timeout(self.bounds.seconds), self._client.stream("GET", url, headers=headers) as response:
                self._client.cookies.clear()  # a news source is read without an identity
                if response.status_code in _REDIRECTS and "location" in response.headers:
                    return response
                if response.status_code == httpx.codes.NOT_MODIFIED and validators is not None:
                    return None, "", _validators(response) or validators, _freshness(response)
                if response.status_code != httpx.codes.OK:
                    raise _refusal(response)
                raw = await self._read(response)
                body = await asyncio.to_thread(decoded, raw, response.headers.get("content-encoding", ""), self.bounds.bytes)
                kind = response.headers.get("content-type", "")[:200]
                return body, kind, _validators(response) or Validators(), _freshness(response)

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """What can go wrong on the way, as a Failure."""
        try:
            yield
        except TimeoutError as error:
            raise Failure(Problem.SLOW, f"No whole answer within {self.bounds.seconds:g} seconds.") from error
        except TooLarge as error:
            raise Failure(Problem.LARGE, f"The answer is larger than {self.bounds.bytes / 1e6:g} MB.") from error
        except BadEncoding as error:
            raise Failure(Problem.UNREADABLE, f"The answer cannot be decompressed: {error}.") from error
        except Refused as error:
            raise Failure(Problem.REFUSED, f"Not fetched: {error}.") from error
        except httpx.TimeoutException as error:
            raise Failure(Problem.SLOW, "The server does not answer in time.") from error
        except httpx.HTTPError as error:
            raise Failure(Problem.UNREACHABLE, _connection_words(error)) from error
        except (httpx.InvalidURL, UnicodeError, ValueError) as error:
            raise Failure(Problem.REFUSED, "The address cannot be understood.") from error

    async def _read(self, response: httpx.Response) -> bytes:
        """The body as sent, at most `wire_bytes`. Raises TooLarge as soon as there is more, or more is announced."""
        announced = response.headers.get("content-length", "")
        if announced.isdecimal() and int(announced[:12]) > self.bounds.wire_bytes:
            raise TooLarge
        raw = bytearray()
        async for piece in response.aiter_raw():
            raw += piece
            if len(raw) > self.bounds.wire_bytes:
                raise TooLarge
        return bytes(raw)


def _checked(url: str, *, redirect: bool = False) -> str:
    try:
        return checked_url(url.partition("#")[0], url)
    except (BadItem, ValueError) as error:
        reason = error.reason if isinstance(error, BadItem) else "the url cannot be understood"
        raise Failure(
            Problem.REDIRECTS if redirect else Problem.REFUSED,
            f"The address leads on to one that is not read: {reason}." if redirect else f"Not fetched: {reason}.",
        ) from error


def _conditions(validators: Validators | None) -> dict[str, str]:
    if validators is None:
        return {}
    pairs = {"If-None-Match": validators.etag, "If-Modified-Since": validators.last_modified}
    return {name: value for name, value in pairs.items() if value}


def _validators(response: httpx.Response) -> Validators | None:
    etag, modified = (response.headers.get(name, "") for name in ("etag", "last-modified"))
    kept = [
        value if value and len(value) <= _MAX_VALIDATOR and value.isascii() and value.isprintable() else None for value in (etag, modified)
    ]
    return Validators(*kept) if any(kept) else None


def _freshness(response: httpx.Response) -> timedelta | None:
    """How long the server says that its answer holds (RFC 9111, section 4.2.1); None where it says nothing usable."""
    control = response.headers.get("cache-control", "")
    if _NO_STORE.search(control):
        return None
    if found := _MAX_AGE.search(control):
        return timedelta(seconds=int(found[1]))
    expires, date = _date(response.headers.get("expires")), _date(response.headers.get("date"))
    if expires is None:
        return None
    return max(timedelta(0), expires - (date or datetime.now(UTC)))


def _date(value: str | None) -> datetime | None:
    try:
        moment = parsedate_to_datetime(value or "")
    except (ValueError, TypeError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _refusal(response: httpx.Response) -> Failure:
    code = response.status_code
    words = httpx.codes.get_reason_phrase(code) or "an unknown status"
    problem = {
        410: Problem.GONE, 404: Problem.MISSING, 401: Problem.DENIED, 402: Problem.DENIED, 403: Problem.DENIED, 451: Problem.DENIED,
        429: Problem.BUSY, 503: Problem.BUSY,
    }.get(code, Problem.FAULT)  # fmt: skip
    return Failure(problem, f"The server answers {code} ({words}).", _retry_after(response), code)


def _retry_after(response: httpx.Response) -> timedelta | None:
    value = response.headers.get("retry-after", "").strip()
    if value.isdecimal():
        return timedelta(seconds=int(value[:9]))
    moment = _date(value)
    return max(timedelta(0), moment - datetime.now(UTC)) if moment else None


def _connection_words(error: httpx.HTTPError) -> str:
    text = str(error)
    if "CERTIFICATE" in text.upper():
        return "The server's certificate is not valid."
    if isinstance(error, httpx.ConnectError):
        return "No connection to the server." if "resolved" not in text else "The host name cannot be found."
    if isinstance(error, httpx.RemoteProtocolError):
        return "The server breaks the HTTP protocol."
    return "The connection broke."
