"""The main job, with the models that ship, over the bundled sample."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from bot import contract
from bot.app import App
from bot.ingesting import ingest_targets
from config.settings import Settings
from retrieval.types import Comparison
from tests.test_house import SAMPLE, TARGETS

VOTES = "The UN General Assembly adopted the Ukrainian resolution with 93 votes in favour, 18 against and 65 abstentions."
ELSEWHERE = "The city of Lisbon ordered forty new ferries from a shipyard in Norway."


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    folder = tmp_path_factory.mktemp("main-job")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        settings = Settings(data_dir=folder / "data", database_url=None)
    with App(settings) as opened:
        assert ingest_targets(opened, TARGETS) == 0
        yield opened


def _assert_verbatim(app: App, comparisons: list[Comparison]) -> None:
    for comparison in comparisons:
        for excerpt in (*comparison.agreeing, *comparison.contradicting):
            stored = app.passages.article_text([excerpt.article.revision_id])[excerpt.article.revision_id]
            assert stored[excerpt.start : excerpt.end] == excerpt.text
            assert (
                stored[excerpt.start - len(excerpt.before) : excerpt.end + len(excerpt.after)]
                == excerpt.before + excerpt.text + excerpt.after
            )


def test_the_sample_answers_as_its_articles_say(app: App) -> None:
    votes, elsewhere = (app.checker.check_text(claim) for claim in (VOTES, ELSEWHERE))
    assert votes.outcome.value in {"agree", "mixed"}
    assert any("93" in excerpt.text for excerpt in votes.agreeing)
    assert elsewhere.outcome.value == "no_match"
    assert (list(elsewhere.agreeing), list(elsewhere.contradicting)) == ([], [])

    post = app.check_post((SAMPLE / "post.txt").read_text(encoding="utf-8"))
    assert sum(bool(each.agreeing) for each in post) >= 3
    _assert_verbatim(app, [votes, elsewhere, *post])

    first, second = (json.loads(contract.comparison_line(app.checker.check_text(VOTES))) for _ in range(2))
    assert first | {"took_ms": 0} == second | {"took_ms": 0}
    assert first["models"]["stance"].startswith("stance-large@")
