"""What the evaluation writes: tables for the screen, a model card, diagrams; and the pairs that it reads."""

from __future__ import annotations

import json
import lzma
from pathlib import Path

import numpy as np
import pytest

from retrieval.calibration import LABELS
from retrieval.training import card
from retrieval.training.calibrate import bar
from retrieval.training.data import Pair, choose, read_pairs
from retrieval.training.evaluate import SHOWN
from retrieval.training.metrics import by_source, score
from retrieval.training.plots import reliability, risk_coverage
from retrieval.training.tables import show_challenge, show_scores

SOURCES = ("ours", *SHOWN[:1])
PAIRS = [Pair(f"e{n}", f"c{n}", LABELS[n % 3], SOURCES[n % 2]) for n in range(60)]
GIVEN = np.eye(3)[[n % 3 if n % 5 else (n + 1) % 3 for n in range(60)]] * 0.7 + 0.1  # one in five is wrong
# A set without contradictions, of which none is shown either.
TAME = [pair for pair in PAIRS if pair.label != "contradict"][:9]
TAME_GIVEN = np.tile([0.5, 0.2, 0.3], (9, 1))


def _line(**changes: object) -> str:
    return json.dumps({"evidence": "It rained.", "claim": "It was dry.", "label": "contradict", "source": "ours", **changes})


@pytest.mark.parametrize("name", ["pairs.jsonl", "pairs.jsonl.xz"])
def test_pairs_are_read_in_their_order_plain_and_packed(tmp_path: Path, name: str) -> None:
    content = "\n".join([_line(), _line(label="agree", claim="It was wet.")]).encode()
    (tmp_path / name).write_bytes(lzma.compress(content) if name.endswith("xz") else content)
    assert read_pairs(tmp_path / name) == [
        Pair("It rained.", "It was dry.", "contradict", "ours"),
        Pair("It rained.", "It was wet.", "agree", "ours"),
    ]


@pytest.mark.parametrize("line", ["{", "[]", '{"evidence": "x"}', _line(label="yes"), "null"])
def test_what_is_no_pair_is_named_by_its_line(tmp_path: Path, line: str) -> None:
    (tmp_path / "pairs.jsonl").write_text(f"{_line()}\n{line}\n", encoding="utf-8")
    with pytest.raises(ValueError, match="line 2"):
        read_pairs(tmp_path / "pairs.jsonl")


def test_a_choice_is_spread_over_labels_and_keeps_what_is_rare() -> None:
    few = [*PAIRS[:3], *(Pair("e", f"d{n}", "agree", "ours") for n in range(40))]
    chosen = choose(few, {"ours": 10}, 2, seed=1)
    assert len([pair for pair in chosen if pair.source == "ours"]) == 10
    assert {pair.label for pair in chosen} == set(LABELS)
    assert len([pair for pair in chosen if pair.source != "ours"]) == len([pair for pair in few if pair.source != "ours"])
    assert choose(few, {"ours": 10}, 2, seed=1) == chosen


def test_each_source_has_figures_of_its_own() -> None:
    found = by_source(PAIRS, GIVEN, 0.7)
    assert list(found) == sorted(SOURCES)
    assert sum(one.pairs for one in found.values()) == len(PAIRS)
    assert found["ours"] == score([pair for pair in PAIRS if pair.source == "ours"], GIVEN[::2], 0.7)


def test_a_bar_is_the_lowest_from_which_enough_are_right() -> None:
    given = np.linspace(1, 0, 101, dtype=np.float32)
    assert bar(given, given >= 0.5) == pytest.approx(0.45, abs=0.02)  # a few below the turn are carried by those above it
    assert bar(given, given < 0) == 1.0


def test_a_table_has_a_row_a_set_and_a_dash_where_there_is_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    show_scores("a set", {"all": score(PAIRS, GIVEN, 0.7), "tame": score(TAME, TAME_GIVEN, 0.7)})
    heading, whole, tame = capsys.readouterr().out.splitlines()
    assert heading.split()[:4] == ["a", "set", "pairs", "acc"]
    assert whole.split()[:3] == ["all", "60", "0.800"]
    assert tame.split()[:2] == ["tame", "9"]
    assert tame.split().count("-") == 3  # F1, precision and recall of contradictions


