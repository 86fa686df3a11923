"""The post's own links beside its claims: over plain rules for models, and over the real ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.app import App
from config.settings import Settings
from retrieval.own import READ, OwnArticle, hits_in, speaks_of
from retrieval.types import ArticleRef, Claim, Comparison, Outcome
from tests.standins.store import NOON, Store

BRIDGE = "The council of Harwick voted 14 to 3 to close the old bridge."
TEXT = f"It rained for days in the valley of the Ermin. {BRIDGE} Buses go round by the new road, said Ilse Brandt."


def linked(text: str, title: str = "A bridge in Harwick", name: str = "bridge") -> OwnArticle:
    """An article that was only fetched."""
    url = f"https://own.example/{name}"
    return OwnArticle(url, ArticleRef(0, 0, url, title, "Own Weekly", NOON), text)


def beside(store: Store, claim: str, *own: OwnArticle) -> Comparison:
    checker = store.checker()
    return checker.beside_own(checker.check([Claim(claim)]), own)[0]


def test_an_own_link_that_says_it_agrees_word_for_word(store: Store) -> None:
    (found,) = beside(store, BRIDGE, linked(TEXT)).own
    assert (found.url, found.outcome) == ("https://own.example/bridge", Outcome.AGREE)
    assert found.excerpt is not None
    assert BRIDGE in found.excerpt.text == TEXT[found.excerpt.start : found.excerpt.end]
    assert (found.excerpt.article.id, found.excerpt.article.revision_id) == (0, 0)


def test_an_own_link_that_says_otherwise_contradicts(store: Store) -> None:
    (found,) = beside(store, "The council of Harwick voted 12 to 5 to close the old bridge.", linked(TEXT)).own
    assert found.outcome is Outcome.CONTRADICT
    assert found.excerpt is not None
    assert found.excerpt.difference


def test_an_own_link_about_the_same_that_does_not_say_it_is_said_so(store: Store) -> None:
    (found,) = beside(store, "The council of Harwick sold its swimming pool to a company.", linked(TEXT)).own
    assert found.outcome is Outcome.NO_MATCH
    assert found.excerpt is None


def test_an_own_link_about_other_things_is_no_source(store: Store) -> None:
    zoo = linked("A young giraffe was born at the zoo of Oren on Sunday. Visitors may see it from Friday on.", "A giraffe")
    assert beside(store, BRIDGE, zoo).own == ()
    assert not speaks_of(zoo, Claim("a bridge was closed for repairs last Tuesday"))


def test_several_claims_and_links_keep_their_places_and_the_rest_of_the_answer(store: Store) -> None:
    checker = store.checker()
    other = linked("Harwick did not vote on the old bridge, the council said. It met for an hour on bread.", name="other")
    plain = checker.check([Claim("Volcanoes erupted beneath Patagonian glaciers."), Claim(BRIDGE)])
    far, near = checker.beside_own(plain, [linked(TEXT), other])
    assert far == plain[0]
    assert [one.url for one in near.own] == ["https://own.example/bridge", "https://own.example/other"]
    assert near.own[0].outcome is Outcome.AGREE
    assert checker.beside_own(plain, []) == plain


def test_only_the_beginning_of_an_endless_article_is_read() -> None:
    hits = hits_in(linked("The council of Harwick met again. " * 100_000))
    assert 0 < hits[-1].passage.end <= READ
    assert len({hit.passage.id for hit in hits}) == len(hits)
    assert hits_in(linked("")) == []


def test_another_text_behind_the_same_link_has_another_digest() -> None:
    assert linked(TEXT).digest == linked(TEXT).digest
    assert len({linked(TEXT).digest, linked(BRIDGE).digest, linked(TEXT, name="other").digest}) == 3


@pytest.mark.slow
def test_the_real_models_say_what_a_post_s_own_link_does_and_does_not_say(tmp_path: Path) -> None:
    text = (
        "The assembly of Corrie adopted Dorvania's resolution on Monday with 33 votes in favour, three against and six abstentions. "
        "Brusk voted against it.\n\nThe resolution demands that Brusk's ships leave the strait. Mara Ellend, the Dorvanian envoy, spoke of "
        "a good day for the law of the sea. A second vote, on fishing, was put off until spring."
    )
    own = linked(text, "Assembly of Corrie demands that Brusk leave the strait")
    claims = [
        Claim("Dorvania's resolution was adopted with 33 votes in favour."),
        Claim("Dorvania's resolution got only 21 votes in favour."),
        Claim("Dorvania has closed its embassy in Brusk."),
        Claim("The Danish parliament banned diesel ferries in 2023."),
    ]
    with App(Settings(data_dir=tmp_path, database_url=None, stance="large")) as app:
        found = [one.own for one in app.checker.beside_own(app.checker.check(claims), [own])]
    assert [[one.outcome for one in each] for each in found] == [[Outcome.AGREE], [Outcome.CONTRADICT], [Outcome.NO_MATCH], []]
