"""The command line in this process, on the real store, index and checker; only the models are fakes."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.cli import cli
from retrieval.models import ModelFiles
from tests.standins.models import HashEmbedder, WordStance
from tests.standins.store import Store

BRIDGE = "The council of Harwick voted 14 to 3 to close the old bridge."


def record(name: str, source: str, text: str, **more: object) -> dict[str, object]:
    """One line of a .jsonl file."""
    return {"url": f"https://{name}.example/bridge", "title": f"Bridge, says {name}", "source": source, "text": text, **more}


NEWS = [
    record(
        "echo", "Harwick Echo", f"It rained on Tuesday in the whole valley. {BRIDGE} The mayor said that repairs would cost too much.",
        published_at="2025-02-24T18:10:00+01:00", id="e-1",
    ),
    record(
        "copy", "Valley News", f"It rained on Tuesday in the whole valley. {BRIDGE} Buses go round by the new road now.",
        published_at="2025-02-24T19:00:00Z",
    ),
    record(
        "oren", "Oren Post", "The council of Harwick voted 12 to 5 to close the old bridge. Nobody spoke for long.",
        published_at="2025-02-25T08:00:00Z",
    ),
    record("zoo", "Oren Post", "A young giraffe was born at the zoo on Sunday, and visitors may see it from Friday on."),
]  # fmt: skip


@dataclass(frozen=True)
class CommandLine:
    """Runs commands; `data` is the data folder that they use."""

    data: Path

    def __call__(self, *arguments: str, given: str | bytes = "") -> Result:
        return CliRunner().invoke(cli, list(arguments), input=given)

    def lines(self, *arguments: str, given: str | bytes = "") -> list[dict[str, object]]:
        """The JSON lines of a command that is expected to succeed."""
        result = self(*arguments, given=given)
        assert result.exit_code == 0, result.output
        return [json.loads(line) for line in result.stdout.splitlines()]

    def ingest(self, records: Sequence[Mapping[str, object]]) -> Result:
        file = self.data.with_suffix(".jsonl")
        file.write_text("\n".join(json.dumps(each) for each in records), encoding="utf-8")
        return self("ingest", str(file))

    def dump(self) -> dict[str, list[tuple[object, ...]]]:
        """All that is stored."""
        with Store(self.data) as store:
            return store.dump()


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    """The command line with an empty data folder."""
    stand_in = ModelFiles("hash-embedder", tmp_path / "no-model", "64", 256)
    assert stand_in.model_id == HashEmbedder.model_id
    monkeypatch.setattr("bot.parts.model_files", lambda kind, name: (stand_in, HashEmbedder.dimension))
    monkeypatch.setattr("bot.parts.SentenceEmbedder", lambda files, dimension, threads: HashEmbedder())
    monkeypatch.setattr("bot.parts.CrossEncoderStance", lambda files, threads, partner=None: WordStance())
    monkeypatch.setattr("config.logging.configure", lambda *_: None)  # pytest keeps its own handlers
    return CommandLine(tmp_path / "data")


@pytest.fixture
def line(bare: CommandLine) -> CommandLine:
    """The command line with the news stored."""
    bare.data.mkdir()  # as it is there beside SQLite
    assert bare.ingest(NEWS).exit_code == 0
    return bare
