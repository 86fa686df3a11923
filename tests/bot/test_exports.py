"""Cases as files, and `disputes` on the command line."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.exports import Case, everything, export
from db.cases import Flag, Post, State
from db.disputes import Disputes
from db.keys import derived, load_key
from retrieval.types import ArticleRef, Claim, Comparison, Excerpt, Outcome, Stance
from tests.bot.conftest import CommandLine
from tests.standins.store import NOON, Store

GUILD = 111_222_333_444_555_666
AUTHOR, FLAGGER, ANN = 700_000_000_000_000_001, 700_000_000_000_000_002, 700_000_000_000_000_003
MEMBERS = (AUTHOR, FLAGGER, ANN)
KEY = b"k" * 32
POST = Post(GUILD, 10, 100, AUTHOR, f'=HYPERLINK("x") says <@{ANN}>: the council voted 14 to 3.', NOON - timedelta(days=1))
ARTICLE = ArticleRef(5, 6, "https://oren.example/bridge", "=Bridge, “closed”", "Oren Post", NOON - timedelta(days=2))
AGREES = Excerpt("It was 14 to 3.\nSo the clerk said.", 0, 34, ARTICLE, Stance(0.9, 0.05, 0.05), copies=("https://copy.example/1",))
CONTRADICTS = Excerpt(
    "-5, said the mayor; 12 to 5.", 0, 28, replace(ARTICLE, id=7, revision_id=8, published_at=None), Stance(0.1, 0.8, 0.1)
)
MODELS = {"embedding": "small-embedder", "stance": "large-stance"}
SPLIT = Comparison(Claim(f"<@!{ANN}> says 14 to 3."), Outcome.MIXED, [AGREES], [CONTRADICTS], 9, 2, NOON, MODELS)
NOTHING = Comparison(Claim("It rained.", context="On Tuesday."), Outcome.NO_MATCH, [], [], 0, 0, None, MODELS)


@pytest.fixture
def book(store: Store) -> Disputes:
    return Disputes(store.database, KEY, lambda: NOON)


@pytest.fixture
def cases(book: Disputes) -> list[Case]:
    """One resolved with a public note, one open without evidence, one resolved of a typed claim."""
    return _fill(book)


def _fill(book: Disputes) -> list[Case]:
    first = book.open(POST, Flag(FLAGGER, False, "False", "+1 for this.")).dispute
    book.open(replace(POST, message_id=101, text="Nothing was found."), Flag(FLAGGER, True, "", ""))
    typed = book.open(Post(GUILD, None, None, None, "It rained."), Flag(ANN, True, "", "")).dispute
    book.add_snapshot(first.id, [NOTHING], None, "m")
    book.add_snapshot(first.id, [SPLIT, NOTHING], None, "m")
    book.add_snapshot(typed.id, [NOTHING], None, "m")
    book.resolve(first.id, 1, ANN, State.DISPUTED, "Two outlets say so.")
    resolved = book.get(first.id)
    assert resolved is not None
    book.noted(first.id, resolved.decided, ANN, 555)
    book.resolve(typed.id, 1, ANN, State.UNCLEAR, "")
    return everything(book, GUILD)


def _table(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def test_json_has_everything(cases: list[Case]) -> None:
    name, data = export(cases, "json", "Harwick Talk")
    told = json.loads(data)
    assert (name, told["server"], [case["number"] for case in told["cases"]]) == ("cases.json", "Harwick Talk", [1, 2, 3])
    case = told["cases"][0]
    assert case["post"] == {
        "author": str(AUTHOR), "text": POST.text, "url": f"https://discord.com/channels/{GUILD}/10/100", "channel": "10", "message": "100",
        "posted_at": "2025-02-23T12:00:00Z",
    }  # fmt: skip
    assert case["public_note"] == f"https://discord.com/channels/{GUILD}/10/555"
    assert [(flag["person"], flag["note"]) for flag in case["flags"]] == [(str(FLAGGER), "+1 for this.")]
    (first, second), (dispute, snapshots, events) = case["evidence"], cases[0]
    assert [one["digest"] for one in (first, second)] == [snapshot.digest for snapshot in snapshots]
    shown = second["comparisons"][0]["contradicting"][0]
    assert (shown["text"], shown["article"]["source"], shown["article"]["url"], shown["article"]["revision_id"]) == (
        CONTRADICTS.text, "Oren Post", ARTICLE.url, 8,
    )  # fmt: skip
    assert second["comparisons"][0]["models"] == MODELS
    assert second["comparisons"][0]["agreeing"][0]["article"]["published_at"] == "2025-02-22T12:00:00Z"
    assert [(row["seq"], row["action"], row["to_state"], row["hash"]) for row in case["audit"]] == [
        (event.seq, event.action, event.to_state, event.hash) for event in events
    ]
    assert (case["state"], case["version"], case["resolved_at"]) == ("disputed", dispute.version, "2025-02-24T12:00:00Z")


def test_csv_has_a_row_an_excerpt_and_one_for_what_has_none(cases: list[Case]) -> None:
    name, data = export(cases, "csv", "Harwick Talk")
    assert name == "cases.csv"
    assert data.startswith(b"\xef\xbb\xbf")
    rows = _table(data)
    assert [(row["case"], row["snapshot"], row["side"], row["excerpt"]) for row in rows] == [
        ("1", "1", "", ""), ("1", "2", "agrees", AGREES.text), ("1", "2", "contradicts", f"'{CONTRADICTS.text}"), ("1", "2", "", ""),
        ("2", "", "", ""), ("3", "1", "", ""),
    ]  # fmt: skip
    assert rows[1] == {
        "case": "1", "state": "disputed: sources contradict it", "opened_at": "2025-02-24T12:00:00Z", "resolved_at": "2025-02-24T12:00:00Z",
        "post": "'" + POST.text.replace(f"<@{ANN}>", "@member"), "post_url": f"https://discord.com/channels/{GUILD}/10/100",
        "posted_at": "2025-02-23T12:00:00Z", "snapshot": "2", "taken_at": "2025-02-24T12:00:00Z", "claim": "'@member says 14 to 3.",
        "outcome": "mixed", "side": "agrees", "excerpt": AGREES.text, "outlet": "Oren Post", "title": "'=Bridge, “closed”",
        "published_at": "2025-02-22T12:00:00Z", "url": ARTICLE.url, "revision": "6", "copies": "https://copy.example/1",
        "models": "embedding=small-embedder stance=large-stance",
    }  # fmt: skip
    assert rows[5]["post_url"] == ""


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_is_a_formula(book: Disputes, start: str) -> None:
    case = book.open(replace(POST, text=f"{start}1+1"), Flag(FLAGGER, True, "", "")).dispute
    book.add_snapshot(case.id, [replace(SPLIT, claim=Claim(f"{start}A1"), contradicting=[replace(AGREES, text=f"{start}B1")])], None, "m")
    _, data = export(everything(book, GUILD), "csv")
    rows = _table(data)
    assert [(row["post"], row["claim"], row["excerpt"]) for row in rows][1] == (f"'{start}1+1", f"'{start}A1", f"'{start}B1")
    assert not [cell for row in rows for cell in row.values() if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]


def test_claimreview_has_a_review_a_claim_of_each_resolved_case(cases: list[Case]) -> None:
    name, data = export(cases, "claimreview", "Harwick Talk")
    assert name == "claimreview.json"
    reviews = json.loads(data)
    assert [review["claimReviewed"] for review in reviews] == ["@member says 14 to 3.", "On Tuesday. It rained.", "On Tuesday. It rained."]
    assert reviews[0] == {
        "@context": "https://schema.org",
        "@type": "ClaimReview",
        "url": f"https://discord.com/channels/{GUILD}/10/555",
        "datePublished": "2025-02-24T12:00:00Z",
        "author": {"@type": "Organization", "name": "Harwick Talk"},
        "claimReviewed": "@member says 14 to 3.",
        "itemReviewed": {
            "@type": "Claim",
            "text": "@member says 14 to 3.",
            "appearance": {"@type": "CreativeWork", "url": f"https://discord.com/channels/{GUILD}/10/100"},
            "datePublished": "2025-02-23T12:00:00Z",
        },
        "reviewRating": {"@type": "Rating", "alternateName": "disputed: sources contradict it"},
        "citation": [
            {
                "@type": "NewsArticle", "headline": ARTICLE.title, "url": ARTICLE.url, "datePublished": "2025-02-22T12:00:00Z",
                "publisher": {"@type": "Organization", "name": "Oren Post"}, "text": AGREES.text,
            },
            {
                "@type": "NewsArticle", "headline": ARTICLE.title, "url": ARTICLE.url,
                "publisher": {"@type": "Organization", "name": "Oren Post"}, "text": CONTRADICTS.text,
            },
        ],
    }  # fmt: skip
    assert "url" not in reviews[2] and "appearance" not in reviews[2]["itemReviewed"]  # it was typed: it stands nowhere


@pytest.mark.parametrize("kind", ["csv", "claimreview"])
def test_no_member_is_named_but_in_json(cases: list[Case], kind: Any) -> None:
    _, data = export(cases, kind, "Harwick Talk")
    assert not [person for person in MEMBERS if str(person) in data.decode()]
    _, everything_ = export(cases, "json", "Harwick Talk")
    assert all(str(person) in everything_.decode() for person in MEMBERS)


@pytest.mark.parametrize(("kind", "empty"), [("json", {"server": "", "cases": []}), ("claimreview", [])])
def test_no_cases_are_a_whole_file(kind: Any, empty: object) -> None:
    assert json.loads(export([], kind)[1]) == empty
    assert len(export([], "csv")[1].splitlines()) == 1


def test_an_erased_authors_words_are_in_no_file(book: Disputes, cases: list[Case]) -> None:
    book.erase(AUTHOR)
    files = [export(everything(book, GUILD), kind)[1].decode() for kind in ("json", "csv", "claimreview")]
    assert not [file for file in files if "says" in file or str(AUTHOR) in file]
    assert all(AGREES.text.splitlines()[1] in file for file in files[:2])
    assert [review["claimReviewed"] for review in json.loads(files[2])] == ["On Tuesday. It rained."]  # the typed one


# On the command line.


@pytest.fixture
def filled(bare: CommandLine) -> CommandLine:
    with Store(bare.data) as store:
        _fill(Disputes(store.database, derived(load_key(bare.data / "pseudonym.key"), "audit"), lambda: NOON))
    return bare


def test_list_and_show(filled: CommandLine) -> None:
    listed = filled("disputes", "list", "--guild", str(GUILD))
    assert listed.exit_code == 0
    assert [line.split()[:2] for line in listed.stdout.splitlines()[1:] if line[:2].strip()] == [
        ["3", "unclear"], ["2", "open"], ["1", "disputed"],
    ]  # fmt: skip
    assert "Nothing was found." in filled("disputes", "list", "--guild", str(GUILD), "--state", "open").stdout
    assert filled("disputes", "list", "--guild", str(GUILD), "--state", "dismissed").stdout == "There is no such case.\n"
    assert filled("disputes", "list", "--guild", str(GUILD), "--state", "true").exit_code == 2
    shown = filled("disputes", "show", "--guild", str(GUILD), "1")
    assert shown.exit_code == 0
    for words in ("Case 1: disputed", "It was 14 to 3.", "Flagged by member", "Evidence 2", "CONTRADICTING", "Two outlets say so."):
        assert words in shown.stdout
    missing = filled("disputes", "show", "--guild", str(GUILD), "9")
    assert (missing.exit_code, missing.stderr) == (2, "This server has no case 9.\n")


@pytest.mark.parametrize("kind", ["json", "csv", "claimreview"])
def test_export_to_a_file_and_to_standard_output(filled: CommandLine, tmp_path: Path, kind: str) -> None:
    options = ("disputes", "export", "--guild", str(GUILD), "--format", kind)
    printed, written = (
        filled(*options, "--name", "Harwick Talk"),
        filled(*options, "--out", str(tmp_path / "file"), "--name", "Harwick Talk"),
    )
    assert (printed.exit_code, written.exit_code) == (0, 0)
    assert printed.stdout_bytes == (tmp_path / "file").read_bytes()
    if kind != "csv":
        assert "Harwick Talk" in printed.stdout
        assert f"Discord server {GUILD}" in filled(*options).stdout
    assert filled(*options, "--out", str(tmp_path / "no" / "file")).exit_code == 2
    assert filled("disputes", "export", "--guild", str(GUILD), "--format", "xml").exit_code == 2


def test_verify_says_that_all_is_whole_and_where_the_chains_end(filled: CommandLine) -> None:
    result = filled("disputes", "verify")
    assert (result.exit_code, result.stderr) == (0, "")
    first, *ends = result.stdout.splitlines()
    assert first == "Nothing was changed or removed: 2 chains with 10 rows, persons and notes of 0 of them erased."
    heads = dict(line.split(": ") for line in ends)
    assert list(heads) == ["chain of chains", f"server {GUILD}"]
    assert filled("disputes", "verify", "--head", heads[f"server {GUILD}"], "--head", heads["chain of chains"]).exit_code == 0
    unknown = filled("disputes", "verify", "--head", "0" * 64)
    assert (unknown.exit_code, unknown.stderr) == (1, f"No row has the head {'0' * 64}.\n")


def test_verify_names_what_is_wrong_on_stderr(filled: CommandLine) -> None:
    with Store(filled.data) as store:
        store.run(f"UPDATE dispute_event SET note = 'One outlet says so.' WHERE guild_id = {GUILD} AND action = 'resolved' AND seq = 7")
        store.run(f"DELETE FROM dispute_event WHERE guild_id = {GUILD} AND seq = 2")
    result = filled("disputes", "verify")
    assert (result.exit_code, result.stdout) == (1, "")
    assert f"Server {GUILD}, row 7 has another person or note: it was changed." in result.stderr.splitlines()
    assert f"Server {GUILD}, row 2 is missing." in result.stderr.splitlines()
    (filled.data / "pseudonym.key").write_text("00" * 32)
    assert "is not the one that this store hangs on" in filled("disputes", "verify").stderr
    with Store(filled.data) as store:  # as one that has not been used since it learned to know its key
        store.run("DELETE FROM note")
    for _ in range(2):  # nor does it take this one for its own
        assert filled("disputes", "verify").stderr == "This is another key: none of the 9 rows was written under it.\n"


def test_an_empty_store_is_whole(bare: CommandLine) -> None:
    result = bare("disputes", "verify")
    assert (result.exit_code, result.stdout.splitlines()) == (
        0, ["Nothing was changed or removed: 0 chains with 0 rows, persons and notes of 0 of them erased."],
    )  # fmt: skip


def test_the_day_of_a_decision_is_told_in_utc(book: Disputes) -> None:
    late = Disputes(book._database, KEY, lambda: datetime(2025, 3, 1, 23, 59, tzinfo=UTC))
    late.open(POST, Flag(FLAGGER, True, "", ""))
    assert _table(export(everything(late, GUILD), "csv")[1])[0]["opened_at"] == "2025-03-01T23:59:00Z"
