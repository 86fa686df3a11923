"""/privacy, end to end: what is kept of a person is shown, handed out and deleted; a server is purged by those who may, or when left."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import zipfile
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.discord.commands.privacy import file_of
from bot.discord.ids import Act, CustomId, parse_id
from bot.discord.intake import read_trimmed, trimmed_id
from bot.keeping import GRACE, tidy
from db.asks import About, Ask
from db.cases import Post, State
from db.guilds import Guild
from db.privacy import Kept
from db.retention import PRIVATE_HOURS
from retrieval.types import Outcome
from tests.bot.discord.chat import BRIDGE, Chat, news, talking
from tests.standins.discord import Message, Person
from tests.standins.discord.clock import PATIENCE
from tests.standins.traces import in_files, in_tables

USUAL = 1 << 10 | 1 << 11 | 1 << 16 | 1 << 31  # seeing, writing, history, commands
MODERATES, MANAGES = 1 << 13, 1 << 5
REASON = "Something else"


def _zebra(name: str) -> str:
    """A claim with a word that nobody else uses; the news agrees and contradicts."""
    return f"{BRIDGE[:-1]}, as the {name} zebra says."


ZEBRAS = [_zebra("first"), _zebra("second")]


def _talk(folder: Path, story: Callable[[Chat], Awaitable[None]], **settings: Any) -> None:
    async def whole() -> None:
        async with talking(folder, news(3), **settings) as chat:
            await story(chat)

    asyncio.run(whole())


def _person(chat: Chat, name: str, more: int = 0) -> Person:
    made = chat.discord.person(name)
    chat.server.join(made, permissions=USUAL | more)
    return made


async def _ask(chat: Chat, person: Person, claim: str, **options: Any) -> Message:
    return await (await person.command("check", options.pop("channel", chat.server.channel), claim=claim, **options)).answer()


async def _last_ask(chat: Chat) -> Ask:
    with chat.app.database.reading() as session:
        last = session.connection().exec_driver_sql("SELECT max(id) FROM ask").scalar()
    found = await asyncio.to_thread(chat.app.asks.get, last or 0)
    assert found is not None
    return found


async def _delete(chat: Chat, person: Person, **place: Any) -> str:
    """The command and its button; what is said then."""
    asked = await person.command("privacy delete", place.get("channel"), dm="channel" not in place)
    pressed = await person.press(await asked.answer(), "Delete all of it")
    assert asked.private
    return chat.said(await pressed.answer())


@pytest.mark.parametrize("place", ["server", "direct", "group"])
def test_everyone_sees_what_is_kept_of_them_everywhere_and_alone(tmp_path: Path, place: str) -> None:
    async def story(chat: Chat) -> None:
        channels = {"server": chat.server.channel, "direct": None, "group": chat.discord.group(chat.ada, chat.discord.person("Bob"))}
        given: dict[str, Any] = {"dm": True} if place == "direct" else {"install": "user"} if place == "group" else {}
        first = await chat.ada.command("privacy show", channels[place], **given)
        assert "Nothing is kept of you" in chat.said(await first.answer())
        answer = await _ask(chat, chat.ada, BRIDGE)
        await (await chat.ada.press(answer, "Helpful")).answer()
        await _ask(chat, chat.ada, BRIDGE, channel=None)
        then = await chat.ada.command("privacy show", channels[place], **given)
        said = chat.said(await then.answer())
        assert first.private and then.private
        for sentence in ("Checks that you asked for: 2", "kept for 24 hours, public ones for 30 days", "an answer helped: 1", "for a year"):
            assert sentence in said
        assert "Cases" not in said.split("In place of your name")[0]

    _talk(tmp_path, story)


@pytest.mark.parametrize("direct", [False, True])
def test_an_export_is_a_file_with_all_of_it_for_the_person_alone(tmp_path: Path, direct: bool) -> None:
    async def story(chat: Chat) -> None:
        bob = _person(chat, "Bob")
        await _ask(chat, chat.ada, ZEBRAS[0])
        post = await chat.ada.say(chat.server.channel, ZEBRAS[1])
        await (await bob.menu("Check sources", post)).answer()
        call = await chat.ada.command("privacy export", None if direct else chat.server.channel, dm=direct)
        answer = await call.answer()
        assert call.private
        found = json.loads(answer.files["crosscheck.json"])
        assert [claim["claim"]["text"] for ask in found["asked"] for claim in ask["claims"]] == [ZEBRAS[0]]
        (about,) = found["asked_by_others_about_your_words"]
        assert about["message_checked"] == str(post.id)
        assert about["claims"][0]["claim"]["text"] == ZEBRAS[1]
        assert "12 to 5" in json.dumps(about["claims"][0]["contradicting"])  # the excerpts that were shown
        assert str(bob.id) not in answer.files["crosscheck.json"].decode()

    _talk(tmp_path, story)


def test_a_large_export_is_packed_and_one_that_is_too_large_is_told_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = {"asked": ["zebra " * 1_000]}
    assert file_of(found, 10_000) == ("crosscheck.json", json.dumps(found, indent=2).encode())
    name, data = file_of(found, 5_000)
    assert (name, len(data) < 5_000) == ("crosscheck.zip", True)
    assert json.loads(zipfile.ZipFile(io.BytesIO(data)).read("crosscheck.json")) == found

    async def story(chat: Chat) -> None:
        monkeypatch.setattr("bot.discord.commands.privacy.file_of", lambda found, limit: ("crosscheck.zip", bytes(limit + 1)))
        answer = await (await chat.ada.command("privacy export", chat.server.channel)).answer()
        assert "too large for Discord" in chat.said(answer)
        assert answer.files == {}

    _talk(tmp_path, story)


async def _life(chat: Chat) -> tuple[list[str], list[Message]]:
    """All that Ada can leave behind, by what people do; her words, and the answers about them that others have."""
    bob, mia, desk = _person(chat, "Bob"), _person(chat, "Mia", MODERATES), chat.server.add_channel("moderators")
    chat.server.join(chat.ada, permissions=USUAL | MODERATES)
    await asyncio.to_thread(chat.app.guilds.change, chat.server.id, reports=True, moderator_channel=desk.id)
    chat.client.server_settings.forget(chat.server.id)
    private, public, direct, posted, long, said, reported = map(
        _zebra, ("silent", "loud", "near", "old", "long", "spoken", "disputed")
    )  # fmt: skip
    await _ask(chat, chat.ada, private)
    await _ask(chat, chat.ada, direct, channel=None)
    answer = await _ask(chat, chat.ada, public, public=True)
    await (await chat.ada.press(answer, "Helpful")).answer()
    for person in (chat.ada, bob):
        await (await person.press(answer, "Follow")).answer()
    channel = chat.server.channel
    answers = [await (await bob.menu("Check sources", await chat.ada.say(channel, posted))).answer()]
    lines = f"{long} " + "It was a long evening in the hall. " * 25
    form = await (await bob.menu("Check sources", await chat.ada.say(channel, lines))).opened()
    answers.append(await (await bob.submit(form, {})).answer())
    spoken = await chat.ada.say(channel, said, mention=[chat.discord.bot])
    await channel.next_message()
    await bob.say(channel, "", mention=[chat.discord.bot], reply_to=spoken)
    answers.append(await channel.next_message())
    await _flag(mia, await mia.press(answer, "Flag for moderators"), "Look at that.")
    post = await chat.ada.say(channel, reported)
    await _flag(bob, await bob.menu("Flag as disputed", post), "No.")
    theirs = await _case(chat, 2, "Evidence as it stood")
    await _decided(mia, theirs, "disputed")
    await _case(chat, 2, "Case 2 · disputed")
    appeal = await (await chat.ada.menu("Flag as disputed", post)).opened()
    await (await chat.ada.submit(appeal, {"note": "An angry zebra."})).answer()
    other = await bob.say(channel, f"{BRIDGE} Bob saw it.")
    await _flag(chat.ada, await chat.ada.menu("Flag as disputed", other), "A noted zebra.")
    await _decided(chat.ada, await _case(chat, 3, "Evidence as it stood"), "upheld", "Why a zebra.")
    await (await bob.menu("Flag as disputed", await chat.ada.say(channel, "A form is open about this zebra."))).opened()
    await (await chat.ada.menu("Flag as disputed", other)).opened()
    await chat.idle()
    return [
        private,
        public,
        direct,
        posted,
        long,
        said,
        reported,
        "An angry zebra",
        "A noted zebra",
        "Why a zebra",
        "about this zebra",
    ], answers


async def _flag(person: Person, call: Any, note: str) -> None:
    await (await person.submit(await call.opened(), {"reason": REASON, "note": note})).answer()


async def _decided(person: Person, card: Message, state: str, note: str = "Two outlets.") -> None:
    modal = await (await person.choose(card, "Resolve as …", [state])).opened()
    await (await person.submit(modal, {"note": note})).answer()


async def _case(chat: Chat, number: int, says: str) -> Message:
    """A case's message in the moderators' channel, once it says this."""

    def find() -> Message | None:
        every = [one for one in chat.server.channels[-1].messages if not one.deleted and one.only_for is None]
        return next((one for one in every if f"Case {number}" in chat.said(one) and says in chat.said(one)), None)

    return await chat.discord.happened.until(find, PATIENCE, lambda: f"case {number} that says {says!r}")


def test_after_a_delete_nothing_of_the_person_is_left_in_tables_files_and_logs(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    people: list[str] = []

    async def story(chat: Chat) -> None:
        words, answers = await _life(chat)
        ada = chat.app.person(chat.ada.id)
        people.extend([str(ada.id), ada.hash])
        exported = json.dumps(chat.app.privacy.export(ada), ensure_ascii=False)
        assert [one for one in words if one not in exported] == []
        left = in_tables(chat.app.database, ada, ["zebra"])
        assert {place.split(".")[0] for place in left} >= {
            "ask",
            "check",
            "opinion",
            "follow",
            "dispute",
            "dispute_event",
            "snapshot",
            "flag_draft",
        }
        said = await _delete(chat, chat.ada)
        for sentence in (
            "asked for: 4",
            "others asked for: 3",
            "helped: 1",
            "you follow: 1",
            "what you wrote: 2",
            "flags and reports: 1",
            "last hours: 4",
        ):
            assert sentence in said
        assert in_tables(chat.app.database, ada, ["zebra"]) == set()
        chat.app.database.rewrite()
        assert in_files(chat.folder, ada, ["zebra"]) == set()
        bob = next(one.user for one in chat.server.members.values() if one.user.name == "Bob")
        assert isinstance(bob, Person)
        for answer, button in zip(answers, ("Helpful", "Share in channel", "Helpful"), strict=True):  # of what others asked
            assert "no longer kept" in chat.said(await (await bob.press(answer, button)).answer())
        assert "Nothing is kept of you" in chat.said(await (await chat.ada.command("privacy show", chat.server.channel)).answer())

    with caplog.at_level(logging.DEBUG, "crosscheck"):
        _talk(tmp_path, story)
    ours = "\n".join(record.getMessage() for record in caplog.records if record.name.startswith("crosscheck"))
    assert "case 2 was opened" in ours
    assert not [one for one in ("zebra", *people) if one in ours]


def test_the_moderators_see_a_case_without_the_person_soon_after(tmp_path: Path) -> None:
    async def story(chat: Chat) -> None:
        await _life(chat)
        await _delete(chat, chat.ada, channel=chat.server.channel)
        await chat.client.cases.catch_up()
        cards = [chat.said(one) for one in chat.server.channels[-1].messages if not one.deleted and one.only_for is None]
        assert len(cards) == 3
        assert not [card for card in cards if "zebra" in card or str(chat.ada.id) in card]
        states = [case.state for case in chat.app.disputes.page(chat.server.id).disputes]
        assert states == [State.UPHELD, State.OPEN, State.OPEN]

    _talk(tmp_path, story)


def test_what_waits_for_its_answer_when_it_is_deleted_is_not_stored_again(tmp_path: Path) -> None:
    async def story(chat: Chat) -> None:
        chat.app.gate.clear()
        call = await chat.ada.command("check", chat.server.channel, claim=ZEBRAS[0])
        await call.first()
        said = await _delete(chat, chat.ada)
        assert "asked for: 1" in said
        chat.app.gate.set()
        assert "deleted meanwhile" in chat.said(await call.answer())
        assert in_tables(chat.app.database, chat.app.person(chat.ada.id), ["zebra"]) == set()

    _talk(tmp_path, story)


def test_a_button_of_one_person_deletes_nothing_of_another(tmp_path: Path) -> None:
    async def story(chat: Chat) -> None:
        bob = _person(chat, "Bob")
        await _ask(chat, chat.ada, BRIDGE)
        await _ask(chat, bob, BRIDGE)
        await _delete(chat, bob)
        assert chat.app.privacy.show(chat.app.person(chat.ada.id)).asked == 1
        assert chat.app.privacy.show(chat.app.person(bob.id)) == Kept(*[0] * 8)

    _talk(tmp_path, story)


def test_an_export_is_not_made_over_and_over(tmp_path: Path) -> None:
    async def story(chat: Chat) -> None:
        said = [chat.said(await (await chat.ada.command("privacy export", chat.server.channel)).answer()) for _ in range(4)]
        assert ["Try again in" in one for one in said] == [False, False, False, True]

    _talk(tmp_path, story)


def test_whose_words_are_checked_is_remembered_for_each_way_to_point_at_a_message(tmp_path: Path) -> None:
    async def story(chat: Chat) -> None:
        bob, channel = _person(chat, "Bob"), chat.server.channel
        of_ada = chat.app.pseudonyms.of(chat.ada.id)
        short, long = await chat.ada.say(channel, BRIDGE), await chat.ada.say(channel, f"{BRIDGE} " + "It was a long evening. " * 40)

        await (await bob.menu("Check sources", short)).answer()
        assert (await _about(chat)) == (short.id, of_ada)
        await (await chat.ada.menu("Check sources", short)).answer()
        assert (await _about(chat)) == (short.id, None)
        form = await (await bob.menu("Check sources", long)).opened()
        await (await bob.submit(form, {})).answer()
        assert (await _about(chat)) == (long.id, of_ada)
        heard = await chat.ada.say(channel, BRIDGE, mention=[chat.discord.bot])  # of others, Discord does not hand over the words
        await channel.next_message()
        await bob.say(channel, "", mention=[chat.discord.bot], reply_to=heard)
        await channel.next_message()
        await chat.idle()
        assert (await _about(chat)) == (heard.id, of_ada)
        await bob.say(channel, BRIDGE, mention=[chat.discord.bot], reply_to=short)  # own words, whatever they answer to
        await channel.next_message()
        await chat.idle()
        assert (await _about(chat)) == (None, None)

    _talk(tmp_path, story)


async def _about(chat: Chat) -> tuple[int | None, str | None]:
    ask = await _last_ask(chat)
    return ask.about_message_id, ask.author


@pytest.mark.parametrize("of", [About(), About(2**63 - 1, "f" * 32), About(7, None)])
@pytest.mark.parametrize("public", [True, False])
def test_a_form_of_a_long_text_carries_whose_it_is(of: About, public: bool) -> None:
    written = str(trimmed_id(public, of))
    assert len(written) <= 100
    pressed = parse_id(written)
    assert pressed is not None
    assert read_trimmed(pressed) == (public, of)


@pytest.mark.parametrize(("detail", "public"), [("p", True), ("", False)])
def test_a_form_that_an_earlier_version_opened_is_understood(detail: str, public: bool) -> None:
    assert read_trimmed(CustomId(Act.TRIM_SENT, detail=detail)) == (public, About())


def test_a_private_answer_is_gone_after_a_day_and_what_was_said_of_it_stays_without_words(tmp_path: Path) -> None:
    async def story(chat: Chat) -> None:
        private, public = await _ask(chat, chat.ada, ZEBRAS[0]), await _ask(chat, chat.ada, BRIDGE, public=True)
        for answer in (private, public):
            await (await chat.ada.press(answer, "Helpful")).answer()
        await chat.idle()
        await asyncio.to_thread(tidy, chat.app, datetime.now(UTC) + timedelta(hours=PRIVATE_HOURS, seconds=1))
        assert "no longer kept" in chat.said(await (await chat.ada.press(private, "In context")).answer())
        assert "in the whole valley" in chat.said(await (await chat.ada.press(public, "In context")).answer())
        every = chat.app.opinions.every()
        assert sorted((one.claim, one.outcome) for one in every) == [("", Outcome.MIXED), (BRIDGE, Outcome.MIXED)]
        chat.app.database.rewrite()
        assert in_files(chat.folder, chat.app.person(chat.ada.id), ["zebra"]) & {"zebra"} == set()

    _talk(tmp_path, story)


# Purging a server.


async def _purge(chat: Chat, person: Person, name: str) -> Message:
    form = await (await person.command("privacy purge", chat.server.channel)).opened()
    return await (await person.submit(form, {"text": name})).answer()


def test_who_may_not_manage_the_server_purges_nothing(tmp_path: Path) -> None:
    async def story(chat: Chat) -> None:
        mia = _person(chat, "Mia", MODERATES)
        await _ask(chat, chat.ada, BRIDGE)
        for call in (
            await chat.ada.command("privacy purge", chat.server.channel), await mia.command("privacy purge", chat.server.channel),
            await chat.ada.command("privacy purge", dm=True), await chat.ada.command("privacy purge", chat.server.channel, install="user"),
        ):  # fmt: skip
            assert "may manage a server" in chat.said(await call.answer())
            assert call.private
        boss = _person(chat, "Boss", MANAGES)
        form = await (await boss.command("privacy purge", chat.server.channel)).opened()
        chat.server.join(boss, permissions=USUAL)  # who may do it no more when the form comes back
        assert "may manage a server" in chat.said(await (await boss.submit(form, {"text": chat.server.name})).answer())
        assert chat.app.privacy.show(chat.app.person(chat.ada.id)).asked == 1

    _talk(tmp_path, story)


def test_a_purge_wants_the_server_s_name_and_then_leaves_nothing_of_it(tmp_path: Path) -> None:
    async def story(chat: Chat) -> None:
        words, _ = await _life(chat)
        boss = _person(chat, "Boss", MANAGES)
        chat.app.asks.accept(_elsewhere(), False, "en", None, chat.client.asking.limits())
        before = chat.app.privacy.show(chat.app.person(chat.ada.id))
        assert "not the name" in chat.said(await _purge(chat, boss, "Harwich"))
        assert chat.app.privacy.show(chat.app.person(chat.ada.id)) == before
        assert "was deleted" in chat.said(await _purge(chat, boss, f" {chat.server.name.upper()} "))
        assert chat.app.guilds.settings(chat.server.id) == Guild(chat.server.id) == await chat.client.server_settings.of(chat.server.id)
        left = chat.app.privacy.show(chat.app.person(chat.ada.id))
        assert left == Kept(asked=1, about=0, opinions=0, follows=0, posts=0, flags=0, steps=0, drafts=0)  # her direct message
        assert in_tables(chat.app.database, chat.app.person(chat.ada.id), [one for one in words if "near" not in one]) == {"ask.user"}
        assert chat.app.asks.waiting(datetime.now(UTC) - timedelta(minutes=1))[0].where == _elsewhere()
        posts = len(chat.server.channel.posts)
        await chat.restart()
        await asyncio.sleep(0.2)
        assert len(chat.server.channel.posts) == posts  # it has not just come: nobody is greeted

    _talk(tmp_path, story)


def _elsewhere() -> Any:
    from db.asks import Where

    return Where(77, 7, "someone")


def test_a_server_that_was_left_is_purged_after_the_grace_and_not_before(tmp_path: Path) -> None:
    async def story(chat: Chat) -> None:
        await _ask(chat, chat.ada, ZEBRAS[0], public=True)
        await chat.settled()
        book = chat.app.disputes
        book.draft(Post(chat.server.id, 1, 2, chat.ada.id, ZEBRAS[1]), "someone")
        chat.app.guilds.change(chat.server.id, keep_days=365)
        await asyncio.to_thread(chat.app.guilds.left, chat.server.id)
        now = datetime.now(UTC)
        ada = chat.app.person(chat.ada.id)
        await asyncio.to_thread(tidy, chat.app, now + GRACE - timedelta(minutes=1))
        assert chat.app.privacy.show(ada).asked == 1
        await asyncio.to_thread(tidy, chat.app, now + GRACE + timedelta(minutes=1))
        assert in_tables(chat.app.database, ada, ["zebra", str(chat.server.id)]) == set()

    _talk(tmp_path, story)
