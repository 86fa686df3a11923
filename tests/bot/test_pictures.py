"""The pictures of answers hold what the comparisons say, in letters that a phone's reader can read, and so does their text alternative."""

from __future__ import annotations

import re
import struct
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text

from bot.pictures import phrases
from bot.pictures.alternative import MAX_ALTERNATIVE
from bot.pictures.facts import MAX_ARTICLES, MAX_ENTRIES, Overview, Side, Timeline, overview_of, timeline_of
from bot.pictures.letters import UNKNOWN, drawable, width, wrapped
from bot.pictures.overview import overview, overview_sheet
from bot.pictures.sheet import WIDTH, Picture, Sheet
from bot.pictures.theme import Theme, contrast, palette
from bot.pictures.timeline import timeline, timeline_sheet
from bot.texts import units
from bot.words import LANGUAGES, words_for
from retrieval.types import Account, ArticleRef, Claim, Comparison, Excerpt, Outcome, Stance

NOON = datetime(2025, 2, 24, 12, tzinfo=UTC)
DAY = timedelta(days=1)
SMALLEST = 26  # pixels of 1,080
WORDS = words_for("en-GB")
OUTLETS = [
    "Harwick Echo", "Valley News", "Oren Post", "Continental Broadcasting", "The Philadelphia Inquirer and Public Ledger of Pennsylvania",
    "Le Monde", "El País", "Süddeutsche Zeitung", "Reuters", "BBC News", "Der Spiegel", "Evening Standard",
]  # fmt: skip
LONG = "The mayor said that the repairs would have cost more than the whole budget for roads of all the years since 2019, and " * 3
ODD = [
    "It cost $5 and then $\\frac{1}{2}$ of x_{2}^3, \\alpha", "$", "\\", "😀🏳️‍🌈👩🏽‍🚀 rose", "انهار الجسر القديم يوم الثلاثاء، وقتل شخصان",
    "הגשר נסגר ביום שלישי 14 to 3", "W" * 3_000, "東京で橋が閉鎖された", "a\nb\tc\x00d\u202ee", "\ud800", "Z̸̢̛͇" * 40, " ", "ﬁ ﷺ ௵ 𒐫",
]  # fmt: skip
both_themes = pytest.mark.parametrize("theme", Theme)


def test_an_overview_counts_independent_sources_and_copies_of_one_story_once() -> None:
    story = [_excerpt(number, story=7) for number in range(3)]
    row = overview_of([_comparison("It closed.", [*story, _excerpt(3)], [_excerpt(4)])]).rows[0]
    assert (row.number, row.claim, row.found.agreeing, row.found.contradicting) == (1, "It closed.", 2, 1)


def test_reported_speech_has_the_counts_of_what_was_said_as_well() -> None:
    said = _comparison("It closed.", [], [_excerpt(1), _excerpt(2)])
    texts = overview_sheet(overview_of([_comparison("Ann said that it closed.", [_excerpt(0)], [], said=said)]), WORDS).texts()
    assert _in_order(["That it was said", "1 agrees", "0 contradict", "What was said", "0 agree", "2 contradict"], texts)


def test_a_timeline_is_by_date_and_knows_the_first_the_revised_and_what_is_newer_than_the_post() -> None:
    early, late, undated, against = (
        _excerpt(0, NOON - DAY, copies=2), _excerpt(1, NOON + 2 * DAY), _excerpt(2, None), _excerpt(3, NOON - 2 * DAY),
    )  # fmt: skip
    revised = {early.article.id: [NOON + DAY, NOON], late.article.id: [NOON + 2 * DAY + timedelta(hours=1)]}
    facts = timeline_of(_comparison("It closed.", [late, early, undated], [against]), NOON, revised)
    assert [(entry.outlet, entry.side, entry.published, entry.revised, entry.first, entry.newer) for entry in facts.entries] == [
        (f"{OUTLETS[3]} · a.example", Side.CONTRADICT, True, 0, True, False),
        (f"{OUTLETS[0]} · a.example", Side.AGREE, True, 0, False, False),
        (f"{OUTLETS[0]} · a.example", Side.AGREE, False, 2, False, True),
        (f"{OUTLETS[1]} · a.example", Side.AGREE, True, 1, False, True),
        (f"{OUTLETS[2]} · a.example", Side.AGREE, True, 0, False, False),
    ]
    assert facts.before_post == 2
    assert _in_order([OUTLETS[3], OUTLETS[0], "The post", OUTLETS[0], OUTLETS[1], "no date given", OUTLETS[2]], _words(facts))


