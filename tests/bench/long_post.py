"""How long a post of about 900 words takes over 100,000 passages, and its first claims: the real models, index and store."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np

from bot.app import App
from retrieval.claims import find_claims
from retrieval.ports import Vectors
from retrieval.types import Article
from tests.bench.goldposts import read_posts
from tests.bench.metrics import percentile
from tests.bench.posts import newsroom
from tests.standins.stories import made_stories

POST = ("a1-01", "a2-06")  # together 899 words
PASSAGES, EACH = 100_000, 40
NOISE = 0.9  # of the made passages' vectors, which lie about those of the real ones
ROUNDS = 5
SEED = 20_261_126


def long_post() -> dict[str, float]:
    """Seconds, medians of ROUNDS: reading the post, its first claims as they are shown, all of them; and how many claims, passages, words.

    Beside the gold posts' articles the store holds made articles with vectors about theirs, so that search has rivals to sort out.
    """
    posts = {post.id: post for name in ("a1", "a2") for post in read_posts(name)}
    text = "\n\n".join(posts[name].text for name in POST)
    with newsroom() as app:
        passages = _fill(app)
        app.check_claims(find_claims(text, 1).claims)  # models and index are loaded
        reading, first, whole, claims = [], [], [], 0
        for _ in range(ROUNDS):
            started = time.perf_counter()
            post = replace(find_claims(text, app.settings.max_claims), links=())  # no site is waited for
            reading.append(time.perf_counter() - started)
            turns = [time.perf_counter() - started for _ in app.check_in_turn(post)]
            first.append(turns[0])
            whole.append(turns[-1])
            claims = len(post.claims)
    return {
        "passages": passages, "words": len(text.split()), "claims": claims, "reading_s": percentile(reading, 0.5),
        "first_claims_s": percentile(first, 0.5), "whole_s": percentile(whole, 0.5), "whole_max_s": max(whole),
    }  # fmt: skip


def _fill(app: App) -> int:
    """Made articles up to PASSAGES passages; how many there are then."""
    rng = np.random.default_rng(SEED)
    real = list(app.changes.vectors(list(app.changes.live_ids(app.embedder.model_id)), app.embedder.model_id).values())
    texts = [made.text for made in made_stories(PASSAGES // EACH // 4, seed=SEED)]
    count, number = len(real), 0
    while count < PASSAGES:
        text = texts[number % len(texts)]
        width = max(1, len(text) // EACH)
        spans = [(start, min(len(text), start + 400)) for start in range(0, len(text) - 40, width)][:EACH]
        app.articles.save(Article(f"https://made.example/{number}", f"Report {number}", f"Made {number % 20}", text),
                          spans, _near(real, len(spans), rng), app.embedder.model_id)  # fmt: skip
        count, number = count + len(spans), number + 1
    app.index.follow()
    return count


def _near(real: list[Vectors], count: int, rng: np.random.Generator) -> Vectors:
    """(count, dimension) float32 unit rows, each some way from that of a real passage."""
    centres = np.stack([real[int(at)] for at in rng.integers(0, len(real), count)])
    noise = rng.standard_normal(centres.shape)
    rows = centres + NOISE * noise / np.linalg.norm(noise, axis=1, keepdims=True)
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)
