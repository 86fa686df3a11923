"""A panic of a library in Rust ends what was asked, and nothing else."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Never

import pytest

from retrieval.calibration import LABELS
from retrieval.embed import SentenceEmbedder
from retrieval.errors import Panicked
from retrieval.models import ModelFiles
from retrieval.panics import as_errors
from retrieval.stance import CrossEncoderStance


class PanicException(BaseException):  # noqa: N818 - as PyO3 calls it
    """What PyO3 raises, which no `except Exception` catches."""


def _panics(*_: object, **__: object) -> Never:
    raise PanicException("secret words")


def test_a_panic_is_an_error_without_its_words_and_anything_else_is_itself() -> None:
    with pytest.raises(Panicked) as told, as_errors():
        _panics()
    assert "secret" not in str(told.value) and told.value.__cause__ is None and told.value.__suppress_context__
    with pytest.raises(KeyboardInterrupt), as_errors():
        raise KeyboardInterrupt


def test_models_that_panic_over_a_text_raise_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = ModelFiles("none", tmp_path, "0" * 64, 256, LABELS)
    monkeypatch.setattr(SentenceEmbedder, "load", lambda _: SimpleNamespace(encode=_panics))
    with pytest.raises(Panicked):
        SentenceEmbedder(files, 4, 1).embed(["text"])
    monkeypatch.setattr(CrossEncoderStance, "load", lambda _: (None, SimpleNamespace(encode_batch=_panics)))
    with pytest.raises(Panicked):
        CrossEncoderStance(files, 1).logits([("evidence", "claim")])
