"""Whatever claims, outlets and news hold, what is shown keeps to Discord's rules, pings nobody, and has its own layout and no other."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import pytest
from discord import ui
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.discord.answering import Answered
from bot.discord.case_views import case_view, evidence_view, public_note
from bot.discord.commands.info import about_text, help_text
from bot.discord.commands.settings import panel, welcome
from bot.discord.ids import Act, CustomId
from bot.discord.limits import MAX_CONTENT, MAX_OPTION, MAX_SELECTED, MAX_TEXT
from bot.discord.markdown import ISOLATE
from bot.discord.modals import flag_modal, trim_modal
from bot.discord.overviews import overview_view
from bot.discord.packing import EACH, MAX_NOTES
from bot.discord.views import Enclosure, Frame, answer_view, choices, context_view, more_view, note_view, plain_view
from bot.render import answer
from bot.texts import units
from bot.words import LANGUAGES, Words, words_for
from db.cases import Dispute, Flag, Post, Snapshot, State
from db.guilds import Answers, Guild
from retrieval.types import Account, ArticleRef, Claim, Comparison, Excerpt, Outcome, OwnSource, Part, Stance, Standing
from tests.standins.discord.component_rules import SELECTS, TEXT_DISPLAY, modal_problems, text_of_components, walk
from tests.standins.discord.problems import reason
from tests.standins.discord.rules import message_problems
from tests.standins.discord.world import COMPONENTS_V2, Json

HOSTILE = (
    "", " ", "\u200b", "\u200b\u2060\ufe0f", "\n", "\n# heading\n- list\n> quote\n1. first", "-# small", ">>> all of it", "# ",
    "@everyone", "@here", "<@123456789>", "<@&5> <#9>", "\\<@123>", "\\\\@everyone", "</check:1>", "<t:1:R>", "<:smile:123> <a:wave:456>",
    "`", "```py\nprint()\n```", "**", "*_~|`" * 60, "||spoiler||", "[free](https://evil.example)", "](<https://evil.example>)",
    "https://evil.example/a_b", "discord.gg/abc", "שלום עולם", "قال الوزير إن", "\u202egnorw\u202c", "\u2067\u2066\u2069\u2069",
    "e\u0301" * 30, "Z\u0351\u036b\u0343" * 40, "😀" * 300, "👩\u200d👩\u200d👧\u200d👦" * 60, "🇺🇳", "\ud83d", "\ude00 half",
    "W" * 4_000, "_" * 900, "@everyone " * 200, "a@everyone" * 300, "\x00\x1b[31m\x85\u2028",
    "The council of Harwick voted 93 to 18 to close the old bridge. " * 12,
)  # fmt: skip
URLS = (
    "https://echo.example/bridge", f"https://echo.example/{'a' * 2_000}", f"https://{'w' * 300}.example/", "javascript:alert(1)",
    "https://[bad", "", "https://bbc.example@evil.example/", "https://echo.example/@everyone/<@123>",
    "https://echo.example/a) [b](<https://evil.example>)", "\ud800", "https://echo.example/\ud800", "https://раураl.example/",
    "HTTPS://echo.example/ä\n\t b", " https://echo.example/`||*_~", "ht\ttps://echo.example/",
    f"https://echo.example/?q={'%20' * 300}", f"https://echo.example/{'é' * 230}",
)  # fmt: skip
TEXT = st.one_of(
    st.sampled_from(HOSTILE),
    st.lists(st.sampled_from(HOSTILE), max_size=4).map(" ".join),
    st.text(st.characters(exclude_categories=()), max_size=60),
)
URL = st.one_of(st.sampled_from(URLS), st.text(st.characters(exclude_categories=()), max_size=40).map("https://echo.example/{}".format))
WORDS = st.sampled_from(["en-US", "en-GB", "de", "fr", "es-ES"]).map(words_for)
NOTES = st.sampled_from([(), (f"-# {'n' * (MAX_NOTES - 3)}",)])

PINGS = re.compile(r"(?<!\\)(?:\\\\)*(?:@|<(?!https?://))")
SIGNS = re.compile(r"(?<!\\)(?:\\\\)*[`|~_]")
LINK = re.compile(r"\]\(<https?://[^\s<>]+>\)", re.IGNORECASE)
CARD = (["**", "> "], ["**", "> ", "-# "])
ANY = settings(max_examples=60)


@dataclass(frozen=True)
class News:
    """What others wrote, handed out in turn to all the places that take it."""

    texts: Sequence[str]
    urls: Sequence[str]

    def comparison(self, agreeing: int = 2, contradicting: int = 2, outcome: Outcome = Outcome.MIXED, turn: int = 0) -> Comparison:
        excerpts = [self._excerpt(turn + number) for number in range(agreeing + contradicting)]
        claim = Claim(self._text(turn))
        return Comparison(claim, outcome, excerpts[:agreeing], excerpts[agreeing:], 1_000_000, 2, datetime(2025, 2, 24, tzinfo=UTC), {})

    def whole(self, agreeing: int, contradicting: int, said: int, parts: int, accounts: int, own: int) -> Comparison:
        """With all that can stand beside the sides."""
        made, at = self.comparison(agreeing, contradicting), datetime(2025, 2, 24, tzinfo=UTC)
        text = self._text(0)
        claim = Claim(text, None, self._text(1), self._text(2) or "x", text or "x", self._text(3), self._text(4))
        told = [self._excerpt(turn) for turn in range(said)]
        article = self._excerpt(1).article
        apart = tuple(Part((0, len(text)), list(Standing)[turn % 4], self._text(turn), article) for turn in range(parts))
        changed = tuple(Account(self._text(turn), turn, at, at, (self._text(turn), "b"), article, 0, 1) for turn in range(accounts))
        of_words = replace(self.comparison(turn=1), agreeing=told[::2], contradicting=told[1::2], parts=apart, accounts=changed)
        return replace(
            made, claim=claim, parts=apart, accounts=changed, said=of_words if said else None,
            own=tuple(OwnSource(self.urls[turn % len(self.urls)], Outcome.AGREE, self._excerpt(turn)) for turn in range(own)),
        )  # fmt: skip

    def _text(self, turn: int) -> str:
        return self.texts[turn % len(self.texts)]

    def _excerpt(self, turn: int) -> Excerpt:
        quote = self._text(turn)
        spans = [(at, at + 2 + at % 3) for at in range(turn % 4, min(len(quote), 60), 3)]
        at = datetime(2025, 2, 24, tzinfo=UTC) if turn % 2 else None
        url = self.urls[turn % len(self.urls)]
        article = ArticleRef(turn, turn, url, self._text(turn + 1), self._text(turn + 2), at, gone=turn % 3 == 0)
        return Excerpt(
            quote, 0, len(quote), article, Stance(1, 0, 0), self._text(turn + 3), self._text(turn + 4), spans, ["a"] * (turn % 3),
            self._text(turn + 5), self._text(turn + 6),
        )  # fmt: skip


NEWS = st.builds(News, st.lists(TEXT, min_size=1, max_size=9), st.lists(URL, min_size=1, max_size=4))
SIDES = st.tuples(st.integers(0, 20), st.integers(0, 20))


def examples(*more: object) -> Callable[[Any], Any]:
    """Every hostile text and address alone in every place."""

    def decorate(test: Any) -> Any:
        for text in HOSTILE:
            test = example(News([text], [URLS[0]]), *more)(test)
        for url in URLS:
            test = example(News(["The bridge closed."], [url]), *more)(test)
        return test

    return decorate


def components(view: Any) -> list[Json]:
    return list(view.to_components())


def payload(view: ui.LayoutView) -> Json:
    """A message as it would be sent; that Discord would take it is asserted."""
    made: Json = {"flags": COMPONENTS_V2, "components": components(view)}
    assert reason(message_problems(made, ())) == ""
    assert units(text_of_components(made["components"])) <= MAX_TEXT
    _in_units(made["components"])
    json.dumps(made, ensure_ascii=False).encode()  # no half of a surrogate pair
    return made


def texts(view: ui.LayoutView) -> list[str]:
    """The texts of a message whose every text is harmless."""
    made = [str(one["content"]) for one in walk(payload(view)["components"]) if one["type"] == TEXT_DISPLAY]
    for text in made:
        harmless(text)
    return made


def harmless(text: str) -> None:
    bare = LINK.sub("]", text)
    assert not PINGS.search(text), text
    assert not SIGNS.search(bare), text
    assert "](" not in bare.replace("\\](", ""), text
    assert text.strip()


def shape(text: str) -> list[str]:
    """The signs that open the lines of a text; "" for one that opens with words."""
    found = [re.match(r"-# |> |#+ |\*\*|(?:-#|[-+*]|>+|\d+[.)])(?:\s|$)|", line) for line in text.split("\n")]
    return [one.group() for one in found if one]


def _in_units(components: Sequence[Json]) -> None:
    """Labels and options too keep within their limits as Discord counts, and can be seen."""
    for one in walk(components):
        for option in one.get("options") or [] if one["type"] in SELECTS else []:
            assert 1 <= units(option["label"].strip()) <= MAX_OPTION
            assert "\n" not in option["label"]
        for key, limit in (("label", 80), ("placeholder", 150)):
            assert units(one.get(key) or "") <= limit


@ANY
@examples((2, 2), Outcome.MIXED, words_for("en-US"), (), True)
@given(NEWS, SIDES, st.sampled_from(Outcome), WORDS, NOTES, st.booleans())
def test_an_answer_of_anything_is_laid_out_as_ours(
    news: News, sides: tuple[int, int], outcome: Outcome, words: Words, notes: Sequence[str], yes: bool
) -> None:
    answered = Answered(2**62, news.comparison(*sides, outcome))
    head, *rest, foot = texts(answer_view(answered, Frame(words, 2**62, 5, sharable=yes, flaggable=yes, notes=notes)))
    assert shape(head) == ["-# ", "> ", "### "]
    assert set(shape(foot)) == {"-# "}
    for count, label in zip(sides, (words("Agreeing"), words("Contradicting")), strict=True):
        if count:
            title, *cards = rest[: 1 + min(count, EACH)]
            rest = rest[1 + min(count, EACH) :]
            assert label in title
            assert all(shape(card) in CARD for card in cards)
            assert "****" not in "".join(cards)
    assert rest == []


@ANY
@examples((2, 2), words_for("en-US"), ())
@given(NEWS, SIDES, WORDS, NOTES)
def test_plain_text_of_anything_is_read_in_our_order(news: News, sides: tuple[int, int], words: Words, notes: Sequence[str]) -> None:
    content, view = plain_view(Answered(2**62, news.comparison(*sides)), Frame(words, 2**62, 5, True, True, notes))
    made = {"content": content, "components": components(view)}
    assert reason(message_problems(made, ())) == ""
    assert units(content) <= MAX_CONTENT
    json.dumps(made, ensure_ascii=False).encode()
    harmless(re.sub(r"<https?://[^\s<>]+>", "", content, flags=re.IGNORECASE))
    lines = [line for line in content.split("\n") if line not in notes]
    assert lines[0].startswith(words("Claim: {claim}", claim=""))
    assert set(shape("\n".join(lines))) == {""}
    labels = [
        f"{label} {number}, "
        for count, label in zip(sides, (words("Agreeing"), words("Contradicting")), strict=True)
        for number in range(1, min(count, EACH) + 1)
    ]
    if not notes:
        assert [line[: len(label)] for line, label in zip(lines[2:-1], labels, strict=True)] == labels


@ANY
@examples(50, 1, words_for("de"), True)
@examples(1, 0, words_for("en-US"), False)
@given(NEWS, st.integers(1, 50), st.integers(0, 90), WORDS, st.booleans())
def test_an_overview_of_anything_has_a_line_a_claim(news: News, count: int, left_out: int, words: Words, yes: bool) -> None:
    every = [
        Answered(number + 1, news.comparison(number % 3, number % 2, list(Outcome)[number % 5], turn=number)) for number in range(count)
    ]
    view = overview_view(every, left_out, Frame(words, 2**62, 5, sharable=yes, notes=["-# by"] if yes else ()))
    head, *lines, foot = texts(view)
    assert shape(head) == ["### "]
    assert set(shape(foot)) == {"-# "}
    openings = [line for text in lines for line in text.split("\n") if line.startswith("**")]
    assert [line.split(" ")[0] for line in openings] == [f"**{number}.**" for number in range(1, count + 1)]
    assert set(shape("\n".join(lines))) <= {"**", "-# "}
    options = [option for one in walk(components(view)) for option in one.get("options") or []]
    assert [option["value"] for option in options] == [str(one.check_id) for one in every]


@ANY
@examples((2, 2), (4, 8, 6, 4), words_for("en-US"), ())
@given(NEWS, SIDES, st.tuples(st.integers(0, 4), st.integers(0, 8), st.integers(0, 6), st.integers(0, 4)), WORDS, NOTES)
def test_all_that_stands_beside_the_sides_of_anything_fits_too(
    news: News, sides: tuple[int, int], beside: tuple[int, int, int, int], words: Words, notes: Sequence[str]
) -> None:
    answered = Answered(2**62, news.whole(*sides, *beside))
    frame = Frame(words, 2**62, 5, True, True, notes, posted_at=datetime(2025, 2, 23, tzinfo=UTC))
    picture = Enclosure("timeline.png", b"", "d" * 1_024)
    made: Json = {"flags": COMPONENTS_V2, "components": components(answer_view(answered, frame, picture))}
    assert reason(message_problems(made, ["timeline.png"])) == ""
    head, *rest = texts(answer_view(answered, frame))
    assert shape(head)[:2] == ["-# ", "> "] and set(shape(head)) <= {"-# ", "> ", "### ", ""}
    assert (words("What was said: “{words}”", words="").rstrip("”")[:8] in "\n".join(rest)) == bool(beside[0])
    content, view = plain_view(answered, frame)
    plain_made = {"content": content, "components": components(view)}
    assert reason(message_problems(plain_made, ())) == "" and units(content) <= MAX_CONTENT
    harmless(re.sub(r"<https?://[^\s<>]+>", "", content, flags=re.IGNORECASE))


@ANY
@given(st.lists(TEXT, max_size=30), NEWS, st.integers(1, 25), st.integers(0, 24), WORDS)
def test_an_overview_names_what_was_left_out_as_far_as_there_is_room(
    left: list[str], news: News, count: int, waiting: int, words: Words
) -> None:
    every: list[Answered | None] = [Answered(number, news.comparison(1, 1, turn=number)) for number in range(1, count + 1)]
    every[1:1] = [None] * waiting
    head, *lines, foot = texts(overview_view(every, len(left), Frame(words, 1, left=left, most=12)))
    assert str(count) in head
    assert set(shape("\n".join([*lines, foot]))) <= {"**", "-# "}
    openings = [line for text in lines for line in text.split("\n") if line.startswith("**")]
    assert [line.split(" ")[0] for line in openings] == ["**1.**", *(f"**{n}.**" for n in range(waiting + 2, waiting + count + 1))]
    waits = words.plural("… {n} more claim is being compared.", "… {n} more claims are being compared.", waiting)
    assert (waits in foot) == bool(waiting)


@ANY
@examples((2, 2), (4, 8, 6, 4), words_for("en-US"))
@given(NEWS, SIDES, st.tuples(st.integers(0, 4), st.integers(0, 8), st.integers(0, 6), st.integers(0, 4)), WORDS)
def test_a_case_with_all_that_stands_beside_fits_too(
    news: News, sides: tuple[int, int], beside: tuple[int, int, int, int], words: Words
) -> None:
    at = datetime(2025, 2, 24, tzinfo=UTC)
    snapshot = Snapshot(1, at, [news.whole(*sides, *beside)], "", False)
    post = Post(1, 2, 3, 4, "W" * 4_000, at)
    case = Dispute(
        1, 1, State.DISPUTED, 3, 3, 5, post, None, at, at, None, None, 0, None, None, None, (Flag(5, True, "W" * 90, "W" * 900, at),)
    )
    for view in (case_view(case, [snapshot], words), evidence_view(snapshot, 0, words), public_note(case, [snapshot], words)):
        payload(view)


def test_the_claims_left_out_are_named_in_their_order() -> None:
    one = Answered(1, News(["The bridge closed."], [URLS[0]]).comparison())
    foot = texts(overview_view([one], 3, Frame(words_for("en"), 1, left=["It rained.", "It snowed.", "W" * 500], most=12)))[-1]
    assert "3 more claims were left out. At most 12 claims are compared." in foot
    assert "Left out, the most check-worthy first: “It rained.” · “It snowed.” · “WWW" in foot
    few = texts(overview_view([one], 40, Frame(words_for("en"), 1, left=["It rained on the town. " * 5] * 40, most=12)))[-1]
    assert "… and 35 more." in few or "… and 34 more." in few


def test_reported_speech_has_both_answers_under_headings() -> None:
    comparison = replace(News(["The bridge closed."], [URLS[0]]).whole(1, 0, 2, 2, 2, 1), parts=())
    head, *rest = texts(answer_view(Answered(1, comparison), Frame(words_for("en"), 1)))
    assert "### Did The bridge closed. say it?\n✓✗ Sources differ" in head
    at = next(at for at, text in enumerate(rest) if text.startswith("### What was said: “The bridge closed.”"))
    assert rest[at + 1].startswith("✓ **") and rest[at + 2].startswith("✗ **")
    assert "Reported: " in rest[at] and "is taken for" in head
    assert "**✓ The post's own link agrees** · [echo.example](<https://echo.example/bridge>)" in rest[at + 3]


def test_a_sentence_that_a_post_repeats_is_offered_once() -> None:
    comparison = News(["The bridge closed."], [URLS[0]]).comparison()
    view = overview_view([Answered(7, comparison), Answered(8, comparison), Answered(7, comparison)], 0, Frame(words_for("en"), 1))
    assert len(texts(view)) == 5
    assert [option["value"] for one in walk(components(view)) for option in one.get("options") or []] == ["7", "8"]


@ANY
@examples(18, words_for("en-US"))
@given(NEWS, st.integers(1, 18), WORDS)
def test_more_of_anything_says_what_it_leaves_out(news: News, count: int, words: Words) -> None:
    shown = answer(news.comparison(count, 0), words)
    title, *cards = texts(more_view("✓ " + words("More agreeing"), shown.agreeing, words))
    assert title == f"**✓ {words('More agreeing')}**"
    left = count - sum(shape(card) in CARD for card in cards)
    assert (words.plural("… and {n} more.", "… and {n} more.", left) in cards[-1]) == (left > 0)
    assert left < count


@ANY
@examples((20, 20), words_for("fr"))
@given(NEWS, SIDES.filter(any), WORDS)
def test_context_of_anything_fits_and_leads_to_every_other_excerpt(news: News, sides: tuple[int, int], words: Words) -> None:
    shown = answer(news.comparison(*sides), words)
    one = [*shown.agreeing, *shown.contradicting][0]
    view = context_view(one, (one.before, one.quote, one.after), choices(shown), 2**62, 2**62, words)
    text, link = texts(view)
    assert shape(text) in (["**", "> "], ["**", "", "> "])
    assert shape(link) == ["-# "]
    assert "****" not in text
    options = [option["value"] for one in walk(components(view)) for option in one.get("options") or []]
    assert options == ([option.value for option in choices(shown)] if sum(sides) > 1 else [])


def test_an_excerpt_in_context_has_the_words_around_it() -> None:
    shown = answer(News(["It closed."], [URLS[0]]).comparison(1, 0), words_for("en"))
    text, _ = texts(context_view(shown.agreeing[0], ("Rain fell. " * 90, "It closed.", "Nobody spoke. " * 60), [], 1, 1, words_for("en")))
    assert "Rain fell. **It closed.** Nobody spoke. Nobody" in text
    assert "> …" in text and text.endswith("…")


@ANY
@given(TEXT, WORDS)
@example("😀" * 3_000, words_for("en"))
@example("\ud83d" * 10, words_for("en"))
def test_forms_take_any_text(text: str, words: Words) -> None:
    forms = (
        trim_modal(text, CustomId(Act.TRIM_SENT, detail="p"), words),
        flag_modal(CustomId(Act.FLAG_SENT, 2**62, 2**62), ["It is old"], words),
    )
    for modal in forms:
        made = modal.to_dict()
        assert reason(modal_problems(made)) == ""
        json.dumps(made, ensure_ascii=False).encode()
        assert all(units(str(one["value"])) <= MAX_TEXT for one in walk(made["components"]) if one.get("value"))


@ANY
@given(st.lists(TEXT.filter(str.strip), min_size=1, max_size=5))
def test_sentences_of_any_length_can_be_sent(sentences: list[str]) -> None:
    made: Json = {"flags": COMPONENTS_V2, "components": components(note_view(*sentences))}
    assert reason(message_problems(made, ())) == ""
    assert units(text_of_components(made["components"])) <= MAX_TEXT


IDS = st.integers(1, 2**63 - 1)


@ANY
@given(
    st.builds(
        Guild, st.just(1), st.sampled_from(Answers), st.none() | IDS, st.frozensets(IDS, max_size=MAX_SELECTED), st.none() | IDS,
        st.none() | IDS, st.integers(1, 5), st.none() | st.sampled_from([*LANGUAGES, "xx"]), st.integers(1, 3650), st.booleans(),
    ),
    WORDS,
)  # fmt: skip
def test_the_panel_shows_any_settings(guild: Guild, words: Words) -> None:
    shown = texts(panel(guild, words))
    assert [shape(text) for text in shown] == [["### "], *[[""]] * 9, ["-# "]]


@pytest.mark.parametrize("locale", ["en-US", "en-GB", *LANGUAGES, "es-419"])
def test_help_and_the_welcome_fit_in_every_language(locale: str) -> None:
    words = words_for(locale)
    for view in (
        welcome(words, "</check:12345678901234567890>"),
        note_view(*help_text(words, "</check:12345678901234567890>")),
        note_view(*about_text(words, 3650, {"articles": 10**9, "sources": 10**6})),
    ):
        made = payload(view)
        assert "{" not in text_of_components(made["components"])


def test_isolated_words_stay_isolated_where_they_are_cut() -> None:
    shown = answer(News(["שלום " * 400], [URLS[0]]).comparison(2, 2), words_for("en"))
    view = context_view(shown.agreeing[0], ("שלום " * 400, "שלום " * 400, "שלום " * 400), choices(shown), 1, 1, words_for("en"))
    for text in (*texts(view), *texts(answer_view(Answered(1, News(["שלום " * 400], [URLS[0]]).comparison()), Frame(words_for("en"), 1)))):
        assert all(line.count(ISOLATE) == line.count("\u2069") for line in text.split("\n"))
