"""Every error of Crosscheck's own.

CrosscheckError
├── UserError                   the sentence is fit to be shown to whoever asked
│   ├── BadClaim                nothing in the text can be checked
│   └── BadItem                 one file, line or page cannot be read as an article
├── ModelError                  a model file is missing, altered, or not the one that the store was built with
│   └── TextRefused             a model that is asked over the network takes others' texts, and not these
├── StoreError                  the database cannot be used as it is
│   └── StoreBusy               another transaction was in the way: what was rolled back may be tried again
├── IndexFault                  the search index cannot be used, not even after a rebuild
└── Panicked                    a library in Rust failed within: a defect, which ends what was asked and nothing else
"""

from __future__ import annotations


class CrosscheckError(Exception):
    """The root. `str(error)` is one or two plain sentences: what is wrong and what to do."""


class UserError(CrosscheckError):
    """The asker can mend it; the message may be shown to them as it is, or `template` in another language with `values` filled in."""

    def __init__(self, template: str, **values: object) -> None:
        super().__init__(template.format(**values) if values else template)
        self.template = template
        self.values = values


class BadClaim(UserError):
    """Empty, too long, without a statement, or in a language that no model here serves."""


class BadItem(UserError):
    """One item of an ingest cannot be read. `where` names it: a path, a path and line, a url."""

    def __init__(self, where: str, reason: str) -> None:
        super().__init__("{where}: {reason}", where=where, reason=reason)
        self.where = where
        self.reason = reason


def sentence(text: str) -> str:
    """The text itself: marks it for the catalogues of languages (bot/locales)."""
    return text


class ModelError(CrosscheckError):
    """A model cannot be loaded or is not the one expected."""


class TextRefused(ModelError):
    """A server of embeddings does not take what it was given."""


class StoreError(CrosscheckError):
    """The database is missing, newer than this program, or damaged."""


class StoreBusy(StoreError):
    """The database took a transaction back, as it met another. Nothing of it is left: it may be tried again."""


class IndexFault(CrosscheckError):
    """The search index cannot be opened or brought up to date."""


class Panicked(CrosscheckError):
    """A library in Rust failed within (retrieval/panics.py)."""
