"""`stance`: JSON lines of pairs in, JSON lines of probabilities out."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator

from bot.contract import stance_line
from retrieval.evidence import judge_evidence
from retrieval.ports import StanceModel
from retrieval.text import normalise

# Lines that are judged together: fills batches of like lengths, and a pipe still sees answers soon.
BATCH = 256


def judge_lines(model: StanceModel, lines: Iterable[bytes], write: Callable[[str], object], complain: Callable[[str], object]) -> int:
    """Judge each line; how many were no pair. Output keeps the order: a bad line gives the line {"error": ...} and a sentence on stderr."""
    failed = 0
    for batch in _batches(enumerate(lines, 1)):
        pairs = [_pair(line) for _, line in batch]
        stances = iter(judge_evidence(model, [pair for pair in pairs if isinstance(pair, tuple)]))
        for (number, _), pair in zip(batch, pairs, strict=True):
            if isinstance(pair, str):
                failed += 1
                write(json.dumps({"error": pair}))
                complain(f"line {number}: {pair}")
            else:
                write(stance_line(next(stances)))
    return failed


def _pair(line: bytes) -> tuple[str, str] | str:
    """(evidence, claim), or what is wrong with the line."""
    try:
        row = json.loads(line)
    except ValueError:
        return "not JSON"
    if not isinstance(row, dict) or not isinstance(row.get("evidence"), str) or not isinstance(row.get("claim"), str):
        return 'needs the texts "evidence" and "claim"'
    evidence, claim = normalise(row["evidence"]).strip(), normalise(row["claim"]).strip()
    return (evidence, claim) if evidence and claim else "evidence and claim must not be empty"


def _batches(lines: Iterable[tuple[int, bytes]]) -> Iterator[list[tuple[int, bytes]]]:
    batch: list[tuple[int, bytes]] = []
    for number, line in lines:
        if line.strip():
            batch.append((number, line))
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
