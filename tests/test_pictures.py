"""The tool that draws messages draws all of them, and nothing of a payload becomes HTML of its own."""

from __future__ import annotations

import json
import shutil
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.pictures import __main__ as command
from tests.pictures.components import DRAWERS, component
from tests.pictures.draw import NoBrowser, draw
from tests.pictures.markdown import Scope, to_html
from tests.pictures.page import COMPONENTS_V2, EPHEMERAL, page
from tests.pictures.parts import Part

NOW = datetime(2026, 8, 20, 14, 3, tzinfo=UTC)
SCOPE = Scope(NOW)
EXAMPLES = sorted((Path(__file__).parent / "pictures" / "examples").glob("*.json"))
SCRIPT = "<script>alert(1)</script>"
SAFE = "&lt;script&gt;alert(1)&lt;/script&gt;"


def shown(text: str) -> str:
    return to_html(text, SCOPE)


def body(payload: Part, **options: str | bool) -> str:
    html = page(payload, now=NOW, private=bool(options.get("private")), used=str(options.get("used", "")))
    return html[html.index("<body") : html.index("<script>const")]


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("**bold**", "<strong>bold</strong>"),
        ("*italic* and _italic_", "<em>italic</em> and <em>italic</em>"),
        ("__underline__", "<u>underline</u>"),
        ("~~struck~~", "<s>struck</s>"),
        ("||hidden||", '<span class="spoiler">hidden</span>'),
        ("`a *b* <c>`", "<code>a *b* &lt;c&gt;</code>"),
        ("``a ` b``", "<code>a ` b</code>"),
        ("```py\nx = '*'\n```after", "<pre>x = &#x27;*&#x27;</pre>after"),
        ("# One", '<h1 class="heading first last">One</h1>'),
        ("## Two\nmore", '<h2 class="heading first">Two</h2>more'),
        ("text\n### Three", 'text\n<h3 class="heading last">Three</h3>'),
        ("#### four", "#### four"),
        ("#none", "#none"),
        ("-# small *print*", "<small>small <em>print</em></small>"),
        ("> one\n> two\nafter", "<blockquote><div>one\ntwo</div></blockquote>after"),
        (">>> all\nthe rest", "<blockquote><div>all\nthe rest</div></blockquote>"),
        (">none", "&gt;none"),
        ("- a\n- b\n  - c\n- d\nafter", "<ul><li>a</li><li>b<ul><li>c</li></ul></li><li>d</li></ul>after"),
        ("3. a\n4. b", '<ol start="3"><li>a</li><li>b</li></ol>'),
        ("* a\n  goes on", "<ul><li>a\ngoes on</li></ul>"),
        ("[a *b*](https://c.example/d_(e))", '<a href="https://c.example/d_(e)">a <em>b</em></a>'),
        ("[a](<https://c.example/?d=1&e=2>)", '<a href="https://c.example/?d=1&amp;e=2">a</a>'),
        ('[a](https://c.example "hint")', '<a href="https://c.example">a</a>'),
        ("<https://a.example>", '<a href="https://a.example">https://a.example</a>'),
        ("see https://a.example/b_c_d.", 'see <a href="https://a.example/b_c_d">https://a.example/b_c_d</a>.'),
        ("<@1><@!2>", '<span class="mention" title="&lt;@1&gt;">@user</span><span class="mention" title="&lt;@!2&gt;">@user</span>'),
        ("<#1>", '<span class="mention" title="&lt;#1&gt;">#channel</span>'),
        ("<@&1>", '<span class="mention" title="&lt;@&amp;1&gt;">@role</span>'),
        ("</check now:1>", '<span class="mention">/check now</span>'),
        ("@everyone", '<span class="mention">@everyone</span>'),
        ("<:tick:1>", '<span class="emoji" title=":tick:">ti</span>'),
        ("two  spaces\n\nand lines", "two  spaces\n\nand lines"),
        ("snake_case_word 2 * 3 * 4", "snake_case_word 2 * 3 * 4"),
    ],
)
def test_each_form_is_drawn(text: str, html: str) -> None:
    assert shown(text) == html


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("***both***", "<em><strong>both</strong></em>"),
        ("**bold *italic* __under__**", "<strong>bold <em>italic</em> <u>under</u></strong>"),
        ("> **a** `b`\n> - c", "<blockquote><div><strong>a</strong> <code>b</code>\n<ul><li>c</li></ul></div></blockquote>"),
        ("> > twice", "<blockquote><div>&gt; twice</div></blockquote>"),
        ("||~~a~~||", '<span class="spoiler"><s>a</s></span>'),
        ("**[a](https://b.example)**", '<strong><a href="https://b.example">a</a></strong>'),
        ("**# no heading**", "<strong># no heading</strong>"),
        ("- # no heading", "<ul><li># no heading</li></ul>"),
    ],
)
def test_forms_nest(text: str, html: str) -> None:
    assert shown(text) == html


