"""What the site says of the program is what the program says of itself."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from bot.discord.ids import Act, Step
from bot.words import LOCALES
from config.settings import Settings
from tests.docs import commands, discord_pages, messages, presses
from tests.docs.metrics import metrics, metrics_page
from tests.docs.pages import MADE_PAGES, TOP_PAGES, top_page
from tests.docs.settings import settings_page
from tests.docs.tables import escaped, table

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
HAND_WRITTEN = sorted(DOCS.rglob("*.md"))
TROUBLE = DOCS / "operator" / "troubleshooting.md"
OF_READERS = sorted([*(DOCS / "member").glob("*.md"), *(DOCS / "moderator").glob("*.md")])


def test_every_command_of_the_command_line_has_its_part() -> None:
    page = commands.commands_page()
    names = [name for name, _ in commands.commands()]
    assert {"check", "ingest", "sources add", "db upgrade", "disputes verify"} <= set(names)
    assert all(f"{{ #{name.replace(' ', '-')} }}" in page for name in names)


def test_every_option_of_the_command_line_says_what_it_means() -> None:
    assert not [f"{name} {param.name}" for name, one in commands.commands() for param in one.params if not getattr(param, "help", "")]


def test_every_setting_has_its_line() -> None:
    page = settings_page()
    assert all(f"`{variable}`" in page for variable, _ in Settings.described())


def test_every_command_of_discord_has_its_line_and_every_option_its_meaning() -> None:
    page = discord_pages.discord_page()
    for one in discord_pages.commands():
        assert one.name in page
        for param in getattr(one, "parameters", ()):
            assert str(param.description) not in ("", "…"), f"{one.qualified_name} {param.name}"


@pytest.mark.parametrize("what", [*Act, *Step], ids=lambda what: f"{type(what).__name__}.{what.name}")
def test_every_press_is_explained_and_has_a_label(what: Act | Step) -> None:
    assert presses.DOES[what]
    without = {*presses.FORMS, *presses.OF_PANEL, Step.EVIDENCE}  # forms have a title of their own, the list of claims a variable's
    assert what in without or presses.labels()[what]


def test_the_settings_of_a_server_have_their_choices() -> None:
    page = discord_pages.server_page()
    assert "**private, unless the asker wants them public**" in page
    assert "Channel of the moderators" in page


def test_every_figure_has_its_line() -> None:
    page = metrics_page()
    assert "`crosscheck_checks_total` | counter |" in page
    assert all(next(iter(one.describe())).name in page for one in metrics())


def test_sentences_of_errors_are_found_with_what_is_filled_in() -> None:
    texts = {one.text for one in messages.messages()}
    assert "DISCORD_TOKEN is not set. README.md says how to get a token in five minutes." in texts
    assert "The picture could not be written to {…}: {…}." in texts  # of an f-string
    assert any(text.startswith("The text is empty.") for text in texts)


@pytest.mark.parametrize(
    "said", re.findall(r"(?m)^\| `([^`]+)` \|", TROUBLE.read_text(encoding="utf-8").partition("## It does not answer")[0])
)
def test_what_troubleshooting_explains_is_said_by_the_program(said: str) -> None:
    assert any(said in one.text for one in messages.messages())


def test_what_pages_for_members_and_moderators_quote_is_said_by_the_bot() -> None:
    with (LOCALES / "crosscheck.pot").open("rb") as stream:
        entries = [entry.id for entry in read_po(stream) if entry.id]
    forms = {form for one in entries for form in (one if isinstance(one, tuple | list) else (one,))}
    said = re.compile("|".join(re.sub(r"\\{\w*\\}", ".+", re.escape(form)) for form in forms if re.sub(r"\{\w*\}|\W", "", form)))
    for page in OF_READERS:
        for quoted in re.findall(r"“((?:[^“”]|“[^”]*”)+)”", page.read_text(encoding="utf-8")):
            assert said.fullmatch(" ".join(quoted.split())), f"{page.relative_to(ROOT)}: {quoted}"


def test_settings_that_pages_name_are_there() -> None:
    known = {variable for variable, _ in Settings.described()}
    for page in [*HAND_WRITTEN, ROOT / "README.md"]:
        for name in re.findall(r"CROSSCHECK_[A-Z_]*[A-Z]", page.read_text(encoding="utf-8")):
            assert name in known or name == "CROSSCHECK_ASKS", f"{page.relative_to(ROOT)} names {name}"


def test_commands_that_pages_name_are_there() -> None:
    every = {name for name, _ in commands.commands()}
    tops = {name.partition(" ")[0] for name in every}
    for page in [*HAND_WRITTEN, ROOT / "README.md"]:
        for first, second in re.findall(r"python -m bot ([a-z]+)(?: ([a-z]+))?", page.read_text(encoding="utf-8")):
            assert first in tops, f"{page.relative_to(ROOT)} names {first}"
            assert first not in commands.groups() or not second or f"{first} {second}" in every, (
                f"{page.relative_to(ROOT)}: {first} {second}"
            )


def test_every_page_is_in_the_navigation() -> None:
    nav = (ROOT / "mkdocs.yml").read_text(encoding="utf-8").partition("\nnav:")[2]
    there = {page.relative_to(DOCS).as_posix() for page in HAND_WRITTEN} | set(MADE_PAGES) | set(TOP_PAGES)
    assert set(re.findall(r"[a-z/-]+\.md", nav)) == there


def test_pages_from_the_top_of_the_project_keep_only_links_that_lead_somewhere() -> None:
    for file in TOP_PAGES.values():
        for address in re.findall(r"\]\(([^)]+)\)", top_page(file)):
            assert address.startswith(("http", "#", "../")) or address in {Path(name).name for name in TOP_PAGES}


def test_what_would_be_markup_in_a_table_is_none() -> None:
    assert escaped("a *b* <c> [d]") == r"a \*b\* &lt;c&gt; \[d\]"
    assert table(("a",), [("b | c\nd",)]) == "| a |\n| --- |\n| b \\| c d |\n"