def test_of_many_articles_the_best_of_both_sides_and_the_first_are_shown_and_the_rest_counted() -> None:
    agreeing = [_excerpt(number, NOON + number * DAY) for number in range(20)]
    contradicting = [_excerpt(20 + number, NOON - number * DAY) for number in range(20)]
    revisions = {one.article.id: [NOON + 40 * DAY] for one in agreeing}
    facts = timeline_of(_comparison("It closed.", agreeing, contradicting), None, revisions)
    shown = [entry for entry in facts.entries if entry.published]
    assert len(shown) == MAX_ARTICLES
    assert len(facts.entries) == MAX_ENTRIES
    assert shown[0].first
    assert shown[0].at == contradicting[-1].article.published_at
    assert Counter(entry.side for entry in shown)[Side.AGREE] in {5, 6}
    revised = sum(any(one.article.published_at == entry.at for entry in shown) for one in agreeing)
    assert facts.more == 40 - MAX_ARTICLES + MAX_ARTICLES + revised - MAX_ENTRIES
    assert f"… and {facts.more} more." in _words(facts)


@both_themes
@pytest.mark.parametrize("many", [1, 4, 8, 12])
def test_an_overview_and_its_alternative_say_the_same(many: int, theme: Theme) -> None:
    facts = _overview(many)
    sheet, made = overview_sheet(facts, WORDS, theme), overview(facts, WORDS, theme)
    assert Counter(_tokens(*sheet.texts())) == Counter(_tokens(made.alternative))
    for row in facts.rows:
        expected = f"{row.number}. “{row.claim}”: "
        if row.found.silent:
            expected += phrases.silence(row.found, WORDS)
        elif row.said is None:
            expected += f"{phrases.agree(row.found, WORDS)}, {phrases.contradict(row.found, WORDS)}."
        assert expected in made.alternative


@both_themes
@pytest.mark.parametrize("posted", [None, NOON + DAY * 1.5, NOON - 9 * DAY, NOON + 90 * DAY])
@pytest.mark.parametrize("many", [0, 1, 5, 8])
def test_a_timeline_and_its_alternative_say_the_same(many: int, posted: datetime | None, theme: Theme) -> None:
    facts = _timeline(many, posted)
    sheet, made = timeline_sheet(facts, WORDS, theme), timeline(facts, WORDS, theme)
    assert set(_tokens(*sheet.texts())) == set(_tokens(made.alternative))
    # Each article's name and standing follow one another in both, in the same order.
    stands = [f"{entry.outlet} {', '.join(phrases.stand(entry, WORDS))}" for entry in facts.entries]
    assert _in_order(stands, [made.alternative])
    assert _in_order(stands, [" ".join(sheet.texts())])
    dates = [WORDS.date(entry.at) for entry in facts.entries] + [WORDS.date(posted)] * (posted is not None)
    assert all(date in sheet.texts() and f"{date}:" in made.alternative for date in dates)