@pytest.mark.parametrize(
    "text", ["**bold", "*", "_", "||", "```", "`", "[a](", "[a]()", "[a](javascript:alert)", "<t:1:x>", "<@x>", "[](https://a.example)"]
)
def test_what_is_not_closed_or_not_allowed_stays_as_it_is_written(text: str) -> None:
    drawn = shown(text)
    assert "<" not in drawn.replace('<a href="https://a.example">https://a.example</a>', "")


def test_a_backslash_shows_the_sign_after_it() -> None:
    assert shown(r"\*a\* \_b\_ \# \> \[c\](d) \\ \<@1\>") == r"*a* _b_ # &gt; [c](d) \ &lt;@1&gt;"
    assert shown(r"**a\*\*b**") == "<strong>a**b</strong>"
    assert shown(r"a\b") == r"a\b"
    assert shown("\\# a\n\\- b\n1\\. c") == "# a\n- b\n1. c"


def test_the_label_of_a_link_has_discords_own_rules() -> None:
    assert shown(r"[a\[1\]](https://b.example)") == r'<a href="https://b.example">a\[1\]</a>'  # backslashes show there
    assert shown("[<@1>](https://b.example)") == '<a href="https://b.example">&lt;@1&gt;</a>'
    assert shown("[at https://news.example](<https://b.example>)").startswith("[at ")
    assert shown("[a 🎉](https://b.example)").startswith("[a 🎉](")
    assert to_html("[a 🎉](https://b.example)", Scope(NOW, embed=True)) == '<a href="https://b.example">a 🎉</a>'


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("<t:1786500000>", "12 August 2026 at 02:00"),
        ("<t:1786500000:t>", "02:00"),
        ("<t:1786500000:T>", "02:00:00"),
        ("<t:1786500000:d>", "12/08/2026"),
        ("<t:1786500000:D>", "12 August 2026"),
        ("<t:1786500000:F>", "Wednesday 12 August 2026 at 02:00"),
        ("<t:1786500000:R>", "9 days ago"),
        (f"<t:{int(NOW.timestamp()) + 3600}:R>", "in 1 hour"),
    ],
)
def test_a_time_is_drawn_in_its_style(text: str, words: str) -> None:
    assert shown(text) == f"<time>{words}</time>"


def test_a_time_out_of_the_calendar_stays_as_it_is_written() -> None:
    assert shown("<t:9999999999999:F>") == "&lt;t:9999999999999:F&gt;"


@pytest.mark.parametrize("form", ["{}", "**{}**", "`{}`", "```{}```", "# {}", "-# {}", "> {}", "- {}", "[{}](https://a.example)", "||{}||"])
def test_no_text_becomes_html(form: str) -> None:
    drawn = shown(form.format(SCRIPT))
    assert "<script" not in drawn
    assert SAFE in drawn


