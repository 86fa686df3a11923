"""Finding what can be followed at an address that a person gave."""

from __future__ import annotations

from dataclasses import dataclass

from bot.web import Web
from config.starters import starters
from retrieval.errors import BadItem, UserError, sentence
from retrieval.hosts import honest_name
from retrieval.ingest.discover import discover
from retrieval.ingest.records import checked_url, one_line
from retrieval.ingest.watch import ACCEPT_FEED
from retrieval.sources import Failure, Kind
from retrieval.web.fetch import Fetched


@dataclass(frozen=True, slots=True)
class Followable:
    """A feed, sitemap or page with the articles that it names now."""

    url: str
    kind: Kind
    title: str
    items: int


async def discovered(web: Web, given: str) -> list[Followable]:
    """What can be followed at an address, or at that of a starter by its name; empty where nothing is. Raises UserError."""
    starter = next((one for one in starters() if one.name.casefold() == given.casefold()), None)
    url = starter.url if starter else given.strip()
    try:
        address = checked_url(url if "://" in url else f"https://{url}", url)
    except BadItem as error:
        raise UserError(sentence("That is no address of a site: {reason}."), reason=error.reason) from error

    async def get(one: str) -> Fetched:
        return await web.fetcher.get(one, ACCEPT_FEED, permit=web.robots.check)

    try:
        found = await discover(address, get, web.robots.sitemaps)
    except Failure as failure:
        raise UserError(str(failure)) from failure
    titles = [starter.name if starter else honest_name(one_line(one.title), one.url) for one in found]
    return [Followable(one.url, one.kind, title, one.items) for one, title in zip(found, titles, strict=True)]
