"""Each rule of the stand-in: what just fits is taken, what is one too much is refused, and where it is said."""

from __future__ import annotations

from typing import Any

import pytest

from tests.standins.discord.command_rules import choices_problems, commands_problems
from tests.standins.discord.component_rules import component_problems, modal_problems
from tests.standins.discord.posting import enclosure_problems
from tests.standins.discord.problems import nested
from tests.standins.discord.rules import flag_problems, mention_problem, message_problems

V2 = 1 << 15
Json = dict[str, Any]


def text(content: str = "x") -> Json:
    return {"type": 10, "content": content}


def button(number: int = 0, **changed: Any) -> Json:
    return {"type": 2, "style": 2, "custom_id": f"b{number}", "label": "x", **changed}


def row(*children: Json) -> Json:
    return {"type": 1, "components": list(children)}


def select(options: int = 1, **changed: Any) -> Json:
    return {"type": 3, "custom_id": "s", "options": [{"label": f"o{n}", "value": f"o{n}"} for n in range(options)], **changed}


def section(texts: int = 1, accessory: Json | None = None) -> Json:
    return {"type": 9, "components": [text()] * texts, "accessory": button() if accessory is None else accessory}


def container(*children: Json) -> Json:
    return {"type": 17, "components": list(children)}


def gallery(url: str = "attachment://a.png", items: int = 1) -> Json:
    return {"type": 12, "items": [{"media": {"url": url}}] * items}


def embed(**given: Any) -> Json:
    return {"embeds": [{"title": "x", **given}]}


def field(name: str = "n", value: str = "v") -> Json:
    return {"name": name, "value": value}


CONTENT: list[tuple[Json, str | None]] = [
    ({"content": "x" * 2000}, None),
    ({"content": "x" * 2001}, "length"),
    ({"content": " \n"}, "empty"),
    ({"components": [row(button())]}, "empty"),
    (embed(title="x" * 256), None),
    (embed(title="x" * 257), "length"),
    (embed(description="x" * 4096), None),
    (embed(description="x" * 4097), "length"),
    (embed(footer={"text": "x" * 2049}), "length"),
    (embed(author={"name": "x" * 257}), "length"),
    (embed(fields=[field()] * 25), None),
    (embed(fields=[field()] * 26), "embeds"),
    (embed(fields=[field("n" * 257)]), "length"),
    (embed(fields=[field("n", "v" * 1025)]), "length"),
    (embed(fields=[field("n", "")]), "required"),
    ({"embeds": [{"description": "x" * 3000}] * 2}, None),
    ({"embeds": [{"description": "x" * 3001}] * 2}, "embeds"),
    ({"embeds": [{"title": "x"}] * 11}, "embeds"),
    ({"embeds": [{}]}, "embeds"),
    (embed(url="ftp://a.example"), "url"),
    (embed(image={"url": "attachment://a.png"}), None),
    (embed(image={"url": "attachment://b.png"}), "files"),
    ({"flags": V2, "components": [text()]}, None),
    ({"flags": V2, "components": [text()], "content": "x"}, "v2"),
    ({"flags": V2, "components": [text()], "embeds": [{"title": "x"}]}, "v2"),
    ({"flags": V2, "components": [text()], "sticker_ids": ["1"]}, "v2"),
    ({"flags": V2, "components": [text()], "poll": {"question": {}}}, "v2"),
    ({"content": "x", "nonce": "1" * 26}, "length"),
]


@pytest.mark.parametrize(("message", "rule"), CONTENT)
def test_content_and_embeds_are_bounded(message: Json, rule: str | None) -> None:
    files = ["a.png"] if "attachment" in str(message) else []
    assert {problem.rule for problem in message_problems(message, files)} == ({rule} if rule else set())


