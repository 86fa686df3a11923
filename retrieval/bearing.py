"""How surely a window agrees with a claim, and how surely it contradicts it: the stance model's word and plain signs beside it, weighed.

The stance model judges two texts; whether they speak of the same event it can hardly know. What tells that is around: shared names, rare
words, the claim's numbers, how much nearer this window is than the claim's others. Two logistic regressions whose weights lie beside those
of the stance model; fitted on posts with gold claims (`python -m tests.bench.bearing`).
"""

from __future__ import annotations

import hashlib
import json
import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from retrieval.anchors import names, numbers
from retrieval.attribution import Voice, voice
from retrieval.claims import statement
from retrieval.errors import ModelError
from retrieval.facts.contrast import contrast
from retrieval.parts import count_of
from retrieval.text import sentences, terms, words
from retrieval.types import Claim, Stance, Window

FILE = "bearing.json"
EVEN = 0.005  # added to probabilities before their ratio is taken: a model that is quite sure is not infinitely so
CLEAR = math.log(0.85 / 0.15)  # the stance model's own log odds from which its word stands
FAINT = math.log(0.25 / 0.75)  # of both models, under which a contradiction needs a fact that differs
DIFFERING = ("numbers differ", "numbers differ in its last sentence", "dates differ", "denials differ", "directions differ")
PLAIN = 1.5  # how far above its bar a plain count brings a side
MOST = 2  # facts of a kind; more say no more


@dataclass(frozen=True, slots=True)
class Seen:
    """A window with what is known of it before it is weighed."""

    window: Window
    stance: Stance
    scouted: Stance  # the quicker model's
    share: float  # of the claim's words, weighted by rarity (retrieval/nearest.py)
    best: float  # the best share among the claim's windows
    score: float  # of the hit that brought its passage, 0 to 1


@dataclass(frozen=True, slots=True)
class Bearing:
    """Log odds that a window agrees and that it contradicts, above their bars: 0 is the bar. Fitted apart."""

    agree: float
    contradict: float


@dataclass(frozen=True, slots=True)
class Scales:
    """The fitted weights: log odds = start + sum of weight x sign, less the bar."""

    agree: Mapping[str, float]
    contradict: Mapping[str, float]
    agree_start: float
    contradict_start: float
    agree_bar: float
    contradict_bar: float
    beside: float  # how far above its bar the weaker side must be to be shown beside the stronger

    @property
    def model_id(self) -> str:
        """Names these very numbers: what was weighed with others is no answer any more."""
        return f"bearing@{hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()[:12]}"

    def weigh(self, found: Mapping[str, float]) -> Bearing:
        """The bearing for some signs."""
        agree = self.agree_start + sum(self.agree[name] * value for name, value in found.items())
        contradict = self.contradict_start + sum(self.contradict[name] * value for name, value in found.items())
        # Whatever else speaks for it, a window does not agree where the stance model is clear that it contradicts, and the other way round.
        agree = min(agree, self.agree_bar - 1) if found["contradict"] >= CLEAR else agree
        contradict = min(contradict, self.contradict_bar - 1) if found["agree"] >= CLEAR else contradict
        if max(found["contradict"], found["scout contradicts"]) < FAINT and not any(found[name] for name in DIFFERING):
            contradict = min(contradict, self.contradict_bar - 1)  # being near is no contradiction
        return Bearing(agree - self.agree_bar, contradict - self.contradict_bar)


def stronger_side(found: Mapping[Window, Bearing], beside: float) -> dict[Window, Bearing]:
    """The bearings of a claim's windows, the weaker side of the claim kept only where it is `beside` above its bar."""
    agree = max((each.agree for each in found.values()), default=0.0)
    contradict = max((each.contradict for each in found.values()), default=0.0)
    if agree < 0 or contradict < 0:
        return dict(found)
    if agree >= contradict:
        return {window: Bearing(each.agree, each.contradict - beside) for window, each in found.items()}
    return {window: Bearing(each.agree - beside, each.contradict) for window, each in found.items()}


