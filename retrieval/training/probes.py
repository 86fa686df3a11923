"""`python -m retrieval.training.probes`: a few texts with a model's vectors for them, by which a server's copy of it is known."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from retrieval.embed import SentenceEmbedder
from retrieval.models import ModelFiles
from retrieval.web.embeddings import PROBES

TEXTS = (
    "The council of Harwick voted 14 to 3 to close the old bridge.",
    "Nobody was hurt when the ferry ran aground, the harbour office said.",
    "rain",
    # Longer than the model reads: a server that reads more, or cuts elsewhere, has another vector.
    " ".join(f"On day {n} the {place} opened at {n % 12} o'clock." for n in range(1, 25) for place in ("mill", "school", "market")),
)


def main() -> None:
    """Arguments: name, folder, sha256, dimension and max_tokens, as in config/models.toml."""
    name, folder, sha256, dimension, max_tokens = sys.argv[1:]
    embedder = SentenceEmbedder(ModelFiles(name, Path(folder), sha256, int(max_tokens)), int(dimension))
    vectors = [[round(float(value), 4) for value in row] for row in embedder.embed(TEXTS)]
    PROBES.mkdir(exist_ok=True)
    (PROBES / f"{embedder.model_id}.json").write_text(json.dumps({"texts": TEXTS, "vectors": vectors}) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