FILE: Json = {"type": 13, "file": {"url": "attachment://a.png"}}
FORTY = [container(*[text() for _ in range(38)], {"type": 14})]
COMPONENTS: list[tuple[list[Json], str | None]] = [
    (FORTY, None),
    ([*FORTY, text()], "components"),
    ([text("x" * 2000), container(text("x" * 2000))], None),
    ([text("x" * 2000), container(text("x" * 2000), section())], "text"),
    ([text("")], "length"),
    ([button()], "nesting"),
    ([container(container(text()))], "nesting"),
    ([container(button())], "nesting"),
    ([container()], "nesting"),
    ([container(row(button()), text(), section(accessory=button(1)), gallery(), {"type": 14}, FILE)], None),
    ([section(3)], None),
    ([section(4)], "nesting"),
    ([section(0)], "nesting"),
    ([section(accessory=text())], "nesting"),
    ([section(accessory={"type": 11, "media": {"url": "https://a.example/a.png"}})], None),
    ([row(*map(button, range(5)))], None),
    ([row(*map(button, range(6)))], "nesting"),
    ([row()], "nesting"),
    ([row(text())], "nesting"),
    ([row(select())], None),
    ([row(select(), button())], "nesting"),
    ([row(button(1), button(1))], "unique"),
    ([row(button(custom_id="x" * 100))], None),
    ([row(button(custom_id="x" * 101))], "length"),
    ([row(button(custom_id=""))], "required"),
    ([row(button(label="x" * 80))], None),
    ([row(button(label="x" * 81))], "length"),
    ([row(button(label=None))], "button"),
    ([row(button(label=None, emoji={"name": "👍"}))], None),
    ([row(button(url="https://a.example"))], "button"),
    ([row(button(style=5, url="https://a.example"))], "button"),
    ([row(button(style=7))], "number"),
    ([row(button(style=5, custom_id=None, url=f"https://a.example/{'x' * 494}"))], None),
    ([row(button(style=5, custom_id=None, url=f"https://a.example/{'x' * 495}"))], "length"),
    ([row(button(style=5, custom_id=None, url="discord://-/channels"))], None),
    ([row(button(style=5, custom_id=None, url="javascript:x"))], "url"),
    ([row(select(25))], None),
    ([row(select(26))], "options"),
    ([row(select(0))], "options"),
    ([row(select(placeholder="x" * 150))], None),
    ([row(select(placeholder="x" * 151))], "length"),
    ([row(select(options=2, max_values=2))], None),
    ([row(select(options=2, min_values=2))], "number"),
    ([row(select(options=2, max_values=3))], "options"),
    ([row(select(options=2, max_values=26))], "number"),
    ([row(select() | {"options": [{"label": "x" * 101, "value": "x"}]})], "length"),
    ([row(select() | {"options": [{"label": "x", "value": "x" * 101}]})], "length"),
    ([row(select() | {"options": [{"label": "x", "value": "x", "description": "x" * 101}]})], "length"),
    ([row(select() | {"options": [{"label": "x", "value": "x"}] * 2})], "unique"),
    ([gallery()], None),
    ([gallery("attachment://b.png")], "files"),
    ([gallery("data:image/png;base64,")], "url"),
    ([gallery(items=11)], "media"),
    ([{"type": 13, "file": {"url": "https://a.example/a.png"}}], "url"),
    ([{"type": 14, "spacing": 3}], "number"),
    ([container(text()) | {"accent_color": 1 << 24}], "number"),
    ([{"type": 18, "label": "x", "component": select()}], "nesting"),
]  # fmt: skip


@pytest.mark.parametrize(("components", "rule"), COMPONENTS)
def test_components_are_counted_nested_and_bounded(components: list[Json], rule: str | None) -> None:
    found = {problem.rule for problem in component_problems(components, is_v2=True, files=["a.png"])}
    assert found >= {rule} if rule else found == set()


def test_without_the_flag_only_rows_are_taken_and_five_of_them() -> None:
    rows = [row(button(number)) for number in range(6)]
    assert not list(component_problems(rows[:5], is_v2=False, files=()))
    assert [problem.rule for problem in component_problems(rows, is_v2=False, files=())] == ["components"]
    assert [problem.rule for problem in component_problems([text()], is_v2=False, files=())] == ["nesting"]


def label(component: Json, **changed: Any) -> Json:
    return {"type": 18, "label": "x", "component": component, **changed}


def field_of(**changed: Any) -> Json:
    return {"type": 4, "custom_id": "t", "style": 1, **changed}


