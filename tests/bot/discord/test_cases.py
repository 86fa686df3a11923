"""Disputed posts: the life of a case with the real client and store, from the flag to its resolution and after."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from db.cases import Action, State
from retrieval.errors import StoreError
from retrieval.ingest.pipeline import ingest
from retrieval.sources import Kind
from tests.bot.discord.chat import BRIDGE, Chat, news, talking
from tests.standins.discord import Call, Channel, Message, Person
from tests.standins.discord.clock import PATIENCE

MODERATES = 1 << 13 | 1 << 10 | 1 << 11 | 1 << 31  # deletes others' messages, sees, writes, uses commands
POST = f"Listen, people. {BRIDGE} I was there myself."
REASON = "Numbers, dates or names are wrong"


def _talk(folder: Path, story: Callable[[Chat, Place], Awaitable[None]], **settings: Any) -> None:
    async def whole() -> None:
        async with talking(folder, news(3), **settings) as chat:
            await story(chat, await _place(chat))

    asyncio.run(whole())


class Place:
    """Who is there: Ada, who writes; Mia and Max, who moderate; their channel."""

    def __init__(self, chat: Chat) -> None:
        self.chat = chat
        self.mia, self.max = chat.discord.person("Mia"), chat.discord.person("Max")
        for person in (self.mia, self.max):
            chat.server.join(person, permissions=MODERATES)
        self.bob = chat.discord.person("Bob")
        chat.server.join(self.bob)
        self.desk: Channel = chat.server.add_channel("moderators")

    async def flag(self, post: Message, person: Person | None = None, note: str = "Look at the numbers.") -> Message:
        """The menu, its form, and what is said of it."""
        call = await (person or self.mia).menu("Flag as disputed", post)
        sent = await (person or self.mia).submit(await call.opened(), {"reason": REASON, "note": note})
        return await sent.answer()

    async def flagging(self, post: Message) -> Call:
        """As `flag`, before anything is said of it."""
        call = await self.mia.menu("Flag as disputed", post)
        return await self.mia.submit(await call.opened(), {"reason": REASON})

    async def decide(self, state: str, number: int = 1) -> None:
        """Mia decides a case as soon as its evidence is there."""
        card = await self.card("Evidence as it stood")
        modal = await (await self.mia.choose(card, "Resolve as …", [state])).opened()
        await (await self.mia.submit(modal, {})).answer()
        await self.card(f"### Case {number} · {state}")

    async def card(self, says: str) -> Message:
        """The case's message in the moderators' channel, once it says this."""
        await self.chat.discord.happened.until(
            lambda: next((one for one in self.cards() if says in self.chat.said(one)), None), PATIENCE, lambda: f"a case that says {says!r}"
        )
        return next(one for one in self.cards() if says in self.chat.said(one))

    def cards(self) -> list[Message]:
        return [one for one in self.desk.messages if not one.deleted and one.only_for is None]


async def _place(chat: Chat) -> Place:
    made = Place(chat)
    await asyncio.to_thread(chat.app.guilds.change, chat.server.id, moderator_channel=made.desk.id)
    chat.client.server_settings.forget(chat.server.id)
    return made


def _public(chat: Chat) -> list[Message]:
    """What the bot shows everyone in the channel."""
    shown = [one for one in chat.server.channel.messages if one.author is chat.discord.bot]
    return [one for one in shown if not one.deleted and one.only_for is None]


async def _until(chat: Chat, call: Call) -> Message:
    """The answer once it says something of a channel."""
    answer = await call.answer()
    await chat.discord.happened.until(lambda: "hannel" in chat.said(answer) or None, PATIENCE, lambda: "a word of a channel")
    return answer


async def _set(chat: Chat, **settings: object) -> None:
    await asyncio.to_thread(chat.app.guilds.change, chat.server.id, **settings)
    chat.client.server_settings.forget(chat.server.id)


def test_a_flagged_post_becomes_a_case_with_its_words_and_evidence(tmp_path: Path) -> None:
    async def story(chat: Chat, place: Place) -> None:
        post = await chat.ada.say(chat.server.channel, POST)
        answer = await place.flag(post)
        assert "Case 1 was opened" in chat.said(answer)
        assert answer.only_for is place.mia
        said = chat.said(await place.card("Evidence as it stood"))
        assert "### Case 1 · open" in said
        assert f"<@{place.mia.id}>" in said and f"<@{chat.ada.id}>" in said
        assert "Look at the numbers." in said and REASON in said
        assert "I was there myself" in said and f"/{chat.server.channel.id}/{post.id}" in said
        assert "Harwick Echo" in said and "Oren Tribune" in said
        case = chat.app.disputes.numbered(chat.server.id, 1)
        assert case is not None
        assert (case.state, case.post.author, case.post.text) == (State.OPEN, chat.ada.id, POST)
        (snapshot,) = chat.app.disputes.snapshots(case.id)
        assert [one.claim.text for one in snapshot.comparisons] == [BRIDGE]
        assert len(place.cards()) == 1

    _talk(tmp_path, story)


def test_the_life_of_a_case_with_two_moderators_and_restarts(tmp_path: Path) -> None:
    async def story(chat: Chat, place: Place) -> None:
        post = await chat.ada.say(chat.server.channel, POST)
        await place.flag(post)
        card = await place.card("Evidence as it stood")
        await chat.restart()
        assert "in review" in chat.said(await (await place.mia.press(card, "Take into review")).answer())
        card = await place.card("In review by")
        await chat.restart(killed=True)
        modal = await (await place.mia.choose(card, "Resolve as …", ["disputed"])).opened()
        other = await (await place.max.choose(card, "Resolve as …", ["upheld"])).opened()
        first, second = await asyncio.gather(place.mia.submit(modal, {"note": "12 to 5."}), place.max.submit(other, {"note": "I say so."}))
        said = [chat.said(await one.answer()) for one in (first, second)]
        assert sorted("Nothing was changed" in one for one in said) == [False, True]
        case = chat.app.disputes.numbered(chat.server.id, 1)
        assert case is not None
        winner = place.mia if "Nothing was changed" in said[1] else place.max
        assert case.state is (State.DISPUTED if winner is place.mia else State.UPHELD)
        card = await place.card(case.state.value)
        await chat.restart()
        modal = await (await place.max.press(card, "Reopen")).opened()
        assert "is now: open" in chat.said(await (await place.max.submit(modal, {"note": "New minutes."})).answer())
        card = await place.card("1 earlier state below")
        modal = await (await place.mia.choose(card, "Resolve as …", ["unclear"])).opened()
        await (await place.mia.submit(modal, {})).answer()
        card = await place.card("unclear")
        assert len(place.cards()) == 1
        history = chat.said(await (await place.mia.press(card, "History")).answer())
        assert "12 to 5." in history or "I say so." in history
        assert "New minutes." in history
        actions = [event.action for event in chat.app.disputes.history(case.id)]
        assert actions == [
            Action.OPENED, Action.EVIDENCE, Action.ASSIGNED, Action.RESOLVED, Action.REOPENED, Action.EVIDENCE, Action.RESOLVED,
        ]  # fmt: skip

    _talk(tmp_path, story)


def test_members_are_refused_everything(tmp_path: Path) -> None:
    async def story(chat: Chat, place: Place) -> None:
        post = await chat.ada.say(chat.server.channel, POST)
        refused = await (await place.bob.menu("Flag as disputed", post)).answer()
        assert "set by the moderators" in chat.said(refused)
        await place.flag(post)
        card = await place.card("Evidence as it stood")
        for call in (
            await place.bob.press(card, "Take into review"), await place.bob.choose(card, "Resolve as …", ["dismissed"]),
            await place.bob.press(card, "History"), await place.bob.choose(card, "Open the evidence of a claim", ["1.0"]),
        ):  # fmt: skip
            assert "for the moderators" in chat.said(await call.answer())
        chat.server.allow_everyone("disputes")  # offered, and asks again
        commands: list[tuple[str, dict[str, Any]]] = [
            ("list", {}), ("show", {"case": 1}), ("assign", {"case": 1}), ("resolve", {"case": 1, "outcome": "upheld"}),
            ("reopen", {"case": 1}), ("export", {}),
        ]  # fmt: skip
        for name, options in commands:
            call = await place.bob.command(f"disputes {name}", chat.server.channel, **options)
            assert "for the moderators" in chat.said(await call.answer())
        case = chat.app.disputes.numbered(chat.server.id, 1)
        assert case is not None and case.state is State.OPEN

    _talk(tmp_path, story)


def test_members_report_where_the_server_lets_them_and_only_moderators_see_who(tmp_path: Path) -> None:
    async def story(chat: Chat, place: Place) -> None:
        await _set(chat, reports=True)
        post = await chat.ada.say(chat.server.channel, POST)
        said = chat.said(await place.flag(post, place.bob))
        assert "The moderators of this server see your report" in said and "Case" not in said
        card = await place.card("Reported by")
        assert f"<@{place.bob.id}>" in chat.said(card)
        assert card.channel is place.desk
        assert _public(chat) == []
        for n in range(9):
            await place.flag(await chat.ada.say(chat.server.channel, f"{POST} {n}"), place.bob)
        one_more = await chat.ada.say(chat.server.channel, POST)
        assert "reported often" in chat.said(await (await place.bob.menu("Flag as disputed", one_more)).answer())

    _talk(tmp_path, story)


def test_more_flags_join_the_case(tmp_path: Path) -> None:
    async def story(chat: Chat, place: Place) -> None:
        post = await chat.ada.say(chat.server.channel, POST)
        await place.flag(post)
        assert "This is case 1 already: open" in chat.said(await place.flag(post, place.max, note="And the date."))
        assert "You had flagged this before" in chat.said(await place.flag(post, note="Seen again."))
        assert "And the date." in chat.said(await place.card("Seen again."))
        assert len(place.cards()) == 1
        case = chat.app.disputes.numbered(chat.server.id, 1)
        assert case is not None and [flag.note for flag in case.flags] == ["Seen again.", "And the date."]

    _talk(tmp_path, story)


def test_an_answer_is_flagged_with_the_excerpts_that_it_showed(tmp_path: Path) -> None:
    async def story(chat: Chat, place: Place) -> None:
        answer = await (await chat.ada.command("check", chat.server.channel, claim=BRIDGE, public=True)).answer()
        modal = await (await place.mia.press(answer, "Flag for moderators")).opened()
        assert "Case 1 was opened" in chat.said(await (await place.mia.submit(modal, {"reason": REASON})).answer())
        chat.app.articles.remove([article.url for article in news(3)])
        card = await place.card("Harwick Echo")
        evidence = chat.said(await (await place.mia.choose(card, "Open the evidence of a claim", ["1.0"])).answer())
        assert "Oren Tribune" in evidence and "As it stood" in evidence

    _talk(tmp_path, story)


def test_the_snapshot_is_unchanged_after_its_articles_were_revised_and_removed_and_its_source_deleted(tmp_path: Path) -> None:
    async def story(chat: Chat, place: Place) -> None:
        added, _ = chat.app.addresses.add("https://oren.example/feed", Kind.FEED, "Oren Tribune", datetime.now(UTC))
        own = replace(news(3)[-1], url="https://oren.example/late", feed_id=added.id)
        ingest([own], chat.app.articles, chat.app.embedder)
        await place.flag(await chat.ada.say(chat.server.channel, POST))
        card = await place.card("Evidence as it stood")
        case = chat.app.disputes.numbered(chat.server.id, 1)
        assert case is not None
        before = chat.app.disputes.snapshots(case.id)
        shown = chat.said(await (await place.mia.choose(card, "Open the evidence of a claim", ["1.0"])).answer())
        changed = [replace(article, text="Nothing of this was said. The paper regrets it.") for article in [*news(3), own]]
        ingest(changed, chat.app.articles, chat.app.embedder)
        chat.app.articles.remove([article.url for article in [*news(3), own]])
        chat.app.addresses.remove(added.id)
        await chat.restart()
        assert chat.app.disputes.snapshots(case.id) == before
        assert chat.said(await (await place.mia.choose(card, "Open the evidence of a claim", ["1.0"])).answer()) == shown
        assert "Harwick Echo" in shown and "Oren Tribune" in shown and "close the old bridge" in shown

    _talk(tmp_path, story)


def test_a_note_is_published_once_by_a_click_and_its_author_appeals_once(tmp_path: Path) -> None:
    async def story(chat: Chat, place: Place) -> None:
        post = await chat.ada.say(chat.server.channel, POST)
        await place.flag(post)
        card = await place.card("Evidence as it stood")
        modal = await (await place.mia.choose(card, "Resolve as …", ["disputed"])).opened()
        await (await place.mia.submit(modal, {"note": "Internal words."})).answer()
        card = await place.card("disputed")
        with pytest.raises(LookupError):  # off unless the server turns it on
            await place.mia.press(card, "Publish a note")
        await _set(chat, public_notes=True)
        await chat.client.cases.look(1)
        card = await place.card("disputed")
        previews = [await (await person.press(card, "Publish a note")).answer() for person in (place.mia, place.max)]
        assert all("This is what everyone will see" in chat.said(one) and one.only_for for one in previews)
        calls = await asyncio.gather(place.mia.press(previews[0], "Publish"), place.max.press(previews[1], "Publish"))
        said = [chat.said(await call.answer()) for call in calls]
        assert any("was published" in one for one in said)
        notes = _public(chat)
        assert len(notes) == 1
        note = chat.said(notes[0])
        assert "Oren Tribune" in note and "disputed: sources contradict it" in note
        assert "Internal words." not in note and str(place.mia.id) not in note
        assert notes[0].payload["message_reference"]["message_id"] == str(post.id)
        assert notes[0].payload["mentions"] == []
        assert "Only the author" in chat.said(await (await place.bob.press(notes[0], "Appeal (author of the post)")).answer())
        modal = await (await chat.ada.press(notes[0], "Appeal (author of the post)")).opened()
        again = await (await chat.ada.press(notes[0], "Appeal (author of the post)")).opened()
        assert "see your appeal" in chat.said(await (await chat.ada.submit(modal, {"note": "The minutes say 14 to 3."})).answer())
        assert "nothing to appeal" in chat.said(await (await chat.ada.submit(again, {"note": "And again."})).answer())
        card = await place.card("The minutes say 14 to 3.")
        assert "open" in chat.said(card)
        await chat.discord.happened.until(lambda: _public(chat) == [] or None, PATIENCE, lambda: "that the note is withdrawn")
        modal = await (await place.mia.choose(card, "Resolve as …", ["disputed"])).opened()
        await (await place.mia.submit(modal, {})).answer()
        assert "set by the moderators" in chat.said(await (await chat.ada.menu("Flag as disputed", post)).answer())  # once is all

    _talk(tmp_path, story)


def test_an_author_finds_the_appeal_in_the_menu_of_their_post(tmp_path: Path) -> None:
    async def story(chat: Chat, place: Place) -> None:
        post = await chat.ada.say(chat.server.channel, POST)
        await place.flag(post)
        await place.decide("disputed")
        modal = await (await chat.ada.menu("Flag as disputed", post)).opened()
        assert modal["title"] == "Appeal"
        assert "see your appeal" in chat.said(await (await chat.ada.submit(modal, {"note": "Read the minutes."})).answer())
        assert "Read the minutes." in chat.said(await place.card("### Case 1 · open"))

    _talk(tmp_path, story)


def test_a_reposted_claim_shows_moderators_the_earlier_decision(tmp_path: Path) -> None:
    async def story(chat: Chat, place: Place) -> None:
        await place.flag(await chat.ada.say(chat.server.channel, BRIDGE))
        await place.decide("disputed")
        answer = chat.said(await (await place.max.command("check", chat.server.channel, claim=BRIDGE)).answer())
        assert "The same claim:" in answer and "Case 1" in answer and "disputed" in answer
        for person, public in ((chat.ada, False), (place.max, True)):
            call = await person.command("check", chat.server.channel, claim=BRIDGE, public=public)
            assert "The same claim:" not in chat.said(await call.answer())
        await place.flag(await chat.ada.say(chat.server.channel, f"Again: {BRIDGE}"))
        said = chat.said(await place.card("### Case 2"))
        assert "Case 1" in said and "disputed: sources contradict it" in said

    _talk(tmp_path, story)


def test_the_queue_is_filtered_paged_and_opened(tmp_path: Path) -> None:
    async def story(chat: Chat, place: Place) -> None:
        for n in range(12):
            await place.flag(await chat.ada.say(chat.server.channel, f"{BRIDGE[:-1]} on day {n}."))
        await place.card("### Case 12")
        listed = await (await place.mia.command("disputes list", chat.server.channel)).answer()
        assert listed.only_for is place.mia
        assert "Case 12" in chat.said(listed) and "Case 3**" in chat.said(listed) and "Case 2**" not in chat.said(listed)
        await place.mia.press(listed, "Older")
        await chat.discord.happened.until(lambda: "Case 2**" in chat.said(listed) or None, PATIENCE, lambda: "the next page")
        opened = chat.said(await (await place.mia.choose(listed, "Open a case", ["2"])).answer())
        assert "### Case 2 · open" in opened and "on day 1." in opened
        await (await place.mia.command("disputes assign", chat.server.channel, case=5)).answer()
        await (await place.mia.command("disputes resolve", chat.server.channel, case=4, outcome="dismissed", why="A joke.")).answer()
        mine = chat.said(await (await place.mia.command("disputes list", chat.server.channel, state="all", mine=True)).answer())
        assert "Case 5" in mine and "Case 6" not in mine and "Case 4" not in mine
        gone = chat.said(await (await place.mia.command("disputes list", chat.server.channel, state="dismissed")).answer())
        assert "Case 4" in gone and "Case 5" not in gone
        assert "no case 99" in chat.said(await (await place.mia.command("disputes show", chat.server.channel, case=99)).answer())
        proposed = await place.mia.autocomplete("disputes show", chat.server.channel, "case", "day 7")
        assert [value for _, value in proposed] == [8]
        again = await (await place.mia.command("disputes reopen", chat.server.channel, case=4, why="No joke.")).answer()
        assert "Case 4 is now: open" in chat.said(again)

    _talk(tmp_path, story)


@pytest.mark.parametrize("kind", ["json", "csv", "claimreview"])
def test_cases_are_exported_with_their_evidence(tmp_path: Path, kind: str) -> None:
    async def story(chat: Chat, place: Place) -> None:
        await place.flag(await chat.ada.say(chat.server.channel, POST))
        await place.decide("disputed")
        answer = await (await place.mia.command("disputes export", chat.server.channel, kind=kind)).answer()
        ((name, data),) = answer.files.items()
        assert answer.only_for is place.mia
        assert name.endswith("csv" if kind == "csv" else "json")
        text = data.decode("utf-8-sig")
        assert "oren.example" in text and "council of Harwick" in text
        assert (str(chat.ada.id) in text) is (kind == "json")

    _talk(tmp_path, story)


def test_what_a_kill_left_undone_is_done_by_the_next_process(tmp_path: Path) -> None:
    async def story(chat: Chat, place: Place) -> None:
        chat.app.gate.clear()  # the models do not answer
        post = await chat.ada.say(chat.server.channel, POST)
        call = await place.mia.menu("Flag as disputed", post)
        sent = await place.mia.submit(await call.opened(), {"reason": REASON})
        assert "Case 1 was opened" in chat.said(await sent.answer())
        assert place.cards() == []
        await chat.restart(killed=True)
        said = chat.said(await place.card("Evidence as it stood"))
        assert "Harwick Echo" in said
        case = chat.app.disputes.numbered(chat.server.id, 1)
        assert case is not None and len(chat.app.disputes.snapshots(case.id)) == 1
        assert len(place.cards()) == 1

    _talk(tmp_path, story)


def test_a_case_is_followed_also_after_a_kill_while_its_evidence_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(chat: Chat, place: Place) -> None:
        met = asyncio.Event()
        loop = asyncio.get_running_loop()

        def never(*_: object, **__: object) -> None:
            loop.call_soon_threadsafe(met.set)
            raise StoreError("The disk is gone.")

        with monkeypatch.context() as patched:
            patched.setattr(chat.app.follows, "follow", never)
            await place.flagging(await chat.ada.say(chat.server.channel, POST))
            async with asyncio.timeout(PATIENCE):
                await met.wait()
            await chat.restart(killed=True)
        await place.card("Evidence as it stood")
        assert len(chat.app.follows.of_dispute(1)) == 1
        assert len(chat.app.disputes.snapshots(1)) == 1

    _talk(tmp_path, story)


def test_a_case_whose_message_was_deleted_is_shown_anew(tmp_path: Path) -> None:
    async def story(chat: Chat, place: Place) -> None:
        post = await chat.ada.say(chat.server.channel, POST)
        await place.flag(post)
        chat.discord.delete(await place.card("Evidence as it stood"))
        await place.flag(post, place.max, note="I saw it too.")
        await place.card("I saw it too.")
        assert len(place.cards()) == 1

    _talk(tmp_path, story)


def test_a_case_of_a_server_without_a_channel_is_kept_and_shown_once_there_is_one(tmp_path: Path) -> None:
    async def story(chat: Chat, place: Place) -> None:
        await _set(chat, moderator_channel=None)
        call = await place.flagging(await chat.ada.say(chat.server.channel, POST))
        assert "No channel for moderators" in chat.said(await _until(chat, call))
        await _set(chat, moderator_channel=place.desk.id)
        await chat.client.cases.catch_up()
        await place.card("Evidence as it stood")

    _talk(tmp_path, story)


def test_the_settings_of_cases_are_chosen_in_their_panel(tmp_path: Path) -> None:
    async def story(chat: Chat, place: Place) -> None:
        boss = chat.discord.person("Olga")
        chat.server.join(boss, permissions=1 << 5 | MODERATES)
        panel = await (await boss.command("settings", chat.server.channel)).answer()
        await (await boss.press(panel, "Disputed posts …")).answer()
        assert "Disputed posts in this server" in chat.said(panel)
        await (await boss.choose(panel, "cc:set:0:0:reports", ["yes"])).answer()
        modal = await (await boss.press(panel, "Reasons for flags …")).opened()
        await (await boss.submit(modal, {"text": "Old news\n\n  A hoax  "})).answer()
        assert chat.app.guilds.settings(chat.server.id).reasons == ("Old news", "A hoax")
        assert chat.app.guilds.settings(chat.server.id).reports
        assert "Disputed posts in this server" in chat.said(panel)
        chat.client.server_settings.forget(chat.server.id)
        form = await (await place.mia.menu("Flag as disputed", await chat.ada.say(chat.server.channel, POST))).opened()
        assert "A hoax" in str(form) and REASON not in str(form)

    _talk(tmp_path, story)


def test_cases_are_plain_text_where_the_server_set_that_also_after_it_did(tmp_path: Path) -> None:
    async def story(chat: Chat, place: Place) -> None:
        post = await chat.ada.say(chat.server.channel, POST)
        await place.flag(post)
        await place.card("Evidence as it stood")
        await _set(chat, plain_text=True)
        await place.flag(post, place.max, note="Read aloud.")
        await chat.discord.happened.until(lambda: len(place.cards()) == 2 or None, PATIENCE, lambda: "a plain message")
        card = place.cards()[-1]
        assert "Read aloud." in card.content and not any(mark in card.content for mark in ("### ", "**", "](", "-# "))
        modal = await (await place.mia.choose(card, "Resolve as …", ["unclear"])).opened()
        said = chat.said(await (await place.mia.submit(modal, {})).answer())
        assert "Case 1 is now: unclear" in said
        await chat.discord.happened.until(lambda: "Case 1 · unclear" in card.content or None, PATIENCE, lambda: "the decision")
        evidence = await (await place.mia.choose(card, "Open the evidence of a claim", ["1.0"])).answer()
        assert "Agreeing 1, Harwick Echo" in evidence.content or "Harwick Echo" in evidence.content

    _talk(tmp_path, story)


def test_words_that_were_erased_go_from_the_case_and_the_note_under_the_post_too(tmp_path: Path) -> None:
    async def story(chat: Chat, place: Place) -> None:
        await _set(chat, public_notes=True)
        await place.flag(await chat.ada.say(chat.server.channel, POST))
        await place.decide("disputed")
        preview = await (await place.mia.press(await place.card("disputed"), "Publish a note")).answer()
        await (await place.mia.press(preview, "Publish")).answer()
        assert len(_public(chat)) == 1
        await asyncio.to_thread(chat.app.disputes.erase, chat.ada.id)
        await chat.client.cases.catch_up()
        said = chat.said(await place.card("Its words were erased."))
        assert "I was there" not in said and BRIDGE not in said and str(chat.ada.id) not in said
        assert "Harwick Echo" in said
        assert _public(chat) == []

    _talk(tmp_path, story)


def test_moderators_are_told_when_later_news_contradicts_and_reopen_with_it_beside_the_old_evidence(tmp_path: Path) -> None:
    async def story(chat: Chat, place: Place) -> None:
        chat.app.articles.remove([news(3)[-1].url])  # the one that contradicts comes later
        await place.flag(await chat.ada.say(chat.server.channel, POST))
        await place.decide("upheld")
        await chat.client.followups.round()
        later = replace(news(3)[-1], url="https://oren.example/later", published_at=datetime(2025, 3, 1, tzinfo=UTC))
        ingest([later], chat.app.articles, chat.app.embedder)
        await chat.client.followups.round()
        told = place.cards()[-1]
        assert "News on 1 disputed post" in chat.said(told) and "Oren Tribune" in chat.said(told)
        modal = await (await place.mia.press(told, "Reopen case 1")).opened()
        assert "is now: open" in chat.said(await (await place.mia.submit(modal, {})).answer())
        said = chat.said(await place.card("1 earlier state below"))
        assert "1 contradicts" in said
        before, after = chat.app.disputes.snapshots(1)
        assert [len(one.comparisons[0].contradicting) for one in (before, after)] == [0, 1]
        await chat.client.followups.round()
        assert [one for one in place.cards() if "News on" in chat.said(one)] == [told]  # once
        modal = await (await place.mia.choose(place.cards()[0], "Resolve as …", ["dismissed"])).opened()
        await (await place.mia.submit(modal, {})).answer()
        assert chat.app.follows.of_dispute(1) == []

    _talk(tmp_path, story)


def test_a_reopened_case_gets_its_evidence_and_loses_its_note_also_after_a_kill(tmp_path: Path) -> None:
    async def story(chat: Chat, place: Place) -> None:
        await _set(chat, public_notes=True)
        await place.flag(await chat.ada.say(chat.server.channel, POST))
        await place.decide("disputed")
        preview = await (await place.mia.press(await place.card("disputed"), "Publish a note")).answer()
        await (await place.mia.press(preview, "Publish")).answer()
        case = chat.app.disputes.get(1)
        assert case is not None and len(_public(chat)) == 1
        await asyncio.to_thread(chat.app.disputes.reopen, 1, case.decided, place.mia.id, "")  # and killed before anything else
        await chat.restart(killed=True)
        await place.card("1 earlier state below")
        assert _public(chat) == []
        assert len(chat.app.disputes.snapshots(1)) == 2
        async with asyncio.timeout(PATIENCE):
            while await asyncio.to_thread(chat.app.disputes.behind):
                await asyncio.sleep(0.05)

    _talk(tmp_path, story)


def test_two_claims_of_one_answer_are_two_cases(tmp_path: Path) -> None:
    async def story(chat: Chat, place: Place) -> None:
        post = f"{BRIDGE}\nThe council of Harwick voted 12 to 5 to close the old bridge."
        answer = await (await chat.ada.command("check", chat.server.channel, claim=post, public=True)).answer()
        await chat.settled()
        ask = chat.app.asks.get(1)
        assert ask is not None and len(ask.checks) == 2
        for number, check in enumerate(ask.checks, 1):
            opened = await (await place.mia.choose(answer, "Open a claim with its excerpts", [str(check)])).answer()
            form = await (await place.mia.press(opened, "Flag for moderators")).opened()
            said = chat.said(await (await place.mia.submit(form, {"reason": REASON})).answer())
            assert f"Case {number} was opened" in said

    _talk(tmp_path, story)


def test_a_channel_that_is_unset_loses_what_it_shows(tmp_path: Path) -> None:
    async def story(chat: Chat, place: Place) -> None:
        post = await chat.ada.say(chat.server.channel, POST)
        await place.flag(post)
        await place.card("Evidence as it stood")
        await _set(chat, moderator_channel=None)
        await place.flag(post, place.max)
        await chat.discord.happened.until(lambda: place.cards() == [] or None, PATIENCE, lambda: "that the case is taken away")

    _talk(tmp_path, story)
