"""Followed claims, with the real client: news is told once, to whom it is for, grouped, whatever comes in between."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from bot import followed
from bot.app import Checked
from bot.discord import followups, replies
from bot.discord.ids import Act, CustomId
from bot.keeping import tidy
from db.cases import Dispute, Flag, Post, State
from db.follows import MAX_FOLLOWS, QUIET
from retrieval.errors import StoreError
from retrieval.ingest.pipeline import ingest
from retrieval.sources import Kind
from retrieval.types import Article, Claim, Comparison, Outcome
from tests.bot.discord.chat import BRIDGE, Chat, news, talking
from tests.standins.discord import Channel, Message, Person
from tests.standins.discord.clock import until
from tests.standins.models import HashEmbedder

BEFORE = news(1)[:1]  # agrees with BRIDGE
AFTER = news(1)[1:]  # does not
FERRY = "The ferry to Selby sank in the harbour with 40 people on board."
AT = datetime(2025, 2, 26, tzinfo=UTC)
CLAIMS = (
    "The ferry carried 3 sheep to Selby.", "Firemen saved 3 cats from the mill.", "Marlow opened 3 railway stations.",
    "Judges freed 3 prisoners in Kelso.", "Storms broke 3 windmills near Tarn.", "Farmers sold 3 horses at Brixham.",
    "Divers found 3 anchors off Dunmore.", "Nurses left 3 hospitals in Oren.",
)  # fmt: skip
UNFOLLOW = f"{CustomId(Act.UNFOLLOW)}"


def _talk(folder: Path, story: Callable[[Chat], Awaitable[None]], articles: Sequence[Article] = BEFORE, **settings: Any) -> None:
    async def whole() -> None:
        async with talking(folder, articles, **settings) as chat:
            await chat.client.followups.round()
            await story(chat)

    asyncio.run(whole())


def _article(text: str, outlet: str = "Valley News", feed: int | None = None) -> Article:
    return Article(f"https://{outlet.replace(' ', '-').lower()}.example/{abs(hash(text))}", "News", outlet, text, AT, feed_id=feed)


async def _answer(chat: Chat, person: Person | None = None, *, public: bool = False, claim: str = BRIDGE) -> Message:
    call = await (person or chat.ada).command("check", chat.server.channel, claim=claim, public=public)
    return await call.answer()


async def _press(chat: Chat, person: Person, shown: Message, key: str = "Follow") -> str:
    return chat.said(await (await person.press(shown, key)).answer())


async def _round(chat: Chat, articles: Sequence[Article] = ()) -> None:
    """What comes in, and the round after it."""
    ingest(articles, chat.app.articles, chat.app.embedder)
    await chat.client.followups.round()


async def _next(chat: Chat, person: Person) -> str:
    return chat.said(await person.next_dm())


def _messages(person: Person) -> list[Message]:
    return person.direct.posts


def _later(chat: Chat) -> None:
    """Six hours pass for those who were told."""
    with chat.app.database.writing() as session:
        session.execute(text("UPDATE follow SET told_at = :at"), {"at": datetime.now(UTC) - QUIET - timedelta(minutes=1)})


@pytest.mark.parametrize("killed", [None, False, True])
def test_whoever_follows_a_claim_is_told_once_what_is_new_also_after_a_restart(tmp_path: Path, killed: bool | None) -> None:
    async def story(chat: Chat) -> None:
        assert "You will be told once" in await _press(chat, chat.ada, await _answer(chat))
        await _round(chat)
        assert _messages(chat.ada) == []
        if killed is not None:
            await chat.restart(killed=killed)
        await _round(chat, AFTER)
        told = await _next(chat, chat.ada)
        assert "News on 1 claim that you follow" in told
        assert "Sources differ: 1 agrees, 1 contradicts." in told
        assert "Before: 1 source agrees; none found that contradicts." in told
        assert "✗ **Oren Tribune**" in told and "Harwick Echo" not in told
        if killed is not None:
            await chat.restart(killed=killed)
        _later(chat)
        await _round(chat)
        assert len(_messages(chat.ada)) == 1

    _talk(tmp_path, story)


def test_what_says_the_same_again_is_no_news(tmp_path: Path) -> None:
    async def story(chat: Chat) -> None:
        await _press(chat, chat.ada, await _answer(chat))
        await _round(chat, [_article(f"Snow fell. {BRIDGE} Trams go elsewhere."), _article("The mill in Oren burned down.", "Oren Post")])
        assert chat.app.follows.due(9) == []
        assert _messages(chat.ada) == []

    _talk(tmp_path, story)


def test_a_strong_new_contradiction_is_news_though_the_outcome_stays(tmp_path: Path) -> None:
    async def story(chat: Chat) -> None:
        await _press(chat, chat.ada, await _answer(chat))
        await _round(chat, [_article("It rained. The council of Harwick voted 11 to 6 to close the old bridge. So it is.")])
        told = await _next(chat, chat.ada)
        assert "Sources differ: 1 agrees, 2 contradict." in told
        assert "Before" not in told
        assert "Valley News" in told and "Tribune" not in told

    _talk(tmp_path, story, [*BEFORE, *AFTER])


def test_pressing_again_stops_it_and_what_is_followed_can_be_seen(tmp_path: Path) -> None:
    async def story(chat: Chat) -> None:
        answer = await _answer(chat)
        await _press(chat, chat.ada, answer)
        assert "1 of 50" in chat.said(await (await chat.ada.command("following", chat.server.channel)).answer())
        await chat.restart()
        assert "no longer follow" in await _press(chat, chat.ada, answer)
        call = await chat.ada.command("following", dm=True)
        assert "You follow no claim" in chat.said(await call.answer())
        await _round(chat, AFTER)
        assert _messages(chat.ada) == []

    _talk(tmp_path, story)


def test_a_claim_can_be_stopped_from_the_list_and_from_the_news(tmp_path: Path) -> None:
    async def story(chat: Chat) -> None:
        bob = _member(chat, "Bob")
        for person in (chat.ada, bob):
            await _press(chat, person, await _answer(chat, person))
        (mine,), (theirs,) = (chat.app.follows.of_person(person.id) for person in (chat.ada, bob))
        call = await chat.ada.command("following", chat.server.channel)
        shown = await call.answer()
        assert call.private
        stopped = await chat.ada.choose(shown, "Stop following a claim", [str(mine.id)])
        assert "no longer follow" in chat.said(await stopped.answer())
        await _round(chat, AFTER)
        told = await bob.next_dm()
        assert _messages(chat.ada) == []
        await (await bob.choose(told, "Stop following a claim", [str(theirs.id)])).answer()
        assert chat.app.follows.of_person(bob.id) == []

    _talk(tmp_path, story)


def test_a_public_answer_can_be_followed_by_all_and_is_checked_again_once(tmp_path: Path) -> None:
    async def story(chat: Chat) -> None:
        bob = _member(chat, "Bob")
        answer = await _answer(chat, public=True)
        for person in (chat.ada, bob):
            assert "You will be told once" in await _press(chat, person, answer)
        await _round(chat, AFTER)
        for person in (chat.ada, bob):
            assert "Oren Tribune" in await _next(chat, person)
        assert chat.app.checked.count(BRIDGE) == 2  # for the answers, and for both who follow

    _talk(tmp_path, story)


def test_nobody_follows_more_claims_than_the_limit(tmp_path: Path) -> None:
    async def story(chat: Chat) -> None:
        for number in range(MAX_FOLLOWS):
            _follow(chat, chat.ada.id, f"Ferry {number} sank in the harbour.")
        answer = await _answer(chat)
        assert "You follow 50 claims already" in await _press(chat, chat.ada, answer)
        shown = await (await chat.ada.command("following", chat.server.channel)).answer()
        assert chat.said(shown).count("“Ferry") == MAX_FOLLOWS
        (last,) = [one for one in chat.app.follows.of_person(chat.ada.id) if "Ferry 0 " in one.claim.text]
        await (await chat.ada.choose(shown, f"{UNFOLLOW}25", [str(last.id)])).answer()
        assert "You will be told once" in await _press(chat, chat.ada, answer)

    _talk(tmp_path, story)


def test_an_answer_that_is_old_when_it_is_followed_is_looked_at_again(tmp_path: Path) -> None:
    async def story(chat: Chat) -> None:
        answer = await _answer(chat)
        await _round(chat, AFTER)
        await _press(chat, chat.ada, answer)
        await _round(chat)
        assert "Before: 1 source agrees" in await _next(chat, chat.ada)

    _talk(tmp_path, story)


def test_news_of_several_claims_is_one_message_and_the_next_comes_six_hours_later(tmp_path: Path) -> None:
    async def story(chat: Chat) -> None:
        for claim in CLAIMS:
            _follow(chat, chat.ada.id, claim)
        await _round(chat, [_contradicting(claim) for claim in CLAIMS[:7]])
        told = await _next(chat, chat.ada)
        assert "News on 7 claims that you follow" in told
        assert told.count("1 source contradicts this") == 5
        assert "… and 2 more claims: /following" in told
        await _round(chat, [_contradicting(CLAIMS[7])])
        assert len(_messages(chat.ada)) == 1
        _later(chat)
        await _round(chat)
        assert "News on 1 claim that you follow" in await _next(chat, chat.ada)

    _talk(tmp_path, story)


@pytest.mark.parametrize(
    ("people", "each", "articles"), [(5, 12, 120), pytest.param(20, 25, 2_000, marks=pytest.mark.slow)], ids=["some", "many"]
)
def test_however_much_is_stored_a_round_checks_so_many_claims_and_nobody_gets_a_second_message(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, people: int, each: int, articles: int
) -> None:
    monkeypatch.setattr(followups, "ROUND", 3600.0)

    async def story(chat: Chat) -> None:
        readers = [_member(chat, f"Person {number}") for number in range(people)]
        claims = [(one, f"Council {one.id} of {n} voted {n + 20} to 3 to close the bridge.") for one in readers for n in range(each)]
        for person, claim in claims:
            _follow(chat, person.id, claim)
        ingest([_contradicting(claims[n % len(claims)][1], f"Outlet {n}") for n in range(articles)], chat.app.articles, chat.app.embedder)
        rounds = 0
        while chat.app.follows.due(1) or not rounds:
            before = len(chat.app.checked)
            await chat.client.followups.round()
            rounds += 1
            assert len(chat.app.checked) - before <= followups.CHECKS
        assert rounds == people * each / followups.CHECKS
        assert [len(_messages(person)) for person in readers] == [1] * people
        _later(chat)
        await chat.client.followups.round()
        assert max(len(_messages(person)) for person in readers) == 2
        assert all(one.news is None for person in readers for one in chat.app.follows.of_person(person.id))

    _talk(tmp_path, story)


def test_a_message_that_was_written_and_not_noted_is_not_written_twice_but_brought_up_to_date(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story(chat: Chat) -> None:
        _follow(chat, chat.ada.id, FERRY)
        await _press(chat, chat.ada, await _answer(chat))
        with monkeypatch.context() as patched:
            patched.setattr(chat.app.follows, "told", _broken)
            with pytest.raises(StoreError):
                await _round(chat, AFTER)
        await chat.restart(killed=True)
        await _round(chat, [_contradicting(FERRY)])
        (message,) = _messages(chat.ada)
        assert "News on 2 claims" in chat.said(message)
        assert chat.app.follows.readers(9) == []

    _talk(tmp_path, story)


def test_who_takes_no_direct_messages_follows_nothing_more_and_stays_unnamed_in_the_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "crosscheck")

    async def story(chat: Chat) -> None:
        _follow(chat, chat.ada.id, FERRY)
        await _press(chat, chat.ada, await _answer(chat))
        chat.ada.takes_direct = False
        await _round(chat, AFTER)
        assert chat.app.follows.of_person(chat.ada.id) == []
        assert "2 follows of somebody whose direct messages are closed ended" in caplog.text
        assert str(chat.ada.id) not in caplog.text and "Harwick voted" not in caplog.text

    _talk(tmp_path, story)


def test_what_discord_does_not_take_just_now_is_told_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replies, "TRIES", 1)

    async def story(chat: Chat) -> None:
        await _press(chat, chat.ada, await _answer(chat))
        fault = chat.discord.faults.add("POST", r"/channels/\d+/messages", 4, status=503)
        await _round(chat, AFTER)
        assert fault.met
        fault.times = 0
        await _round(chat)
        assert "Oren Tribune" in await _next(chat, chat.ada)

    _talk(tmp_path, story)


def test_whoever_left_the_server_is_not_told_what_its_members_see(tmp_path: Path) -> None:
    async def story(chat: Chat) -> None:
        bob = _member(chat, "Bob")
        await _press(chat, bob, await _answer(chat, bob))
        del chat.server.members[bob.id]
        await _round(chat, AFTER)
        assert _messages(bob) == []
        assert chat.app.follows.of_person(bob.id) == []

    _talk(tmp_path, story)


def test_who_cannot_be_looked_up_in_the_server_just_now_is_told_later(tmp_path: Path) -> None:
    async def story(chat: Chat) -> None:
        await _press(chat, chat.ada, await _answer(chat))
        fault = chat.discord.faults.add("GET", r"/guilds/\d+/members/\d+", 1, code=50001)
        await _round(chat, AFTER)
        assert (fault.met, _messages(chat.ada)) == (1, [])
        await chat.restart()
        await _round(chat)
        assert "Oren Tribune" in await _next(chat, chat.ada)

    _talk(tmp_path, story)


def test_news_that_discord_finds_wrong_is_let_go_and_the_claim_is_followed_on(tmp_path: Path) -> None:
    async def story(chat: Chat) -> None:
        await _press(chat, chat.ada, await _answer(chat))
        fault = chat.discord.faults.add("POST", r"/channels/\d+/messages", 9, code=50035)
        for articles in (AFTER, (), (), (), ()):
            await _round(chat, articles)
        assert fault.met == followups.TRIES
        assert [one.news for one in chat.app.follows.of_person(chat.ada.id)] == [None]

    _talk(tmp_path, story)


def test_what_is_followed_where_only_the_person_has_the_bot_is_no_server_s(tmp_path: Path) -> None:
    async def story(chat: Chat) -> None:
        elsewhere = chat.discord.server("Elsewhere", bot=False)
        elsewhere.join(chat.ada)
        answer = await (await chat.ada.command("check", elsewhere.channel, install="user", claim=BRIDGE)).answer()
        await _press(chat, chat.ada, answer)
        assert [one.guild_id for one in chat.app.follows.of_person(chat.ada.id)] == [None]
        await _round(chat, AFTER)
        assert "Oren Tribune" in await _next(chat, chat.ada)

    _talk(tmp_path, story)


def test_news_of_a_source_of_another_server_is_none(tmp_path: Path) -> None:
    async def story(chat: Chat) -> None:
        elsewhere = chat.discord.server("Elsewhere", bot=False)
        source, _ = chat.app.addresses.add("https://tribune.example/feed", Kind.FEED, "Tribune", AT, elsewhere.id)
        await _press(chat, chat.ada, await _answer(chat))
        (other,) = AFTER
        await _round(chat, [replace(other, feed_id=source.id)])
        assert chat.app.checked == [BRIDGE, BRIDGE]
        assert _messages(chat.ada) == []

    _talk(tmp_path, story)


def test_what_is_past_its_time_is_told_no_more(tmp_path: Path) -> None:
    async def story(chat: Chat) -> None:
        await _press(chat, chat.ada, await _answer(chat))
        with chat.app.database.writing() as session:
            session.execute(text("UPDATE follow SET until = :at"), {"at": datetime.now(UTC)})
        await _round(chat, AFTER)
        assert _messages(chat.ada) == []
        tidy(chat.app, datetime.now(UTC))
        with chat.app.database.reading() as session:
            assert session.scalar(text("SELECT count(*) FROM follow")) == 0

    _talk(tmp_path, story)


def test_after_another_model_the_claims_are_embedded_anew_before_the_news_is_compared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(followed, "ANEW", 1)

    async def story(chat: Chat) -> None:
        await _press(chat, chat.ada, await _answer(chat))
        for number in range(4):
            _follow(chat, chat.ada.id, f"Ferry {number} sank in the harbour.")
        monkeypatch.setattr(HashEmbedder, "model_id", "other-embedder@64")
        await chat.restart()
        await _round(chat, AFTER)
        assert len(chat.app.follows.stale(HashEmbedder.model_id, 9)) in (3, 4)  # as the client's own first round was quicker or not
        assert _messages(chat.ada) == []
        for _ in range(5):
            await _round(chat)
        assert chat.app.follows.stale(HashEmbedder.model_id, 9) == []
        assert "Before: 1 source agrees" in await _next(chat, chat.ada)

    _talk(tmp_path, story)


def test_people_s_checks_go_first(tmp_path: Path) -> None:
    async def story(chat: Chat) -> None:
        await _press(chat, chat.ada, await _answer(chat))
        ingest(AFTER, chat.app.articles, chat.app.embedder)
        chat.app.gate.clear()
        chat.app.taken_up.clear()
        asked = [f"Ferry {number} sank in the harbour." for number in range(6)]
        calls = [await chat.ada.command("check", chat.server.channel, claim=claim) for claim in asked]
        await until(lambda: len(chat.app.taken_up) + chat.client.desk.waiting == len(asked))
        chat.app.checked.clear()
        rounding = asyncio.create_task(chat.client.followups.round())
        await asyncio.sleep(0.3)
        chat.app.gate.set()
        await asyncio.gather(rounding, *(call.answer() for call in calls))
        assert (sorted(chat.app.checked[:6]), chat.app.checked[6:]) == (asked, [BRIDGE])

    _talk(tmp_path, story)


def test_a_claim_that_breaks_the_check_does_not_keep_others_from_theirs(tmp_path: Path) -> None:
    async def story(chat: Chat) -> None:
        await _press(chat, chat.ada, await _answer(chat))
        _follow(chat, chat.ada.id, "The council of Harwick voted 9 to 3 to close the old bridge.")
        check = chat.app.check_claims

        def breaking(claims: Sequence[Claim], hidden: Collection[int] = ()) -> list[Checked]:
            if any("9 to 3" in claim.text for claim in claims):
                raise ZeroDivisionError
            return check(claims, hidden)

        chat.client.desk._check = breaking
        await _round(chat, AFTER)
        assert "News on 1 claim" in await _next(chat, chat.ada)
        assert chat.app.follows.due(9) == []

    _talk(tmp_path, story)


def test_news_in_plain_text_where_the_server_wants_that(tmp_path: Path) -> None:
    async def story(chat: Chat) -> None:
        chat.app.guilds.change(chat.server.id, plain_text=True)
        await _press(chat, chat.ada, await _answer(chat))
        await _round(chat, AFTER)
        message = await chat.ada.next_dm()
        assert "✗ Oren Tribune" in message.content
        assert "**" not in message.content

    _talk(tmp_path, story)


def test_what_is_followed_in_direct_messages_is_told_there(tmp_path: Path) -> None:
    async def story(chat: Chat) -> None:
        answer = await (await chat.ada.command("check", dm=True, claim=BRIDGE)).answer()
        await _press(chat, chat.ada, answer)
        assert [one.guild_id for one in chat.app.follows.of_person(chat.ada.id)] == [None]
        await _round(chat, AFTER)
        assert "Oren Tribune" in chat.said(chat.ada.direct.messages[-1])

    _talk(tmp_path, story)


# Cases.


def test_the_moderators_are_told_of_a_case_once_with_a_button_to_reopen_it(tmp_path: Path) -> None:
    async def story(chat: Chat) -> None:
        desk, mia = chat.server.add_channel("moderators"), _moderator(chat)
        chat.app.guilds.change(chat.server.id, moderator_channel=desk.id)
        _, resolved = await _case(chat, 1), await _case(chat, 2)
        chat.app.disputes.resolve(resolved.id, resolved.decided, mia.id, State.UPHELD, "")
        _follow(chat, None, FERRY, resolved.id)
        await _round(chat, AFTER)
        told = await _news_at(desk)
        said = chat.said(told)
        assert "News on 2 disputed posts" in said
        assert "Case 1" in said and "Case 2" in said and "upheld" in said
        assert said.count("Oren Tribune") == 2
        with pytest.raises(LookupError):
            await mia.press(told, "Reopen case 1")
        await (await mia.submit(await (await mia.press(told, "Reopen case 2")).opened(), {"note": "News"})).answer()
        now = chat.app.disputes.get(resolved.id)
        assert now is not None and now.state is State.OPEN
        await chat.restart()
        await _round(chat)
        assert sum("News on" in chat.said(one) for one in desk.posts) == 1

    _talk(tmp_path, story)


def test_a_case_without_a_channel_waits_and_does_not_keep_others_waiting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(followups, "READERS", 1)

    async def story(chat: Chat) -> None:
        await _case(chat, 1)
        await _press(chat, chat.ada, await _answer(chat))
        for articles in (AFTER, (), ()):
            await _round(chat, articles)
        assert "Oren Tribune" in await _next(chat, chat.ada)
        desk = chat.server.add_channel("moderators")
        chat.app.guilds.change(chat.server.id, moderator_channel=desk.id)
        chat.client.server_settings.forget(chat.server.id)
        await chat.restart()
        await _round(chat)
        assert "News on 1 disputed post" in chat.said(await _news_at(desk))

    _talk(tmp_path, story)


def _member(chat: Chat, name: str) -> Person:
    made = chat.discord.person(name)
    chat.server.join(made)
    return made


def _moderator(chat: Chat) -> Person:
    mia = chat.discord.person("Mia")
    chat.server.join(mia, permissions=1 << 13 | 1 << 10 | 1 << 11 | 1 << 31)
    return mia


async def _case(chat: Chat, message_id: int) -> Dispute:
    """A case of a post, with the evidence of now."""
    post = Post(chat.server.id, chat.server.channel.id, message_id, chat.ada.id, f"{BRIDGE} I saw it {message_id} times.")
    case = chat.app.disputes.open(post, Flag(chat.server.owner.id, True, "", "")).dispute
    await chat.client.cases.look(case.id)
    return case


async def _news_at(desk: Channel) -> Message:
    """The news among the cases' own messages."""
    while True:
        found = await desk.next_message()
        if "News on" in "\n".join(desk.discord.texts(found)):
            return found


def _follow(chat: Chat, person: int | None, claim: str, case: int | None = None) -> None:
    """As if an answer had said that no stored source speaks to it."""
    embedder = chat.app.embedder
    silent = Comparison(Claim(claim), Outcome.NO_MATCH, (), (), 0, 0, None, chat.app.models)
    made = chat.app.follows.follow(person, chat.server.id, case, "en-US", silent, embedder.embed([claim])[0], embedder.model_id)
    assert made is not None


def _contradicting(claim: str, outlet: str = "Valley News") -> Article:
    """An article that says the claim with another number, or its opposite."""
    said = claim.replace(" 3 ", " 5 ") if " 3 " in claim else claim.replace("sank", "never sank")
    return _article(f"{said} Nobody spoke.", outlet)


def _broken(_: object) -> None:
    raise StoreError("The disk is full.")
