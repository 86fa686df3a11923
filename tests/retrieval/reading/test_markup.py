"""Marks, links and signs go; words keep their places."""

from __future__ import annotations

import pytest
from hypothesis import given

from retrieval.claims import find_claims
from retrieval.reading.markup import blanked, links, plain
from retrieval.text import normalise
from tests.retrieval.reading.nasty import TEXTS, read_all

CLOSED = "The council closed 3 bridges."


def claims(post: str) -> list[str]:
    return [claim.text for claim in find_claims(post).claims]


@pytest.mark.parametrize(
    "post",
    [
        f"> {CLOSED}",
        f">{CLOSED}",
        f"> > {CLOSED}",
        f"[quote=Olsen]{CLOSED}[/quote]",
        f"**{CLOSED}**",
        f"_{CLOSED}_",
        f"||~~{CLOSED}~~||",
        f"# {CLOSED}",
        f"- {CLOSED}",
        f"• {CLOSED}",
        f"12) {CLOSED}",
        f"1. {CLOSED}",
        f"<@12> {CLOSED} 🙂",
        f"[{CLOSED}](https://news.example/a)",
        f"https://news.example/a {CLOSED}",
        f"```\nThe council closed 4 bridges.\n```\n{CLOSED}",
        f"{CLOSED}\n```\nThe council closed 4 bridges.",
        f"The council closed 4 bridges.pdf\n{CLOSED}",
        f"[Mayor deleted 3 words]\n{CLOSED}",
        f"{CLOSED}\n-- \nIlse Brandt\nThe council elected her in 2019.",
        f"{CLOSED}\n___\nJan Vos was elected in 2019.",
    ],
)
def test_markup_around_a_claim_is_none_of_it(post: str) -> None:
    assert claims(post) == [CLOSED]


def test_a_rule_above_many_lines_is_no_signature() -> None:
    assert (
        len(
            claims(f"{CLOSED}\n--\nRents rose by 8%.\nNorwick lost 3 games.\nOster sold 12 ships.\nWages fell by 2%.\nPrices rose by 3%.\n")
        )
        == 6
    )


def test_list_items_headlines_and_what_emoji_part_are_claims_of_their_own() -> None:
    listed = [
        "Harwick council votes 14 to 3 to close bridge",
        "Norwick buys 12 ferries",
        "Rents rose by 8%",
        "Prices rose by 3%",
        "Oster sold 9 ships",
    ]
    assert claims("{}\n{}\n- {}\n2) {} 🙂 {}".format(*listed)) == listed


def test_mail_that_was_wrapped_by_width_reads_as_if_it_were_not() -> None:
    wrapped = (
        "The council of Harwick met on Tuesday evening and voted to close\n"
        "the old bridge over the Stour, which had carried 4,000 cars a day\nsince it was built in 1921."
    )
    after = "The ferry of Norwick carried 12,000\npassengers in May."
    assert claims(f"{wrapped} {after}") == [wrapped, after]
    assert "\n" not in blanked(wrapped)


def test_lines_that_their_author_ended_stay_lines() -> None:
    short = (
        "the council of Harwick voted on Tuesday to close the old\nbridge\nferry\n"
        + "and this line is quite a bit longer than all the lines before it"
    )
    assert blanked(short) == short  # the next word had room
    wide = f"{'the council of Harwick voted ' * 4}on\n{'Tuesday to close the bridge '.lower() * 4}again"
    assert blanked(wide) == wide  # no mail program wraps at that width


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("See https://news.example/b.", ["https://news.example/b"]),
        ("<https://news.example/c>, “https://news.example/d?x=1&y=2”!", ["https://news.example/c", "https://news.example/d?x=1&y=2"]),
        ("[words](https://news.example/a) (https://news.example/b)", ["https://news.example/a", "https://news.example/b"]),
        ("https://wiki.example/Bridge_(Harwick), (https://wiki.example/Stour_(river))", ["https://wiki.example/Bridge_(Harwick)", "https://wiki.example/Stour_(river)"]),
        ("https://wiki.example/Stour_(river)/Harwick.", ["https://wiki.example/Stour_(river)/Harwick"]),
        ("https://b.example/b https://a.example/a https://b.example/b", ["https://b.example/b", "https://a.example/a"]),
        ("www.news.example and ftp://news.example/a", []),
    ],
)  # fmt: skip
def test_links_are_read_whole_in_order_each_once(text: str, found: list[str]) -> None:
    assert list(links(text)) == found
    assert list(find_claims(f"{CLOSED} {text}").links) == found


def test_no_word_of_a_link_is_a_word_of_the_post() -> None:
    assert blanked("It (https://a.example/b_(c)) fell").split() == ["It", "(", ")", "fell"]
    assert plain("It https://a.example/b_(c), fell") == "It , fell"


def test_long_texts_are_read_to_the_end() -> None:
    for read in (plain, blanked, links):
        read_all(read)


@given(text=TEXTS)
def test_whatever_is_written_blanking_moves_no_letter(text: str) -> None:
    text = normalise(text)
    shown = blanked(text)
    assert len(shown) == len(text)
    assert all(after == before or after.isspace() for before, after in zip(text, shown, strict=True))
