"""What goes wrong on request: the next requests that fit are answered with an error, late, or not at all."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from tests.standins.discord.world import Json

STATUS = {
    10003: 404, 10004: 404, 10007: 404, 10008: 404, 10013: 404, 10015: 404, 10062: 404,
    40005: 413, 40060: 400, 40094: 400,
    50001: 403, 50005: 403, 50006: 400, 50007: 403, 50013: 403, 50027: 401, 50035: 400, 160002: 400,
}  # fmt: skip
TEXTS = {
    10003: "Unknown Channel",
    10004: "Unknown Guild",
    10007: "Unknown Member",
    10008: "Unknown Message",
    10013: "Unknown User",
    10015: "Unknown Webhook",
    10062: "Unknown interaction",
    40005: "Request entity too large",
    40060: "Interaction has already been acknowledged.",
    40094: "This interaction has reached the maximum number of follow-up messages.",
    50001: "Missing Access",
    50005: "Cannot edit a message authored by another user",
    50006: "Cannot send an empty message",
    50007: "Cannot send messages to this user",
    50008: "Cannot send messages in a non-text channel",
    50013: "Missing Permissions",
    50027: "Invalid Webhook Token",
    50035: "Invalid Form Body",
    160002: "Cannot reply without permission to read message history",
}


class DiscordError(Exception):
    """An answer other than success; `code` is Discord's own number."""

    def __init__(self, code: int, *, status: int | None = None, errors: Json | None = None) -> None:
        super().__init__(TEXTS.get(code, f"error {code}"))
        self.code = code
        self.status = status or STATUS.get(code, 400)
        self.errors = errors

    @property
    def body(self) -> Json:
        made: Json = {"message": str(self), "code": self.code}
        return made | {"errors": self.errors} if self.errors else made


@dataclass(eq=False)
class Fault:
    """`met` counts the requests that it has hit; `after`: the effect takes place, only the answer is the fault's."""

    method: str
    path: re.Pattern[str]
    times: int
    status: int | None = None
    code: int | None = None
    retry_after: float = 0.1
    everywhere: bool = False  # of a 429: for all routes
    drop: bool = False
    after: bool = False
    delay: float = 0.0
    met: int = 0

    @property
    def only_late(self) -> bool:
        return self.status is None and self.code is None and not self.drop

    def answer(self) -> tuple[int, Json, dict[str, str]]:
        """Status, body and headers."""
        if self.code is not None:
            error = DiscordError(self.code, status=self.status)
            return error.status, error.body, {}
        status = self.status or 500
        if status != 429:
            return status, {"message": f"{status}: error of the stand-in", "code": 0}, {}
        body = {"message": "You are being rate limited.", "retry_after": self.retry_after, "global": self.everywhere}
        headers = {
            "Via": "1.1 google",  # without it discord.py takes a 429 for a ban of Cloudflare's and gives up
            "Retry-After": str(max(1, round(self.retry_after))),
            "X-RateLimit-Remaining": "0",
            "X-RateLimit-Reset-After": str(self.retry_after),
            "X-RateLimit-Scope": "global" if self.everywhere else "user",
        }
        return status, body, headers | ({"X-RateLimit-Global": "true"} if self.everywhere else {})


class Faults:
    def __init__(self) -> None:
        self._waiting: list[Fault] = []

    def add(self, method: str, path: str, times: int, **given: Any) -> Fault:
        fault = Fault(method.upper(), re.compile(path), times, **given)
        self._waiting.append(fault)
        return fault

    def next_for(self, method: str, path: str) -> Fault | None:
        """The oldest that fits, with one of its times used up."""
        for fault in self._waiting:
            if fault.met < fault.times and fault.method in ("*", method) and fault.path.match(path):
                fault.met += 1
                return fault
        return None
