"""A client in use while things go wrong at random: what was asked, what was done to it, and what became of each use."""

from __future__ import annotations

import asyncio
import os
import random
import threading
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bot.discord.ids import Act, parse_id
from db.asks import State
from tests.bot.discord.chat import Chat, app_in, kill, started
from tests.standins.discord import Call, Channel, Message, Person, Server
from tests.standins.discord.component_rules import BUTTON, STRING_SELECT, walk
from tests.standins.discord.faults import Fault

CALLBACK, ORIGINAL, FOLLOW_UP = r"/interactions/\d+/[^/]+/callback", r"/webhooks/\d+/[^/]+/messages/@original", r"/webhooks/\d+/[^/]+$"
POSTED, EDITED, OPENED, TYPING = r"/channels/\d+/messages$", r"/channels/\d+/messages/\d+", r"/users/@me/channels", r"/channels/\d+/typing"
ROUTES = {
    ("POST", CALLBACK): 8, ("PATCH", ORIGINAL): 8, ("POST", POSTED): 4, ("PATCH", EDITED): 2, ("POST", FOLLOW_UP): 1, ("POST", OPENED): 2,
    ("POST", TYPING): 1,
}  # fmt: skip
LATE = 0.5  # seconds: the longest that a request is delayed
AT_ONCE = 2  # faults that wait for requests of one kind: more would meet one request again and again until the bot gives it up
CODES = (10062, 40060, 10008, 10015, 50027, 50013)
WAITING = "Waiting in line"
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
PRESSED = (Act.MORE_AGREEING, Act.CONTEXT, Act.SHARE, Act.FLAG, Act.HELPFUL, Act.OPEN)
MODERATOR = 1 << 10 | 1 << 11 | 1 << 13 | 1 << 31


@dataclass(eq=False)
class Use:
    """One use of the bot. `word` is in an ask's claim alone; `ask` is its row in the store.

    `lost` went with a killed process that was about to answer it and had not remembered it, as it does not remember presses. `left` was
    remembered, and the next took it up: where the killed one was refused, went another way and had not noted that yet, the next one may
    find the first way open again.
    """

    kind: str
    what: Call | Message
    person: Person
    word: str = ""
    ask: int = 0
    lost: bool = False
    left: bool = False

    def __str__(self) -> str:
        return f"{self.kind} {self.what.id} ({self.what if isinstance(self.what, Call) else 'a message'}, ask {self.ask})"