@pytest.mark.parametrize("sign", ["*", "_", "`", "> ", "[", "||", "**a"])
def test_four_thousand_characters_of_one_sign_are_drawn(sign: str) -> None:
    assert shown(sign * (4000 // len(sign)))


def test_no_address_leaves_its_attribute() -> None:
    assert '" onclick' not in shown('[a](https://b.example/"onclick="x) https://b.example/"onclick="x')


TEXT: Part = {"type": 10, "content": "a **text**"}
BUTTON: Part = {"type": 2, "style": 1, "label": "Press", "custom_id": "x"}
OPTIONS = [{"label": "First", "value": "1", "default": True}, {"label": "Second", "value": "2"}]
DRAWN: dict[int, tuple[Part, str]] = {
    1: ({"type": 1, "components": [BUTTON]}, "Press"),
    2: ({**BUTTON, "emoji": {"name": "📣"}, "disabled": True}, "primary disabled"),
    3: ({"type": 3, "placeholder": "Choose"}, "Choose"),
    4: ({"type": 4, "style": 2, "label": "Why", "value": "because", "max_length": 40}, "7/40"),
    5: ({"type": 5}, "Select a user"),
    6: ({"type": 6}, "Select a role"),
    7: ({"type": 7}, "Select a user or role"),
    8: ({"type": 8}, "Select a channel"),
    9: ({"type": 9, "components": [TEXT], "accessory": BUTTON}, "Press"),
    10: (TEXT, "a <strong>text</strong>"),
    11: ({"type": 11, "media": {"url": "https://a.example/map%20one.png"}}, "map one.png"),
    12: ({"type": 12, "items": [{"media": {"url": "attachment://a.png"}, "description": "A map", "spoiler": True}]}, "A map"),
    13: ({"type": 13, "file": {"url": "attachment://claims.csv"}}, "claims.csv"),
    14: ({"type": 14, "divider": True, "spacing": 2}, "separator large line"),
    17: ({"type": 17, "accent_color": 0xF0, "components": [TEXT]}, "--accent:#0000f0"),
    18: ({"type": 18, "label": "Kind", "description": "Of what", "component": {"type": 3, "options": OPTIONS}}, "Of what"),
    19: ({"type": 19}, "Drop file"),
    21: ({"type": 21, "options": OPTIONS}, "radio on"),
    22: ({"type": 22, "options": OPTIONS}, "box on"),
    23: ({"type": 23, "default": True}, "box on"),
}


def test_every_type_has_a_case_here() -> None:
    assert DRAWN.keys() == DRAWERS.keys()


@pytest.mark.parametrize("kind", DRAWN)
def test_every_component_is_drawn(kind: int) -> None:
    part, expected = DRAWN[kind]
    drawn = component(part, SCOPE)
    assert expected in drawn
    assert "error" not in drawn


@pytest.mark.parametrize(
    "part", [{"type": 99, "label": SCRIPT}, {}, {"type": "10"}, {"type": 9, "components": [TEXT]}, {"type": 17, "components": [3]}]
)
def test_a_component_that_is_not_known_is_drawn_as_an_error(part: Part) -> None:
    drawn = component(part, SCOPE)
    assert '<div class="error"><b>Unknown component type' in drawn
    assert "<script" not in drawn


def test_each_style_of_a_button_is_its_own() -> None:
    drawn = {component({**BUTTON, "style": style}, SCOPE) for style in range(1, 7)}
    assert len(drawn) == 6
    assert "Unknown button style 9" in component({**BUTTON, "style": 9}, SCOPE)


def test_a_select_shows_what_is_chosen() -> None:
    drawn = component({"type": 3, "placeholder": "Choose", "options": OPTIONS}, SCOPE)
    assert "First" in drawn
    assert "Second" not in drawn and "Choose" not in drawn


def test_a_classic_message_shows_its_content_embeds_and_buttons() -> None:
    embed = {
        "title": "T *t*", "description": "> d", "color": 0x1234, "footer": {"text": "the foot"}, "timestamp": "2026-08-12T02:00:00Z",
        "fields": [{"name": "N", "value": "**v**", "inline": True}, {"name": "M", "value": "w"}], "author": {"name": "by"},
    }  # fmt: skip
    drawn = body({"content": "hello", "embeds": [embed], "components": [{"type": 1, "components": [BUTTON]}]})
    for expected in (
        "hello",
        "T <em>t</em>",
        "<blockquote>",
        "--accent:#001234",
        "the foot • 12 August 2026 at 02:00",
        "<strong>v</strong>",
        "by",
        "Press",
    ):
        assert expected in drawn
    assert drawn.count('<div class="embed-field') == 2
    assert "T <em>" not in body({"content": "hello", "embeds": [embed], "flags": 4})


def test_what_discord_refuses_is_drawn_as_an_error() -> None:
    assert "refuses this beside Components V2" in body({"flags": COMPONENTS_V2, "content": "a", "components": [TEXT]})
    assert "the flag for Components V2 (32768) is not set" in body({"components": [TEXT]})
    assert "refuses an empty message" in body({"flags": COMPONENTS_V2})


def test_only_a_private_message_says_that_it_is() -> None:
    line = "Only you can see this"
    assert line not in body({"content": "a"})
    assert line in body({"content": "a"}, private=True)
    assert line in body({"content": "a", "flags": EPHEMERAL})
    assert line in body({"type": 4, "data": {"content": "a", "flags": EPHEMERAL}})


def test_the_header_names_the_bot_the_time_and_who_asked() -> None:
    drawn = body({"content": "a"}, used=f"Ada {SCRIPT} used /check")
    assert "<b>Crosscheck</b>" in drawn and "APP" in drawn and "<time>14:03</time>" in drawn
    assert f"<b>Ada {SAFE}</b> used <a>/check</a>" in drawn
    assert "used" not in body({"content": "a"})


def test_an_answer_that_is_still_to_come_says_so() -> None:
    assert "Crosscheck is thinking" in body({"type": 5})
    drawn = body({"type": 5, "data": {"flags": EPHEMERAL}})
    assert "thinking" in drawn and "Only you" in drawn


def test_a_modal_shows_its_title_fields_and_buttons() -> None:
    text_input = {"type": 4, "style": 1, "label": "Where", "value": SCRIPT, "required": False}
    fields = [{"type": 18, "label": "Why", "component": {"type": 4, "style": 2}}, {"type": 1, "components": [text_input]}]
    drawn = body({"type": 9, "data": {"title": "Flag it", "components": fields}})
    for expected in ("Flag it", "Why", "Where", SAFE, "Cancel", "Submit"):
        assert expected in drawn
    assert drawn.count("star") == 1
    assert "<script" not in drawn and "error" not in drawn


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.stem)
def test_an_example_is_one_page_that_needs_no_network(file: Path) -> None:
    html = page(json.loads(file.read_text(encoding="utf-8")), width=320, theme="light", now=NOW)
    assert 'class="light phone" style="width:320px"' in html
    assert "default-src 'none'" in html
    assert html.count("<script>") == 1
    assert "src=" not in html and "url(" not in html and "@import" not in html


def test_without_a_browser_one_sentence_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(NoBrowser, match="apt-get install chromium"):
        draw({"content": "a"}, tmp_path / "a.png")
    payload = tmp_path / "a.json"
    payload.write_text('{"content": "a"}', encoding="utf-8")
    monkeypatch.setattr(sys, "argv", ["pictures", str(payload), str(tmp_path / "a.png")])
    with pytest.raises(SystemExit) as ended:
        command.main()
    assert ended.value.code == 69
    assert "chromium" in capsys.readouterr().err