def test_what_was_given_when_is_on_the_picture_and_in_the_alternative() -> None:
    facts = _timeline(3, NOON + DAY, accounts=True)
    sheet = timeline_sheet(facts, WORDS)
    assert set(_tokens(*sheet.texts())) == set(_tokens(timeline(facts, WORDS).alternative))
    spans = ["24 Feb 2025 to 25 Feb 2025, 2 sources", "26 Feb 2025, 1 source", "since 28 Feb 2025, 3 sources"]
    assert _in_order(
        [part for both in zip(["“0 dead”", "“at least 2 dead”", "“3 dead”"], spans, strict=True) for part in both], sheet.texts()
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_alternatives_fit_into_a_description_in_every_language(language: str) -> None:
    words = words_for(language)
    rows = [replace(row, claim=LONG, said=row.found) for row in _overview(12).rows]
    made = overview(Overview(rows, 5, 3), words)
    assert MAX_ALTERNATIVE * 3 // 4 < units(made.alternative) <= MAX_ALTERNATIVE
    shown = len(re.findall(r"\d+\. “", made.alternative))
    assert phrases.remarks(5 + 12 - shown, 3, words)[0] in made.alternative
    entries = [
        replace(entry, outlet="An outlet with a name of eighty characters or nearly so, which is long, 福")
        for entry in _timeline(12).entries
    ]
    facts = replace(_timeline(12, NOON, accounts=True), entries=entries, claim=LONG)
    alternative = timeline(facts, words).alternative
    assert MAX_ALTERNATIVE * 3 // 4 < units(alternative) <= MAX_ALTERNATIVE
    assert phrases.the_post(words) in alternative
    assert phrases.foot(words)[-1] in alternative


@settings(max_examples=25)
@given(st.lists(st.one_of(st.text(st.characters(), max_size=500), st.sampled_from(ODD)), min_size=1, max_size=4), st.sampled_from(Theme))
def test_whatever_people_wrote_stays_within_the_picture(claims: list[str], theme: Theme) -> None:
    excerpts = [replace(_excerpt(n), article=replace(_excerpt(n).article, source=claim)) for n, claim in enumerate(claims)]
    account = replace(_account("0 dead", 0, 1, 2), words=claims[0])
    comparisons = [replace(_comparison(claim, excerpts[:1], excerpts[1:]), accounts=(account, account)) for claim in claims]
    for sheet in (overview_sheet(overview_of(comparisons), WORDS, theme), timeline_sheet(timeline_of(comparisons[0], NOON), WORDS, theme)):
        for text, box in _boxes(sheet):
            assert -1 <= box[0] <= box[2] <= WIDTH + 1, text.get_text()
    made = overview(overview_of(comparisons), WORDS, theme)
    _assert_sound(made)
    made.alternative.encode()


@pytest.mark.parametrize("text", ODD)
def test_odd_claims_are_drawn_and_never_as_mathematics(text: str) -> None:
    comparison = _comparison(text, [_excerpt(1)], [])
    for sheet in (overview_sheet(overview_of([comparison]), WORDS), timeline_sheet(timeline_of(comparison), WORDS)):
        drawn = [artist for artist in sheet.figure().findobj(Text) if isinstance(artist, Text)]
        assert not any(artist.get_parse_math() or artist.get_usetex() for artist in drawn)
    _assert_sound(overview(overview_of([comparison]), WORDS))
    _assert_sound(timeline(timeline_of(comparison), WORDS))


def test_letters_that_the_font_lacks_are_replaced_by_one_sign() -> None:
    assert drawable("東京で closed 👩🏽‍🚀") == f"{UNKNOWN} closed {UNKNOWN}"
    assert drawable("Zürich, Łódź, Αθήνα, Київ") == "Zürich, Łódź, Αθήνα, Київ"


def test_long_texts_are_cut_at_a_word_and_long_words_are_broken() -> None:
    lines = wrapped(LONG, 34, 900, 3)
    assert len(lines) == 3
    assert lines[-1].endswith("…")
    assert LONG.startswith(" ".join(lines)[:-1] + " ")
    assert all(width(line, 34) <= 900 for line in lines)
    broken = wrapped("W" * 100, 34, 900, 5)
    assert "".join(broken) == "W" * 100
    assert all(width(line, 34) <= 900 for line in broken)


@both_themes
@pytest.mark.parametrize("many", [1, 5, 12])
def test_words_are_large_enough_and_never_on_one_another(many: int, theme: Theme) -> None:
    for locale in ("en-GB", "de", "fr"):
        words = words_for(locale)
        near = _timeline(many, NOON + DAY, accounts=True)
        for sheet in (timeline_sheet(near, words, theme), overview_sheet(_overview(many), words, theme)):
            boxes = _boxes(sheet)
            assert all(float(text.get_fontsize()) >= SMALLEST for text, _ in boxes)
            for (one, a), (other, b) in combinations(boxes, 2):
                apart = a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] + 1 or b[3] <= a[1] + 1
                assert apart, (one.get_text(), other.get_text())


