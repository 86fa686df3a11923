"""robots.txt: what a host asks of robots, kept to before each request (RFC 9309)."""

from __future__ import annotations

import asyncio
import re
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from protego import Protego

from retrieval.ingest.page import decode
from retrieval.sources import Failure, Problem
from retrieval.web.fetch import Fetcher

_KEPT = timedelta(hours=24)  # RFC 9309, 2.4: not longer than a day
_KEPT_AFTER_FAILURE = timedelta(minutes=30)
_READ_BYTES = 512_000  # RFC 9309, 2.5: at least 500 KiB
_LONGEST_DELAY = 600.0  # seconds
_LINES = 2_000
_AGENTS = 500
_HOSTS = 10_000
_RULE = re.compile(r"dis-?allow|allow|crawl-delay")
_ALL = Protego.parse("")


@dataclass(frozen=True, slots=True)
class Rules:
    """A host's rules; None where they could not be had for now, in which case nothing may be fetched."""

    parsed: Protego | None
    until: datetime
    reason: str = ""


class Robots:
    """The rules of hosts, kept for a day. `name` is the product token by which robots.txt addresses this program."""

    def __init__(self, fetcher: Fetcher, name: str, now: Callable[[], datetime]) -> None:
        self._fetcher = fetcher
        self._name = name
        self._now = now
        self._rules: dict[str, Rules] = {}
        self._asking: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def check(self, url: str) -> None:
        """Raises Failure (ROBOTS) where the rules forbid the url, or cannot be had."""
        rules = await self._of(url)
        if rules.parsed is None:
            raise Failure(
                Problem.UNREACHABLE,
                f"robots.txt cannot be read ({rules.reason}), so nothing is fetched for now.",
                rules.until - self._now(),
            )
        if not rules.parsed.can_fetch(url, self._name):
            raise Failure(Problem.ROBOTS, "The site's robots.txt forbids it.")

    def known_delay(self, url: str) -> timedelta:
        """The pause between two requests that the host asks for, as far as its rules have been read; zero where it names none."""
        rules = self._rules.get(_site(url))
        seconds = rules.parsed.crawl_delay(self._name) if rules and rules.parsed else None
        return timedelta(seconds=max(0.0, min(seconds or 0.0, _LONGEST_DELAY)))

    async def sitemaps(self, url: str) -> list[str]:
        parsed = (await self._of(url)).parsed
        return list(parsed.sitemaps)[:20] if parsed else []

    async def _of(self, url: str) -> Rules:
        site = _site(url)
        async with self._asking[site]:
            known = self._rules.get(site)
            if known is None or known.until <= self._now():
                known = self._rules[site] = await self._fetch(site)
        if len(self._rules) > _HOSTS:
            self._rules.clear()
            self._asking.clear()
        return known

    async def _fetch(self, site: str) -> Rules:
        try:
            found = await self._fetcher.get(f"{site}/robots.txt", accept="text/plain, */*;q=0.1")
        except Failure as failure:
            refused = failure.status is not None and 400 <= failure.status < 500 and failure.problem is not Problem.BUSY
            if refused or failure.problem in (Problem.REDIRECTS, Problem.LARGE, Problem.UNREADABLE):
                return Rules(_ALL, self._now() + _KEPT)  # RFC 9309, 2.3.1.3: unavailable means no rules
            if failure.problem is Problem.REFUSED:
                raise
            return Rules(None, self._now() + _KEPT_AFTER_FAILURE, str(failure).rstrip("."))
        return Rules(await asyncio.to_thread(_parsed, found.body or b"", self._name), self._now() + _KEPT)


def _site(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _parsed(body: bytes, name: str) -> Protego:
    try:
        return Protego.parse(_relevant(decode(body[:_READ_BYTES]), name.lower()))
    except Exception:  # a file that the parser stumbles over says nothing
        return _ALL


def _relevant(text: str, name: str) -> str:
    """The groups for `name` and for all, and the sitemaps, at most _LINES: the parser keeps every rule once for each agent of its group."""
    sitemaps: list[str] = []
    rules: dict[str, list[str]] = {"*": [], name: []}
    agents: list[str] = []
    heading = False  # whether the last line named an agent
    for line in text.splitlines():
        key, _, value = line.partition("#")[0].partition(":")
        key, value = key.strip().lower(), value.strip()
        if key in ("user-agent", "useragent"):
            agents = [*agents, value.lower()] if heading and len(agents) < _AGENTS else [value.lower()]
            heading = True
        elif key == "sitemap" and len(sitemaps) < _LINES:
            sitemaps.append(f"Sitemap: {value}")
        elif _RULE.fullmatch(key):
            heading = False
            for agent in rules:
                if agent in agents and len(rules[agent]) < _LINES:
                    rules[agent].append(f"{key}: {value}")
    groups = [f"User-agent: {agent}\n" + "\n".join(lines) for agent, lines in rules.items() if lines]
    return "\n\n".join([*groups, *sitemaps])
