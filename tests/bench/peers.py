"""Beside its peers: txtai and LanceDB on the same passages, vectors and queries, each in an environment that this makes.

    python -m tests.bench.peers [--passages N ...] [--peers NAME ...] [--folder .bench/peers] [--rebuild]

Every peer is given the vectors, so what is timed is what comes after the embedding; no model is loaded. It builds in one process and
answers in another, with both cores, so that its memory is that of a search that serves; its files are read once before, so that no disk is
timed. A peer is asked with its own settings first, and while its recall@50 is under ENOUGH, with the next of those that its documentation
has for better recall: all are shown. What is not alike, and cannot be made so, is in UNLIKE. Indexes are kept in the folder.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retrieval.errors import ModelError
from retrieval.ports import Vectors
from tests.bench import scale
from tests.bench.made_news import EACH, SEED, MadeNews
from tests.bench.metrics import mean, recall_at
from tests.bench.peer_rig import COUNT, Settings
from tests.bench.report import RESULTS, ROOT, Value, save, show

FOLDER = scale.FOLDER / "peers"
SIZES = (10_000,)
QUERIES, WARMING = 200, 100
ENOUGH = 0.99  # of recall@50: what is asked of ourselves
BENCHED = 100_000  # passages, in `make bench`
BLOCK = 50_000


@dataclass(frozen=True, slots=True)
class Peer:
    """What pip installs one after the other, all with constraints.txt, and the settings to serve with, the peer's own first."""

    installs: Sequence[Sequence[str]]
    settings: Sequence[Settings]
    also: Sequence[Settings] = ()  # tried with the last settings added, for less memory
    note: str = ""


PEERS: dict[str, Peer] = {
    "crosscheck": Peer(
        [], [{}], note="articles.save, index.follow, Search.find with 150 of each side, fused by score; float16 stored, int8 searched"
    ),
    "txtai": Peer(
        [["torch==2.13.0"], ["txtai==9.14.0", "faiss-cpu==1.15.1"]],
        [{}, *({"probes": times} for times in (2, 4, 8, 16))],
        [{"mmap": True}],
        "method external, hybrid, content; its search asks 500 of each side; Faiss IVF,Flat (float32), nprobe a 16th of the cells",
    ),
    "lancedb": Peer(
        [["lancedb==0.40.0"]],
        [{}, {"refine_factor": 2}, {"refine_factor": 2, "ef": 250}, {"refine_factor": 2, "ef": 500}],
        note="HnswSq(cosine, 1 partition a 1,048,576 rows), FTS(), optimize; RRFReranker over 50 of each side; ef 1.5 k",
    ),
}
SERVING = ("hybrid_p50_ms", "hybrid_p95_ms", "hybrid_cpu_ms", "dense_p50_ms", "resident_mb", "anonymous_mb")
UNLIKE = (
    "each peer fuses in its own way and asks each side for its own depth: crosscheck 150, txtai 500, LanceDB 50",
    "txtai neither stems nor drops stop words; crosscheck and LanceDB do both",
    "crosscheck follows its change log before each answer, and gives passages with article, source and copies; peers give title and text",
    "mapped memory is the page cache's and can be taken back; LanceDB reads into caches of its own, which count as anonymous",
    "txtai imports torch and transformers, which it needs to be imported at all",
    "dense of txtai is its Faiss side alone, asked directly, since its hybrid search always asks both",
)


def main() -> None:
    parser = argparse.ArgumentParser(description="Compare search with txtai and LanceDB.")
    parser.add_argument("--passages", type=int, nargs="+", default=SIZES)
    parser.add_argument("--peers", choices=PEERS, nargs="+", default=list(PEERS))
    parser.add_argument("--folder", type=Path, default=FOLDER)
    parser.add_argument("--rebuild", action="store_true", help="the indexes anew")
    parser.add_argument("--out", type=Path, default=RESULTS / "peers.json")
    options = parser.parse_args()
    measured = peers(options.passages, scale.real_vectors(scale.FOLDER, scale.DATA), options.peers, options.folder, options.rebuild)
    show_peers(measured)
    if set(options.peers) == set(PEERS):
        save(options.out, measured)


def peers(
    sizes: Sequence[int], real: Vectors, names: Collection[str] = tuple(PEERS), folder: Path = FOLDER, rebuild: bool = False
) -> Mapping[str, Value]:
    """What was measured of each peer at each size. Raises RuntimeError with what a peer wrote when it failed."""
    pythons = {name: _python(name, PEERS[name].installs) for name in names}
    found: dict[str, Value] = {}
    for size in sizes:
        data = folder / str(size)
        _write(data, size, real)
        exact = np.load(data / "exact.npy")
        found[str(size)] = {name: _measured(name, pythons[name], data, exact, rebuild) for name in names}
    about: dict[str, Value] = {
        name: {"installs": [list(some) for some in PEERS[name].installs], "settings": PEERS[name].note} for name in names
    }
    return {"count": COUNT, "queries": QUERIES, "warming": WARMING, "unlike": UNLIKE, "peers": about, "sizes": found}


