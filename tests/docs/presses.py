"""Buttons, selects and forms: their labels as the code writes them, and what a press does."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from enum import StrEnum
from functools import cache
from pathlib import Path

from bot.discord.ids import Act, Step

DISCORD = Path(__file__).parents[2] / "bot" / "discord"
ENUMS: dict[str, type[StrEnum]] = {"Act": Act, "Step": Step}

# What each does, for the reader. A new one has no entry here, and the page cannot be made before it has.
DOES: dict[StrEnum, str] = {
    Act.MORE_AGREEING: "shows the agreeing excerpts that the answer had no room for, to whoever pressed",
    Act.MORE_CONTRADICTING: "the same for contradicting ones",
    Act.CONTEXT: "shows an excerpt among the words around it, as the article stood; a list leads to the others",
    Act.SHARE: "posts a private answer in the channel, once, with the name of who shared it",
    Act.FLAG: "opens the form by which the post or the answer is flagged for the moderators",
    Act.FLAG_SENT: "the form of a flag: opens a case, or joins the one that is there",
    Act.HELPFUL: "remembers that this answer helped; no score of anybody is made of it",
    Act.UNHELPFUL: "remembers that it did not",
    Act.FOLLOW: "follows the claim: one direct message when later articles change what was found; pressed again, it stops",
    Act.UNFOLLOW: "stops following the claim that is chosen",
    Act.OPEN: "shows the answer to the claim of a post that is chosen",
    Act.TRIM_SENT: "the form of a long post: only what is left in it is checked",
    Act.SETTING: "changes a setting of the server; stored at once",
    Act.SET_UP: "opens the server's settings, for those who may manage it",
    Act.ERASE: "deletes everything that is kept of whoever presses",
    Act.PURGE_SENT: "the form in which the server's name is typed before everything of it is deleted",
    Step.FLAG_SENT: "the form of a flag on a post: opens a case, or joins the one that is there",
    Step.TAKE: "takes the case into review",
    Step.RELEASE: "gives it back to the queue",
    Step.RESOLVE: "chooses the decision, and opens its form",
    Step.RESOLVED: "the form of a decision, with its reason",
    Step.REOPEN: "opens a decided case again, with a reason",
    Step.REOPENED: "the form of a reopening",
    Step.EVIDENCE: "shows the excerpts of the claim that is chosen, as they stood",
    Step.HISTORY: "shows who did what in the case, when and why",
    Step.NOTE: "shows what would be published under the post",
    Step.PUBLISH: "publishes it",
    Step.APPEAL: "lets the author of the post answer a public note, once",
    Step.APPEALED: "the form of an appeal",
    Step.LIST: "turns the pages of the queue",
    Step.SHOW: "opens the case that is chosen",
}
FORMS = {Act.FLAG_SENT, Act.TRIM_SENT, Act.PURGE_SENT, Step.FLAG_SENT, Step.RESOLVED, Step.REOPENED, Step.APPEALED}
OF_PANEL = {Act.SETTING}  # its labels are those of the settings


@cache
def labels() -> dict[StrEnum, list[str]]:
    """Act or step -> what its buttons and lists are called, each once, in the order of the code."""
    found: dict[StrEnum, list[str]] = defaultdict(list)
    for file in sorted(DISCORD.rglob("*.py")):
        for what, label in _of_tree(ast.parse(file.read_text(encoding="utf-8"))):
            if label not in found[what]:
                found[what].append(label)
    return dict(found)


def _of_tree(tree: ast.AST) -> Iterator[tuple[StrEnum, str]]:
    """The words in the smallest call or pair that has both an act and words."""
    nodes = [(one, _acts(one), _words(one)) for one in ast.walk(tree) if isinstance(one, ast.Call | ast.Tuple)]
    both = [(one, acts, words) for one, acts, words in nodes if len(acts) == 1 and words]
    for one, acts, words in both:
        inner = any(one is not other and any(part is other for part in ast.walk(one)) for other, _, _ in both)
        if not inner:
            yield from ((acts[0], word) for word in words)


def _acts(node: ast.AST) -> list[StrEnum]:
    named = [one for one in ast.walk(node) if isinstance(one, ast.Attribute) and isinstance(one.value, ast.Name)]
    found = [(ENUMS.get(one.value.id), one.attr) for one in named if isinstance(one.value, ast.Name)]
    return list({kind[name]: None for kind, name in found if kind is not None and name in kind.__members__})


def _words(node: ast.AST) -> list[str]:
    return [
        one.args[0].value
        for one in ast.walk(node)
        if isinstance(one, ast.Call) and isinstance(one.func, ast.Name) and one.func.id == "words" and one.args
        and isinstance(one.args[0], ast.Constant) and isinstance(one.args[0].value, str)
    ]  # fmt: skip
