"""What a person sees: words and symbols, 80 columns, and nothing that the news can do to a terminal."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from rich.cells import cell_len
from rich.console import Console

from bot.render import Answer, answer, headline
from bot.terminal import console, console_for, show_answer
from bot.words import words_for
from retrieval.types import ArticleRef, Claim, Comparison, Excerpt, Outcome, Stance
from tests.bot.conftest import BRIDGE, NEWS, CommandLine, record


def _excerpt(source: str, number: int, copies: int = 0) -> Excerpt:
    article = ArticleRef(number, number, f"https://a.example/{number}", "Title", source, datetime(2025, 2, 24, tzinfo=UTC))
    return Excerpt("It closed.", 0, 10, article, Stance(0.9, 0.05, 0.05), copies=[f"https://b.example/{n}" for n in range(copies)])


def _comparison(outcome: Outcome, agree: list[str], contradict: list[str], considered: int = 9) -> Comparison:
    agreeing = [_excerpt(source, number) for number, source in enumerate(agree)]
    contradicting = [_excerpt(source, 100 + number) for number, source in enumerate(contradict)]
    return Comparison(Claim("It closed."), outcome, agreeing, contradicting, considered, 0, datetime(2025, 2, 25, tzinfo=UTC), {})


@pytest.mark.parametrize(
    ("outcome", "agree", "contradict", "sentence"),
    [
        (Outcome.AGREE, ["A"], [], "1 source agrees; none found that contradicts."),
        (Outcome.AGREE, ["A", "A"], [], "1 source agrees; none found that contradicts."),
        (Outcome.AGREE, ["A", "B"], [], "2 independent sources agree; none found that contradicts."),
        (Outcome.CONTRADICT, [], ["A"], "1 source contradicts this; none found that agrees."),
        (Outcome.CONTRADICT, [], ["A", "B", "C"], "3 independent sources contradict this; none found that agrees."),
        (Outcome.MIXED, ["A"], ["B"], "Sources differ: 1 agrees, 1 contradicts."),
        (Outcome.MIXED, ["A", "B"], ["C", "D"], "Sources differ: 2 agree, 2 contradict."),
        (Outcome.UNCLEAR, [], [], "Stored sources speak of this, but none clearly agrees or contradicts."),
        (Outcome.NO_MATCH, [], [], "No stored source speaks to this."),
    ],
)
def test_each_outcome_has_its_sentence(outcome: Outcome, agree: list[str], contradict: list[str], sentence: str) -> None:
    assert headline(_comparison(outcome, agree, contradict)) == sentence


def test_no_headline_rules_on_the_claim() -> None:
    for outcome in Outcome:
        words = headline(_comparison(outcome, ["A"], ["B"])).lower().split()
        assert not {"true", "false", "correct", "wrong", "fake", "verified"} & set(words)


def test_dates_and_copies_are_words() -> None:
    assert words_for("en_GB").date(datetime(2025, 2, 4, tzinfo=UTC)) == "4 Feb 2025"
    assert words_for("en_GB").date(None) == "no date given"
    shown = answer(Comparison(Claim("x"), Outcome.AGREE, [_excerpt("A", 1, 1), _excerpt("B", 2, 2), _excerpt("C", 3)], [], 3, 3, None, {}))
    assert [card.copies for card in shown.agreeing] == ["and 1 copy elsewhere", "and 2 copies elsewhere", ""]
    assert shown.footer == "3 passages considered."
    assert answer(_comparison(Outcome.NO_MATCH, [], [], considered=0)).footer == "Nothing stored is near this claim."


def test_a_pipe_gets_80_columns_of_plain_labelled_text(line: CommandLine) -> None:
    result = line("check", BRIDGE)
    assert result.exit_code == 0
    assert "\x1b" not in result.stdout
    assert all(cell_len(row) <= 80 for row in result.stdout.splitlines())
    for needed in ("✓ AGREEING", "✗ CONTRADICTING", "Sources differ", "Harwick Echo", "24 Feb 2025", "https://oren.example/bridge", "copy"):
        assert needed in result.stdout
    assert "“The council of Harwick voted 12 to 5 to close the old bridge." in " ".join(result.stdout.split())


def test_search_results_are_plain_text_of_80_columns(line: CommandLine) -> None:
    result = line("search", BRIDGE)
    assert result.exit_code == 0
    assert all(cell_len(row) <= 80 for row in result.stdout.splitlines())
    assert "dense 1" in result.stdout and "lexical 1" in result.stdout


HOSTILE = "[bold red]The council[/bold red] of Harwick \u202evoted\u202c 14 to 3 to close [link=file:///etc/passwd]the old bridge[/link]"


def test_hostile_news_is_harmless_on_a_terminal(bare: CommandLine, tmp_path: Path) -> None:
    long = "w" * 700
    records = [
        record("echo", "[red]Echo[/] \u2066:smile:", f"{HOSTILE} {long} \u200b\U000e0041.", title="[blink]Title[/blink] \u202e elttit"),
        record("oren", "O" * 290, f"{HOSTILE} 😀.", url=f"https://oren.example/{'p' * 1500}"),
    ]
    (tmp_path / "page.html").write_text(
        f"<html><head><title>P &#27;]0;owned&#7;</title></head><body><article><p>{HOSTILE} &#27;[31mred&#155;2J.</p>"
        f"<p>{'It was a long day at the town hall of Harwick. ' * 6}</p></article></body></html>",
        encoding="utf-8",
    )
    assert bare.ingest(records).exit_code == 0
    bare("ingest", str(tmp_path / "page.html"))
    for command in (
        ["check", BRIDGE],
        ["search", BRIDGE],
        ["check", f"\x1b[31m{BRIDGE}\x9b2J \u202e[bold]now[/bold]"],
        ["sources", "list"],
    ):
        result = bare(*command)
        assert result.exit_code == 0, result.output
        assert not set(result.stdout) & set("\x1b\x07\x9b\u202e\u202c\u2066\u200b\U000e0041")
        if command[0] != "sources":
            assert all(cell_len(row) <= 80 for row in result.stdout.splitlines())
    flat = "".join(bare("check", BRIDGE).stdout.split())
    assert "[boldred]Thecouncil[/boldred]" in flat
    assert "[link=file:///etc/passwd]theoldbridge[/link]" in flat


def _shown(what: Answer, *, colour: bool) -> str:
    out = io.StringIO()
    console = Console(
        file=out, width=80, force_terminal=colour, color_system="truecolor" if colour else None, markup=False, highlight=False
    )
    show_answer(console, what)
    return out.getvalue()


def test_colour_on_a_terminal_adds_to_the_words_and_changes_none() -> None:
    what = answer(_comparison(Outcome.MIXED, ["A"], ["B"]))
    coloured, plain = _shown(what, colour=True), _shown(what, colour=False)
    assert "\x1b[" in coloured
    assert "✓ AGREEING" in plain and "✗ CONTRADICTING" in plain
    assert len(plain) < len(coloured)


def test_an_answer_of_news_can_be_read_twice(line: CommandLine) -> None:
    assert line("check", BRIDGE).stdout == line("check", BRIDGE).stdout
    assert line.ingest(NEWS).exit_code == 0


class _Tty(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    "environ",
    [
        {"TERM": "xterm-256color"}, {"TERM": "xterm", "COLORTERM": "truecolor"}, {"TERM": "dumb"}, {"TERM": "xterm", "NO_COLOR": "1"}, {},
        {"TERM": "xterm-256color", "COLUMNS": "61"}, {"COLUMNS": "300"}, {"TTY_COMPATIBLE": "0", "TERM": "xterm"},
    ],
)  # fmt: skip
def test_a_terminal_elsewhere_gets_what_it_would_print_itself(monkeypatch: pytest.MonkeyPatch, environ: dict[str, str]) -> None:
    shown = answer(_comparison(Outcome.MIXED, ["A"], ["B"]))
    for variable in ("TERM", "COLORTERM", "NO_COLOR", "COLUMNS", "TTY_COMPATIBLE"):
        monkeypatch.delenv(variable, raising=False)
    afar = _Tty()
    show_answer(console_for(afar, 80, environ), shown)
    for variable, value in environ.items():
        monkeypatch.setenv(variable, value)
    here = _Tty()
    monkeypatch.setattr("sys.stdout", here)
    show_answer(console(), shown)
    made_up = re.compile(r"id=\d+")  # each link has a number that rich draws
    assert made_up.sub("", afar.getvalue()) == made_up.sub("", here.getvalue())