def peers_speed() -> dict[str, float]:
    """As the program at BENCHED passages, for `make bench`: the figures of the peer's run with the best recall@50, and times ours.

    Raises ModelError where an environment for a peer cannot be made.
    """
    try:
        measured = peers([BENCHED], scale.real_vectors(scale.FOLDER, scale.DATA))
    except (RuntimeError, subprocess.CalledProcessError) as error:
        raise ModelError(f"a peer cannot be installed or run: {str(error)[-300:]}") from error
    figures: dict[str, float] = {}
    for name, of_peer in _mapping(_mapping(measured["sizes"])[str(BENCHED)]).items():
        best = max(_runs(of_peer), key=lambda run: _number(run, "recall_at_50"))
        for key in ("recall_at_50", "hybrid_p50_ms", "hybrid_p95_ms", "resident_mb"):
            figures[f"{name} {key}"] = _number(best, key)
            if name != "crosscheck" and key != "recall_at_50":
                figures[f"{name} {key} times ours"] = _number(best, key) / figures[f"crosscheck {key}"]
    return figures


def _number(figures: Mapping[str, Value], key: str) -> float:
    value = figures[key]
    assert isinstance(value, int | float)
    return float(value)


def show_peers(measured: Mapping[str, Value]) -> None:
    """One table; behind a figure, how many times ours it is."""
    sections = []
    for size, of_size in _mapping(measured["sizes"]).items():
        our_building = _mapping(_mapping(of_size).get("crosscheck", {}))
        ours = next(iter(_runs(our_building)), {})
        rows = []
        for name, of_peer in _mapping(of_size).items():
            for run in _runs(of_peer):
                tuned = " ".join(f"{key} {value}" for key, value in _mapping(run["settings"]).items() if value is not False)
                figures = [f"{run['recall_at_10']:.3f}", f"{run['recall_at_50']:.3f}"]
                figures += [_beside(run, ours, key) for key in SERVING]
                figures += [_beside(_mapping(of_peer), our_building, key) for key in ("disk_mb", "build_s")]
                rows.append([f"{int(size):,}", f"{name} {tuned}".strip(), *figures])
        sections.append(rows)
    columns = [
        "passages",
        "peer",
        "recall@10",
        "@50",
        "hybrid p50 ms",
        "p95",
        "CPU",
        "dense p50",
        "resident MB",
        "its own",
        "disk MB",
        "build s",
    ]
    show("Beside its peers (times ours)", columns, sections)


def _beside(figures: Mapping[str, Value], ours: Mapping[str, Value], key: str) -> str:
    value, our = _number(figures, key), ours.get(key)
    shown = f"{value:,.1f}"
    return f"{shown} ({value / our:.1f})" if isinstance(our, int | float) and our and figures is not ours else shown


def _runs(of_peer: Value) -> list[Mapping[str, Value]]:
    runs = _mapping(of_peer).get("served", [])
    assert isinstance(runs, list)
    return [_mapping(run) for run in runs]


def _mapping(value: Value) -> Mapping[str, Value]:
    assert isinstance(value, Mapping)
    return value


def _python(name: str, installs: Sequence[Sequence[str]]) -> Path:
    """The interpreter of a peer's environment, made where there is none or it has other versions; ours where nothing is installed."""
    if not installs:
        return Path(sys.executable)
    place = ROOT / ".bench" / "venvs" / name
    python, stamp = place / "bin" / "python", place / "installed.json"
    wanted = json.dumps(installs)
    if not stamp.exists() or stamp.read_text(encoding="utf-8") != wanted:
        sys.stderr.write(f"installing {name} ...\n")
        shutil.rmtree(place, ignore_errors=True)
        _said([sys.executable, "-m", "venv", str(place)])
        for some in installs:
            _said([str(python), "-m", "pip", "install", "-q", "-c", str(ROOT / "constraints.txt"), *some])
        stamp.write_text(wanted, encoding="utf-8")
    return python


