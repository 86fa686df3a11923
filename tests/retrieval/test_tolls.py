"""Counts of the dead and the like, compared between two statements of one story."""

from __future__ import annotations

import pytest

from retrieval.tolls import toll_difference


@pytest.mark.parametrize(
    ("one", "other", "growing", "difference"),
    [
        ("Six people died in the fire.", "Nine people died in the fire.", False, "Six people against Nine people"),
        ("At least six people were killed.", "Nine people were killed.", True, "At least six people against Nine people"),
        ("At least six people were killed.", "Nine people were killed.", False, ""),
        ("Nine people died in the fire.", "Nine people were killed.", True, ""),
        ("Six people died in the fire.", "Nine people were injured.", True, ""),
        ("Six children died in the fire.", "Nine people died in the fire.", True, ""),
        ("The council voted 93 to 18.", "The council voted 90 to 21.", True, ""),
        ("Two people died, then six people died.", "Nine people died.", True, ""),
        ("The number of people killed in the fire at the mill has risen to eight.", "Nine people died.", True, "eight against Nine people"),
        ("The death toll was lowered to twelve.", "Fourteen people were killed.", False, "twelve against Fourteen people"),
        ("It rose to eight.", "Nine people died.", True, ""),
        ("", "", True, ""),
    ],
)
def test_only_one_state_of_one_kind_of_people_counted_otherwise_differs(one: str, other: str, growing: bool, difference: str) -> None:
    assert toll_difference(one, other, growing=growing) == difference
