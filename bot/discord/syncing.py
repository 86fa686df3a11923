"""Handing the commands to Discord, where they are others than it has."""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.discord.client import Client

log = logging.getLogger("crosscheck.discord")

SYNCED = "commands"  # the note that remembers which commands Discord has


async def hand_over(client: Client) -> str:
    """Hand them over, unless Discord has the same; how `/check` is mentioned so that it can be pressed."""
    tree, guilds = client.tree, client.app.guilds
    translator = tree.translator
    every = sorted(tree.get_commands(), key=lambda one: (one.name, type(one).__name__))
    payload = [await one.get_translated_payload(tree, translator) if translator else one.to_dict(tree) for one in every]
    digest = hashlib.sha256(json.dumps([client.application_id, payload], sort_keys=True, default=str).encode()).hexdigest()
    known = await asyncio.to_thread(guilds.known, SYNCED)
    if known is not None and known.startswith(f"{digest}:"):
        return _mention(int(known.split(":")[1]))
    synced = await tree.sync()
    check_id = next((one.id for one in synced if one.name == "check"), 0)
    await asyncio.to_thread(guilds.remember, SYNCED, f"{digest}:{check_id}")
    log.info("%d commands were handed to Discord", len(synced))
    return _mention(check_id)


def _mention(check_id: int) -> str:
    return f"</check:{check_id}>" if check_id else "/check"
