"""`run` as people run it: a process with the real models; started, stopped, killed and started again."""

from __future__ import annotations

import asyncio
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest

import config
from tests.standins.discord import Discord
from tests.standins.processes import finish, start

SAMPLE = Path(config.__file__).parent / "sample"
CLAIM = "The UN General Assembly adopted the Ukrainian resolution with 93 votes in favour, 18 against and 65 abstentions."


def _start(discord: Discord, folder: Path) -> subprocess.Popen[str]:
    env: dict[str, Any] = {
        "CROSSCHECK_DATA_DIR": str(folder), "DISCORD_TOKEN": discord.token, "CROSSCHECK_LOG_LEVEL": "INFO", "CROSSCHECK_STANCE": "small",
    }  # fmt: skip
    return start("tests.standins.bot_process", discord.url, discord.gateway_url, "run", "--no-watch", **env)


def _end(process: subprocess.Popen[str], how: signal.Signals) -> tuple[int, str]:
    process.send_signal(how)
    _, error = process.communicate(timeout=60)
    return process.returncode, error


@pytest.mark.slow
def test_it_answers_stops_in_order_and_goes_on_after_a_kill(tmp_path: Path) -> None:
    ingested = finish("bot", "ingest", str(SAMPLE / "articles.jsonl"), CROSSCHECK_DATA_DIR=str(tmp_path))
    assert ingested.returncode == 0, ingested.stderr

    async def story() -> None:
        async with Discord() as discord:
            server, ada = discord.server("Harwick"), discord.person("Ada")
            server.join(ada)
            first = _start(discord, tmp_path)
            await discord.connected(timeout=60)
            said = "\n".join(discord.texts(await (await ada.command("check", server.channel, claim=CLAIM)).answer(timeout=30)))
            assert "agree" in said and "93" in said
            left = await ada.command("check", server.channel, claim=f"{CLAIM[:-1]}, said the chair.")
            await left.first()
            code, log = await asyncio.to_thread(_end, first, signal.SIGKILL)
            assert code == -signal.SIGKILL
            second = _start(discord, tmp_path)
            assert "93" in "\n".join(discord.texts(await left.answer(timeout=60)))
            code, more = await asyncio.to_thread(_end, second, signal.SIGTERM)
            assert code == 0, more
            assert "ask 1 answered" in log
            assert CLAIM[:40] not in log + more
            assert [str(one) for one in discord.rejected] == []

    asyncio.run(story())


def test_a_token_that_discord_does_not_take_is_told_in_a_sentence(tmp_path: Path) -> None:
    async def story() -> None:
        async with Discord() as discord:
            env: dict[str, Any] = {"CROSSCHECK_DATA_DIR": str(tmp_path), "DISCORD_TOKEN": "MQ.an.other", "CROSSCHECK_STANCE": "small"}
            done = await asyncio.to_thread(
                lambda: finish("tests.standins.bot_process", discord.url, discord.gateway_url, "run", "--no-watch", **env)
            )
            assert done.returncode == 2
            assert "does not take the token" in done.stderr and "Traceback" not in done.stderr

    asyncio.run(story())
