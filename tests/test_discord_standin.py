"""The stand-in of Discord serves the real discord.py: people act, the bot answers, and what Discord hides stays hidden."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Awaitable, Callable

import discord
import pytest
from discord import ui

from tests.standins.discord import Upload
from tests.standins.discord.clock import PATIENCE, until
from tests.standins.discord.small_bot import SmallBot, Texts, connected
from tests.standins.discord.world import FORUM


def live(test: Callable[[], Awaitable[None]]) -> Callable[[], None]:
    """Runs an async test; those of this file may take a second or two, not minutes."""

    @functools.wraps(test)
    def run() -> None:
        asyncio.run(asyncio.wait_for(test(), 2 * PATIENCE))

    return run


@live
async def test_commands_are_answered_with_their_options() -> None:
    async with connected() as (discord_, _):
        server, ada = discord_.servers[0], discord_.person("Ada")
        server.join(ada)
        call = await ada.command("now", server.channel, text="x", who=ada, file=Upload("a.txt", b"inside"))
        shown = await call.answer()
        assert (shown.content, call.private, await call.first(), call.answers) == ("now x ada inside", False, 4, 1)
        assert discord_.texts(shown) == ["now x ada inside", "Go", "Share", "Form", "Off", "Which role?"]
        assert call.first_after is not None
        assert await ada.autocomplete("now", server.channel, "text", "a") == [("a!", "a")]
        with pytest.raises(ValueError, match="needs"):
            await ada.command("now", server.channel)
        with pytest.raises(LookupError, match="no option"):
            await ada.command("now", server.channel, text="x", strange=1)
        assert (len(discord_.commands), discord_.syncs, discord_.rejected) == (5, 1, [])


@live
async def test_buttons_selects_and_forms_work() -> None:
    async with connected() as (discord_, _):
        server, ada, bob = discord_.servers[0], discord_.person("Ada"), discord_.person("Bob")
        role = server.add_role("Readers")
        server.join(ada, [role])
        shown = await (await ada.command("now", server.channel, text="x")).answer()
        pressed = await ada.press(shown, "Go")
        assert await pressed.answer() is shown
        assert (shown.content, await pressed.first(), shown.edits) == ("pressed by Ada", 7, 1)
        assert (await (await ada.choose(shown, "roles", [role])).answer()).content == "role Readers"
        shared = await ada.press(shown, "share")
        assert ((await shared.answer()).content, await shared.first(), len(shared.followups)) == ("shared", 6, 1)
        form = await ada.press(shown, "Form")
        filled = await ada.submit(await form.opened(), {"Kind": "B", "sure": True})
        assert ((await filled.answer()).content, filled.private) == ("so B True", True)
        for fields, error in (
            ({"why": "x" * 21, "kind": "A"}, ValueError),
            ({"kind": "C"}, ValueError),
            ({}, ValueError),
            ({"no": "x"}, LookupError),
        ):
            with pytest.raises(error):
                await ada.submit(form.modal, {"kind": "A", **fields} if "no" in fields else fields)
        for person, key in ((ada, "off"), (ada, "nothing"), (bob, "Go")):
            with pytest.raises(LookupError):
                await person.press(shown, key)
        assert discord_.rejected == []


@live
async def test_a_deferred_private_answer_is_counted_once_and_seen_by_one_person() -> None:
    async with connected() as (discord_, bot):
        server, ada, bob = discord_.servers[0], discord_.person("Ada"), discord_.person("Bob")
        for person in (ada, bob):
            server.join(person)
        call = await ada.command("later", server.channel, more=2)
        shown = await call.answer()
        await until(lambda: len(call.followups) == 2)
        assert (await call.first(), call.private, call.answers, call.edits) == (5, True, 3, 1)
        assert discord_.texts(shown) == ["one", "three"]
        assert [one["id"] for one in shown.components] == [1]  # filled in by the server
        assert call.followups[0].files == {"x.txt": b"xyz"}
        with pytest.raises(LookupError):
            await bob.press(shown, "anything")
        with pytest.raises(discord.NotFound):
            await bot.http.edit_message(server.channel.id, shown.id, params=discord.http.handle_message_parameters("x"))
        with pytest.raises(TimeoutError, match="a message of the bot"):
            await server.channel.next_message(timeout=0.05)


@live
async def test_without_the_intent_only_some_messages_are_readable() -> None:
    async with connected() as (discord_, bot):
        server, ada = discord_.servers[0], discord_.person("Ada")
        server.join(ada)
        hidden = await ada.say(server.channel, "hidden", embeds=[{"title": "t"}], files=[Upload("a.txt", b"")], snapshots=["old words"])
        assert (await (await ada.menu("Quote", hidden)).answer()).content == "> hidden"
        named = await ada.say(server.channel, "seen", mention=[discord_.bot], reply_to=hidden)
        answer = await server.channel.next_message()
        assert answer.content == "heard @Crosscheck seen"
        await ada.say(server.channel, "again", reply_to=answer)
        assert (await server.channel.next_message()).content == "heard again"
        direct = await ada.say(None, "direct", snapshots=[hidden])
        assert (await ada.next_dm()).content == "heard direct"
        first, second, third, fourth = bot.heard
        assert (first.content, first.embeds, first.attachments, first.message_snapshots[0].content) == ("", [], [], "")
        assert second.reference and isinstance(second.reference.resolved, discord.Message) and second.reference.resolved.content == ""
        assert (
            third.reference and isinstance(third.reference.resolved, discord.Message) and third.reference.resolved.content == answer.content
        )
        assert (fourth.content, fourth.message_snapshots[0].content) == ("direct", "hidden")
        assert [named.content, direct.content] == [f"{discord_.bot.mention} seen", "direct"]
        assert discord_.rejected == []


@live
async def test_commands_are_offered_where_installation_context_and_permissions_allow() -> None:
    async with connected() as (discord_, _):
        server, foreign = discord_.servers[0], discord_.server("Foreign")
        ada, mod = discord_.person("Ada", locale="de"), discord_.person("Mod")
        for place in (server, foreign):
            place.join(ada)
        server.join(mod, permissions=discord.Permissions(manage_guild=True))
        with pytest.raises(PermissionError, match="allow_everyone"):
            await ada.command("sources add", server.channel, url="u")
        server.allow_everyone("sources")
        assert (await (await ada.command("sources add", server.channel, url="u")).answer()).content == "u False True"
        assert (await (await mod.command("sources add", server.channel, url="u")).answer()).content == "u True True"
        with pytest.raises(LookupError):
            await ada.command("sources add", dm=True, url="u")
        with pytest.raises(LookupError):
            await ada.command("now", foreign.channel, text="x")
        call = await ada.command("later", foreign.channel, install="user", more=6)
        await call.answer()
        await until(lambda: discord_.rejected)
        assert (discord_.rejected[0].rule, len(call.followups)) == ("followups", 5)
        assert (await (await ada.command("now", dm=True, text="y")).answer()).content == "now y None"


@live
async def test_the_bot_comes_and_goes_and_finds_threads() -> None:
    async with connected() as (discord_, bot):
        ada, new = discord_.person("Ada"), discord_.server("New")
        assert bot.get_guild(new.id) is None
        await discord_.invite(new, by=ada)
        await until(lambda: bot.events == ["join New"])
        new.join(ada)
        forum = new.add_channel("ideas", FORUM)
        started = await ada.say(new.channel, "start")
        thread, post = new.add_thread(new.channel, "Thread", started), new.add_thread(forum, "Post", "first words", by=ada)
        assert (thread.id, post.messages[0].id) == (started.id, post.id)
        await ada.say(post, "hello", mention=[discord_.bot])
        assert (await post.next_message()).content == "heard @Crosscheck hello"
        found = bot.get_channel(thread.id)
        assert isinstance(found, discord.Thread) and found.parent_id == new.channel.id
        discord_.delete(thread)
        await until(lambda: bot.get_channel(thread.id) is None)
        await discord_.kick(new)
        await until(lambda: bot.events == ["join New", "remove New"])


@live
async def test_what_is_gone_expired_or_forbidden_is_refused_as_discord_does() -> None:
    async with connected() as (discord_, bot):
        server, ada = discord_.servers[0], discord_.person("Ada")
        server.join(ada)
        other = server.add_channel("other")
        await until(lambda: bot.get_channel(other.id))
        channel, second = bot.get_channel(server.channel.id), bot.get_channel(other.id)
        assert isinstance(channel, discord.TextChannel) and isinstance(second, discord.TextChannel)
        sent = await channel.send("x")
        discord_.delete(discord_.message(sent.id))
        server.forbid(other)
        await until(lambda: not second.permissions_for(second.guild.me).send_messages)
        call = await ada.command("later", server.channel, more=0)
        await until(lambda: call.edits)
        discord_.expire(call)
        webhook = discord.Webhook.partial(discord_.bot.id, call.token, client=bot)
        user = await bot.fetch_user(ada.id)
        ada.takes_direct = False
        attempts: list[tuple[Callable[[], Awaitable[object]], int, int]] = [
            (lambda: sent.edit(content="y"), 404, 10008),
            (lambda: sent.reply("y"), 400, 50035),
            (lambda: second.send("y"), 403, 50013),
            (lambda: user.send("y"), 403, 50007),
            (lambda: webhook.send("y", wait=True), 401, 50027),
        ]
        for attempt, status, code in attempts:
            with pytest.raises(discord.HTTPException) as caught:
                await attempt()
            assert (caught.value.status, caught.value.code) == (status, code)
        assert await channel.send("y", reference=sent.to_reference(fail_if_not_exists=False))
        discord_.delete(server.channel)
        with pytest.raises(discord.NotFound) as gone:
            await channel.send("y")
        assert gone.value.code == 10003
        assert [one.rule for one in discord_.rejected] == ["reference"]


@live
async def test_an_answer_that_is_late_comes_to_nothing() -> None:
    async with connected() as (discord_, bot):
        server, ada = discord_.servers[0], discord_.person("Ada")
        server.join(ada)
        discord_.callback_seconds = 0.1
        call = await ada.command("wait", server.channel, seconds=0.3)
        await until(lambda: bot.events)
        assert bot.events == ["too late: 10062"]
        with pytest.raises(TimeoutError, match="without a callback"):
            await call.answer(timeout=0.01)


@live
async def test_a_nonce_writes_a_message_once() -> None:
    async with connected() as (discord_, bot):
        channel = bot.get_channel(discord_.servers[0].channel.id)
        assert isinstance(channel, discord.TextChannel)
        first, again = await channel.send("x", nonce=7), await channel.send("x", nonce=7)
        assert first.id == again.id
        assert len(discord_.servers[0].channel.messages) == 1


@live
async def test_what_breaks_a_rule_is_refused_and_recorded() -> None:
    async with connected(SmallBot()) as (discord_, bot):
        channel = bot.get_channel(discord_.servers[0].channel.id)
        assert isinstance(channel, discord.TextChannel)
        long_link: ui.Button[ui.View] = ui.Button(url=f"https://a.example/{'x' * 500}", label="x")
        attempts: list[tuple[Callable[[], Awaitable[object]], str]] = [
            (lambda: channel.send("x" * 2001), "length"),
            (lambda: channel.send(" "), "empty"),
            (lambda: channel.send(embeds=[discord.Embed(description="x" * 4000)] * 2), "embeds"),
            (lambda: channel.send("x", view=ui.View(timeout=None).add_item(long_link)), "length"),
            (lambda: channel.send(view=Texts("x" * 2001, "y" * 2000)), "text"),
            (lambda: channel.send("x", view=Texts("y")), "v2"),  # type: ignore[call-overload]
        ]
        for attempt, rule in attempts:
            with pytest.raises(discord.HTTPException) as caught:
                await attempt()
            assert (caught.value.status, discord_.rejected[-1].rule) == (400, rule)
        assert "Must be between 1 and 512 in length" in discord_.rejected[3].reason
        pinging = await channel.send("@everyone", allowed_mentions=discord.AllowedMentions.all())
        assert discord_.rejected[-1].rule == "mentions"
        assert pinging.content == "@everyone"  # Discord would send it: it is only noted
        shown = await channel.send(view=Texts("y"))
        with pytest.raises(discord.HTTPException):
            await bot.http.edit_message(
                channel.id, shown.id, params=discord.http.handle_message_parameters("x", view=None, flags=discord.MessageFlags())
            )
        with pytest.raises(discord.NotFound):
            await channel.create_webhook(name="no such route")
        assert [one.rule for one in discord_.rejected[-2:]] == ["v2", "route"]
