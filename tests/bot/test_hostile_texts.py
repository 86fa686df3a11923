"""Whatever outlets, titles, quotes and addresses hold, no face of an answer pings, misleads about where a link goes, or obeys them."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime

import discord
import pytest
from discord import ui
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.beside import Fact
from bot.contract import comparison_line
from bot.discord.answering import Answered
from bot.discord.markdown import escaped
from bot.discord.views import Frame, answer_view, choices, context_view, more_view, plain_form, plain_view
from bot.exports import FORMULA, _csv, _json
from bot.links import host, named, safe_url
from bot.pictures.facts import timeline_of
from bot.render import Answer, Card, answer
from bot.terminal import console_for, show_answer
from bot.texts import inert
from bot.words import words_for
from retrieval.hosts import ascii_host, ascii_url
from retrieval.types import Account, ArticleRef, Claim, Comparison, Excerpt, Outcome, OwnSource, Part, Stance, Standing

WORDS = words_for("en-GB")
AT = datetime(2025, 2, 24, tzinfo=UTC)
NASTY = [
    "@everyone", "<@123456789012345678>", "<@&1>", "@here", "[BBC](https://evil.example)", "[bbc.co.uk](<https://evil.example>)",
    "](<",
    "https://evil.example", "\x1b[31mred\x1b]8;;https://evil.example\x07link\x1b]8;;\x07", "\x9b31m", "\r\nover", "\u202egnp.exe", 
    "\u2066x\u2069",
    "a\u200bb", "\U000e0041\U000e0042", "\ufeff", "\u2028", "\x00", "\b\b\b", "\x7f", "=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)",
    "a;=1+1",
    "＝1+1", "\t=1", " =1", "BBС", "ВВС", "```", "||x||", "# head", "> quote", "-# small", "<t:1:R>", "<:a:1>", "\\", "🏴\u200d☠️", "שלום",
]  # fmt: skip
TEXTS = st.lists(st.one_of(st.sampled_from(NASTY), st.text(max_size=20)), max_size=5).map(" ".join)
HOSTS = st.one_of(
    st.sampled_from([
        "echo.example", "straße.example", "раураl.example", "ｂｂｃ.co.uk", "bbc.co.uk@evil.example", "evil.example\\.bbc.co.uk",
        "bbc%2eco.uk",
        "x.example:8443", "[::1]", "bbc.co.uk。evil.example", "\u202eevil.example", "a\u200bb.example", "evil.example#bbc.co.uk", "", "..",
    ]),
    st.text(max_size=20),
)  # fmt: skip
URLS = st.builds(
    lambda scheme, place, path: f"{scheme}{place}/{path}",
    st.sampled_from(["https://", "http://", "HTTPS://", "javascript:", "ht\ttps://", ""]),
    HOSTS, TEXTS,
)  # fmt: skip
ACTIVE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\U000e0000-\U000e0fff]")
MASKED = re.compile(r"(?<!\\)\[((?:[^\]\\]|\\.)*)\]\(<?([^)>\s]*)>?\)")
ISOLATES = str.maketrans("", "", "\u2066\u2067\u2068\u2069")


def _excerpt(outlet: str, title: str, quote: str, url: str) -> Excerpt:
    article = ArticleRef(1, 1, url, title, outlet, AT)
    return Excerpt(
        article=article, start=0, end=len(quote), text=quote, stance=Stance(0.9, 0.05, 0.05), before=title, after=title, copies=(url,),
        credit=outlet, difference=title,
    )  # fmt: skip


COMPARISONS = st.builds(
    lambda claim, ones, twos: Comparison(
        claim=Claim(claim), outcome=Outcome.MIXED, agreeing=tuple(ones), contradicting=tuple(twos), considered=9, independent_sources=2,
        newest_article_at=AT, models={"embedding": "e", "stance": "s"}, took_ms={},
        parts=tuple(Part((0, len(claim)), Standing.DIFFERS, claim, one.article) for one in ones),
        accounts=tuple(Account(claim, n, AT, AT, (one.article.source,), one.article, 0, 1) for n, one in enumerate(twos)),
        own=tuple(OwnSource(one.article.url, Outcome.AGREE, one) for one in twos),
    ),
    TEXTS, *[st.lists(st.builds(_excerpt, TEXTS, TEXTS, TEXTS.map(lambda t: t or "x"), URLS), min_size=1, max_size=3)] * 2,
)  # fmt: skip


def _harmless_in_discord(texts: Sequence[str]) -> None:
    for text in texts:
        assert not ACTIVE.search(text.translate(ISOLATES)), ascii(text)
        masked = MASKED.findall(text)
        for label, target in masked:
            shown = label.translate(ISOLATES)
            place = host(target)
            assert place and place in shown, (label, target)  # whoever reads it sees where it leads
            assert not [one for one in re.findall(r"(?:[\w-]+\.)+[a-z]{2,}", shown) if one not in place], (label, target)
        bare = MASKED.sub(" ", text)
        for target in re.findall(r"<(https?://[^>]*)>", bare):
            assert safe_url(target, 4_000) == target and ascii_host(target), target
        bare = re.sub(r"<https?://[^>\s]*>", " ", bare)
        assert not re.search(r"(?<!\\)[@<]", bare), ascii(bare)
        assert not re.search(r"(?<!\\)(?:https?|ftp):(?=//)", bare), ascii(bare)


def _texts(view: ui.LayoutView) -> list[str]:
    return [one.content for one in view.walk_children() if isinstance(one, ui.TextDisplay)]


@settings(max_examples=60)
@given(COMPARISONS)
def test_in_discord_nothing_pings_hides_or_leads_elsewhere_than_it_says(comparison: Comparison) -> None:
    answered, frame = Answered(1, comparison), Frame(WORDS, 1)
    shown = answer(comparison, WORDS)
    every = [*shown.agreeing, *shown.contradicting]
    one = every[0]
    layouts = [
        answer_view(answered, frame), more_view("More", every, WORDS),
        context_view(one, (one.before, one.quote, one.after), choices(shown), 1, 1, WORDS),
    ]  # fmt: skip
    for layout in layouts:
        _harmless_in_discord(_texts(layout))
        _harmless_in_discord([plain_form(layout)[0]])
        for item in layout.walk_children():
            if isinstance(item, ui.Select):
                assert all(not ACTIVE.search(option.label) and "\n" not in option.label for option in item.options)
    _harmless_in_discord([plain_view(answered, frame)[0]])


@settings(max_examples=60)
@given(TEXTS, TEXTS, URLS)
def test_the_host_stands_beside_the_outlet_wherever_a_fact_names_one(outlet: str, text: str, url: str) -> None:
    fact = Fact("✓", text, outlet, url, f"{url}#:~:text=a")
    made = Answer("claim", "✓", "It agrees.", [], [], "foot", facts=[fact])
    out = io.StringIO()
    show_answer(console_for(out, 200, {}), made)
    if host(url) and "".join(outlet.split()):
        assert host(url)[-20:] in "".join(out.getvalue().split())
    assert host(url) in named(outlet, url)


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@settings(max_examples=60)
@given(COMPARISONS, st.booleans())
def test_a_terminal_gets_no_orders_but_ours(comparison: Comparison, coloured: bool) -> None:
    out = _Terminal() if coloured else io.StringIO()
    show_answer(console_for(out, 80, {"TERM": "xterm-256color", "FORCE_COLOR": "1"} if coloured else {}), answer(comparison, WORDS))
    printed = out.getvalue()
    links = re.findall(r"\x1b\]8;[^;]*;([^\x1b]*)\x1b\\", printed)
    assert all(link == "" or safe_url(link, 8_000) for link in links), links
    left = re.sub(r"\x1b\]8;[^\x1b]*\x1b\\|\x1b\[[0-9;]*m", "", printed)
    assert not ACTIVE.search(left), ascii(left)


@settings(max_examples=100)
@given(COMPARISONS)
def test_lines_and_files_of_json_mean_the_same_and_give_no_orders(comparison: Comparison) -> None:
    line = comparison_line(comparison)
    assert "\n" not in line and not ACTIVE.search(line), ascii(line)
    read = json.loads(line)
    assert read["claim"] == comparison.claim.text
    assert [one["text"] for one in read["agreeing"]] == [one.text for one in comparison.agreeing]
    file = _json({"title": comparison.agreeing[0].article.title}).decode()
    assert not ACTIVE.search(file)
    assert json.loads(file)["title"] == comparison.agreeing[0].article.title


@settings(max_examples=200)
@given(st.lists(TEXTS, min_size=1, max_size=4))
def test_no_cell_of_a_file_for_spreadsheets_is_a_formula(cells: list[str]) -> None:
    data = _csv([cells]).decode("utf-8-sig")
    for delimiter in (",", ";", "\t"):
        for row in list(csv.reader(io.StringIO(data, newline=""), delimiter=delimiter))[1:]:
            for cell in row:
                assert not re.match(r"[\s\u200b\ufeff]*[=+@＝＋－＠-]", cell) or delimiter == "\t" and cell == "", (delimiter, cell)


@pytest.mark.parametrize("cell", ["=1", " =1", "\t=1", "\r=1", "\n=1", "＝1", "+1", "-1", "@a", "a;=1", "a\t=1", "\u200b=1"])
def test_formulas_are_marked_as_text(cell: str) -> None:
    assert FORMULA.sub("'", cell) != cell
    assert FORMULA.sub("'", cell).replace("'", "") == cell
    assert FORMULA.sub("'", "It fell by 3 - or 4; so 1+1=2") == "It fell by 3 - or 4; so 1+1=2"


@settings(max_examples=100)
@given(COMPARISONS)
def test_pictures_name_the_host_and_hold_nothing_invisible(comparison: Comparison) -> None:
    facts = timeline_of(comparison, AT)
    for entry in facts.entries:
        assert not ACTIVE.search(entry.outlet) and "\n" not in entry.outlet
    places = {host(one.article.url) for one in (*comparison.agreeing, *comparison.contradicting)} - {""}
    assert all(any(place in entry.outlet for entry in facts.entries) for place in places)


@settings(max_examples=300)
@given(URLS)
def test_the_host_that_is_shown_is_the_host_of_the_link(url: str) -> None:
    link = safe_url(url)
    if link:
        assert link.isascii() and link.isprintable() and " " not in link
        assert ascii_host(link) == ascii_host(url) != ""
        assert re.fullmatch(r"https?://(\[[0-9a-f:.]+\]|[a-z0-9_.-]+)(:\d*)?([/?#].*)?", link, re.IGNORECASE), link
        assert (ascii_host(link).removeprefix("www."))[-60:] == host(url).removeprefix("…")
        assert ascii_url(link) == link


def test_a_host_is_shown_as_browsers_read_it() -> None:
    assert host("https://straße.example/") == "xn--strae-oqa.example"  # Python's own codec says strasse.example, another site
    assert safe_url("https://straße.example/ä") == "https://xn--strae-oqa.example/%C3%A4"
    assert host("https://ｂｂｃ。example/") == "bbc.example"
    for other in (
        "https://evil.example\\.bbc.co.uk/",
        "https://bbc%2eco.uk/",
        "https://☃.example/",
        "https://a b.example/",
    ):
        assert (host(other), safe_url(other)) == ("", ""), other


def test_inert_json_is_the_same_json() -> None:
    text = "a\x7f\x9b\u202e\u2028\ufeff\U000e0041é"
    assert json.loads(inert(json.dumps(text, ensure_ascii=False))) == text
    assert inert(json.dumps(text, ensure_ascii=False)).isprintable()


def test_no_message_may_mention_anybody() -> None:
    from bot.discord.replies import NOBODY

    assert NOBODY.to_dict() == discord.AllowedMentions.none().to_dict()
    assert escaped("@everyone") == "\\@everyone"
    assert isinstance(Card, type)
