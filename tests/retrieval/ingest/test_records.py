"""Lines of .jsonl: what is read, and in which words the rest is refused."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.errors import BadItem
from retrieval.ingest.records import MAX_LINE_BYTES, MAX_TEXT_CHARACTERS, make_article, parse_time, read_record
from retrieval.types import Article

TEXT = "The town of Harwick closed its bridge on Tuesday. Engineers had asked for that since March."
RECORD: dict[str, object] = {
    "url": "https://echo.example/bridge",
    "title": "Bridge closes",
    "source": "Harwick Echo",
    "published_at": "2024-05-31T18:30:00Z",
    "text": TEXT,
}

# The first text that hypothesis makes on a machine takes seconds.


def _line(**changes: object) -> bytes:
    return json.dumps({**RECORD, **changes}).encode()


def _read(**changes: object) -> Article:
    return read_record(_line(**changes), "a.jsonl, line 7")


def test_a_whole_record_becomes_an_article() -> None:
    assert _read(id="H-1", language="en-GB") == Article(
        url="https://echo.example/bridge",
        title="Bridge closes",
        source="Harwick Echo",
        text=TEXT,
        published_at=datetime(2024, 5, 31, 18, 30, tzinfo=UTC),
        external_id="H-1",
        language="en",
    )


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2024-05-31T18:30:00+02:00", datetime(2024, 5, 31, 16, 30, tzinfo=UTC)),
        ("2024-05-31T18:30:00", datetime(2024, 5, 31, 18, 30, tzinfo=UTC)),
        ("2024-05-31 18:30:00.250", datetime(2024, 5, 31, 18, 30, 0, 250_000, tzinfo=UTC)),
        ("2024-05-31", datetime(2024, 5, 31, tzinfo=UTC)),
        (None, None),
    ],
)
def test_times_are_aware_and_in_utc(written: str | None, meant: datetime | None) -> None:
    read = _read(published_at=written).published_at
    assert read == meant
    assert read is None or read.tzinfo is UTC


def test_absent_optional_keys_are_unknown() -> None:
    line = json.dumps({key: RECORD[key] for key in ("url", "source", "text")}).encode()
    article = read_record(line, "a.jsonl, line 1")
    assert (article.published_at, article.external_id, article.language) == (None, None, None)


@pytest.mark.parametrize("title", [None, "", " \n "])
def test_without_a_title_the_first_sentence_stands_in(title: str | None) -> None:
    assert _read(title=title).title == "The town of Harwick closed its bridge on Tuesday."


def test_a_long_first_sentence_is_cut_at_a_word() -> None:
    title = _read(title=None, text="The council " * 40).title
    assert title.endswith("council…")
    assert 80 < len(title) <= 100


def test_title_and_source_are_one_line_and_the_text_is_normalised() -> None:
    article = _read(title=" Bridge\n closes\t", source="Harwick\u200b \n Echo", text=f"Cafe\u0301\u200b opens.\r\n\r\n{TEXT}\n")
    assert (article.title, article.source) == ("Bridge closes", "Harwick Echo")
    assert article.text == f"Café opens.\n\n{TEXT}"


def test_a_page_break_keeps_the_words_around_it_apart() -> None:
    assert "Tuesday\nEngineers" in _read(text="The town of Harwick closed its bridge on Tuesday\x0cEngineers had asked.").text


def test_a_number_is_an_identifier_too() -> None:
    assert _read(id=42).external_id == "42"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"url": None}, '"url" is null, not text'),
        ({"url": "echo.example/bridge"}, "not an http or https address"),
        ({"url": "ftp://echo.example/a"}, "not an http or https address"),
        ({"url": "file:///etc/hosts"}, "not an http or https address"),
        ({"url": "https://"}, "not an http or https address"),
        ({"url": "https:///a"}, "not an http or https address"),
        ({"url": "javascript:alert(1)"}, "not an http or https address"),
        ({"url": "https://ann:secret@echo.example/"}, "user name or password"),
        ({"url": "https://@echo.example/"}, "user name or password"),
        ({"url": "https://[::1/"}, "cannot be understood"),
        ({"url": "https://echo.example:port/"}, "cannot be understood"),
        ({"url": "https://echo.example/a b"}, "white space"),
        ({"url": "https://echo.example/a\u202eb"}, "invisible"),
        ({"url": "https://echo.example/" + "a" * 3_000}, "the url has 3,021 characters"),
        ({"title": ["Bridge"]}, '"title" is a list'),
        ({"source": ""}, '"source" is empty'),
        ({"source": {"name": "Echo"}}, '"source" is an object'),
        ({"text": 12}, '"text" is a number'),
        ({"text": " \n"}, '"text" is empty'),
        ({"text": "Read more."}, "no article text found"),
        ({"text": "!?… " * 200}, "no article text found"),
        ({"text": TEXT + "\x00"}, "control characters"),
        ({"text": TEXT + "\x1b[31m"}, "control characters"),
        ({"text": TEXT + "\ud83d"}, "surrogate"),
        ({"title": "\udfff"}, "surrogate"),
        ({"text": "word " * (MAX_TEXT_CHARACTERS // 5 + 1)}, "the text has 1,000,005 characters"),
        ({"published_at": 1_717_171_717}, '"published_at" is a number'),
        ({"published_at": True}, '"published_at" is true or false'),
        ({"published_at": ""}, "text of 0 characters, not an ISO 8601 time"),
        ({"published_at": "2024-02-30"}, "text of 10 characters"),
        ({"published_at": "0001-01-01T00:00:00+14:00"}, "not an ISO 8601 time"),
        ({"id": True}, '"id" is true or false'),
        ({"id": 1.5}, '"id" is a number'),
        ({"id": "x" * 501}, '"id" has 501 characters'),
        ({"language": 3}, '"language" is a number'),
    ],
)
def test_a_bad_value_is_named_by_its_key(changes: dict[str, object], reason: str) -> None:
    with pytest.raises(BadItem) as caught:
        _read(**changes)
    assert reason in caught.value.reason
    assert caught.value.where == "a.jsonl, line 7"


@pytest.mark.parametrize("key", ["url", "source", "text"])
def test_a_missing_key_is_named(key: str) -> None:
    line = json.dumps({name: value for name, value in RECORD.items() if name != key}).encode()
    with pytest.raises(BadItem, match=f'"{key}" is missing'):
        read_record(line, "x")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"", "not valid JSON at character 1"),
        (b"{", "not valid JSON"),
        (b'{"url": "a"} {"url": "b"}', "not valid JSON at character 14"),
        (b'{"text": "a\x00b"}', "not valid JSON"),
        (b'{"text": "\xff"}', "not valid UTF-8 at byte 11"),
        (b'{"text": "\xed\xa0\x80"}', "not valid UTF-8"),
        (b"[]", "not a JSON object but a list"),
        (b"null", "not a JSON object but null"),
        (b'"text"', "not a JSON object but text"),
        (b"NaN", "not a JSON object but a number"),
        (b'{"id": ' + b"9" * 5_000 + b"}", "too large"),
        (b"[" * 200_000, "too large"),
        (b" " * (MAX_LINE_BYTES + 1), "longer than 5,000,000 bytes"),
    ],
)
def test_a_line_that_is_no_object_is_refused_with_the_place(line: bytes, reason: str) -> None:
    with pytest.raises(BadItem) as caught:
        read_record(line, "x")
    assert reason in caught.value.reason


def test_a_reason_does_not_repeat_what_people_wrote() -> None:
    with pytest.raises(BadItem) as caught:
        _read(published_at="my secret diary")
    assert "secret" not in str(caught.value)


@given(st.binary(max_size=300))
def test_arbitrary_bytes_raise_nothing_but_bad_item(line: bytes) -> None:
    with pytest.raises(BadItem):
        read_record(line, "x")


_JSON = st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(), lambda inner: st.lists(inner, max_size=3))


@given(st.dictionaries(st.sampled_from([*RECORD, "id", "language"]), _JSON | st.just(TEXT) | st.just("https://echo.example/a")))
def test_arbitrary_values_give_an_article_or_a_bad_item(changes: dict[str, object]) -> None:
    try:
        article = _read(**changes)
    except BadItem:
        return
    assert article.title
    assert article.source
    assert article.url.startswith("http")
    article.text.encode()


@given(st.text(max_size=40))
def test_arbitrary_text_is_a_time_in_utc_or_a_value_error(value: str) -> None:
    try:
        assert parse_time(value).tzinfo is UTC
    except ValueError:
        pass


@pytest.mark.parametrize("part", ["title", "source", "text"])
def test_half_of_a_surrogate_pair_in_any_part_is_refused_wherever_it_was_read(part: str) -> None:
    parts = {"title": "Bridge", "source": "Echo", "text": TEXT} | {part: f"{TEXT} \ud800"}
    with pytest.raises(BadItem, match="surrogate"):
        make_article("feed.xml", url="https://a.example/1", title=parts["title"], source=parts["source"], text=parts["text"])
