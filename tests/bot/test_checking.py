"""`check` with the date of a post, with a picture, and claim after claim."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot import terminal
from bot.checking import moment
from retrieval.check import Checker
from retrieval.errors import UserError
from retrieval.types import Claim, Comparison
from tests.bot.conftest import BRIDGE, CommandLine

TOWNS = ("Harwick", "Oren", "Ghent", "Lisbon", "Bergen", "Turin", "Porto", "Malmo", "Lyon", "Cork", "Bath", "Derby", "Leeds", "Hull")
POST = "\n".join(f"The council of {town} voted 14 to 3 on Tuesday to close the old bridge." for town in TOWNS)
PNG = b"\x89PNG\r\n"


@pytest.fixture
def post(tmp_path: Path) -> str:
    file = tmp_path / "post.txt"
    file.write_text(POST, encoding="utf-8")
    return str(file)


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("2025-02-24", datetime(2025, 2, 24, 23, 59, 59, 999999, UTC)),
        ("2025-02-24T18:10", datetime(2025, 2, 24, 18, 10, tzinfo=UTC)),
        ("2025-02-24T18:10Z", datetime(2025, 2, 24, 18, 10, tzinfo=UTC)),
        ("2025-02-24T18:10:00+01:00", datetime(2025, 2, 24, 17, 10, tzinfo=UTC)),
    ],
)
def test_a_date_means_its_end_and_a_time_without_a_zone_is_in_utc(text: str, when: datetime) -> None:
    assert moment(text) == when


@pytest.mark.parametrize("text", ["", "yesterday", "24.02.2025", "2025-13-01", "2025-02-24T99:00"])
def test_what_is_no_date_is_told_so(text: str, line: CommandLine) -> None:
    with pytest.raises(UserError, match="--posted takes a date"):
        moment(text)
    if text:
        assert line("check", BRIDGE, "--posted", text).exit_code == 2


def test_evidence_newer_than_the_post_is_marked(line: CommandLine) -> None:
    shown = line("check", BRIDGE, "--posted", "2025-02-24").stdout
    assert "It agreed with the news of its time; 1 later source contradicts it." in " ".join(shown.split())
    assert shown.count("newer than the post") == 1
    (found,) = line.lines("check", BRIDGE, "--posted", "2025-02-24", "--json")
    assert found["posted_at"] == "2025-02-24T23:59:59.999999Z"
    newer = [[one["newer_than_post"] for one in found[side]] for side in ("agreeing", "contradicting")]  # type: ignore[attr-defined]
    assert newer == [[False], [True]]
    (undated,) = line.lines("check", BRIDGE, "--json")
    assert (undated["posted_at"], undated["agreeing"][0]["newer_than_post"]) == (None, None)  # type: ignore[index]


def test_a_claim_has_a_timeline_and_a_post_an_overview(line: CommandLine, tmp_path: Path, post: str) -> None:
    dark, light, whole = (tmp_path / name for name in ("dark.png", "light.png", "whole.png"))
    shown = line("check", BRIDGE, "--picture", str(dark)).stdout
    line("check", BRIDGE, "--picture", str(light), "--light")
    assert dark.read_bytes().startswith(PNG) and light.read_bytes().startswith(PNG)
    assert dark.read_bytes() != light.read_bytes()
    assert "Harwick Echo · echo.example agrees" in " ".join(shown.split())
    result = line("check", "--file", post, "--picture", str(whole), "--json")
    assert whole.read_bytes().startswith(PNG)
    assert len([json.loads(each) for each in result.stdout.splitlines()]) == 12
    assert "12 claims of this post were compared with the stored news." in " ".join(result.stderr.split())


def test_a_picture_that_cannot_be_written_is_told_so(line: CommandLine, tmp_path: Path) -> None:
    result = line("check", BRIDGE, "--picture", str(tmp_path / "none" / "a.png"))
    assert result.exit_code == 2
    assert "could not be written" in result.stderr


def test_the_claims_left_out_are_named(line: CommandLine, post: str) -> None:
    shown = " ".join(line("check", "--file", post).stdout.split())
    assert "2 more claims were left out. At most 12 claims are compared." in shown
    assert shown.count("- The council of") == 2
    beside = line("check", "--file", post, "--json")
    assert "2 more claims were left out." in beside.stderr and "left out" not in beside.stdout


def test_each_claim_is_printed_before_the_next_ones_are_looked_at(
    line: CommandLine, post: str, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    happened: list[str] = []
    check, show = Checker.check, terminal.show_answer

    def checked(self: Checker, claims: Sequence[Claim], hidden: Sequence[int] = ()) -> list[Comparison]:
        happened.append(f"check {len(claims)}")
        return check(self, claims, hidden)

    def shown(*given: object) -> None:
        happened.append("show")
        show(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(Checker, "check", checked)
    monkeypatch.setattr(terminal, "show_answer", shown)
    assert line("check", "--file", post).exit_code == 0
    assert happened == ["check 4", *["show"] * 4] * 3
