"""Claims: one that a person gives, and those that a post holds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.claims import MAX_CLAIM, MAX_POST, find_claims, parse_claim
from retrieval.errors import BadClaim
from retrieval.reading.worth import BAR, worth
from tests.retrieval.reading.test_worth import CHECK_WORTHY, NOT_CHECK_WORTHY

BRIDGE = "The council of Harwick presented a plan for its old bridge on Monday."
POST = f"""Hi all,

{BRIDGE} It voted 14 to 3 against the plan on Tuesday. I think that was stupid.

> "We were told nothing," said Mayor Ilse Brandt on Friday.
- **Oren Steel sold its shipyard** for 40 million euros, see https://news.example/oren.
```
The log said that 12 jobs failed.
```
IMG_2041.jpg
[attachment removed by moderator]
What do you make of it?"""


def test_the_check_worthy_sentences_of_a_post_are_found_without_its_greeting_opinion_code_files_and_question() -> None:
    assert [claim.text for claim in find_claims(POST).claims] == [
        BRIDGE,
        "It voted 14 to 3 against the plan on Tuesday.",
        '"We were told nothing," said Mayor Ilse Brandt on Friday.',
        "Oren Steel sold its shipyard** for 40 million euros",  # verbatim, so the Markdown within stays
    ]


def test_spans_are_exact_slices_of_the_normalised_post() -> None:
    found = find_claims("\u200b" + POST.replace("\n", "\r\n"))
    assert "\u200b" not in found.text and "\r" not in found.text
    assert all(claim.span and found.text[slice(*claim.span)] == claim.text for claim in found.claims)


def test_a_sentence_that_points_back_takes_the_sentence_it_needs_as_context() -> None:
    first, second = find_claims(POST).claims[:2]
    assert first.context == ""
    assert second.context == BRIDGE
    assert second.query == f"{BRIDGE} It voted 14 to 3 against the plan on Tuesday."


@pytest.mark.parametrize(
    "sentence",
    [
        "This resolution won 40 votes.",
        "Notably, five countries abstained from the vote on a Danish resolution before the vote was repeated.",
        "He said that 300 soldiers died.",
        "However, they denied it on Friday.",
        "The decision was announced in Vienna.",
        "Spokesman Jan Vos denied these claims on Friday.",
        "That led to 12 arrests in Ghent.",
    ],
)
def test_pronouns_and_repeated_things_point_back(sentence: str) -> None:
    before = "Denmark presented a resolution on fishing in Vienna."
    assert find_claims(f"{before} {sentence}").claims[-1].context == before


@pytest.mark.parametrize(
    "sentence",
    [
        "Norway exported more gas than Russia this year.",
        "The decision of the Ghent court was announced in Vienna.",
        "It was reported that 300 soldiers died.",
        "This week 12 people were arrested in Ghent.",
        "Spokesman Jan Vos denied the report in the Ghent Gazette.",
    ],
)
def test_a_sentence_that_stands_by_itself_takes_no_context(sentence: str) -> None:
    assert find_claims(f"Denmark presented a resolution on fishing in Vienna. {sentence}").claims[-1].context == ""


def test_context_goes_back_to_the_sentence_that_names_the_thing_and_one_further_when_that_points_back_too() -> None:
    post = "Denmark presented a plan on fishing. It proposed a lower quota for cod."
    later = "Prices rose in Ghent. This quota was rejected by 12 states."
    assert find_claims(f"{post} {later}").claims[-1].context == post


def test_context_stays_within_about_sixty_words() -> None:
    long = "Denmark presented a plan on fishing " + "for cod and herring and plaice " * 30 + "in Vienna."
    context = find_claims(f"{long} This plan was rejected by 12 states.").claims[-1].context
    assert context.startswith("Denmark presented") and len(context.split()) == 60


def test_beyond_the_limit_the_most_check_worthy_are_kept_in_the_order_of_the_post() -> None:
    plain, strong = "The lake of Ermin was drained.", "Norway's parliament voted 98 to 71 on Friday to sell Oren Steel."
    middling = "Rents rose by 8% in Lisbon."
    found = find_claims(f"{middling} {plain} {strong}", limit=2)
    assert [claim.text for claim in found.claims] == [middling, strong]
    assert [claim.text for claim in found.left_out] == [plain]


def test_a_sentence_said_twice_is_checked_once() -> None:
    assert len(find_claims(f"{BRIDGE}\n> {BRIDGE}\nBoats wait in Ghent.").claims) == 1


def test_a_sentence_that_was_wrapped_by_width_is_one_claim() -> None:
    wrapped = "The council of Harwick voted 14 to 3 on Tuesday evening to close the\nold bridge over the Stour."
    assert [claim.text for claim in find_claims(f"{wrapped}\nNorway exported 12 ships.").claims] == [wrapped, "Norway exported 12 ships."]


def test_a_post_of_one_sentence_gives_it_however_low_it_scores() -> None:
    post = find_claims("  Perhaps the bridge will fall.  ")
    assert [claim.text for claim in post.claims] == ["Perhaps the bridge will fall."]
    assert worth("Perhaps the bridge will fall.") < BAR


def test_a_signature_is_no_claim() -> None:
    assert [claim.text for claim in find_claims(f"{BRIDGE}\n-- \nJan Vos was elected treasurer in 2019.").claims] == [BRIDGE]


@pytest.mark.parametrize(
    ("post", "reason"),
    [
        ("", "empty"),
        (" \n\u200b", "empty"),
        ("IMG_2041.jpg\n<@12> https://news.example/a 🙂", "no words"),
        ("Hi all! What do you think? I hope you will like it.", "No sentence of the post"),
        ("lol", "no statement"),
        ("word " * MAX_POST, "100,000 characters; at most 20,000"),
    ],
)
def test_a_post_without_a_claim_is_refused_with_the_reason(post: str, reason: str) -> None:
    with pytest.raises(BadClaim, match=reason):
        find_claims(post)


def test_a_limit_below_one_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="1 or more"):
        find_claims(BRIDGE, limit=0)


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("<@1> <@!2> <@&3> <#4> Norway left NATO <t:1700000000:R>", "Norway left NATO"),
        ("<:no:12> Norway <a:left:34> left\u200b NATO 🇳🇴", "Norway left NATO"),
        ("> **Norway** __left__ ~~the~~ `NATO`, *said* ||Vos||", "Norway left the NATO, said Vos"),
        ('[Norway](https://a.example/Norway_(country) "x")\'s army left NATO', "Norway's army left NATO"),
        ("Norway left NATO, see <https://a.example/x?y=1>. It did.", "Norway left NATO, see . It did."),
        ("# Norway\n- left   NATO", "Norway left NATO"),
        ("2 * 3 is 6 and snake_case stays", "2 * 3 is 6 and snake_case stays"),
        ("Did Norway leave NATO?", "Did Norway leave NATO?"),
    ],
)
def test_a_claim_is_read_without_mentions_links_and_markdown(written: str, plain: str) -> None:
    claim = parse_claim(written)
    assert (claim.text, claim.span, claim.context) == (plain, None, "")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "empty"),
        ("🙂🙂 <:no:12>", "no words"),
        ("https://news.example/a", "no words"),
        ("?!", "no words"),
        ("lol ok", "no statement"),
        ("wow, thanks", "no statement"),
        ("a " * MAX_CLAIM, "8,000 characters; at most 4,000"),
        ("Норвегия вышла из НАТО", "another script"),
        ("挪威退出了北约", "another script"),
        ("Der Rat der Stadt hat am Dienstag mit großer Mehrheit für die neue Brücke und gegen den Tunnel gestimmt.", "German"),
        ("Le conseil de la ville a voté mardi pour le nouveau pont et contre le tunnel, que les habitants ne veulent pas.", "French"),
        ("El consejo de la ciudad votó el martes por el nuevo puente y contra el túnel que los vecinos no quieren.", "Spanish"),
        ("Il consiglio della città ha votato martedì per il nuovo ponte e contro la galleria che gli abitanti non vogliono.", "Italian"),
        ("O conselho da cidade votou na terça-feira pela nova ponte e contra o túnel que os moradores não querem para já.", "Portuguese"),
        ("De raad van de stad heeft dinsdag voor een nieuwe brug gestemd en niet voor het plan van de burgemeester.", "Dutch"),
    ],
)
def test_a_text_that_is_no_claim_is_refused_with_the_reason(text: str, reason: str) -> None:
    with pytest.raises(BadClaim, match=reason):
        parse_claim(text)


@pytest.mark.parametrize(
    "text",
    [
        "𝗡𝗼𝗿𝘄𝗮𝘆 𝗹𝗲𝗳𝘁 𝗡𝗔𝗧𝗢",
        "Rio de Janeiro, La Paz, Santiago de Chile, San José, Ciudad de México: mayors meet, discuss water, sign joint plan",
        "Police arrest twelve activists after Rotterdam port protest turns violent, dozens injured, ships delayed",
        "The word «мир» means both peace and world",
        "naïve Zürich café owners lost 40% of their trade",
    ],
)
def test_english_with_foreign_names_or_fancy_letters_is_not_refused(text: str) -> None:
    assert parse_claim(text).text


def test_a_foreign_sentence_within_an_english_post_is_skipped() -> None:
    foreign = "Der Rat der Stadt Ghent hat am Dienstag mit 14 Stimmen für die neue Brücke und gegen den Tunnel gestimmt."
    english = "Norway exported 12 ships to Denmark, and the council of Harwick voted to close the old bridge over the river."
    assert [claim.text for claim in find_claims(f"{english} {foreign}").claims] == english.split(", and ")


def test_half_a_surrogate_pair_breaks_nothing() -> None:
    assert parse_claim("Norway left NATO \ud83d").text == "Norway left NATO ?"
    assert find_claims("Norway left NATO in 1999. \ud83d Hi!").claims[0].text == "Norway left NATO in 1999."


_MARKS = ["\n", "\n\n> ", "- ", "**", "`", "```", "[x](", "https://a.example/b", "<@1>", "🙂", "!", " no. ", "\n-- \n", "It "]
_BITS = st.sampled_from([*CHECK_WORTHY, *NOT_CHECK_WORTHY, *_MARKS])
_TEXT = st.one_of(
    st.text(),
    st.lists(st.one_of(_BITS, st.text(max_size=8)), max_size=25).map(" ".join),
    st.lists(_BITS, max_size=25).map("".join),
)


@given(text=_TEXT, limit=st.integers(min_value=1, max_value=5))
def test_whatever_is_posted_claims_are_exact_ordered_apart_and_few(text: str, limit: int) -> None:
    try:
        post = find_claims(text, limit)
    except BadClaim as refusal:
        assert str(refusal)
        return
    assert 1 <= len(post.claims) <= limit
    for claims in (post.claims, post.left_out, sorted((*post.claims, *post.left_out), key=lambda claim: claim.span or (0, 0))):
        end = 0
        for claim in claims:
            assert claim.span is not None and claim.span[0] >= end
            assert claim.text == post.text[slice(*claim.span)] == claim.text.strip() != ""
            assert len(claim.context.split()) <= 60
            end = claim.span[1]


@given(text=_TEXT)
def test_whatever_is_given_a_claim_has_words_or_is_refused(text: str) -> None:
    try:
        claim = parse_claim(text)
    except BadClaim as refusal:
        assert str(refusal)
        return
    assert claim.text.strip() == claim.text and any(letter.isalnum() for letter in claim.text)


def test_a_post_in_another_language_is_refused_by_its_name() -> None:
    post = "Der Stadtrat von Harwick hat am Dienstag beschlossen, die alte Brücke zu sperren. Die Bürger waren nicht gefragt worden."
    with pytest.raises(BadClaim, match="German"):
        find_claims(post)