class Trouble:
    """Does things at random.

    `rows` maps words of claims to asks: what Asks.accept was given. `flying`: the interactions that came, with what still handles them.
    """

    def __init__(self, chat: Chat, rng: random.Random, rows: dict[str, int], flying: Counter[int]) -> None:
        self.chat = chat
        self.rng = rng
        self.rows = rows
        self.flying = flying
        self.uses: list[Use] = []
        self.faults: list[Fault] = []
        self.done: Counter[str] = Counter()
        self._heard = list(ROUTES)[rng.randrange(2) :: 2]
        self._servers: list[Server] = [chat.server]
        self._people: list[Person] = [chat.ada]
        self._away: list[Server] = []  # that the bot was thrown out of
        self._filling: list[asyncio.Task[None]] = []
        self._kinds: dict[str, Callable[[], Awaitable[None]]] = {
            "check": self._check, "post": self._post, "menu": self._menu, "long menu": self._long_menu, "mention": self._mention,
            "direct message": self._direct,
            **{act.value: self._presser(act) for act in PRESSED},
        }  # fmt: skip
        self._turns: dict[str, Callable[[], Awaitable[None]]] = {
            "drop": self._drop, "drop the session": self._drop_the_session, "delete an answer": self._delete_an_answer,
            "delete a question": self._delete_a_question, "delete a channel": self._delete_a_channel, "expire": self._expire,
            "kick": self._kick, "restart": self._restart, "kill": self._kill,
        }  # fmt: skip

    async def furnish(self) -> None:
        """Three servers with six people and a channel for moderators each."""
        for n in range(2):
            self._servers.append(self.chat.discord.server(f"Server {n}"))
            await self.chat.discord.invite(self._servers[-1])
        for n in range(6):
            self._people.append(self.chat.discord.person(f"Person {n}"))
        for server in self._servers:
            server.add_channel("passing")
            desk = server.add_channel("moderators")
            await asyncio.to_thread(self.chat.app.guilds.change, server.id, moderator_channel=desk.id)
            self.chat.client.server_settings.forget(server.id)
            for n, person in enumerate(self._people):
                if person.id not in server.members:
                    server.join(person, permissions=MODERATOR if n % 2 else None)

    def script(self, faults: int) -> list[str | None]:
        """So many turns for the worse in random order: names for turn(), None for fault(). Each turn comes once in 60."""
        turns = list(self._turns) * max(1, faults // 60) if faults else []
        made = [*turns, *[None] * (faults - len(turns))]
        self.rng.shuffle(made)
        return made

    async def use(self, kind: str | None = None) -> None:
        """One use of a random kind; now and then the bot is let in again where it was thrown out."""
        if self._away and self.rng.random() < 0.2:
            await self.chat.discord.invite(self._away.pop())
        await self._kinds[kind or self.rng.choice(list(self._kinds))]()

    # --- uses -------------------------------------------------------------------------------------------------------------------------

    async def _check(self) -> None:
        person, word = self._who(), self._word()
        if self.rng.random() < 0.15:
            call = await person.command("check", dm=True, claim=_claim(word))
        else:
            public = self.rng.choice((True, False))
            call = await person.command("check", self._where(), claim=_claim(word), public=public)
        self._used("check", call, person, word)

    async def _post(self) -> None:
        person, word = self._who(), self._word()
        call = await person.command("check", self._where(), claim=_post(word), public=self.rng.choice((True, False)))
        self._used("post", call, person, word)

    async def _menu(self) -> None:
        person, word = self._who(), self._word()
        target = await self._who().say(self._where(), _claim(word))
        self._used("menu", await person.menu("Check sources", target), person, word)

    async def _long_menu(self) -> None:
        person = self._who()
        target = await self._who().say(self._where(), "Words that say nothing new. " * 40)
        call = await person.menu("Check sources", target)
        self._used("long menu", call, person)
        self._fill_in(call, person, {"text": "{post}"})

    async def _mention(self) -> None:
        person, word = self._who(), self._word()
        message = await person.say(self._where(), _claim(word), mention=[self.chat.discord.bot])
        self._used("mention", message, person, word)

    async def _direct(self) -> None:
        person, word = self._who(), self._word()
        self._used("direct message", await person.say(None, _claim(word)), person, word)

    def _presser(self, act: Act) -> Callable[[], Awaitable[None]]:
        async def press() -> None:
            for use in self.rng.sample(self.uses, len(self.uses)):
                shown = use.what.final if isinstance(use.what, Call) else None
                if shown is None or shown.deleted or (shown.channel.server and not shown.channel.server.has_bot):
                    continue
                for one in walk(shown.components):
                    pressed = parse_id(one.get("custom_id") or "")
                    if pressed is not None and pressed.act is act and one["type"] in (BUTTON, STRING_SELECT):
                        person = use.person if shown.only_for else self._who()
                        await self._press(shown, one, person, act)
                        return
            await self._check()  # nothing to press so far

        return press

    async def _press(self, shown: Message, component: dict[str, Any], person: Person, act: Act) -> None:
        id_ = component["custom_id"]
        if component["type"] == BUTTON:
            call = await person.press(shown, id_)
        else:
            call = await person.choose(shown, id_, [self.rng.choice(component["options"])["value"]])
        self._used(act.value, call, person)
        if act is Act.FLAG:
            self._fill_in(call, person, {"reason": "Something else", "note": "Said again and again."})

    def _fill_in(self, call: Call, person: Person, fields: dict[str, str]) -> None:
        """Once the form opens, if it does."""

        async def fill() -> None:
            try:
                await self.chat.discord.happened.until(lambda: call.modal or call.final, 3.0, lambda: f"what {call} brings")
                word = self._word() if "text" in fields else ""
                given = {key: value.format(post=_post(word)) for key, value in fields.items()}
                self._used("form", await person.submit(call.modal, given), person, word)
            except (TimeoutError, LookupError):
                return

        self._filling.append(asyncio.create_task(fill(), name="chat: filling in a form"))

    def _used(self, kind: str, what: Call | Message, person: Person, word: str = "") -> None:
        self.done[kind] += 1
        self.uses.append(Use(kind, what, person, word))

    def _word(self) -> str:
        self.done["words"] += 1
        return f"Zo{self.done['words']}rn"

    def _who(self) -> Person:
        return self.rng.choice(self._people)

    def _where(self) -> Channel:
        server = self.rng.choice([one for one in self._servers if one.has_bot])
        return self.rng.choice([one for one in server.channels if one.name != "moderators"])

    # --- faults -----------------------------------------------------------------------------------------------------------------------

    async def fault(self) -> None:
        """The next request of a random kind goes wrong in a random way; where some are to go wrong already, later.

        On the routes `heard`, errors keep a request from happening, and some are final. On the others it happens unheard, and no error is
        final: nobody could know of what was refused only at its repetition, and such an answer would come a second time by another way.
        """
        while not (free := [route for route in ROUTES if self._awaited(*route) < AT_ONCE]):
            await self.use()
            await asyncio.sleep(0.02)
        method, path = route = self.rng.choices(free, [ROUTES[route] for route in free])[0]
        heard = route in self._heard
        ways: list[dict[str, Any]] = [
            {"status": self.rng.choice((500, 502, 503)), "after": not heard},
            {"status": 429, "retry_after": self.rng.uniform(0.1, 1), "global_": self.rng.random() < 0.5},
            {"drop": True, "after": not heard},
            {"delay": self.rng.uniform(0.05, LATE)},
        ]
        if heard:
            ways += [{"code": self.rng.choice(CODES)}] * 2
        how = self.rng.choice(ways)
        times = 1 if "code" in how else self.rng.choice((1, 1, 2))
        self.faults.append(self.chat.discord.fail(method, path, times=times, **how))

    def _awaited(self, method: str, path: str) -> int:
        return sum(one.times - one.met for one in self.faults if (one.method, one.path.pattern) == (method, path))

    async def turn(self, what: str) -> None:
        """Something that happens to all, or to what was asked last."""
        self.done[what] += 1
        await self._turns[what]()

    async def _drop(self) -> None:
        await self.chat.discord.drop_gateway()

    async def _drop_the_session(self) -> None:
        await self.chat.discord.drop_gateway(resumable=False)

    async def _delete_an_answer(self) -> None:
        if (call := self._open_call()) and call.original and not call.original.deleted:
            self.chat.discord.delete(call.original)

    async def _delete_a_question(self) -> None:
        asked = [use.what for use in self.uses if isinstance(use.what, Message) and not use.what.deleted]
        if asked:
            self.chat.discord.delete(asked[-1])

    async def _delete_a_channel(self) -> None:
        """That of what was asked last, if it may go."""
        passing = [one for server in self._servers for one in server.channels if one.name == "passing"]
        gone = next((use.what.channel for use in reversed(self.uses) if use.what.channel in passing), passing[0])
        self.chat.discord.delete(gone)
        if gone.server:
            gone.server.add_channel("passing")

    async def _expire(self) -> None:
        if call := self._open_call():
            self.chat.discord.expire(call)

    async def _kick(self) -> None:
        there = [one for one in self._servers if one.has_bot]
        if len(there) > 1:
            self._away.append(self.rng.choice(there))
            await self.chat.discord.kick(self._away[-1])

    async def _restart(self) -> None:
        await self.chat.restart()

    async def _kill(self) -> None:
        handled = {id_ for id_, times in self.flying.items() if not times}
        await kill(self.chat.client, self.chat.running)
        await _threads_are_done()
        await asyncio.sleep(LATE)  # no process starts so soon that what the killed one sent arrives after what it sends itself
        remembered = {one.id for one in await asyncio.to_thread(self.chat.app.asks.waiting, LONG_AGO)}
        for use in self.uses:
            row = self.rows.get(use.word)
            if row in remembered:
                use.left = True
            elif row is None and use.what.id in self.flying and use.what.id not in handled:
                use.lost = True
        self.chat.app.close()
        self.chat.app = app_in(self.chat.folder)
        self.chat.client, self.chat.running = await started(self.chat.app, self.chat.discord)

    def _open_call(self) -> Call | None:
        """One that waits for its answer, else one of the last."""
        calls = [use.what for use in self.uses[-12:] if isinstance(use.what, Call)]
        open_ = [call for call in calls if call.first_type and not call.final]
        return self.rng.choice(open_ or calls) if calls else None

    # --- the end ----------------------------------------------------------------------------------------------------------------------
    async def settle(self) -> None:
        """Returns when nothing is under way any more."""
        await self.chat.discord.connected()
        await asyncio.gather(*self._filling)
        self._filling.clear()
        quiet = 0
        async with asyncio.timeout(60):
            while quiet < 5:
                await asyncio.sleep(0.1)
                idle = not self.chat.client._under_way and not await asyncio.to_thread(self.chat.app.asks.waiting, LONG_AGO)
                quiet = quiet + 1 if idle else 0
        for use in self.uses:
            use.ask = self.rows.get(use.word, 0)

    def finals(self, use: Use) -> list[Message]:
        """Every message that answers it, wherever it went; that it waits in line is no answer."""
        shown: list[Message | None] = [self.chat.discord.nonces.get(str(id_)) for id_ in (use.what.id, use.ask) if id_]
        if isinstance(use.what, Call):
            shown += [use.what.original, *use.what.followups]
        return [one for one in shown if one and not one.loading and WAITING not in self.chat.said(one)]

    def wrong(self, log: Sequence[str]) -> list[str]:
        """Which uses did not end as they should: of each that the bot took up there is one answer, or the log says that none could be.

        What arrived unheard and then was deleted, or expired, before it was tried again, is answered a second time elsewhere: nobody but
        Discord knows that it had arrived. The log says then that the first way was closed.
        """
        found = []
        for use in self.uses:
            finals, state = self.finals(use), self._state(use)
            said = [self.chat.said(one) for one in finals]
            if state is State.WAITING:
                found.append(f"{use} waits for ever")
            there = [one for one in finals if not one.deleted and not one.channel.deleted]
            closed = isinstance(use.what, Call) and (use.left or use.what.expired) and _is_in(log, use, ["its reply cannot be edited"])
            if len(there) > 1 and not closed:
                found.append(f"{use} has {len(finals)} answers: {[one[:90] for one in said]}")
            if not finals and (state is State.ANSWERED or _was_taken(use)) and not _is_logged(use, log):
                found.append(f"{use} has no answer, and the log does not say why ({state})")
            if finals and state is State.ANSWERED and use.word not in said[0]:
                found.append(f"{use} was answered with {said[0][:90]!r}")
        return found

    def _state(self, use: Use) -> State | None:
        found = self.chat.app.asks.get(use.ask) if use.ask else None
        return found.state if found else None


def _was_taken(use: Use) -> bool:
    """Whether whoever asked was shown that an answer comes, by a process that could still know of it."""
    if isinstance(use.what, Message):
        return bool(use.ask)
    return use.what.first_type is not None and use.what.modal is None and not use.lost


def _is_logged(use: Use, log: Sequence[str]) -> bool:
    """Whether the log says that it could not be delivered."""
    reasons = ["could not be delivered", "nothing could be delivered", "nor could the error be told"]
    if isinstance(use.what, Call) and use.what.expired:
        reasons.append("could not be answered")
    return _is_in(log, use, reasons)


def _is_in(log: Sequence[str], use: Use, reasons: Sequence[str]) -> bool:
    """Whether a line says one of these of the use, by its id or its ask's."""
    names = [str(use.what.id), *([f"ask {use.ask}:"] if use.ask else [])]
    return any(name in line and reason in line for name in names for reason in reasons for line in log)


def _claim(word: str) -> str:
    return f"The council of Harwick voted 14 to 3 to close the old bridge of {word}."


def _post(word: str) -> str:
    return f"{_claim(word)}\n\nThe mayor of {word} resigned on Monday after the vote."


async def _threads_are_done() -> None:
    """What a process that is gone would not do after its end is done: every thread of the pool has had a moment for this."""
    all_of_them = threading.Barrier(min(32, (os.cpu_count() or 1) + 4))
    await asyncio.gather(*(asyncio.to_thread(all_of_them.wait, 20) for _ in range(all_of_them.parties)))