@both_themes
def test_letters_stand_out_from_what_is_under_them(theme: Theme) -> None:
    colours = palette(theme)
    for under in (colours.page, colours.card):
        for colour in (colours.ink, colours.muted, colours.agree, colours.contradict):
            assert contrast(colour, under) >= 4.5
    for filled in (colours.agree, colours.contradict):  # signs have the page's colour there
        assert contrast(colours.page, filled) >= 4.5
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


def test_a_side_has_a_shape_and_a_sign_besides_its_colour() -> None:
    facts = overview_of([_comparison("It closed.", [_excerpt(1)], [_excerpt(2)])])
    sheet = overview_sheet(facts, WORDS)
    assert {"✓", "✗", "1 agrees", "1 contradicts"} <= set(sheet.texts())
    assert {"Circle", "Polygon"} <= {type(artist).__name__ for artist in sheet.figure().get_children()}


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_picture_rules_on_a_claim(language: str) -> None:
    verdicts = {"true", "false", "wahr", "falsch", "verdadero", "falso", "vrai", "faux", "wrong", "fake", "lie"}
    words = words_for(language)
    for sheet in (overview_sheet(_overview(12), words), timeline_sheet(_timeline(5, NOON, accounts=True), words)):
        said = " ".join(sheet.texts())
        for sentence in phrases.foot(words):  # one of them says that no picture does
            assert sentence in said
            said = said.replace(sentence, "")
        assert not verdicts & {token.lower() for token in _tokens(said)}


def test_pictures_grow_with_what_they_show_and_have_an_end() -> None:
    heights = [_assert_sound(overview(_overview(many), WORDS)) for many in (0, 1, 4, 12)]
    assert heights == sorted(heights)
    worst = [_comparison(LONG, [_excerpt(1)], [_excerpt(2)], said=_comparison(LONG, [_excerpt(1)], [])) for _ in range(50)]
    assert _assert_sound(overview(overview_of(worst), WORDS)) <= 5_000
    excerpts = [
        replace(_excerpt(n), article=replace(_excerpt(n).article, source=LONG, published_at=NOON + n * 400 * DAY)) for n in range(50)
    ]
    accounts = tuple(replace(_account("", n, n, n), words=LONG) for n in range(20))
    revisions = {n: [NOON - DAY] for n in range(50)}
    facts = timeline_of(_comparison(LONG, excerpts[:25], excerpts[25:], accounts=accounts), NOON, revisions)
    assert _assert_sound(timeline(facts, WORDS)) <= 5_000


def test_threads_draw_at_once_without_pyplot_and_nothing_is_loaded_before() -> None:
    code = (
        "import sys\nsys.path.insert(0, '')\nimport bot.pictures.overview, bot.pictures.timeline\n"
        "assert not [name for name in sys.modules if name.startswith('matplotlib')]\n"
        "from tests.bot import test_pictures as t\n"
        "t._assert_sound(t.overview(t._overview(12), t.WORDS))\nassert 'matplotlib.pyplot' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120, cwd=Path(__file__).parents[2])
    facts = _overview(12)
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda _: overview(facts, WORDS), range(8)))
    assert len({one.png for one in made}) == 1


