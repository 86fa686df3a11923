"""Pages that stand before an article instead of being one: paywalls, consent walls, doors against robots."""

from __future__ import annotations

import re

# Words that a wall has; a real article may quote them, so they count only where there is little else.
SHORT_WORDS = 220
FEW_WORDS = 45
_WALLS = {
    "a paywall": re.compile(
        r"subscribe (?:now |today )?to (?:continue|read|unlock|keep)|subscribers? only|only (?:available )?(?:to|for) (?:\w+ )?subscribers"
        r"|already (?:a )?(?:subscriber|subscribed|have an account)|(?:sign|log) in to (?:continue|read)|to continue reading"
        r"|(?:article|content|story) is (?:reserved )?for (?:paying )?(?:subscribers|members)|free articles? (?:left|remaining|this month)"
        r"|reached your (?:\w+ )?limit|unlock (?:this|the full) (?:article|story)|create a free account to"
        r"|register (?:for free )?to (?:continue|read)",
        re.IGNORECASE,
    ),
    "a consent wall": re.compile(
        r"before you continue|we (?:value|care about|respect) your privacy|(?:accept|reject) all(?: cookies)?\b"
        r"|manage (?:my |your )?(?:cookie|privacy) (?:choices|settings|preferences)"
        r"|we and our (?:\d+ )?(?:partners|vendors)|consent to (?:the use of )?cookies",
        re.IGNORECASE,
    ),
    "a door against robots": re.compile(
        r"verify (?:that )?you are (?:a )?human|enable javascript|checking (?:if the site connection is secure|your browser)"
        r"|unusual traffic|access (?:to this page )?(?:has been )?denied|are you a robot|complete the captcha|ddos protection",
        re.IGNORECASE,
    ),
}
_NOT_FREE = re.compile(r"\"isAccessibleForFree\"\s*:\s*(?:\"?false\"?)", re.IGNORECASE)


def wall(text: str, markup: str) -> str | None:
    """What the page is instead of an article, in words; None where it may be one. `text` is what was read out of `markup`.

    One phrase makes a wall of a text of a few lines, two different ones of a longer one: short news speaks of walls too.
    """
    count = len(text.split())
    if count > SHORT_WORDS:
        return None
    if _NOT_FREE.search(markup):
        return "a paywall"
    needed = 1 if count <= FEW_WORDS else 2
    return next((name for name, words in _WALLS.items() if len({found.lower() for found in words.findall(text)}) >= needed), None)
