"""What changed in an article, sentence by sentence."""

from __future__ import annotations

from retrieval.difference import changed_sentences

OLD = "The council voted 14 to 3. The bridge is shut. Nobody was hurt."


def test_what_went_and_what_came_is_told_in_the_order_of_the_texts() -> None:
    new = "The council voted 14 to 5. The bridge is shut. Nobody was hurt. It reopens in May."
    assert [*changed_sentences(OLD, new)] == [
        ("-", "The council voted 14 to 3."),
        ("+", "The council voted 14 to 5."),
        ("+", "It reopens in May."),
    ]


def test_the_same_words_have_no_difference_and_from_nothing_all_is_new() -> None:
    assert [*changed_sentences(OLD, OLD)] == []
    assert [sign for sign, _ in changed_sentences("", OLD)] == ["+"] * 3
    assert [sign for sign, _ in changed_sentences(OLD, "")] == ["-"] * 3
