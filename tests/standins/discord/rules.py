"""What Discord refuses in messages: pure checks of payloads. Each gives the problems that it finds, with where they are."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from tests.standins.discord.component_rules import component_problems, text_of_components
from tests.standins.discord.problems import Path, Problem, length, required
from tests.standins.discord.world import COMPONENTS_V2, Json

MAX_CONTENT = 2_000
MAX_EMBEDS, MAX_EMBED_TEXT, MAX_FIELDS = 10, 6_000, 25
MAX_NONCE = 25
SENDABLE_FLAGS = 1 << 2 | 1 << 6 | 1 << 12 | 1 << 13 | COMPONENTS_V2  # no embeds, ephemeral, silent, voice, components

EMPTY = 50006  # the one problem that has a code of its own


@dataclass(frozen=True, slots=True)
class Refused:
    """A request that broke a rule. `rule` is short, to tell them apart; `reason` says what is wrong and where."""

    method: str
    route: str
    rule: str
    reason: str


def message_problems(message: Json, files: Collection[str]) -> Iterator[Problem]:
    """Problems of a message as it would then stand; `files`: the names of its attachments."""
    content, embeds = message.get("content") or "", message.get("embeds") or []
    components = message.get("components") or []
    is_v2 = bool((message.get("flags") or 0) & COMPONENTS_V2)
    if is_v2:
        yield from _beside_v2(message)
    yield from length(content, 0, MAX_CONTENT, ("content",))
    yield from _embed_problems(embeds, files)
    yield from component_problems(components, is_v2=is_v2, files=files)
    if message.get("nonce") is not None:
        yield from length(str(message["nonce"]), 0, MAX_NONCE, ("nonce",))
    shown = components if is_v2 else None
    if not (content.strip() or embeds or shown or files or message.get("poll") or message.get("sticker_ids")):
        yield Problem((), "empty", "Cannot send an empty message", EMPTY)


def _beside_v2(message: Json) -> Iterator[Problem]:
    for key in ("content", "embeds", "poll", "sticker_ids"):
        if message.get(key):
            yield Problem((key,), "v2", f"The {key!r} field cannot be used when using MessageFlags.IS_COMPONENTS_V2")


def flag_problems(flags: object, before: int | None = None) -> Iterator[Problem]:
    """`before`: the flags of the message that is edited."""
    if not isinstance(flags, int) or flags & ~(SENDABLE_FLAGS | (before or 0)):
        yield Problem(("flags",), "flags", f"flags {flags!r} are not for bots to set")
    elif before is not None and before & COMPONENTS_V2 and not flags & COMPONENTS_V2:
        yield Problem(("flags",), "v2", "MessageFlags.IS_COMPONENTS_V2 cannot be removed")


def mention_problem(message: Json) -> str | None:
    """Why a message might ping somebody. Discord allows it; we do not."""
    if not (message.get("content") or text_of_components(message.get("components") or [])):
        return None
    allowed = message.get("allowed_mentions")
    if allowed is None:
        return "no allowed_mentions: everything in the text pings"
    if allowed.get("parse") != []:
        return f"allowed_mentions.parse is {allowed.get('parse')!r}"
    named = [key for key in ("users", "roles", "replied_user") if allowed.get(key)]
    return f"allowed_mentions names {', '.join(named)}" if named else None


def _embed_problems(embeds: Sequence[Json], files: Collection[str]) -> Iterator[Problem]:
    if len(embeds) > MAX_EMBEDS:
        yield Problem(("embeds",), "embeds", f"Must be {MAX_EMBEDS} or fewer in length.")
    total = 0
    for place, embed in enumerate(embeds):
        path: Path = ("embeds", place)
        fields, author, footer = embed.get("fields") or [], embed.get("author") or {}, embed.get("footer") or {}
        parts = [
            (embed.get("title"), 256, "title"),
            (embed.get("description"), 4096, "description"),
            (author.get("name"), 256, "author.name"),
            (footer.get("text"), 2048, "footer.text"),
        ]
        if len(fields) > MAX_FIELDS:
            yield Problem((*path, "fields"), "embeds", f"Must be {MAX_FIELDS} or fewer in length.")
        for number, one in enumerate(fields):
            for key, limit in (("name", 256), ("value", 1024)):
                parts.append((one.get(key), limit, f"fields.{number}.{key}"))
                yield from required(one, key, (*path, "fields", number))
        for text, limit, where in parts:
            yield from length(text or "", 0, limit, (*path, *where.split(".")))
        total += sum(len(text or "") for text, *_ in parts)
        if not any(embed.get(key) for key in ("title", "description", "fields", "image", "thumbnail", "author", "footer")):
            yield Problem(path, "embeds", "an embed without anything to show")
        yield from _embed_links(embed, files, path)
    if total > MAX_EMBED_TEXT:
        yield Problem(("embeds",), "embeds", f"Embed size exceeds maximum size of {MAX_EMBED_TEXT}")


def _embed_links(embed: Json, files: Collection[str], path: Path) -> Iterator[Problem]:
    links: list[tuple[str | None, Path]] = [(embed.get("url"), ("url",))]
    links += [((embed.get(key) or {}).get("url"), (key, "url")) for key in ("image", "thumbnail", "author")]
    for url, where in links:
        if not url:
            continue
        if url.startswith("attachment://"):
            if url.removeprefix("attachment://") not in files:
                yield Problem((*path, *where), "files", f"Referenced attachment not found: {url}")
        elif not url.startswith(("https://", "http://")):
            yield Problem(
                (*path, *where), "url", f"Scheme {url.split(':')[0]!r} is not supported. Scheme must be one of ('http', 'https')."
            )
