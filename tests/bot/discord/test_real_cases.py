"""A case with the models that ship, over the bundled sample: the whole post, its evidence, the decision, and a like claim afterwards."""

from __future__ import annotations

from bot.app import App
from tests.bot.discord.test_real_models import PATIENCE, Place, _assert_verbatim, _talk, app, pytestmark, stories
from tests.standins.discord import Channel, Message
from tests.test_house import SAMPLE

__all__ = ["app", "pytestmark", "stories"]

CUT = "The European Central Bank lowered its deposit rate to 2.75 percent."
IN_OTHER_WORDS = "The ECB cut its deposit rate to 2.75 percent."
OTHERWISE = "The European Central Bank lowered its deposit rate to 2.5 percent."


async def _flag(place: Place, text: str) -> Message:
    post = await place.ada.say(place.server.channel, text)
    form = await (await place.mia.menu("Flag as disputed", post)).opened()
    return await (await place.mia.submit(form, {"reason": "Something else", "note": "Ask the archive."})).answer(PATIENCE)


async def _card(place: Place, desk: Channel, says: str) -> Message:
    def found() -> Message | None:
        shown = [one for one in desk.messages if one.only_for is None and not one.deleted]
        return next((one for one in shown if says in place.said(one) and "Evidence as it stood" in place.said(one)), None)

    return await place.discord.happened.until(found, PATIENCE, lambda: f"a case that says {says!r}")


async def _desk(place: Place) -> Channel:
    desk = place.server.add_channel("moderators")
    place.app.guilds.change(place.server.id, moderator_channel=desk.id)
    return desk


def test_a_whole_post_becomes_a_case_with_verbatim_evidence_and_is_decided(app: App, stories: list[str]) -> None:
    async def story(place: Place) -> None:
        desk = await _desk(place)
        assert "Case 1 was opened" in place.said(await _flag(place, (SAMPLE / "post.txt").read_text(encoding="utf-8")[:1_900]))
        card = await _card(place, desk, "### Case 1 · open")
        (snapshot,) = app.disputes.snapshots(1)
        assert len(snapshot.comparisons) > 3
        sided = [n for n, one in enumerate(snapshot.comparisons) if one.agreeing or one.contradicting]
        shown = await (await place.mia.choose(card, "Open the evidence of a claim", [f"1.{sided[0]}"])).answer(PATIENCE)
        one = snapshot.comparisons[sided[0]]
        _assert_verbatim(place.said(shown), stories, min(5, len(one.agreeing)) + min(5, len(one.contradicting)))
        form = await (await place.mia.choose(card, "Resolve as …", ["disputed"])).opened()
        assert "is now: disputed" in place.said(await (await place.mia.submit(form, {"note": "See the minutes."})).answer(PATIENCE))
        await _card(place, desk, "### Case 1 · disputed")

    _talk(app, story)


def test_a_claim_in_other_words_leads_moderators_to_its_case_and_another_number_to_a_like_one(app: App) -> None:
    async def story(place: Place) -> None:
        desk = await _desk(place)
        await _flag(place, CUT)
        await _card(place, desk, CUT[:40])
        said = place.said(await (await place.mia.command("check", place.server.channel, claim=IN_OTHER_WORDS)).answer(PATIENCE))
        assert "The same claim:" in said
        said = place.said(await (await place.mia.command("check", place.server.channel, claim=OTHERWISE)).answer(PATIENCE))
        assert "A like claim:" in said and "The same claim:" not in said
        assert "claim:" not in place.said(await place.ask(IN_OTHER_WORDS)).replace("Claim:", "")

    _talk(app, story)