def _write(data: Path, size: int, real: Vectors) -> None:
    """Passages, vectors, queries and what exact search finds of them, unless they are there."""
    made = {"passages": size, "real": hashlib.sha256(real.tobytes()).hexdigest(), "queries": [QUERIES, WARMING], "each": EACH}
    stamp = data / "made.json"
    if stamp.exists() and json.loads(stamp.read_text(encoding="utf-8")) == made:
        return
    sys.stderr.write(f"making {size:,} passages ...\n")
    shutil.rmtree(data, ignore_errors=True)
    data.mkdir(parents=True)
    vectors = np.lib.format.open_memmap(data / "vectors.npy", mode="w+", dtype=np.float32, shape=(size, real.shape[1]))
    at = 0
    with (data / "passages.jsonl").open("w", encoding="utf-8") as lines:
        for article, news in enumerate(MadeNews(real).articles(size)):
            vectors[at : at + len(news.vectors)] = news.vectors
            for row, (start, end) in enumerate(news.spans, at):
                lines.write(json.dumps({"id": row, "article": article, "title": news.title, "text": news.text[start:end]}) + "\n")
            at += len(news.vectors)
    vectors.flush()
    for name, count, seed in (("queries", QUERIES, SEED + 1), ("warming", WARMING, SEED + 3)):
        drawn = MadeNews(real, seed).queries(count)
        np.save(data / f"{name}.npy", np.stack([vector for vector, _ in drawn]))
        (data / f"{name}.json").write_text(json.dumps([words for _, words in drawn]), encoding="utf-8")
    np.save(data / "exact.npy", _exact(np.load(data / "queries.npy"), vectors))
    stamp.write_text(json.dumps(made), encoding="utf-8")


def _exact(queries: Vectors, vectors: Vectors) -> NDArray[np.int64]:
    """(queries, COUNT) rows of the nearest, best first, by float32 products with all."""
    rows, scores = np.empty((len(queries), 0), dtype=np.int64), np.empty((len(queries), 0), dtype=np.float32)
    for at in range(0, len(vectors), BLOCK):
        block = np.asarray(vectors[at : at + BLOCK])
        scores = np.hstack([scores, queries @ block.T])
        rows = np.hstack([rows, np.broadcast_to(np.arange(at, at + len(block)), (len(queries), len(block)))])
        best = np.argsort(-scores, axis=1, kind="stable")[:, :COUNT]
        rows, scores = np.take_along_axis(rows, best, axis=1), np.take_along_axis(scores, best, axis=1)
    return rows


def _measured(name: str, python: Path, data: Path, exact: NDArray[np.int64], rebuild: bool) -> dict[str, Value]:
    built = _built(name, python, data, rebuild)
    _read(data / name)
    served: list[Value] = []
    for settings in _settings(PEERS[name], served):
        sys.stderr.write(f"{name} answers, {dict(settings)} ...\n")
        figures = _asked(name, python, "serve", data, json.dumps(settings))
        nearest, fused = figures.pop("nearest"), figures.pop("fused")
        recalls = {
            f"recall_at_{k}": mean([recall_at(found, set(row[:k].tolist()), k) for found, row in zip(nearest, exact, strict=True)])
            for k in (10, COUNT)
        }
        served.append({**recalls, "found": mean([len(found) for found in fused]), **figures})
    return {**built, "served": served}


def _read(folder: Path) -> None:
    """All files into the page cache, where the building of other indexes has taken their place."""
    for file in folder.rglob("*"):
        if file.is_file():
            with file.open("rb", buffering=0) as stream:
                while stream.read(BLOCK):
                    pass


def _settings(peer: Peer, served: Sequence[Value]) -> Iterator[Settings]:
    """One after the other, while what was served with the last is not enough; then the last with what is `also` to be tried."""
    last: Settings = {}
    for last in peer.settings:
        yield last
        recall = _mapping(served[-1])["recall_at_50"]
        if isinstance(recall, float) and recall >= ENOUGH:
            break
    for also in peer.also:
        yield {**last, **also}


def _built(name: str, python: Path, data: Path, rebuild: bool) -> dict[str, Value]:
    """Figures of building, kept beside the index."""
    place, kept = data / name, data / f"{name}.json"
    made = {"installs": [list(some) for some in PEERS[name].installs], "note": PEERS[name].note}
    if not rebuild and kept.exists():
        known: dict[str, Value] = json.loads(kept.read_text(encoding="utf-8"))
        if known.pop("made") == made:
            return known
    sys.stderr.write(f"{name} builds ...\n")
    shutil.rmtree(place, ignore_errors=True)
    kept.unlink(missing_ok=True)
    figures: dict[str, Value] = dict(_asked(name, python, "build", data))
    figures["disk_mb"] = sum(file.stat().st_size for file in place.rglob("*") if file.is_file()) / 1e6
    kept.write_text(json.dumps({"made": made, **figures}), encoding="utf-8")
    return figures


def _asked(name: str, python: Path, what: str, data: Path, *more: str) -> dict[str, Any]:
    said = _said([str(python), "-m", f"tests.bench.peer_{name}", what, str(data), str(data / name), *more])
    figures: dict[str, Any] = json.loads(said.splitlines()[-1])
    return figures


def _said(command: Sequence[str]) -> str:
    """What it wrote. Raises RuntimeError with its errors when it failed."""
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "PYTHONPATH": str(ROOT), "TOKENIZERS_PARALLELISM": "false"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}: {done.stderr.strip()}")
    return done.stdout


if __name__ == "__main__":
    main()
