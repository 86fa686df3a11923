"""Which language an article is in, and whether the models serve it."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from retrieval.types import Article

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

SERVED = frozenset({"en"})
_READ = 1_500  # characters of the beginning
_SURE = 0.95  # probability from which what the words say outweighs what the page says of itself


def is_served(language: str | None) -> bool:
    """Whether articles in it are searched; those of unknown language are."""
    return language is None or language in SERVED


def with_language(article: Article) -> Article:
    """The article with its language by its words, where they leave little doubt; else as its page or feed gives it.

    Pages declare "en" over any language: it is the default of much software.
    """
    language, probability = _identifier().classify(article.text[:_READ])
    return replace(article, language=language) if probability >= _SURE else article


@cache
def _identifier() -> LanguageIdentifier:
    from py3langid.langid import MODEL_DIR, MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_modelpath(Path(MODEL_DIR) / MODEL_FILE, norm_probs=True)
