"""How check-worthy a clause is, and by which signs."""

from __future__ import annotations

import pytest
from hypothesis import given

from retrieval.claims import find_claims
from retrieval.reading.worth import BAR, BY_HAND, LEAST, WEIGHTS, signs, worth
from tests.retrieval.reading.nasty import TEXTS, read_all

CHECK_WORTHY = [
    "The council of Harwick voted 14 to 3 on Tuesday to close the old bridge.",
    "Mayor Ilse Brandt denied that she had taken money from Oren Steel.",
    "Unemployment in Portugal fell to 6.1% in April.",
    "“We never signed such a contract,” said the director of Lumen Air.",
    "Two people were killed when a crane collapsed in Rotterdam.",
    "Norway exported more gas than Russia last year.",
    "The court rejected the appeal of three former bankers.",
    "Vaccines cause autism.",
    "The lake of Ermin was drained in 1921.",
    "Kenya's parliament passed a law that bans plastic bags.",
    "The minister said that the tunnel will open in 2031.",
    "Half of all bees in Slovenia died during the winter.",
    "According to Statistics Canada, rents rose by 8% since March.",
    "NATO has 32 members.",
    "The company sold its Danish shipyard for 40 million euros.",
]
NOT_CHECK_WORTHY = [
    "I think the new bridge is a beautiful piece of work.",
    "Hi all, good to be back after the holidays!",
    "Did anybody here see the debate?",
    "Hopefully they will come to their senses soon.",
    "In summary, the vote marks a turning point for the region.",
    "The community remains watchful as events continue to unfold.",
    "What a disgraceful way to treat your neighbours!",
    "You should read the whole thing before you answer.",
    "Thanks for the link, and best regards from Lisbon.",
    "Things could get a lot worse.",
    "My cousin and I had a nice talk about it.",
    "Let's wait for more news.",
    "This underscores the complexity of international relations.",
    "Only time can tell.",
    "Wow, just wow.",
]


@pytest.mark.parametrize("sentence", CHECK_WORTHY)
def test_a_sentence_that_news_could_confirm_reaches_the_bar(sentence: str) -> None:
    assert worth(sentence) >= BAR


@pytest.mark.parametrize("sentence", NOT_CHECK_WORTHY)
def test_an_opinion_a_question_or_a_vague_sentence_stays_below_the_bar(sentence: str) -> None:
    assert worth(sentence) < BAR


def test_numbers_names_and_a_deed_weigh_more_than_a_plain_statement() -> None:
    assert worth("Norway's parliament voted 98 to 71 on Friday to sell Oren Steel.") > worth("The parliament moved to Ermin.") >= BAR


def test_a_forecast_weighs_less_against_a_sentence_when_somebody_is_reported_to_have_made_it() -> None:
    assert worth("The minister said the tunnel will open soon.") > BAR > worth("The tunnel will open soon.")


@pytest.mark.parametrize(
    ("name", "clause"),
    [
        ("verb", "The bridge is near Harwick"),
        ("past tense", "The bridge fell"),
        ("participle", "The bridge has fallen"),
        ("perfect", "The bridge has fallen"),
        ("event", "The council rejected the plan"),
        ("one number", "It has twelve arches"),
        ("more numbers", "It has 12 arches and 3 gates"),
        ("date", "It fell in 1921"),
        ("reported speech", "Olsen said the bridge is safe"),
        ("opinion", "In my opinion the bridge is safe"),
        ("personal", "We saw the bridge"),
        ("of the writer", "we saw the bridge"),
        ("of the reader", "the bridge is yours"),
        ("forecast", "The bridge may fall"),
        ("plan", "The bridge will fall"),
        ("modal", "The bridge may fall"),
        ("vague", "Tensions and implications remain to be seen"),
        ("talk", "Thanks for the bridge"),
        ("of the thread", "The post is about the bridge"),
        ("generic", "People never learn"),
        ("under five words", "The old bridge"),
        ("under four words", "The old bridge"),
        ("phrase", "A bridge over the Stour"),
        ("pronoun first", "It fell"),
        ("pointing first", "There was a bridge"),
        ("the first", "The bridge fell"),
        ("only is", "The bridge is old"),
        ("names", "The mayor of Harwick"),
        ("proper nouns", "The mayor of Harwick"),
        ("common nouns", "The mayor of Harwick"),
        ("words", "The mayor of Harwick"),
    ],
)
def test_each_sign_is_seen_where_it_stands(name: str, clause: str) -> None:
    assert signs(clause)[name] > 0


