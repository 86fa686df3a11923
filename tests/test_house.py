"""What ships with the program is what it says it is."""

from __future__ import annotations

import hashlib
import tomllib
from pathlib import Path

import pytest

import config
from config.models import model_entry
from retrieval.claims import find_claims
from retrieval.ingest.files import count_items, read_target
from retrieval.types import Article

CONFIG = Path(config.__file__).parent
SAMPLE = CONFIG / "sample"
TARGETS = [SAMPLE / "articles.jsonl", SAMPLE / "continental.xml", SAMPLE / "pages"]


@pytest.mark.parametrize("kind", ["embedding", "stance"])
def test_every_model_of_the_list_is_the_file_that_ships(kind: str) -> None:
    for name in tomllib.loads((CONFIG / "models.toml").read_text(encoding="utf-8"))[kind]:
        entry = model_entry("embedding" if kind == "embedding" else "stance", name)
        assert entry.sha256, f"config/models.toml gives no sha256 for the {kind} model {name}: its weights are not released yet"
        for weights, sha256 in ((entry.folder / "model.safetensors", entry.sha256), (entry.base, entry.base_sha256)):
            if weights is not None:
                assert weights.is_file(), f"the {kind} model {name} has no file at {weights}"
                with weights.open("rb") as stream:
                    assert hashlib.file_digest(stream, "sha256").hexdigest() == sha256
        assert entry.licence
        assert (entry.dimension > 0) == (kind == "embedding")
        assert sorted(entry.labels) == (["agree", "contradict", "neutral"] if kind == "stance" else [])


def _sample() -> list[Article]:
    items = [item for target in TARGETS for item in read_target(target)]
    articles = [item for item in items if isinstance(item, Article)]
    assert articles == items  # nothing of it fails to be read
    return articles


def test_the_sample_has_over_40_articles_of_six_outlets_that_say_they_are_invented() -> None:
    articles = _sample()
    assert len(articles) >= 40
    assert len(articles) == sum(count_items(target) or 0 for target in TARGETS)
    sources = {article.source for article in articles}
    assert len(sources) == 6
    assert all("(sample)" in source for source in sources)
    assert len({article.url for article in articles}) == len(articles)
    assert all(".example/" in article.url and article.published_at is not None for article in articles)


def test_the_demo_counts_the_sample_rightly() -> None:
    assert f"{len(_sample())} sample articles" in (CONFIG.parent / "bot" / "demo.py").read_text(encoding="utf-8")


def test_the_sample_post_holds_claims() -> None:
    post = (SAMPLE / "post.txt").read_text(encoding="utf-8")
    assert len(find_claims(post).claims) >= 8
