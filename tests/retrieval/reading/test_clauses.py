"""A sentence is split where a clause of its own begins, and nowhere else."""

from __future__ import annotations

import pytest
from hypothesis import given

from retrieval.reading.clauses import clauses
from retrieval.reading.tags import MAX_TOKENS
from tests.retrieval.reading.nasty import TEXTS, read_all


def split(sentence: str) -> list[str]:
    return [sentence[start:end] for start, end in clauses(sentence)]


@pytest.mark.parametrize(
    "joined",
    [
        " and ",
        " but ",
        ", while ",
        ", whereas ",
        ", although ",
        ", though ",
        ", so ",
        ", yet ",
        ", plus ",
        "; ",
        ": ",
        " – ",
        " — ",
        "; and ",
        ", ",
    ],
)
def test_two_subjects_with_their_verbs_are_two_clauses_whatever_joins_them(joined: str) -> None:
    assert split(f"The bridge was closed on Monday{joined}the ferry kept running.") == [
        "The bridge was closed on Monday",
        "the ferry kept running.",
    ]


@pytest.mark.parametrize("opening", ["While", "Although", "Whereas", "Though"])
def test_a_contrast_that_comes_first_is_a_clause_too(opening: str) -> None:
    assert split(f"{opening} Norwick closed its bridge, Harwick built another.") == ["Norwick closed its bridge", "Harwick built another."]


@pytest.mark.parametrize(
    "sentence",
    [
        "The minister apologised and resigned.",
        "The firm hired 40 welders in May and closed two yards.",
        "The mayor opened the bridge and the tunnel.",
        "The bread, the milk and the butter were sold.",
        "Neither the mayor nor the council replied.",
    ],
)
def test_two_verbs_of_one_subject_and_two_things_of_one_verb_stay_together(sentence: str) -> None:
    assert split(sentence) == [sentence]


@pytest.mark.parametrize(
    "sentence",
    [
        "The bridge was closed after the flood damaged a pillar.",
        "The town was flooded when the dam broke.",
        "The town was flooded because the dam broke.",
        "The town stayed dark until the grid was repaired.",
        "The gates were closed so that the water stayed out.",
        "When the dam broke, the town was flooded.",
        "Since the dam broke, the town has moved.",
        "If the dam breaks, the town will be flooded.",
        "As the dam broke, the sirens failed.",
        "The council passed the plan, which Norwick had backed.",
        "The council passed the plan, citing costs.",
        "The council passed a plan which Norwick had backed and Oster had paid for.",
        "The bridge has two towers, some of them are cracked.",
        "Olsen met the board, the chair of which resigned.",
        "Rescuers found a man called Averill, who was alive.",
        "Olsen, the mayor, resigned.",
    ],
)
def test_a_clause_that_depends_on_another_stays_with_it(sentence: str) -> None:
    assert split(sentence) == [sentence]


def test_a_dependent_clause_goes_with_the_clause_that_it_opens() -> None:
    assert split("The firm hired 40 welders, and when the orders fell, its rival closed two yards.") == [
        "The firm hired 40 welders",
        "when the orders fell, its rival closed two yards.",
    ]


@pytest.mark.parametrize("opening", ["because", "when", "unless", "once", "if"])
def test_what_follows_a_dependent_clause_may_hang_on_it_so_it_is_not_split_off(opening: str) -> None:
    whole = f"The bridge was closed {opening} the flood rose and the ferry sank."
    assert split(whole) == [whole]


@pytest.mark.parametrize(
    "sentence",
    [
        "It passed with 93 votes in favour, while 73 states abstained and eight voted against it.",
        "Fourteen members backed the plan while three opposed it.",
        "Nine people were killed, and forty more were injured in the blast.",
        "Nine people died; 40 were injured and 12 are missing.",
    ],
)
def test_the_counts_of_one_vote_or_toll_stay_together(sentence: str) -> None:
    assert split(sentence) == [sentence]