def test_the_challenge_is_shown_with_the_worst_first(capsys: pytest.CaptureFixture[str]) -> None:
    good, bad = score(PAIRS, GIVEN, 0.7), score(PAIRS, np.roll(GIVEN, 1, axis=1), 0.7)
    show_challenge({"small": bad, "large": good}, {"small": {"dates": bad, "numbers": bad}, "large": {"dates": good, "numbers": bad}})
    rows = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert [row[0] for row in rows] == ["challenge", "all", "numbers", "dates"]
    assert rows[1][1:] == ["60", f"{bad.accuracy:.3f}", f"{good.accuracy:.3f}"]


def _report() -> dict[str, object]:
    pairs = [*PAIRS, *(Pair("e", "c", "agree", one) for one in SHOWN)]
    given = np.vstack([GIVEN, np.tile([0.8, 0.1, 0.1], (len(SHOWN), 1))])
    of_source = {name: found.as_json() for name, found in by_source(pairs, given, 0.7).items()}
    whole = score(PAIRS, GIVEN, 0.7).as_json()
    models = ("small", "large")
    return {
        "dev": {name: whole for name in ("majority class", "small", "large", "large alone")},
        "facts_and_news_odd_rows": {"small": score(TAME, TAME_GIVEN, 0.7).as_json() | {"contradict_recall": 0.0}, "large": whole},
        "by_source": dict.fromkeys(models, of_source),
        "challenge": dict.fromkeys(models, whole),
        "challenge_accuracy": dict.fromkeys(models, {f"kind {n:02}": n / 20 for n in range(20)}),
    }


def test_a_model_card_gets_its_figures_between_its_marks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(card, "RESULTS", tmp_path)
    monkeypatch.setattr(card, "WEIGHTS", tmp_path)
    (tmp_path / "stance.json").write_text(json.dumps(_report()), encoding="utf-8")
    for name in ("small", "large"):
        (tmp_path / f"stance-{name}").mkdir()
        (tmp_path / f"stance-{name}" / "README.md").write_text(f"# {name}\n\n{card.BEGIN}\nold\n{card.END}\n\nThe end.\n", encoding="utf-8")
    card.main()
    card.main()  # the same again
    text = (tmp_path / "stance-large" / "README.md").read_text(encoding="utf-8")
    assert text.startswith(f"# large\n\n{card.BEGIN}\n| set | pairs |")
    assert text.endswith(f"best kind 19 0.95, kind 18 0.90, kind 17 0.85, kind 16 0.80.\n{card.END}\n\nThe end.\n")
    rows = [line.split(" | ")[0].strip("| ") for line in text.splitlines() if line.startswith("| ")]
    assert rows[2:6] == ["majority class", "large", "large alone", "**facts and news, odd rows**"]
    assert rows[6:] == [*SHOWN, "ours"]
    assert "| – |" in (tmp_path / "stance-small" / "README.md").read_text(encoding="utf-8")


def test_a_card_without_marks_is_left_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(card, "RESULTS", tmp_path)
    monkeypatch.setattr(card, "WEIGHTS", tmp_path)
    (tmp_path / "stance.json").write_text(json.dumps(_report()), encoding="utf-8")
    (tmp_path / "stance-small").mkdir()
    (tmp_path / "stance-small" / "README.md").write_text("# small\n", encoding="utf-8")
    with pytest.raises(SystemExit, match="no marks"):
        card.main()
    assert (tmp_path / "stance-small" / "README.md").read_text(encoding="utf-8") == "# small\n"


def test_the_diagrams_are_drawn_of_a_set_that_lacks_a_label_too(tmp_path: Path) -> None:
    for name, pairs, given in (("whole", PAIRS, GIVEN), ("tame", TAME, TAME_GIVEN)):
        for draw in (reliability, risk_coverage):
            file = tmp_path / f"{name}-{draw.__name__}.png"
            draw(pairs, given, file)
            assert file.read_bytes().startswith(b"\x89PNG")
