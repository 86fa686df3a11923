"""The lexical side: tantivy's BM25 over title and words, stemmed, without stop words."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import tantivy

from retrieval.index.mark import read_mark, write_mark
from retrieval.index.segments import damage
from retrieval.panics import is_panic
from retrieval.ports import Indexable
from retrieval.types import Match

log = logging.getLogger("crosscheck.index")

HEAP_BYTES = 32_000_000
STEP = 100_000  # passages that are made durable at once while many are applied
# A title names the story, so a word there counts, but less than in the passage itself.
TITLE_BOOST = 0.5
# A query longer than this is a whole post; its rarest words decide anyway, and BM25's cost grows with every word.
MAX_QUERY_WORDS = 64
ANALYZER = "crosscheck_en"


class LexicalIndex:
    """Passage ids by words. `seq` is the last log row applied."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._mark = folder.with_name(folder.name + ".seq")
        self._analyzer = _analyzer()
        self._writer: tantivy.IndexWriter | None = None
        self._changed, self._pending = False, 0
        self._index = self._opened()
        self.seq = read_mark(self._mark)

    def __len__(self) -> int:
        return int(self._index.searcher().num_docs)

    def reset(self) -> None:
        """Throw everything away: nothing has been applied."""
        self.close()
        self._mark.unlink(missing_ok=True)
        shutil.rmtree(self._folder, ignore_errors=True)
        self._index = self._opened()
        self.seq = 0

    def reload(self) -> None:
        """See what another process has committed."""
        self._index.reload()
        self.seq = max(self.seq, read_mark(self._mark))

    def apply(self, gone: Iterable[int], items: Sequence[Indexable]) -> None:
        """Take out `gone`, put in `items`; an id in both ends up in. Applying the same again changes nothing."""
        if self._writer is None:
            self._writer = self._index.writer(heap_size=HEAP_BYTES, num_threads=1)
        for id_ in {*gone, *(item.passage_id for item in items)}:
            self._writer.delete_documents_by_term("id", id_)
        for item in items:
            self._writer.add_document(tantivy.Document(id=item.passage_id, title=item.title, text=item.text))
        self._pending += len(items)
        self._changed = True

    def commit(self, seq: int) -> None:
        """Make what was applied durable and visible, then move the mark to log row `seq`."""
        if self._writer is not None and self._changed:
            self._writer.commit()
            self._writer.wait_merging_threads()  # uses the writer up, and lets go of tantivy's own lock
            self._writer = None
            self._index.reload()
        self._changed, self._pending = False, 0
        if seq != read_mark(self._mark):
            write_mark(self._mark, seq)
        self.seq = seq

    def step(self, seq: int) -> None:
        """As `commit`, while much is applied: only every so many rows."""
        self.seq = seq
        if self._pending >= STEP:
            self.commit(seq)

    def search(self, text: str, count: int) -> list[Match]:
        """At most `count` passages by BM25 over the words of `text`, best first, ties by id."""
        return self.asking(text, count)()

    def asking(self, text: str, count: int) -> Callable[[], list[Match]]:
        """As `search` over what there is now, to be done later and in any thread, whatever is applied meanwhile."""
        terms = self._terms(text)
        if not terms:
            return list
        schema = self._index.schema
        parts = [tantivy.Query.term_query(schema, "text", term, "freq") for term in terms]
        parts += [tantivy.Query.boost_query(tantivy.Query.term_query(schema, "title", term, "freq"), TITLE_BOOST) for term in terms]
        query = tantivy.Query.boolean_query([(tantivy.Occur.Should, part) for part in parts])
        searcher = self._index.searcher()

        def ask() -> list[Match]:
            hits = searcher.search(query, limit=count, count=False).hits
            ids = searcher.fast_field_values("id", [address for _, address in hits])
            matches = [Match(int(id_), float(score)) for id_, (score, _) in zip(ids, hits, strict=True) if id_ is not None]
            return sorted(matches, key=lambda match: (-match.score, match.passage_id))

        return ask

    def ids(self) -> set[int]:
        """All ids it holds."""
        searcher = self._index.searcher()
        hits = searcher.search(tantivy.Query.all_query(), limit=max(1, searcher.num_docs), count=False).hits
        return {int(id_) for id_ in searcher.fast_field_values("id", [address for _, address in hits]) if id_ is not None}

    def close(self) -> None:
        """Give up what was not committed: it is applied again."""
        self._writer = None
        self._changed, self._pending = False, 0

    def _terms(self, text: str) -> list[str]:
        # Each term once: a word repeated in a claim says no more about it.
        return list(dict.fromkeys(self._analyzer.analyze(text)))[:MAX_QUERY_WORDS]

    def _opened(self) -> tantivy.Index:
        self._folder.mkdir(parents=True, exist_ok=True)
        if not (self._folder / "meta.json").exists():  # made anew below: it has applied nothing, whatever the mark says
            self._mark.unlink(missing_ok=True)
        if problem := damage(self._folder):
            return self._begun_anew(problem)
        try:
            index = tantivy.Index(_schema(), path=str(self._folder))
        except BaseException as error:
            # tantivy raises ValueError or OSError by the kind of damage, or panics, which Python has as no Exception.
            if not (isinstance(error, Exception) or is_panic(error)):
                raise
            return self._begun_anew(type(error).__name__)
        return self._prepared(index)

    def _begun_anew(self, problem: str) -> tantivy.Index:
        log.warning("the lexical index is damaged and is made anew (%s)", problem)
        self._mark.unlink(missing_ok=True)
        shutil.rmtree(self._folder)
        self._folder.mkdir()
        return self._prepared(tantivy.Index(_schema(), path=str(self._folder)))

    def _prepared(self, index: tantivy.Index) -> tantivy.Index:
        index.register_tokenizer(ANALYZER, self._analyzer)
        index.config_reader(reload_policy="manual")
        return index


def _analyzer() -> tantivy.TextAnalyzer:
    builder = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
    for step in (
        tantivy.Filter.remove_long(60),
        tantivy.Filter.lowercase(),
        tantivy.Filter.ascii_fold(),
        tantivy.Filter.stopword("english"),
        tantivy.Filter.stemmer("english"),
    ):
        builder = builder.filter(step)
    return builder.build()


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_integer_field("id", indexed=True, fast=True)
    builder.add_text_field("title", tokenizer_name=ANALYZER, index_option="freq")
    builder.add_text_field("text", tokenizer_name=ANALYZER, index_option="freq")
    return builder.build()