def group(kind: int, options: int, **changed: Any) -> Json:
    return select(options, **changed) | {"type": kind}


MODALS: list[tuple[Json, str | None]] = [
    ({"components": [label(field_of())]}, None),
    ({"title": "x" * 46}, "length"),
    ({"custom_id": ""}, "length"),
    ({"components": []}, "modal"),
    ({"components": [text()] * 6}, "modal"),
    ({"components": [row(field_of(label="x"))]}, None),
    ({"components": [row(field_of())]}, "length"),
    ({"components": [row(button())]}, "nesting"),
    ({"components": [field_of()]}, "nesting"),
    ({"components": [label(field_of(), label="x" * 46)]}, "length"),
    ({"components": [label(field_of(), description="x" * 101)]}, "length"),
    ({"components": [label(button())]}, "nesting"),
    ({"components": [label(field_of(max_length=4000, value="x" * 4000))]}, None),
    ({"components": [label(field_of(max_length=4001))]}, "number"),
    ({"components": [label(field_of(min_length=-1))]}, "number"),
    ({"components": [label(field_of(min_length=5, max_length=4))]}, "number"),
    ({"components": [label(field_of(max_length=5, value="x" * 6))]}, "length"),
    ({"components": [label(field_of(placeholder="x" * 101))]}, "length"),
    ({"components": [label(select(), id=1), label(field_of(), id=1)]}, "unique"),
    ({"components": [label(select(disabled=True))]}, "modal"),
    ({"components": [label(select(min_values=0))]}, "modal"),
    ({"components": [label(select(min_values=0, required=False))]}, None),
    ({"components": [label(group(21, 2))]}, None),
    ({"components": [label(group(21, 1))]}, "options"),
    ({"components": [label(group(22, 10, max_values=10))]}, None),
    ({"components": [label(group(22, 11))]}, "options"),
    ({"components": [label({"type": 23, "custom_id": "c"})]}, None),
]


@pytest.mark.parametrize(("changed", "rule"), MODALS)
def test_modals_are_bounded(changed: Json, rule: str | None) -> None:
    modal = {"title": "x", "custom_id": "m", "components": [text()], **changed}
    found = {problem.rule for problem in modal_problems(modal)}
    assert found >= {rule} if rule else found == set()


def option(name: str = "o", **changed: Any) -> Json:
    return {"name": name, "description": "x", "type": 3, **changed}


def chat(*options: Json, **changed: Any) -> Json:
    return {"name": "c", "description": "x", "type": 1, "options": list(options), **changed}


COMMANDS: list[tuple[list[Json], str | None]] = [
    ([chat(name=f"c{number}") for number in range(100)], None),
    ([chat(name=f"c{number}") for number in range(101)], "commands"),
    ([{"name": f"M {number}", "type": 3} for number in range(16)], "commands"),
    ([{"name": f"U {number}", "type": 2} for number in range(16)], "commands"),
    ([chat(), chat()], "unique"),
    ([chat(name="prüfen-ab_1'")], None),
    ([chat(name="हिन्दी")], None),
    ([chat(name="Upper")], "name"),
    ([chat(name="two words")], "name"),
    ([chat(name="x" * 33)], "name"),
    ([chat(description="")], "description"),
    ([chat(description="x" * 101)], "description"),
    ([{"name": "x" * 33, "type": 3}], "name"),
    ([{"name": "Check sources", "type": 3, "description": "x"}], "description"),
    ([chat(name_localizations={"de": "prüfen"})], None),
    ([chat(name_localizations={"de": "Prüfen"})], "name"),
    ([chat(name_localizations={"de-DE": "prüfen"})], "locale"),
    ([chat(description_localizations={"de": "x" * 101})], "length"),
    ([chat(contexts=[0, 3])], "contexts"),
    ([chat(integration_types=[])], "integration_types"),
    ([chat(*[option(f"o{number}") for number in range(25)])], None),
    ([chat(*[option(f"o{number}") for number in range(26)])], "options"),
    ([chat(option("a"), option("a"))], "unique"),
    ([chat(option("a"), option("b", required=True))], "options"),
    ([chat(option(), option("s", type=1))], "options"),
    ([chat(option("g", type=2, options=[option("s", type=1, options=[option()])]))], None),
    ([chat(option("g", type=2, options=[option("g", type=2)]))], "options"),
    ([chat(option(type=12))], "options"),
    ([chat(option(choices=[{"name": "x", "value": "x"}] * 25))], None),
    ([chat(option(choices=[{"name": "x", "value": "x"}] * 26))], "choices"),
    ([chat(option(choices=[{"name": "x", "value": "x"}], autocomplete=True))], "options"),
    ([chat(option(type=5, autocomplete=True))], "options"),
    ([chat(option(max_length=6001))], "number"),
    ([chat(*[option(f"o{n}", choices=[{"name": f"{'x' * 50}", "value": f"{'x' * 50}"}] * 10) for n in range(8)])], "length"),
]


