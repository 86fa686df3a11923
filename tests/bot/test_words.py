"""The catalogues of languages say all that the code says, and nothing else; texts keep within Discord's limits in every language."""

from __future__ import annotations

import ast
import asyncio
import io
import string
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from gettext import GNUTranslations
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import discord
import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir, extract_from_file
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from discord import app_commands

import bot
from bot.discord.answering import Answered
from bot.discord.case_views import case_view, public_note, state_name
from bot.discord.client import Client
from bot.discord.commands import check, compare, disputes, following, info, privacy, settings, sources
from bot.discord.flagging import reasons_of
from bot.discord.ids import Act, CaseId, CustomId, Step
from bot.discord.modals import appeal_modal, decision_modal, flag_modal, reasons_modal, trim_modal
from bot.discord.overviews import overview_view
from bot.discord.queue_views import queue_view
from bot.discord.tree import Translator
from bot.discord.views import Frame, choices, context_view, rows
from bot.render import answer, headline
from bot.texts import units
from bot.words import DOMAIN, LANGUAGES, LOCALES, words_for
from db.cases import Dispute, Flag, Page, Post, Snapshot, State
from db.guilds import Guild
from db.privacy import Kept
from retrieval.types import ArticleRef, Claim, Comparison, Excerpt, Outcome, Stance

BOT = Path(bot.__file__).parent
CLAIMS = BOT.parent / "retrieval" / "claims.py"
# As in the Makefile's target "words".
KEYWORDS: dict[str, Any] = {"words": None, "plural": (1, 2), "locale_str": None, "self": None, "sentence": None}
TRANSLATED = [language for language in LANGUAGES if language != "en"]
OPENING, CLOSING = {"de": "„", "es": "«", "fr": "«\u00a0"}, {"de": "“", "es": "»", "fr": "\u00a0»"}
APPS = {"de": "Apps", "es": "Aplicaciones", "fr": "Applications"}  # as Discord itself calls that menu
DAY = datetime(2025, 2, 24, 23, tzinfo=UTC)

Id = str | tuple[str, ...]
each_language = pytest.mark.parametrize("language", TRANSLATED)


@cache
def _in_code() -> frozenset[Id]:
    """All texts that the code shows, as Babel finds them."""
    found: list[Any] = [row[1] for row in extract_from_file("python", CLAIMS, keywords=KEYWORDS)]
    found += [row[2] for row in extract_from_dir(BOT, keywords=KEYWORDS)]
    return frozenset(found)


@cache
def _catalogue(language: str) -> Catalog:
    with (LOCALES / language / "LC_MESSAGES" / f"{DOMAIN}.po").open("rb") as file:
        return read_po(file, locale=language, abort_invalid=True)


def _messages(language: str) -> Iterator[Message]:
    return (one for one in _catalogue(language) if one.id)


def _forms(text: object) -> tuple[str, ...]:
    return cast(tuple[str, ...], tuple(text) if isinstance(text, tuple | list) else (text,))


