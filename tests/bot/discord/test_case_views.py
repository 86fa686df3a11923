"""Whatever posts, notes and excerpts hold, what is shown of cases keeps to Discord's rules, pings nobody, and has its own layout."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from discord import ui
from hypothesis import given
from hypothesis import strategies as st

from bot.discord.answering import LikeCase
from bot.discord.case_views import case_view, evidence_view, like_note, public_note, state_name
from bot.discord.commands.settings import cases_panel
from bot.discord.ids import Act, CaseId, CustomId, Step, parse_case_id
from bot.discord.limits import MAX_CUSTOM_ID
from bot.discord.modals import appeal_modal, decision_modal, flag_modal, reasons_modal
from bot.discord.queue_views import history_view, queue_view
from bot.words import LANGUAGES, words_for
from db.cases import RESOLVED, Action, Dispute, Event, Flag, Page, Post, Snapshot, State
from db.guilds import Guild
from tests.bot.discord.test_views import ANY, NEWS, TEXT, WORDS, News, examples, harmless, payload
from tests.standins.discord.component_rules import TEXT_DISPLAY, modal_problems, walk
from tests.standins.discord.problems import reason

NOON = datetime(2025, 2, 24, 12, tzinfo=UTC)
LARGE = 2**63 - 1


OURS = re.compile(r"<@92233720368547\d{5}>|<t:1740\d{6}:[fR]>")  # mentions and times that we put there


def texts(view: ui.LayoutView) -> list[str]:
    """The texts of a message; without what we put there, each is harmless."""
    made = [str(one["content"]) for one in walk(payload(view)["components"]) if one["type"] == TEXT_DISPLAY]
    for text in made:
        harmless(OURS.sub("", text))
    return made


def case(news: News, state: State = State.OPEN, flags: int = 1, turn: int = 0, **values: Any) -> Dispute:
    """A case in which everything that people wrote is theirs to choose."""
    given_ = [Flag(LARGE - n, n % 2 == 0, news._text(turn + n)[:100], news._text(turn + n + 1)[:1_000], NOON) for n in range(flags)]
    made: dict[str, Any] = {
        "id": LARGE, "number": 2**31 - 1, "state": state, "version": 10**6, "decided": 10**6, "assignee": LARGE,
        "post": Post(LARGE, LARGE, LARGE, LARGE, news._text(turn), NOON), "check_id": None, "opened_at": NOON, "changed_at": NOON,
        "resolved_at": None, "card": (LARGE, LARGE), "card_version": 1, "note_message_id": None, "appeal": news._text(turn + 2)[:1_500],
        "appealed_at": NOON, "flags": tuple(given_),
    }  # fmt: skip
    return Dispute(**(made | values))


def _note(news: News, turn: int, action: Action) -> str:
    """What stands in an audit row: who is to review it, or what somebody wrote."""
    return str(LARGE) if action is Action.ASSIGNED else news._text(turn)[:1_000]


def snapshots(news: News, claims: int, many: int = 1) -> list[Snapshot]:
    comparisons = [news.comparison(turn % 4, (turn + 1) % 4, turn=turn) for turn in range(claims)]
    return [Snapshot(number + 1, NOON + timedelta(days=number), comparisons, "d" * 64, False) for number in range(many)]


@ANY
@examples(State.OPEN, 3, 1, 1)
@given(NEWS, st.sampled_from(State), st.integers(0, 9), st.integers(0, 20), st.integers(0, 3))
def test_a_case_can_be_shown(news: News, state: State, flags: int, claims: int, many: int) -> None:
    for locale in ("en-US", "de"):
        words = words_for(locale)
        one = case(news, state, flags)
        likes = [LikeCase(case(news, State.DISPUTED, turn=n), n % 2 == 0) for n in range(4)]
        view = case_view(one, snapshots(news, claims, many), words, likes, publishable=True)
        shown = "\n".join(texts(view))
        assert state_name(state, words) in shown


@ANY
@examples(words_for("fr"), 1)
@given(NEWS, WORDS, st.integers(1, 12))
def test_its_evidence_history_and_public_note_can_be_shown(news: News, words: Any, claims: int) -> None:
    one, every = case(news, State.DISPUTED), snapshots(news, claims)
    for place in range(claims):
        texts(evidence_view(every[0], place, words))
    events = [
        Event(n, 1, n, action, None, state, LARGE, _note(news, n, action), None, NOON, False, "")
        for n, (action, state) in enumerate(zip([*Action] * 9, [*State] * 18, strict=False))
    ]  # fmt: skip
    texts(history_view(one, events, words))
    for preview in (True, False):
        said = "\n".join(texts(public_note(one, every, words, preview=preview)))
        assert f"<@{LARGE}>" not in said
    like_note(LikeCase(one, same=True), words)


@ANY
@examples(words_for("es-ES"), 10, 95)
@given(NEWS, WORDS, st.integers(0, 10), st.integers(0, 10_000))
def test_the_queue_can_be_shown(news: News, words: Any, count: int, total: int) -> None:
    cases = [case(news, [*State][n % 6], n, n, id=LARGE - n, number=n) for n in range(count)]
    texts(queue_view(Page(max(total, count), cases), 3, dict.fromkeys(State, 10**6), "open,in_review/9223372036854775807", words))


@ANY
@given(st.lists(TEXT, min_size=1, max_size=20), WORDS)
def test_the_forms_can_be_opened(reasons: list[str], words: Any) -> None:
    usual = list(dict.fromkeys(reason_[:100].strip() or "?" for reason_ in reasons))
    forms = [
        flag_modal(CaseId(Step.FLAG_SENT, LARGE), usual, words), flag_modal(CustomId(Act.FLAG_SENT, LARGE, LARGE), usual, words),
        appeal_modal(CaseId(Step.APPEALED, LARGE, 10**9), words),
        decision_modal("Case 2147483647: disputed: sources contradict it", CaseId(Step.RESOLVED, 1, 1, "x"), words),
        reasons_modal(CustomId(Act.SETTING, detail="reasons_sent"), usual, words),
    ]  # fmt: skip
    for form in forms:
        assert reason(modal_problems(form.to_dict())) == ""


@pytest.mark.parametrize("locale", LANGUAGES)
def test_the_settings_of_cases_can_be_shown(locale: str) -> None:
    for guild in (Guild(1), Guild(1, reports=True, public_notes=True, moderator_channel=LARGE, keep_cases=17)):
        payload(cases_panel(guild, words_for(locale)))


def test_what_can_be_pressed_belongs_to_the_state() -> None:
    news = News(["The bridge closed."], ["https://echo.example/"])

    def labels(state: State, **values: Any) -> list[str]:
        view = case_view(case(news, state, **values), snapshots(news, 1), words_for("en"), publishable=values.pop("publishable", True))
        return [
            str(getattr(item, "label", None) or getattr(item, "placeholder", ""))
            for item in view.walk_children()
            if hasattr(item, "custom_id")
        ]

    assert labels(State.OPEN) == ["Open the evidence of a claim", "Resolve as …", "Take into review", "History"]
    assert labels(State.IN_REVIEW) == ["Open the evidence of a claim", "Resolve as …", "Take over", "Release", "History"]
    for state in RESOLVED:
        assert labels(state) == ["Open the evidence of a claim", "Reopen", "Publish a note", "History"]
        assert labels(state, note_message_id=5) == ["Open the evidence of a claim", "Reopen", "History"]


@given(st.sampled_from(Step), st.integers(0, LARGE), st.integers(0, 2**31), st.text(max_size=20))
def test_custom_ids_of_cases_come_back(step: Step, id_: int, decided: int, detail: str) -> None:
    made = CaseId(step, id_, decided, detail)
    assert parse_case_id(str(made)) == made
    assert len(str(made)) <= MAX_CUSTOM_ID
    assert parse_case_id(f"cc:{str(made)[3:]}") is None