def test_counts_of_other_things_are_split() -> None:
    assert split("Nine people were killed and 40 houses were sold.") == ["Nine people were killed", "40 houses were sold."]


@pytest.mark.parametrize(
    "sentence",
    [
        "The ministry said: the bridge is closed.",
        "The bridge is closed, the mayor said on Monday.",
        "Mayor Olsen said that the bridge is closed and that the ferry is full.",
        '"The bridge is closed and the ferry is full," said Olsen.',
        "“We closed it; the ferry is full,” she said.",
        "«We closed it; the ferry is full,» she said.",
    ],
)
def test_reported_speech_stays_with_whoever_said_it(sentence: str) -> None:
    assert split(sentence) == [sentence]


@pytest.mark.parametrize(
    "quoted", ["The ferry is full,” he said", "“It sank.” “The ferry is full,” he said", "“The ferry is full,” he said"]
)
def test_after_a_quotation_that_began_anywhere_clauses_are_split_again(quoted: str) -> None:
    assert split(f"{quoted}, and the bridge was closed.") == [quoted, "the bridge was closed."]


def test_nothing_is_split_inside_brackets() -> None:
    whole = "The report (it has 40 pages and the mayor wrote it) was published in May."
    assert split(whole) == [whole]
    assert split(f"a) {whole}") == [f"a) {whole}"]  # whose bracket closes nothing


def test_three_clauses_are_three() -> None:
    assert split("Prices rose by 5%, rents fell and wages stayed flat.") == ["Prices rose by 5%", "rents fell", "wages stayed flat."]


def test_what_joins_a_sentence_to_the_one_before_stays_outside() -> None:
    assert split("And but the court rejected the appeal!") == ["the court rejected the appeal!"]


def test_a_sentence_without_capitals_or_a_stop_is_split_too() -> None:
    assert split("the bridge is closed and the ferry is full") == ["the bridge is closed", "the ferry is full"]


def test_signs_alone_are_no_clause_and_words_after_any_number_of_signs_are_one() -> None:
    assert split("") == split(" \n") == split("And") == split("–, ;") == []
    assert split("," * (MAX_TOKENS + 9) + " hello") == ["hello"]


def test_a_list_of_endless_length_stays_one_clause_from_where_it_is_too_long() -> None:
    # The tagger does not read on, so what follows cannot be told apart.
    whole = "fog " * MAX_TOKENS + "lay there, the bridge was closed and the ferry sank."
    assert split(whole) == [whole]


def test_a_long_sentence_is_read_to_its_end() -> None:
    read_all(clauses)


@given(sentence=TEXTS)
def test_whatever_is_written_clauses_are_in_order_apart_and_inside(sentence: str) -> None:
    found, at = clauses(sentence), 0
    for start, end in found:
        assert at <= start < end <= len(sentence)
        assert sentence[start:end] == sentence[start:end].strip()
        at = end
    assert not found or at == len(sentence.rstrip())
    assert clauses(f"{sentence} bridge")


@pytest.mark.parametrize(
    ("sentence", "parts"),
    [
        ("The ferry sank and the ship soon recovered.", ["The ferry sank", "the ship soon recovered."]),
        ("It rained and Olsen, the new mayor, finally agreed.", ["It rained", "Olsen, the new mayor, finally agreed."]),
        ("It rained and, closed by the council, the bridge stood empty.", ["It rained", "closed by the council, the bridge stood empty."]),
        ("The council met, very old bridges closed.", ["The council met", "very old bridges closed."]),
    ],
)
def test_a_word_between_subject_and_verb_hides_neither(sentence: str, parts: list[str]) -> None:
    assert split(sentence) == parts


@pytest.mark.parametrize("sentence", ["Workers struck and quickly built barricades.", "It ended, Oren win the cup."])
def test_what_has_no_subject_of_its_own_or_a_verb_that_may_be_a_noun_stays_whole(sentence: str) -> None:
    assert split(sentence) == [sentence]