@pytest.mark.parametrize(
    ("name", "clause"),
    [
        ("personal", "“We saw the bridge,” the mayor of Harwick wrote"),  # another's "we"
        ("of the writer", "“We saw the bridge,” the mayor of Harwick wrote"),
        ("opinion", "The mayor wrote “a disgrace”"),
        ("forecast", "Will Olsen left Harwick"),  # a name
        ("date", "Protesters march through Harwick"),
        ("under five words", "NATO has 32 members"),
        ("more numbers", "It has 12 arches"),
        ("only is", "The bridge is old and fell"),
        ("reported speech", "Nobody said the bridge is safe"),
        ("names", "THE OLD BRIDGE OF HARWICK FELL"),
        ("names", "Bridges fall"),
    ],
)
def test_a_sign_is_not_seen_in_what_only_looks_like_it(name: str, clause: str) -> None:
    assert signs(clause)[name] == 0


@pytest.mark.parametrize(
    ("name", "seen"),
    [
        ("question", signs("Did it fall", "?")),
        ("announces", signs("Here is what fell", ":")),
        ("announces", signs("Here is what fell:")),
        ("loose", signs("it fell", loose=True)),
        ("loose without number", signs("it fell", loose=True)),
        ("alone", signs("Bridge falls", alone=True)),
    ],
)
def test_what_stands_around_a_clause_is_a_sign_too(name: str, seen: dict[str, float]) -> None:
    assert seen[name] == 1
    assert signs("It fell")[name] == 0


def test_a_number_speaks_for_a_clause_without_capitals() -> None:
    assert signs("it lost 3 games", loose=True)["loose without number"] == 0


def test_every_sign_has_a_weight_and_every_weight_a_sign() -> None:
    assert signs("It fell").keys() == WEIGHTS.keys()
    assert BY_HAND.keys() <= WEIGHTS.keys()


def test_names_and_words_beyond_the_most_say_no_more() -> None:
    long = signs("Olsen, Brandt, Vos, Averill, Ayre and Anand left Harwick, Norwick, Oster, Tarrow and Garland " * 3)
    assert long["names"] == long["proper nouns"] == long["words"] == 1


@pytest.mark.parametrize(
    ("post", "found"),
    [
        ("rents rose by 8% in lisbon. the council closed 3 bridges! wages fell by 2%... norwick lost 3 games", 4),
        ("Council closes 3 bridges!!! Rents rise by 8%!!!", 2),
        ("Did the council close the bridge? The council closed 3 bridges.", 1),
    ],
)
def test_chat_headlines_and_questions_are_weighed_by_how_they_end(post: str, found: int) -> None:
    assert len(find_claims(post).claims) == found


@pytest.mark.parametrize(
    ("post", "found"),
    [
        ("rents rose in jan. and fell in feb. norwick lost 3 games", ["rents rose in jan.", "fell in feb.", "norwick lost 3 games"]),
        (
            "Rents rose in Jan. and fell again. Norwick lost 3 games. Olsen left.",
            ["Rents rose in Jan. and fell again.", "Norwick lost 3 games."],
        ),
    ],
)
def test_a_small_letter_begins_a_sentence_only_where_hardly_any_begins_with_a_capital(post: str, found: list[str]) -> None:
    assert [claim.text for claim in find_claims(post).claims][: len(found)] == found


@pytest.mark.parametrize(
    ("plain", "coloured"),
    [
        ("A bridge was opened in Harwick in May.", "A beautiful bridge was opened in Harwick in May."),
        ("The plan affects the council of Harwick.", "The far-reaching plan affects the council of Harwick."),
    ],
)
def test_opinions_and_vague_words_weigh_against_a_clause_however_long_it_is(plain: str, coloured: str) -> None:
    assert worth(coloured) < worth(plain) - 0.05


def test_where_nothing_reaches_the_bar_the_best_that_is_near_it_is_taken() -> None:
    near, far = "The council is against the plan.", "Only time can tell."
    assert LEAST <= worth(near, ".") < BAR
    assert [claim.text for claim in find_claims(f"{far} {near}").claims] == [near]


def test_long_clauses_are_weighed_to_the_end() -> None:
    read_all(worth)


@given(sentence=TEXTS)
def test_worth_lies_between_zero_and_one(sentence: str) -> None:
    assert 0.0 <= worth(sentence) <= 1.0
