"""The words that make a number a quantity: scales, units, currencies, bounds, roles. All common in news."""

from __future__ import annotations

from retrieval.facts.quantity import Modifier
from retrieval.text import STOP_WORDS

SCALES = {"dozen": 12, "hundred": 100, "thousand": 1e3, "k": 1e3, "million": 1e6, "mn": 1e6, "mln": 1e6, "billion": 1e9, "bn": 1e9}
SCALES |= {"m": 1e6, "trillion": 1e12, "tn": 1e12}
VAGUE = {"several": (3, 9), "dozens": (24, 99), "hundreds": (200, 999), "thousands": (2e3, 99_999), "millions": (2e6, 1e9)}
TENS = {"tens": (20, 99), "dozens": (24, 99), "hundreds": (200, 999)}  # of thousands, of millions
PARTS = {"half": 2, "third": 3, "quarter": 4, "fifth": 5, "sixth": 6, "eighth": 8, "tenth": 10}
PARTS |= {f"{part}s": by for part, by in PARTS.items()}
NUMERATORS = {"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "seven": 7, "nine": 9}
OPENERS = frozenset({"half", "no", "none", "nobody", *NUMERATORS, *VAGUE, *TENS})
CURRENCIES = {
    "$": "USD",
    "us$": "USD",
    "us $": "USD",
    "a$": "AUD",
    "au$": "AUD",
    "c$": "CAD",
    "hk$": "HKD",
    "nz$": "NZD",
    "€": "EUR",
    "£": "GBP",
}
HOUR, _DAY = 3600.0, 86400.0
UNITS: dict[str, tuple[str, float]] = {
    word: (unit, factor)
    for words, unit, factor in (
        ("% percent pc", "%", 1),
        ("usd dollar dollars", "USD", 1),
        ("eur euro euros", "EUR", 1),
        ("gbp sterling", "GBP", 1),
        ("pound pounds", "pound", 1),  # money or weight: comparable only with itself
        ("yen", "JPY", 1),
        ("yuan", "CNY", 1),
        ("rouble roubles ruble rubles", "RUB", 1),
        ("rupee rupees", "INR", 1),
        ("metre metres meter meters", "m", 1),
        ("km kilometre kilometres kilometer kilometers", "m", 1000),
        ("cm centimetre centimetres centimeter centimeters", "m", 0.01),
        ("mm millimetre millimetres millimeter millimeters", "m", 0.001),
        ("mile miles", "m", 1609.344),
        ("ft foot feet", "m", 0.3048),
        ("kg kilo kilos kilogram kilograms kilogramme kilogrammes", "kg", 1),
        ("tonne tonnes ton tons", "kg", 1000),
        ("gram grams gramme grammes", "kg", 0.001),
        ("second seconds", "s", 1),
        ("minute minutes", "s", 60),
        ("hour hours", "s", HOUR),
        ("day days", "s", _DAY),
        ("week weeks", "s", 7 * _DAY),
        ("month months", "s", 365.25 / 12 * _DAY),
        ("year years", "s", 365.25 * _DAY),
        ("mph", "m/s", 1609.344 / HOUR),
        ("kph kmh", "m/s", 1000 / HOUR),
        ("litre litres liter liters", "litre", 1),
        ("barrel barrels", "barrel", 1),
        ("hectare hectares", "m²", 10_000),
        ("acre acres", "m²", 4046.86),
        ("degree degrees", "degree", 1),
        ("mw megawatt megawatts", "W", 1e6),
        ("gw gigawatt gigawatts", "W", 1e9),
    )
    for word in words.split()
}
PERIODS = frozenset("hour day week month year".split())
# What stands before a number says how exactly it is meant; longer phrases first.
MODIFIERS: tuple[tuple[str, Modifier], ...] = (
    *((f"{failed} {reach}", "less_than") for failed in ("failed to", "fails to", "not") for reach in ("reach", "pass", "exceed")),
    ("short of", "less_than"),
    ("no more than", "at_most"), ("no fewer than", "at_least"), ("no less than", "at_least"), ("not less than", "at_least"),
    ("as many as", "at_most"), ("as much as", "at_most"), ("at least", "at_least"), ("at most", "at_most"), ("up to", "at_most"),
    ("just over", "about"), ("just under", "about"), ("well over", "more_than"), ("close to", "about"),
    ("more than", "more_than"), ("greater than", "more_than"), ("fewer than", "less_than"), ("less than", "less_than"),
    ("over", "more_than"), ("above", "more_than"), ("exceeding", "more_than"), ("under", "less_than"), ("below", "less_than"),
    ("about", "about"), ("around", "about"), ("nearly", "about"), ("almost", "about"), ("some", "about"), ("roughly", "about"),
    ("approximately", "about"), ("estimated", "about"), ("minimum", "at_least"), ("maximum", "at_most"),
)  # fmt: skip
JUST_BELOW = frozenset({"nearly", "almost"})
PARTIAL_BEFORE = frozenset("another further additional including includes included among extra".split())
PARTIAL_AFTER = frozenset("more others other additional further extra".split())
# Stems that say on which side or in which state the counted ones are.
ROLES = {
    "favour": "for", "favor": "for", "yes": "for", "aye": "for", "against": "against", "oppos": "against", "nay": "against",
    "reject": "against", "dissent": "against",
    "abstain": "abstain", "abstent": "abstain", "absent": "absent", "absenc": "absent",
    "kill": "dead", "dead": "dead", "die": "dead", "death": "dead", "fatal": "dead",
    "injur": "injured", "injuri": "injured", "wound": "injured", "hurt": "injured", "casualti": "casualty", "miss": "missing",
    "arrest": "arrested", "detain": "arrested", "rescu": "rescued", "displac": "displaced", "evacu": "evacuated",
    "infect": "infected", "hospitalis": "hospitalised", "hospit": "hospitalised", "kidnap": "abducted", "abduct": "abducted",
    "born": "born", "surviv": "survived", "releas": "released", "jail": "jailed", "sentenc": "jailed",
}  # fmt: skip
BALLOT_ROLES = frozenset({"for", "against", "abstain", "absent"})
ACTIVE = frozenset("kill injur wound hurt miss arrest detain rescu displac evacu infect kidnap abduct releas jail sentenc".split())
OBJECT = frozenset("a an the his her their its our some about around nearly almost over another several dozens hundreds".split())
NOT_OF = frozenset("in at by from on near after before of".split())  # "killed in 12 strikes": the strikes are not dead
PEOPLE = frozenset("people person persons others everyone nobody anyone".split())
PLURALS = PEOPLE | frozenset("men women children police troops aircraft personnel staff sheep seats mps".split())
NOT_PLURAL = frozenset("perhaps always besides towards afterwards sometimes across less unless plus versus yes".split())
NO_NOUN = STOP_WORDS | frozenset(
    "against no not nor than but while after before over under about more most per up out off down between among without within during "
    "since until because if also only just too very said says who whose which here there now still must can could should "
    "might last next ago later earlier".split()
)
NOT_NEAR = NO_NOUN | PEOPLE | PARTIAL_BEFORE | UNITS.keys() | SCALES.keys() | JUST_BELOW
NOT_NEAR |= frozenset("cent percentage point points basis least some around roughly approximately all many fewer less year old".split())
