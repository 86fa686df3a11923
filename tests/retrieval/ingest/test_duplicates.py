"""Copies of a story: found, grouped, searched once; other stories about the same event are left apart."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.ingest.duplicates import BANDS, canonical_url, credited_agency, likeness, same_story, shingles, sketch
from tests.standins.news import story
from tests.standins.store import Store, article
from tests.standins.stories import made_stories, pairs_found

TEXT = story("Harwick")
LONGER = f"{TEXT}\n\nReaders who have pictures of the day can send them to the newsroom until Friday."


@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        ("https://echo.example/a?utm_source=x&utm_medium=rss&id=3", "https://echo.example/a?id=3"),
        ("https://echo.example/a#comments", "https://echo.example/a"),
        ("https://echo.example:443/a", "https://echo.example/a"),
        ("https://ECHO.example/a?fbclid=abc", "https://echo.example/a"),
        ("https://echo.example/2026/story/amp/", "https://echo.example/2026/story"),
        ("https://echo.example/amp/story", "https://echo.example/story"),
        ("https://echo.example/story?amp=1", "https://echo.example/story"),
        ("https://echo.example/story?id=4&outputType=amp", "https://echo.example/story?id=4"),
        ("https://echo-example.cdn.ampproject.org/c/s/echo.example/story", "https://echo.example/story"),
        ("https://echo.example/story;jsessionid=1A2B?id=3", "https://echo.example/story?id=3"),
        ("https://echo.example/champion", "https://echo.example/champion"),
        ("https://echo.example/?p=123", "https://echo.example/?p=123"),
        ("https://echo.example/camp", "https://echo.example/camp"),
    ],
)
def test_an_address_without_what_says_how_one_came(url: str, canonical: str) -> None:
    assert canonical_url(url) == canonical
    assert canonical_url(canonical) == canonical


@given(st.text(max_size=60))
def test_any_address_has_a_form(text: str) -> None:
    canonical_url(text)
    canonical_url(f"https://echo.example/{text}")


@pytest.mark.parametrize(
    ("text", "agency"),
    [
        ("HARWICK (Sample Wire) - The council", "Sample Wire"), ("OREN, 3 March (SW) – The council", "SW"),
        ("(Sample Wire) — The", "Sample Wire"), ("HARWICK/OREN (Sample Wire): The", "Sample Wire"),
        ("The minister (who has said so) - left", ""), ("The council voted.", ""), ("", ""),
    ],
)  # fmt: skip
def test_a_credit_line_names_its_agency(text: str, agency: str) -> None:
    assert credited_agency(text) == agency


def test_what_a_sketch_and_the_comparison_say() -> None:
    one, other, more = shingles(TEXT), shingles(made_stories(1, 1)[0].text), shingles(LONGER)
    assert likeness(one, one) == 1.0
    assert same_story(one, more)
    assert not same_story(one, other)
    assert sketch(one) == sketch(shingles(TEXT.upper()))
    assert len(sketch(one).bands) == BANDS
    assert sketch(shingles("too short to say")).bands == ()
    assert not same_story(shingles("one two three four"), shingles("one two three four"))


def test_copies_are_found_and_other_stories_left_apart(store: Store) -> None:
    stories = made_stories(30, seed=11)
    assert len({made.story for made in stories}) >= 60
    store.add(*(article(str(number), made.text, f"Outlet {number % 23}") for number, made in enumerate(stories)))
    with store.database.reading() as session:
        from sqlalchemy import select

        from db.schema import ArticleRow

        found = {url: group for url, group in session.execute(select(ArticleRow.url, ArticleRow.story_id))}
    groups = [found[article(str(number), made.text).url] for number, made in enumerate(stories)]
    precision, recall = pairs_found(stories, groups)
    assert precision >= 0.98
    assert recall >= 0.95


def test_a_copy_is_searched_once_and_listed(store: Store) -> None:
    store.add(article("first", TEXT, "Harwick Echo"))
    before = store.live()
    report = store.add(article("copy", LONGER, "Oren Post"))
    assert report.copies == 1
    searched = store.column("SELECT id FROM passage WHERE copy_of IS NULL")
    copied = store.column("SELECT copy_of FROM passage WHERE copy_of IS NOT NULL")
    assert set(copied) <= before
    assert copied
    assert len(searched) < len(store.live())
    passages = store.passages.passages(copied)
    assert all(passage.copies == (article("copy", "").url,) for passage in passages.values())
    assert len({passage.article.story_id for passage in passages.values()}) == 1


def test_copies_in_one_batch_find_one_another(store: Store) -> None:
    report = store.add(*(article(str(number), TEXT, f"Outlet {number}") for number in range(20)))
    assert report.copies == 19
    assert len(set(store.column("SELECT story_id FROM article"))) == 1
    assert len(store.column("SELECT id FROM passage WHERE copy_of IS NULL")) * 20 == len(store.live())


def test_when_the_first_goes_a_copy_takes_its_place(store: Store) -> None:
    store.add(article("first", TEXT, "Harwick Echo"), article("copy", TEXT, "Oren Post"), article("third", TEXT, "Valley News"))
    store.index.follow()
    store.articles.remove([article("first", "").url])
    hits = store.index.lexical("council of Harwick old bridge", 9)
    found = store.passages.passages([hit.passage_id for hit in hits])
    assert {passage.article.source for passage in found.values()} == {"Oren Post"}
    assert {passage.copies for passage in found.values()} == {(article("third", "").url,)}
    dense, lexical = store.index.ids()
    assert set(dense) == set(lexical) == set(store.column("SELECT id FROM passage WHERE copy_of IS NULL"))


def test_when_the_first_is_revised_its_copies_keep_their_words(store: Store) -> None:
    store.add(article("first", TEXT, "Harwick Echo"), article("copy", TEXT, "Oren Post"))
    store.add(article("first", TEXT.replace("two years", "three years"), "Harwick Echo"))
    texts = {passage.article.source: passage.text for passage in store.stored_passages() if "two years" in passage.text}
    assert set(texts) == {"Oren Post"}
    dense, _ = store.index.ids()
    assert set(dense) == set(store.column("SELECT id FROM passage WHERE copy_of IS NULL"))


def test_shared_quotes_do_not_merge_stories(store: Store) -> None:
    quote = '"We have waited for this for a long time and will not be turned round again by anybody," the mayor of Harwick told reporters. '
    one, two = (made.text for made in made_stories(1, 5)[:2])
    store.add(article("one", f"{quote}\n\n{story('Harwick')}"), article("two", f"{quote}\n\n{one}"), article("three", f"{quote}\n\n{two}"))
    first = store.column("SELECT story_id FROM article WHERE url LIKE '%one'")
    assert first == [None]


@pytest.mark.parametrize(("language", "text"), [
    ("de", "Der Rat der Stadt hat am Dienstag beschlossen, die alte Brücke über den Fluss für zwei Jahre zu schließen. "
           "Der Verkehr wird über die nördliche Straße geleitet, sagte die Bürgermeisterin nach der Sitzung."),
    ("fr", "Le conseil municipal a décidé mardi de fermer le vieux pont pendant deux ans pour des travaux. "
           "La circulation passera par la route du nord, a déclaré la maire après la réunion."),
])  # fmt: skip
def test_what_no_model_reads_is_stored_and_not_searched(store: Store, language: str, text: str) -> None:
    report = store.add(replace(article("x", text), language="en"))
    assert report.unserved == {language: 1}
    assert store.live() == set()
    assert store.column("SELECT count(*) FROM revision WHERE language = '" + language + "'") == [1]


def test_a_small_correction_of_the_first_keeps_it_in_its_story(store: Store) -> None:
    paragraphs = made_stories(1, 21)[0].text.split("\n\n")
    text = "\n\n".join(paragraphs)
    store.add(article("first", text, "Harwick Echo"), article("copy", text, "Oren Post"))
    searched = len(store.column("SELECT id FROM passage WHERE copy_of IS NULL"))
    store.add(article("first", text.replace(paragraphs[-1].split()[-1], "Correction."), "Harwick Echo"))
    assert len(set(store.column("SELECT story_id FROM article"))) == 1
    assert len(store.column("SELECT id FROM passage WHERE copy_of IS NULL")) <= searched + 2
    dense, lexical = store.index.ids()
    assert set(dense) == set(lexical) == set(store.column("SELECT id FROM passage WHERE copy_of IS NULL"))


def test_a_whole_story_joins_its_halves(store: Store) -> None:
    parts = made_stories(3, 31)
    first, second = parts[0].text, next(part.text for part in parts if part.event != parts[0].event)
    store.add(article("a1", first), article("a2", first), article("b1", second), article("b2", second))
    assert len(set(store.column("SELECT story_id FROM article"))) == 2
    store.add(article("both", f"{first}\n\n{second}"))
    assert len(set(store.column("SELECT story_id FROM article"))) == 1
