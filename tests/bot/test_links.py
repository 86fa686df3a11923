"""Links that land on the quoted words."""

from __future__ import annotations

import re
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.links import fragment_link

URL = "https://echo.example/bridge"


@pytest.mark.parametrize(
    ("text", "directive"),
    [
        ("The bridge closes", "The%20bridge%20closes"),
        ("93-8, says A&B", "93%2D8%2C%20says%20A%26B"),
        ("  spaced \n out ", "spaced%20out"),
        ("Café 😀", "Caf%C3%A9%20%F0%9F%98%80"),
        ("50% #1 a/b?", "50%25%20%231%20a%2Fb%3F"),
        ("one two three four five six seven eight nine ten", "one%20two%20three%20four%20five%20six%20seven%20eight%20nine%20ten"),
        ("one two three four five six, seven eight nine ten eleven", "one%20two%20three%20four%20five,seven%20eight%20nine%20ten%20eleven"),
    ],
)
def test_the_directive_escapes_its_own_signs_and_shortens_long_quotes(text: str, directive: str) -> None:
    assert fragment_link(URL, text) == f"{URL}#:~:text={directive}"


def test_a_fragment_of_the_address_stays_in_front() -> None:
    assert fragment_link(f"{URL}?a=1&b=2#part-2", "The bridge") == f"{URL}?a=1&b=2#part-2:~:text=The%20bridge"


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(lambda text: text.strip() != ""))
def test_any_quote_can_be_read_back_from_its_link(text: str) -> None:
    base, _, directive = fragment_link(URL, text).partition("#:~:text=")
    assert base == URL
    assert re.fullmatch(r"[A-Za-z0-9_.~%,]*", directive)
    words = re.sub(r"\s+", " ", text).strip().split(" ")
    ends = [unquote(part) for part in directive.split(",")]
    assert ends == ([" ".join(words)] if len(words) <= 10 else [" ".join(words[:5]), " ".join(words[-5:])])