def _names(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def _translation(language: str, text: str) -> str:
    return words_for(language)(text)


def test_babel_finds_the_texts_of_the_code() -> None:
    found = _in_code()
    assert {"Check sources", "no date given", ("{n} day", "{n} days"), "The source"} <= found
    assert any("in {language}" in one for one in found)  # of retrieval/claims.py
    with (LOCALES / f"{DOMAIN}.pot").open("rb") as file:
        assert {one.id for one in read_po(file) if one.id} == found


def test_no_text_hides_in_an_f_string_where_babel_does_not_look() -> None:
    hidden = [
        f"{path.relative_to(BOT.parent)}:{call.lineno}: {ast.unparse(call)}"
        for path in BOT.rglob("*.py")
        for joined in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(joined, ast.JoinedStr)
        for call in ast.walk(joined)
        if isinstance(call, ast.Call) and ast.unparse(call.func).rpartition(".")[2] in KEYWORDS
    ]
    assert hidden == []


@each_language
def test_a_catalogue_is_complete_and_has_nothing_else(language: str) -> None:
    assert {one.id for one in _messages(language)} == _in_code(), "make words"
    assert not _catalogue(language).obsolete
    assert not [one.id for one in _messages(language) if one.fuzzy]
    for one in _messages(language):
        forms = _forms(one.string)
        assert len(forms) == len(_forms(one.id)), one.id
        assert all(form.strip() == form != "" for form in forms), one.id


@each_language
def test_the_header_names_the_plural_forms_and_nobody(language: str) -> None:
    headers = dict(_catalogue(language).mime_headers)
    assert headers["Language"] == language
    assert headers["Plural-Forms"] == f"nplurals=2; plural=({'n > 1' if language == 'fr' else 'n != 1'});"
    assert headers["Project-Id-Version"].startswith("Crosscheck")
    assert "@" not in (LOCALES / language / "LC_MESSAGES" / f"{DOMAIN}.po").read_text(encoding="utf-8")


@each_language
def test_what_is_compiled_is_what_is_written(language: str) -> None:
    made = io.BytesIO()
    write_mo(made, _catalogue(language))
    made.seek(0)
    with (LOCALES / language / "LC_MESSAGES" / f"{DOMAIN}.mo").open("rb") as file:
        assert _compiled(file) == _compiled(made), "make words"


@each_language
def test_placeholders_signs_links_and_quotes_are_kept(language: str) -> None:
    for one in _messages(language):
        for source, form in zip(_forms(one.id), _forms(one.string), strict=True):
            assert _names(form) == _names(source), form
            for sign in ("✓", "✗", "]({link})", "[", "/settings", "…", "\n"):
                assert form.count(sign) == source.count(sign), form
            assert form.startswith("- ") == source.startswith("- "), form
            assert form.count(OPENING[language]) == form.count(CLOSING[language]) == source.count("“"), form
            assert not set("\"'~^") & set(form), form  # typographic ones; and no spaces that were meant to be others
            assert source[-1] not in ".:" or form[-1] == source[-1], form


def test_french_has_its_spaces_before_signs() -> None:
    for one in _messages("fr"):
        for form in _forms(one.string):
            text = form.replace("https://", "")
            assert all(text[at - 1] in "\u00a0\u202f" for at, sign in enumerate(text) if sign in ":;?!»" and at), form


@each_language
def test_texts_that_name_a_menu_a_label_or_an_answer_name_it_as_it_is_called(language: str) -> None:
    quoted = f"{OPENING[language]}{_translation(language, 'Check sources')}{CLOSING[language]}"
    naming = [one for one in _in_code() if isinstance(one, str) and "“Check sources”" in one]
    assert len(naming) >= 3
    for one in naming:
        assert f"{APPS[language]}, {quoted}" in _translation(language, one)
    unanswered = _translation(language, "No stored source speaks to this.").rstrip(".")
    means = "“No stored source speaks to this” means just that: it says nothing about the claim."
    assert _translation(language, means).startswith(f"{OPENING[language]}{unanswered}{CLOSING[language]}")
    signs = _translation(language, "✓ Agreeing: these words of a stored article say the same. ✗ Contradicting: they say otherwise.")
    for sign, label in (("✓", "Agreeing"), ("✗", "Contradicting")):
        assert f"{sign} {_translation(language, label)}" in signs


@each_language
def test_no_headline_rules_on_the_claim(language: str) -> None:
    verdicts = {"wahr", "falsch", "richtig", "verdadero", "verdadera", "falso", "falsa", "cierto", "vrai", "vraie", "faux", "fausse"}
    for outcome in Outcome:
        said = headline(_comparison(outcome), words_for(language), minimum=5)
        assert not verdicts & set(said.lower().replace(".", " ").replace(",", " ").split())


@pytest.mark.parametrize(
    ("language", "none", "one", "two"),
    [("en", "0 days", "1 day", "2 days"), ("de", "0 Tage", "1 Tag", "2 Tage"), ("es", "0 días", "1 día", "2 días"),
     ("fr", "0 jour", "1 jour", "2 jours")],
)  # fmt: skip
def test_plural_takes_the_right_form(language: str, none: str, one: str, two: str) -> None:
    assert [words_for(language).plural("{n} day", "{n} days", n) for n in (0, 1, 2)] == [none, one, two]


def test_numbers_dates_and_spans_are_those_of_the_language() -> None:
    dates = {"en-GB": "24 Feb 2025", "de": "24.02.2025", "es-ES": "24 feb 2025", "es-419": "24 feb 2025", "fr": "24 févr. 2025"}
    assert {locale: words_for(locale).date(DAY) for locale in dates} == dates
    assert [words_for(language).date(None) for language in TRANSLATED] == ["ohne Datum", "sin fecha", "sans date"]
    assert [words_for(language).ago(timedelta(days=2)) for language in TRANSLATED] == ["vor 2 Tagen", "hace 2 días", "il y a 2 jours"]
    assert [words_for(language).duration(timedelta(seconds=8)) for language in TRANSLATED] == [
        "8 Sekunden",
        "8 segundos",
        "8\u00a0secondes",
    ]
    assert words_for("de").plural("{n} day", "{n} days", 1_200) == "1.200 Tage"


@pytest.mark.parametrize("locale", [None, "", "en-US", "en-GB", "ja", "zh-CN", "sv-SE", "xx", "nonsense"])
def test_other_locales_are_english(locale: str | None) -> None:
    words = words_for(locale)
    assert words("Check sources") == "Check sources"
    assert words.date(None) == "no date given"
    assert words.plural("{n} day", "{n} days", 2) == "2 days"


def test_every_spanish_is_served_by_one_catalogue() -> None:
    for one in _messages("es"):
        if isinstance(one.id, str):
            assert words_for("es-ES")(one.id) == words_for("es-419")(one.id) == words_for("es")(one.id) == one.string


@pytest.mark.parametrize("language", LANGUAGES)
def test_commands_keep_within_discords_limits(language: str) -> None:
    payloads = asyncio.run(_payloads())
    assert {one["name"] for one in payloads} == {
        "check", "compare", "Check sources", "Flag as disputed", "help", "about", "settings", "sources", "disputes", "following", "privacy",
    }  # fmt: skip
    for locale in [str(one) for one in discord.Locale if str(one).split("-")[0] == language]:
        for one in (part for payload in payloads for part in _with_options(payload)):
            name = one.get("name_localizations", {}).get(locale, one["name"])
            assert 1 <= units(name) <= 32
            if one.get("type") != discord.AppCommandType.message.value or "description" in one:
                assert name == one["name"]  # what is typed is the same everywhere
                assert 1 <= units(one.get("description_localizations", {}).get(locale, one["description"])) <= 100
                assert language == "en" or locale in one["description_localizations"]
            else:
                assert name == _translation(language, one["name"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_help_names_every_command_but_itself(language: str) -> None:
    text = "\n".join(info.help_text(words_for(language), "/check"))
    for payload in asyncio.run(_payloads()):
        name = payload["name"] if "description" in payload else _translation(language, payload["name"])
        assert name == "help" or (f"/{name}" if "description" in payload else name) in text, name


@pytest.mark.parametrize("language", LANGUAGES)
def test_labels_keep_within_discords_limits(language: str) -> None:
    counted = 0
    for component in _components(_shown(language)):
        for key, limit in _limits(component).items():
            if component.get(key) is not None:
                counted += 1
                assert 1 <= units(component[key]) <= limit, (key, component[key])
    assert counted >= 40


def _compiled(file: Any) -> dict[object, str]:
    """The texts, without the header: that names the version of Babel."""
    kept: dict[object, str] = cast(Any, GNUTranslations(file))._catalog
    return {key: text for key, text in kept.items() if key}


async def _payloads() -> list[dict[str, Any]]:
    """The commands as they are handed to Discord."""
    tree = app_commands.CommandTree(discord.Client(intents=discord.Intents.none()))
    client = cast(Client, SimpleNamespace(tree=tree, app=SimpleNamespace(addresses=None, disputes=None)))
    for part in (check, compare, following, settings, sources, disputes, privacy, info):
        part.add_to(client)
    return [await one.get_translated_payload(tree, Translator()) for one in tree.get_commands(type=None)]


def _with_options(payload: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A command, its subcommands and their options."""
    yield payload
    for option in payload.get("options", []):
        yield from _with_options(option)


def _excerpt(number: int) -> Excerpt:
    article = ArticleRef(number, number, f"https://a.example/{number}", "Title", f"Outlet {number}", DAY)
    return Excerpt("It closed.", 0, 10, article, Stance(0.9, 0.05, 0.05))


def _comparison(outcome: Outcome = Outcome.MIXED) -> Comparison:
    some = [_excerpt(number) for number in range(6)]
    return Comparison(Claim("It closed."), outcome, some[:3], some[3:], 9, 6, DAY, {})


def _shown(language: str) -> list[Any]:
    """Everything with labels that the bot shows, as it is handed to Discord."""
    words = words_for(language)
    frame = Frame(words, 1, sharable=True, flaggable=True)
    answered = Answered(1, _comparison())
    shown = answer(answered.comparison, words)
    views: list[Any] = [
        overview_view([answered, answered], 2, frame),
        context_view(shown.agreeing[0], ("", "It closed.", ""), choices(shown), 1, 1, words),
        settings.panel(Guild(1), words),
        settings.cases_panel(Guild(1), words),
        *(case_view(_case(state), [_snapshot()], words, publishable=True) for state in State),
        public_note(_case(State.DISPUTED), [_snapshot()], words),
        public_note(_case(State.DISPUTED), [_snapshot()], words, preview=True),
        queue_view(Page(30, [_case(State.OPEN)]), 1, {}, "", words),
        settings.welcome(words, "/check"),
        privacy.really(Kept(*[1] * 8), words),
    ]
    return [
        *(row.to_component_dict() for row in rows(answered, shown, frame)),
        *(view.to_components() for view in views),
        trim_modal("A text.", CustomId(Act.TRIM_SENT), words).to_dict(),
        privacy.purge_modal(words).to_dict(),
        flag_modal(CustomId(Act.FLAG_SENT, 1, 1), reasons_of(Guild(1), words), words).to_dict(),
        reasons_modal(CustomId(Act.SETTING), reasons_of(Guild(1), words), words).to_dict(),
        appeal_modal(CaseId(Step.APPEALED), words).to_dict(),
        *(
            decision_modal(words("Case {n}: {state}", n=12, state=state_name(state, words)), CaseId(Step.RESOLVED), words).to_dict()
            for state in State
        ),
    ]


def _case(state: State) -> Dispute:
    flag = Flag(5, True, "It is old", "See there.", DAY)
    return Dispute(
        1, 12, state, 3, 3, 5, Post(1, 2, 3, 4, "It closed.", DAY), None, DAY, DAY, None, None, 0, None, None, None, (flag,)
    )  # fmt: skip


def _snapshot() -> Snapshot:
    return Snapshot(1, DAY, [_comparison()], "", False)


def _components(part: Any) -> Iterator[dict[str, Any]]:
    if isinstance(part, dict):
        yield part
        part = list(part.values())
    if isinstance(part, list):
        for one in part:
            yield from _components(one)


def _limits(component: dict[str, Any]) -> dict[str, int]:
    match component.get("type"):
        case 2:  # a button
            return {"label": 80}
        case 3 | 5 | 6 | 7 | 8:  # selects
            return {"placeholder": 150}
        case 18:  # a label of a form
            return {"label": 45, "description": 100}
        case None if "title" in component:  # a form
            return {"title": 45}
        case None if "value" in component:  # an option of a select
            return {"label": 100, "description": 100}
    return {}
