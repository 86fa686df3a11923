"""Which language or script keeps a text from being read. Cheap and in doubt silent: names and titles are not German."""

from __future__ import annotations

import re
import unicodedata

from retrieval.text import words

LANGUAGE_WORDS = 12  # words a text needs before its language is judged: shorter ones are too often names and titles

_LATIN = re.compile("[a-zªºß-\u024f\u1e00-\u1eff]", re.I)
_ENGLISH = frozenset("the and of to that for with by from this are were it has have been its their at not they which".split())
_OTHERS = {  # common words that English lacks; one or two may be part of a name ("van", "la"), so _language asks for three
    "German": frozenset("der das und nicht ist ein eine einen dem den des von mit auf sich für wird auch zu im dass sind hat".split()),
    "French": frozenset("le la les des et est une dans que qui sur pas du au aux ce cette par sont ont été c'est qu'il n'est".split()),
    "Spanish": frozenset("el la los las que y del en una por con para se es un lo su al más como pero".split()),
    "Italian": frozenset("il che di la una con del della dei non è gli sono alla nel si da un anche ha".split()),
    "Portuguese": frozenset("que de da em um uma para com não os dos das ao é na se por mais foi".split()),
    "Dutch": frozenset("de het een van en niet dat zijn voor aan ook wordt naar bij maar uit nog werd heeft".split()),
}


def foreign(text: str) -> str:
    """The language or script that keeps the models from reading the text; "" for English and whenever in doubt."""
    letters = [letter for letter in unicodedata.normalize("NFKC", text) if letter.isalpha()]  # NFKC: fancy letters are Latin ones
    if sum(not _LATIN.match(letter) for letter in letters) * 2 > len(letters):
        return "another script"
    said = words(text)
    if len(said) < LANGUAGE_WORDS or sum(word in _ENGLISH for word in said) > 0.05 * len(said):
        return ""
    # Three different function words, a fifth of the text: names such as "Rio de la Plata" alone do not reach that.
    share = {name: sum(word in common for word in said) for name, common in _OTHERS.items() if len(common.intersection(said)) >= 3}
    best = max(share, key=lambda name: share[name], default="")
    return best if best and share[best] >= 0.2 * len(said) else ""
