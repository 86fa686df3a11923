"""Speed over the bundled sample with the real models: ingest, and the check of one claim."""

from __future__ import annotations

import itertools
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import config
from bot.app import App
from bot.parts import model_files
from config.settings import Settings
from retrieval.ingest.files import read_target
from retrieval.ingest.pipeline import ingest
from retrieval.models import quiet_loading
from retrieval.ports import Embedder, Vectors
from retrieval.types import Article
from tests.bench.metrics import percentile
from tests.standins.stories import made_stories

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

SAMPLE = Path(config.__file__).parent / "sample"
ROUNDS = 5
MADE = 150  # events
# About the sample's stories: right, wrong, half right, and two that no article speaks of.
CLAIMS = (
    "Sixty-five countries abstained when the General Assembly adopted Ukraine's resolution.",
    "The United States voted for the Ukrainian resolution in the General Assembly.",
    "The Security Council adopted the American text with ten votes in favour.",
    "France vetoed the American draft in the Security Council.",
    "Hungary voted against Ukraine's resolution at the United Nations.",
    "Trump said that Putin would accept European peacekeepers in Ukraine.",
    "Lavrov said that Russia would welcome NATO soldiers in Ukraine.",
    "Yoon Suk Yeol declared martial law in a television address.",
    "South Korea's parliament impeached Yoon by 204 votes to 85.",
    "The Constitutional Court of South Korea restored Yoon to office.",
    "The AfD won 20.8 percent in the German election.",
    "The Sahra Wagenknecht Alliance entered the Bundestag.",
    "Eight construction workers died when the Francis Scott Key Bridge collapsed.",
    "The body of José Mynor López was recovered in May.",
    "SpaceX caught the Super Heavy booster on Starship's fifth flight.",
    "The seventh Starship landed safely in the Indian Ocean.",
    "The European Central Bank cut its deposit rate to 2.75 percent.",
    "Geoffrey Hinton shared the Nobel Prize in Physics for work on neural networks.",
    "China won more gold medals than the United States at the Paris Olympics.",
    "Assad fled to Tehran when Damascus fell.",
    "The Danish parliament banned diesel ferries in 2023.",
    "A volcano on Iceland closed the airport of Oslo for a week.",
)


@contextmanager
def scratch_app() -> Iterator[App]:
    """The real app over a data folder that is thrown away."""
    with tempfile.TemporaryDirectory() as folder, App(Settings(data_dir=Path(folder), database_url=None)) as app:
        yield app


class Remembering:
    """An Embedder that passes on to another and keeps the batches that it was given."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self.batches: list[list[str]] = []

    @property
    def model_id(self) -> str:
        return self._embedder.model_id

    @property
    def dimension(self) -> int:
        return self._embedder.dimension

    def embed(self, texts: Sequence[str]) -> Vectors:
        self.batches.append(list(texts))
        return self._embedder.embed(texts)


def ingest_sample(app: App, embedder: Embedder, more: Sequence[Article] = ()) -> int:
    """What `python -m bot ingest` does, without its screen, with the sample and `more`; how many passages were stored."""
    items = (item for name in ("articles.jsonl", "continental.xml", "pages") for item in read_target(SAMPLE / name))
    report = ingest(itertools.chain(items, more), app.articles, embedder)
    app.index.follow()
    return report.passages


@cache
def _made() -> list[Article]:
    """Stories of some events without their copies: the sample alone is read in a second."""
    first = {made.event: made.text for made in made_stories(MADE, seed=17)}
    return [Article(f"https://made.example/{event}", f"Report {event}", "Made", text) for event, text in first.items()]


def ingest_speed() -> dict[str, float]:
    """Passages a second of a whole ingest (read, split, embed, store, index), of our model alone on the same batches, and of the library's
    plain use of it (SentenceTransformer.encode in float32, its default batch size) on the same texts, by turns.

    Medians of ROUNDS, models loaded. Ratios are taken round by round, since machines drift: `ratio` is the share of our model's own speed
    that is left, 1 at best; `to_plain` how many times the plain use's passages a whole ingest stores. `apart` is the largest cosine
    distance between our vectors and the plain ones.
    """
    whole, alone, plain, passages, made, apart = [], [], [], 0, _made(), 0.0
    with scratch_app() as warm:
        embedder = warm.embedder
        embedder.embed(["warm"])
        library = plain_model(warm)
        library.encode(["warm"])
        for _ in range(ROUNDS):
            with scratch_app() as app:
                app.database, app.index  # noqa: B018 - made here: an ingest into a new database is not what is measured
                remembering = Remembering(embedder)
                started = time.perf_counter()
                passages = ingest_sample(app, remembering, made)
                whole.append(passages / (time.perf_counter() - started))
            started = time.perf_counter()
            for batch in remembering.batches:
                embedder.embed(batch)
            alone.append(passages / (time.perf_counter() - started))
            texts = [text for batch in remembering.batches for text in batch]
            started = time.perf_counter()
            expected = library.encode(texts, normalize_embeddings=True, show_progress_bar=False)
            plain.append(passages / (time.perf_counter() - started))
            apart = max(apart, float(1 - (embedder.embed(texts) * expected).sum(axis=1).min()))
    return {
        "passages": passages, "passages_per_s": median(whole), "model_alone_per_s": median(alone), "plain_per_s": median(plain),
        "ratio": median(one / other for one, other in zip(whole, alone, strict=True)),
        "to_plain": median(one / other for one, other in zip(whole, plain, strict=True)), "apart": apart,
    }  # fmt: skip


def plain_model(app: App) -> SentenceTransformer:
    """The same embedding model as the library loads it by itself: float32."""
    from sentence_transformers import SentenceTransformer

    files, _ = model_files("embedding", app.settings.embedding_model)
    with quiet_loading():
        model = SentenceTransformer(str(files.folder), device="cpu", local_files_only=True, model_kwargs={"torch_dtype": "float32"})
    model.max_seq_length = files.max_tokens
    return model


def check_speed() -> dict[str, float]:
    """Milliseconds of the check of one claim, both models warm, over CLAIMS and ROUNDS; `share_STEP` is a step's part of the steps' sum.

    Raises ModelError when the stance model is not there.
    """
    took: list[float] = []
    steps: dict[str, float] = defaultdict(float)
    with scratch_app() as app:
        ingest_sample(app, app.embedder)
        app.checker.check_text(CLAIMS[0])
        for claim in CLAIMS * ROUNDS:
            started = time.perf_counter()
            comparison = app.checker.check_text(claim)
            took.append((time.perf_counter() - started) * 1000)
            for step, milliseconds in comparison.took_ms.items():
                steps[step] += milliseconds
    shares = {f"share_{step}": milliseconds / sum(steps.values()) for step, milliseconds in steps.items()}
    return {"checks": len(took), "p50_ms": percentile(took, 0.5), "p95_ms": percentile(took, 0.95), **shares}