def with_count(claim: Claim, found: Mapping[Window, Bearing]) -> dict[Window, Bearing]:
    """The bearings, corrected where the claim's count of one vote or toll plainly is, or is not, that of the report that speaks of it.

    Of a right count the report does not contradict, nor do others whose numbers differ: they tell of another vote, unless they say all else
    that the claim says. Of a wrong count the report does not agree.
    """
    said = statement(claim)
    count = count_of(said, list(found))
    if count is None:
        return dict(found)
    corrected = {}
    for window, bearing in found.items():
        if window in count.windows and count.right:
            corrected[window] = Bearing(max(bearing.agree, PLAIN), min(bearing.contradict, -1.0))
        elif window in count.windows:
            corrected[window] = Bearing(min(bearing.agree, -1.0), max(bearing.contradict, PLAIN))
        elif count.right and window not in count.otherwise and _other_numbers(said, window.text):
            corrected[window] = Bearing(bearing.agree, min(bearing.contradict, -1.0))
        else:
            corrected[window] = bearing
    return corrected


def with_voice(claim: Claim, found: Mapping[Window, Bearing]) -> dict[Window, Bearing]:
    """The bearings, below their bars where a window reports somebody else's words than those of the claim's speaker (DECISIONS 12)."""
    heard = {}
    for window, bearing in found.items():
        whose = voice(claim, window)
        heard[window] = Bearing(
            min(bearing.agree, -1.0) if whose in {Voice.ELSE, Voice.REFUSED} else bearing.agree,
            min(bearing.contradict, -1.0) if whose is Voice.ELSE else bearing.contradict,
        )
    return heard


def _other_numbers(said: str, text: str) -> bool:
    """Whether one of a text's sentences gives one of the claim's numbers otherwise."""
    each = (text[start:end] for start, end in sentences(text))
    return any(match.kind == "number" for sentence in each for match in contrast(said, sentence).different)


def read_scales(folder: Path) -> Scales | None:
    """What lies beside a stance model's weights; None where nothing does. Raises ModelError when it cannot be read."""
    file = folder / FILE
    if not file.exists():
        return None
    try:
        return Scales(**json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise ModelError(f"The weights at {file} cannot be read ({error!r}). Install Crosscheck again.") from error


def signs(claim: Claim, seen: Seen) -> dict[str, float]:
    """The signs by name."""
    said, window, article = statement(claim), seen.window, seen.window.passage.article
    facts = contrast(said, window.text, article.published_at.date() if article.published_at else None)
    same, differs = Counter(match.kind for match in facts.same), Counter(match.kind for match in facts.different)
    last = contrast(said, _last(window.text))
    in_last, not_in_last = (Counter(match.kind for match in found)["number"] for found in (last.same, last.different))
    called, asked = names(said), set(terms(claim.query))
    there = {word.removesuffix("'s").removesuffix("’s") for word in words(f"{window.text} {article.title} {window.passage.text}")}
    return {
        "agree": _odds(seen.stance.agree),
        "contradict": _odds(seen.stance.contradict),
        "scout agrees": _odds(seen.scouted.agree),
        "scout contradicts": _odds(seen.scouted.contradict),
        "share of words": seen.share,
        "share of the best": seen.share / seen.best if seen.best else 0.0,
        "score of the hit": seen.score,
        "words in the title": len(asked & set(terms(article.title))) / len(asked) if asked else 0.0,
        "numbers agree": min(MOST, same["number"]),
        "numbers differ": min(MOST, differs["number"]),
        "numbers missing": min(MOST, sum(any(sign.isdigit() for sign in each) for each in facts.missing)),
        "numbers agree in its last sentence": min(MOST, in_last),
        "numbers differ in its last sentence": min(MOST, not_in_last),
        "some agree and some differ": float(in_last > 0 and not_in_last > 0),
        "dates agree": float(same["date"] > 0),
        "dates differ": float(differs["date"] > 0),
        "denials differ": float(differs["negation"] > 0),
        "directions differ": float(differs["direction"] > 0),
        "all numbers": float(numbers(said) <= numbers(window.text)),
        "names": len(called & there) / len(called) if called else 0.5,
        "reports speech": float(bool(claim.speaker)),
        "length": len(window.text.split()) / 40,
    }


def _odds(chance: float) -> float:
    return math.log((chance + EVEN) / (1 - chance + EVEN))


def _last(text: str) -> str:
    spans = sentences(text)
    return text[slice(*spans[-1])] if spans else text