@pytest.mark.parametrize(("commands", "rule"), COMMANDS)
def test_commands_are_named_and_bounded(commands: list[Json], rule: str | None) -> None:
    found = {problem.rule for problem in commands_problems(commands)}
    assert found >= {rule} if rule else found == set()


def test_at_most_25_choices_of_100_characters_are_proposed() -> None:
    choice = {"name": "x" * 100, "value": "x" * 100}
    assert not list(choices_problems([choice] * 25, ()))
    for wrong in ([choice] * 26, [choice | {"name": ""}], [choice | {"name": "x" * 101}], [choice | {"value": "x" * 101}]):
        assert {problem.rule for problem in choices_problems(wrong, ())} == {"choices"}


@pytest.mark.parametrize(
    ("allowed", "pings"),
    [
        (None, True),
        ({"parse": []}, False),
        ({"parse": [], "replied_user": False}, False),
        ({"parse": ["users"]}, True),
        ({"parse": [], "users": ["1"]}, True),
        ({"parse": [], "roles": ["1"]}, True),
        ({"parse": [], "replied_user": True}, True),
        ({}, True),
    ],
)
def test_a_text_that_could_ping_is_noticed(allowed: Json | None, pings: bool) -> None:
    given: Json = {} if allowed is None else {"allowed_mentions": allowed}
    assert bool(mention_problem({"content": "x", **given})) is pings
    assert bool(mention_problem({"components": [container(text())], **given})) is pings
    assert mention_problem({"embeds": [{"title": "x"}], **given}) is None


def test_flags_are_those_that_bots_set_and_the_one_of_components_stays() -> None:
    assert not list(flag_problems(V2 | 4 | 64 | 4096))
    assert [problem.rule for problem in flag_problems(1 << 7)] == ["flags"]
    assert [problem.rule for problem in flag_problems(4, before=V2)] == ["v2"]
    assert not list(flag_problems(V2, before=0))


def test_what_a_message_lists_as_attached_comes_with_it_or_is_there_and_an_edit_lists_all_that_comes() -> None:
    described = {"attachments": [{"id": 0, "filename": "a.png", "description": "x" * 1024}]}
    files = {"files[0]": ("a.png", b"x")}
    assert not list(enclosure_problems(described, files))
    assert not list(enclosure_problems({}, files))
    assert not list(enclosure_problems({"attachments": [{"id": "7"}]}, {}, there=["7"]))
    refused: list[tuple[Json, dict[str, tuple[str, bytes]], list[str] | None]] = [
        ({"attachments": [{"id": 0, "description": "x" * 1025}]}, files, None),
        ({"attachments": [{"id": 1}]}, files, None),
        ({"attachments": [{"id": "7"}]}, {}, ["8"]),
        ({}, files, []),
        ({}, {f"files[{n}]": (f"{n}.png", b"x") for n in range(11)}, None),
    ]
    assert [[problem.rule for problem in enclosure_problems(*one)] for one in refused] == [
        ["length"], ["files"], ["files"], ["files"], ["files"],
    ]  # fmt: skip


def test_problems_are_nested_as_discord_nests_them() -> None:
    (problem,) = component_problems([row(button(label="x" * 81))], is_v2=True, files=())
    errors = nested([problem])
    assert errors["components"]["0"]["components"]["0"]["label"]["_errors"][0]["code"] == "LENGTH"
