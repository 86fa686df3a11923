"""The output that others script against: exact keys and types."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.contract import comparison_line, opinion_line
from db.opinions import Opinion
from retrieval.types import Claim, Outcome, OwnSource, Part, Standing
from tests.bot.conftest import BRIDGE, CommandLine
from tests.bot.test_beside import AFTER, CHANGED, POSTED, article, compared, excerpt

COMPARISON = {
    "claim", "span", "outcome", "agreeing", "contradicting", "considered", "independent_sources", "newest_article_at", "models", "took_ms",
    "posted_at", "context", "pointer", "referent", "speaker", "said", "parts", "accounts", "own",
}  # fmt: skip
EXCERPT = {"text", "start", "end", "article", "stance", "copies", "context", "difference", "newer_than_post"}
ARTICLE = {"id", "url", "title", "source", "published_at", "external_id"}
STANCE = {"agree", "contradict", "neutral"}
HIT = {"rank", "score", "dense_rank", "lexical_rank", "text", "start", "end", "article"}


def _check_article(article: object) -> None:
    assert isinstance(article, dict)
    assert set(article) == ARTICLE
    assert isinstance(article["id"], int)
    assert all(isinstance(article[key], str) for key in ("url", "title", "source"))
    assert article["published_at"] is None or article["published_at"].endswith("Z")


def _check_stance(stance: object) -> None:
    assert isinstance(stance, dict)
    assert set(stance) == STANCE
    assert all(isinstance(share, float) and 0 <= share <= 1 for share in stance.values())
    assert sum(stance.values()) == pytest.approx(1)


def _check_excerpt(excerpt: object) -> None:
    assert isinstance(excerpt, dict)
    assert set(excerpt) == EXCERPT
    assert isinstance(excerpt["start"], int)
    assert excerpt["end"] - excerpt["start"] == len(excerpt["text"])
    assert excerpt["text"] in excerpt["context"]
    assert all(isinstance(url, str) for url in excerpt["copies"])
    _check_article(excerpt["article"])
    _check_stance(excerpt["stance"])


def test_check_gives_one_object_with_the_agreed_keys_and_types(line: CommandLine) -> None:
    (found,) = line.lines("check", BRIDGE, "--json")
    assert set(found) == COMPARISON
    assert (found["claim"], found["span"], found["outcome"]) == (BRIDGE, None, "mixed")
    assert (found["independent_sources"], found["newest_article_at"]) == (2, "2025-02-25T08:00:00Z")
    assert isinstance(found["considered"], int)
    models, took, agreeing, contradicting = found["models"], found["took_ms"], found["agreeing"], found["contradicting"]
    assert models == {"embedding": "hash-embedder@64", "stance": "word-stance"}
    assert isinstance(took, dict) and all(isinstance(each, float) and each >= 0 for each in took.values())
    assert set(took) == {"search", "stance", "compare"}
    assert isinstance(agreeing, list) and isinstance(contradicting, list)
    for each in (*agreeing, *contradicting):
        _check_excerpt(each)
    (agree,), (contradict,) = agreeing, contradicting
    assert agree["text"].endswith(BRIDGE)
    assert {agree["article"]["url"], *agree["copies"]} == {"https://echo.example/bridge", "https://copy.example/bridge"}
    assert "12 to 5" in contradict["text"]
    assert contradict["article"]["source"] == "Oren Post"


def test_an_id_of_the_file_and_its_time_in_utc_come_back(line: CommandLine) -> None:
    hits = line.lines("search", BRIDGE, "--json")
    articles = [hit["article"] for hit in hits]
    (echo,) = [article for article in articles if isinstance(article, dict) and article["source"] == "Harwick Echo"]
    assert (echo["external_id"], echo["published_at"]) == ("e-1", "2025-02-24T17:10:00Z")


def test_check_of_a_post_gives_one_line_a_claim_with_its_span_in_the_post(line: CommandLine, tmp_path: Path) -> None:
    post = f"Hello everybody!\n\n{BRIDGE} A young giraffe was born at the zoo on Sunday.\n"
    (tmp_path / "post.txt").write_text(post, encoding="utf-8")
    found = line.lines("check", "--file", str(tmp_path / "post.txt"), "--json")
    assert [each["claim"] for each in found] == [BRIDGE, "A young giraffe was born at the zoo on Sunday."]
    for each in found:
        span = each["span"]
        assert isinstance(span, list)
        assert post[span[0] : span[1]] == each["claim"]
    assert line.lines("check", "--file", "-", "--json", given=post)[0]["outcome"] == "mixed"


def test_a_claim_that_nothing_speaks_to_has_the_same_keys(line: CommandLine) -> None:
    (found,) = line.lines("check", "Volcanoes erupted beneath Patagonian glaciers.", "--json")
    assert set(found) == COMPARISON
    assert (found["outcome"], found["agreeing"], found["contradicting"], found["independent_sources"]) == ("no_match", [], [], 0)


def test_an_empty_store_gives_no_match(bare: CommandLine) -> None:
    (found,) = bare.lines("check", BRIDGE, "--json")
    assert (found["outcome"], found["considered"], found["newest_article_at"]) == ("no_match", 0, None)
    assert bare.lines("search", BRIDGE, "--json") == []


def test_the_same_claim_twice_gives_the_same_line_but_for_the_time(line: CommandLine) -> None:
    (first,), (second,) = (line.lines("check", BRIDGE, "--json") for _ in range(2))
    assert first | {"took_ms": 0} == second | {"took_ms": 0}


def test_search_gives_hits_with_the_agreed_keys_and_types_best_first(line: CommandLine) -> None:
    hits = line.lines("search", BRIDGE, "-k", "3", "--json")
    assert len(hits) == 3
    for rank, hit in enumerate(hits, 1):
        assert set(hit) == HIT
        assert hit["rank"] == rank
        assert isinstance(hit["score"], float) and 0 <= hit["score"] <= 1
        assert isinstance(hit["dense_rank"], int | None) and isinstance(hit["lexical_rank"], int | None)
        assert isinstance(hit["text"], str) and isinstance(hit["start"], int) and isinstance(hit["end"], int)
        assert hit["end"] - hit["start"] == len(hit["text"])
        _check_article(hit["article"])
    scores = [hit["score"] for hit in hits]
    assert scores == sorted(scores, key=lambda score: -float(str(score)))


def test_stance_answers_each_line_in_order(bare: CommandLine) -> None:
    pairs = [{"evidence": BRIDGE, "claim": BRIDGE}, {"evidence": "Cats sleep.", "claim": BRIDGE}]
    found = bare.lines("stance", "--json", given="\n".join(map(json.dumps, pairs)) + "\n\n")
    assert [set(each) for each in found] == [STANCE, STANCE]
    for each in found:
        _check_stance(each)
    assert float(str(found[0]["agree"])) > 0.9 and float(str(found[1]["neutral"])) > 0.8


def test_stance_names_bad_lines_and_keeps_the_order(bare: CommandLine) -> None:
    good = json.dumps({"evidence": BRIDGE, "claim": BRIDGE})
    bad = ["{", "[]", '{"evidence": 1, "claim": "x"}', '{"evidence": " ", "claim": "x"}', "\u0000"]
    result = bare("stance", given="\n".join([bad[0], good, *bad[1:], good]))
    assert result.exit_code == 1
    out = [json.loads(each) for each in result.stdout.splitlines()]
    assert [set(each) == STANCE for each in out] == [False, True, False, False, False, False, True]
    assert all(set(each) == {"error"} for each in out if set(each) != STANCE)
    assert [row.split(":")[0] for row in result.stderr.splitlines()] == ["line 1", "line 3", "line 4", "line 5", "line 6"]


def test_stance_of_no_lines_is_no_lines(bare: CommandLine) -> None:
    assert bare.lines("stance", given="") == []
    assert bare.lines("stance", given="\n \n") == []


def test_long_evidence_is_judged_by_what_speaks_to_the_claim(bare: CommandLine) -> None:
    filler = "Elsewhere the weather stayed dry for the whole of the week. " * 200
    (found,) = bare.lines("stance", given=json.dumps({"evidence": f"{filler}{BRIDGE} {filler}", "claim": BRIDGE}))
    assert float(str(found["agree"])) > 0.9


def test_what_stands_beside_a_claim_has_keys_of_its_own() -> None:
    claim = Claim("Olsen said that 0 died.", None, "It rained.", "Olsen", "0 died")
    part = Part((16, 22), Standing.DIFFERS, "2 dead", article("Echo"))
    of_words = compared([], [excerpt("Post", AFTER)], Claim("0 died"), parts=(part,), accounts=CHANGED)
    own = (OwnSource("https://a.example/1", Outcome.NO_MATCH), OwnSource("https://a.example/2", Outcome.AGREE, excerpt("Echo")))
    found = json.loads(comparison_line(compared([excerpt("Echo")], [], claim, said=of_words, own=own), POSTED))
    assert set(found) == COMPARISON
    assert (found["speaker"], found["context"], found["posted_at"]) == ("Olsen", "It rained.", "2025-08-14T12:00:00Z")
    said = found["said"]
    assert set(said) == COMPARISON & {*said} and (said["claim"], said["outcome"]) == ("0 died", "contradict")
    assert said["contradicting"][0]["newer_than_post"] is True
    assert set(said["parts"][0]) == {"span", "text", "standing", "words", "article"}
    _check_article(said["parts"][0]["article"])
    first, last = said["accounts"]
    assert set(first) == {"words", "value", "since", "until", "sources", "article", "start", "end"}
    assert (first["words"], last["since"], last["sources"]) == ("0 dead", "2025-08-15T09:00:00Z", ["Post", "Courier", "Valley News"])
    assert [(one["url"], one["outcome"], one["excerpt"] is None) for one in found["own"]] == [
        ("https://a.example/1", "no_match", True), ("https://a.example/2", "agree", False),
    ]  # fmt: skip


def test_an_opinion_has_its_claim_and_nobody_s_name() -> None:
    opinion = Opinion(7, BRIDGE, Outcome.MIXED, True, datetime(2026, 11, 25, tzinfo=UTC))
    expected = {"check": 7, "claim": BRIDGE, "outcome": "mixed", "helpful": True, "at": "2026-11-25T00:00:00Z"}
    assert json.loads(opinion_line(opinion)) == expected


def test_without_opinions_it_is_said(bare: CommandLine) -> None:
    assert "Nobody has said yet" in bare("feedback").stdout
    assert bare("feedback", "--json").stdout == ""
