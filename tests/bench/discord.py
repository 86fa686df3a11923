"""Two hundred checks at once in Discord, with the real client and models against the stand-in in the same process."""

from __future__ import annotations

import asyncio
import time

from bot.app import App
from bot.discord.client import Client
from tests.bench.metrics import percentile
from tests.bench.sample import CLAIMS, ingest_sample, scratch_app
from tests.standins.discord import Call, Discord, Person

ASKS, PEOPLE, SERVERS = 200, 50, 20
ALONE = 60  # claims of the baseline: enough for a median, few enough for a minute
FIRST = 3.0  # seconds to the first callback, after which Discord gives up
LATEST = 900.0  # seconds: an interaction's quarter of an hour


def discord_speed() -> dict[str, float]:
    """Seconds from asking to the first callback and to the answer, and checks a second against the same claims one after the other.

    PEOPLE over SERVERS ask ASKS different claims about the sample's stories at once. `ratio`: over 1, together is quicker.
    """
    with scratch_app() as app:
        ingest_sample(app, app.embedder)
        app.check(CLAIMS[0])
        started = time.perf_counter()
        for number in range(ALONE):
            app.check(_claim(ASKS + number))
        alone = ALONE / (time.perf_counter() - started)
        calls, answered, seconds = asyncio.run(_asked_at_once(app))
    firsts = [call.first_after or LATEST for call in calls]
    return {
        "asks": len(calls), "answered_once": sum(call.answers == 1 for call in calls),
        "first_p50_s": percentile(firsts, 0.5), "first_p95_s": percentile(firsts, 0.95), "first_max_s": max(firsts),
        "answer_p50_s": percentile(answered, 0.5), "answer_p95_s": percentile(answered, 0.95), "answer_max_s": max(answered),
        "checks_per_s": len(calls) / seconds, "alone_per_s": alone, "ratio": len(calls) / seconds / alone,
    }  # fmt: skip


async def _asked_at_once(app: App) -> tuple[list[Call], list[float], float]:
    """The calls, seconds to each's answer, and to the last."""
    async with Discord() as discord:
        discord.callback_seconds = FIRST
        servers = [discord.server(f"Server {number}") for number in range(SERVERS)]
        people: list[Person] = []
        for number in range(PEOPLE):
            person = discord.person(f"Person {number}")
            for server in servers:
                server.join(person)
            people.append(person)
        client = Client(app)
        running = asyncio.create_task(client.start(discord.token))
        await discord.connected(30)
        await client.wait_until_ready()
        started = time.perf_counter()
        calls = [
            await people[number % PEOPLE].command("check", servers[number % SERVERS].channel, claim=_claim(number))
            for number in range(ASKS)
        ]
        answered = await asyncio.gather(*(_answer(discord, call, started) for call in calls))
        seconds = time.perf_counter() - started
        await client.close()
        await running
        return calls, list(answered), seconds


async def _answer(discord: Discord, call: Call, started: float) -> float:
    """Seconds until what is shown is more than a place in line."""
    message = await call.answer(LATEST)
    while "rule true or false" not in "\n".join(discord.texts(message)):
        await asyncio.sleep(0.05)
    return time.perf_counter() - started


def _claim(number: int) -> str:
    return f"{CLAIMS[number % len(CLAIMS)][:-1]}, reported station {number}."