def _assert_sound(made: Picture) -> int:
    """It is a PNG of the size that it says; returns its height."""
    assert made.png.startswith(b"\x89PNG\r\n\x1a\n")
    assert struct.unpack(">II", made.png[16:24]) == (made.width, made.height)
    assert made.width == WIDTH
    assert units(made.alternative) <= MAX_ALTERNATIVE
    assert len(made.png) < 2**20
    return made.height


def _boxes(sheet: Sheet) -> list[tuple[Text, tuple[float, float, float, float]]]:
    """The texts of a sheet that show something, with where they are: left, bottom, right, top."""
    figure = sheet.figure()
    renderer = FigureCanvasAgg(figure).get_renderer()  # type: ignore[no-untyped-call]
    texts = [artist for artist in figure.findobj(Text) if isinstance(artist, Text) and artist.get_text().strip()]
    return [(text, tuple(float(edge) for edge in text.get_window_extent(renderer).extents)) for text in texts]  # type: ignore[misc]


def _tokens(*texts: str) -> list[str]:
    return re.findall(r"\w+", " ".join(texts))


def _words(facts: Timeline) -> Sequence[str]:
    return timeline_sheet(facts, WORDS).texts()


def _in_order(parts: Sequence[str], texts: Sequence[str]) -> bool:
    """Whether the parts occur one after the other."""
    whole, at = "\n".join(texts), 0
    for part in parts:
        found = whole.find(part, at)
        if found < 0:
            return False
        at = found + len(part)
    return True


def _excerpt(number: int, at: datetime | None = NOON, *, story: int | None = None, copies: int = 0) -> Excerpt:
    outlet = OUTLETS[number] if number < len(OUTLETS) else f"Outlet {number}"
    article = ArticleRef(number, number, f"https://a.example/{number}", "Title", outlet, at, story_id=story)
    return Excerpt("It closed.", 0, 10, article, Stance(0.9, 0.05, 0.05), copies=[f"https://b.example/{n}" for n in range(copies)])


def _comparison(
    text: str, agreeing: Sequence[Excerpt], contradicting: Sequence[Excerpt], *,
    outcome: Outcome = Outcome.NO_MATCH, said: Comparison | None = None, accounts: tuple[Account, ...] = (),
) -> Comparison:  # fmt: skip
    if agreeing or contradicting:
        outcome = Outcome.MIXED if agreeing and contradicting else Outcome.AGREE if agreeing else Outcome.CONTRADICT
    return Comparison(Claim(text), outcome, agreeing, contradicting, 9, 2, NOON, {}, said=said, accounts=accounts)


def _account(words: str, value: float, since: float, until: float, sources: int = 2) -> Account:
    return Account(words, value, NOON + since * DAY, NOON + until * DAY, tuple(OUTLETS[:sources]), _excerpt(0).article, 0, 6)


def _overview(many: int) -> Overview:
    """Short claims, some with nothing found, one of reported speech."""
    made = []
    for number in range(many):
        excerpts = [_excerpt(n) for n in range(number % 5)]
        outcome = Outcome.UNCLEAR if number % 2 else Outcome.NO_MATCH
        said = _comparison("It closed.", [], [_excerpt(2)]) if number == 2 else None
        made.append(_comparison(f"Bridge {number} closed.", excerpts[1:], excerpts[:1], outcome=outcome, said=said))
    return overview_of(made, left_out=2 if many > 1 else 0)


def _timeline(many: int, posted: datetime | None = None, *, accounts: bool = False) -> Timeline:
    """Articles of three days, the last without a date where there are some, one revised."""
    excerpts = [_excerpt(n, None if n == many - 1 > 2 else NOON + n % 4 * DAY * 0.7, copies=n % 3) for n in range(many)]
    given = (_account("0 dead", 0, 0, 1), _account("at least 2 dead", 2, 2, 2, 1), _account("3 dead", 3, 4, 6, 3))
    comparison = _comparison("The old bridge closed.", excerpts[::2], excerpts[1::2], accounts=given if accounts else ())
    return timeline_of(comparison, posted, {0: [NOON + 3 * DAY, NOON + 5 * DAY], 1: [NOON + DAY * 0.8]})
