"""Scenes about what happened, when, why, by whom, and who said so."""

from __future__ import annotations

from retrieval.training.phrases import MONTHS, WEEKDAYS
from retrieval.training.scenes.draw import OFFICES, Draw, Scene, spelled


def dates(draw: Draw) -> Scene:
    """An event that was put off from one day to another."""
    what, place = draw.one("trial", "election", "summit", "bridge opening", "festival", "strike", "launch"), draw.place()
    (month, day), later = draw.date(), draw.number(2, 12)
    first, second = (
        f"{day} {MONTHS[month]}",
        f"{min(28, day + later) if day + later <= 28 else day + later - 28} "
        + (MONTHS[month] if day + later <= 28 else MONTHS[(month + 1) % len(MONTHS)]),
    )
    wrong = f"{draw.number(1, 28, day)} {draw.month(MONTHS[month], MONTHS[(month + 1) % len(MONTHS)])}"
    weekday, another = draw.two(*WEEKDAYS)
    why = draw.one("bad weather", "a shortage of staff", "a legal dispute", "illness", "security concerns")
    return Scene(
        (
            f"The {what} in {place}, first set for {first}, has been put off to {second} because of {why}, {draw.says()} on {weekday}.",
            f"On {weekday} the organisers announced that the {what} in {place} would take place on "
            f"{second} instead of {first}, citing {why}.",
            f"Because of {why}, the {what} in {place} will begin on {second}, not on {first} as planned, {draw.says()} on {weekday}.",
        ),
        (
            f"The {what} in {place} will be on {second}.",
            f"The {what} in {place} was delayed.",
            f"The {what} in {place} had been planned for {first}.",
            f"The {what} in {place} will take place later than planned.",
            f"The {what} in {place} was postponed because of {why}.",
            f"The new date of the {what} in {place} was announced on {weekday}.",
        ),
        (
            f"The {what} in {place} will be on {wrong}.",
            f"The {what} in {place} was brought forward.",
            f"The {what} in {place} will be on {first}, as planned.",
            f"The {what} in {place} was cancelled for good.",
            f"The {what} in {place} had been planned for {second} and was moved to {first}.",
            f"The {what} in {place} was moved to {wrong}.",
            f"The new date of the {what} in {place} was announced on {another}.",
        ),
        (
            f"The {what} in {place} will last {draw.number(2, 9)} days.",
            f"The {what} in {draw.place()} will be on {second}.",
            f"Last year's {what} in {place} was on {wrong}.",
            f"Tickets for the {what} in {place} stay valid.",
            f"The delay of the {what} in {place} will cost {draw.number(2, 90)} million.",
        ),
    )


def span(draw: Draw) -> Scene:
    """Something closed on one day and open again on another: order and length."""
    what, place = draw.one("bridge", "airport", "tunnel", "museum", "border crossing", "power plant"), draw.place()
    start = draw.number(0, 6)
    length = draw.number(1, 4)
    shut, opened = MONTHS[start], MONTHS[start + length]
    cause = draw.one("a fire", "a flood", "cracks in the structure", "a cyber attack", "an accident")
    year = draw.number(1995, 2024)
    return Scene(
        (
            f"The {what} in {place}, shut since {shut} {year} after {cause}, opened again in {opened} {year}, {draw.says()}.",
            f"After {cause} in {shut} {year} the {what} in {place} was closed; it has been back in service since {opened} of that year.",
            f"{place}'s {what} reopened in {opened} {year}. It had closed in {shut} after {cause}.",
        ),
        (
            f"The {what} in {place} closed in {shut} {year}.",
            f"The {what} in {place} reopened in {opened} {year}.",
            f"The {what} in {place} was shut before {opened} {year}.",
            f"In {year} the {what} in {place} was closed for some time after {cause}.",
            f"The {what} in {place} is open again.",
            f"The {what} in {place} reopened after {shut} {year}.",
        ),
        (
            f"The {what} in {place} closed in {opened} {year}.",
            f"The {what} in {place} reopened in {shut} {year}.",
            f"The {what} in {place} closed in {shut} {year - draw.number(1, 8)}.",
            f"The {what} in {place} has never reopened.",
            f"The {what} in {place} reopened in {opened} {year + draw.number(1, 5)}.",
            f"The {what} in {place} stayed open throughout {year}.",
            f"The {what} in {place} is still shut.",
        ),
        (
            f"Repairs to the {what} in {place} began in {opened} {year}.",
            f"The {what} in {place} was built in {year - draw.number(20, 90)}.",
            f"Nobody was hurt when {cause} closed the {what} in {place}.",
            f"The {what} in {draw.place()} reopened in {opened} {year}.",
            f"Repairs to the {what} in {place} cost {draw.number(2, 80)} million euros.",
        ),
    )


def cause(draw: Draw) -> Scene:
    """What brought it about, and what it brought about."""
    place = draw.place()
    what = draw.one("explosion", "blackout", "fire", "traffic jam", "fish die-off", "train derailment")
    why, not_why = draw.two(
        "a gas leak", "a lightning strike", "a software fault", "human error", "a faulty cable", "an oil spill", "a broken rail", "arson"
    )
    then, not_then = draw.two("a school closure", "a water shortage", "a run on the shops", "a rise in prices", "protests in the centre")
    return Scene(
        (
            f"The {what} in {place} was caused by {why}, investigators found; it led to {then}. They ruled out {not_why}.",
            f"Investigators blame {why} for the {what} in {place}, which was followed by {then}. "
            f"{not_why[0].upper()}{not_why[1:]} was not the cause, they said.",
            f"{why[0].upper()}{why[1:]}, and not {not_why}, was behind the {what} in {place}, a report says. The result was {then}.",
        ),
        (
            f"{why[0].upper()}{why[1:]} caused the {what} in {place}.",
            f"The {what} in {place} led to {then}.",
            f"Investigators say that {why} was behind the {what} in {place}.",
            f"The {what} in {place} was not caused by {not_why}.",
            f"{then[0].upper()}{then[1:]} followed the {what} in {place}.",
        ),
        (
            f"{not_why[0].upper()}{not_why[1:]} caused the {what} in {place}.",
            f"The {what} in {place} was caused by {not_why}, investigators found.",
            f"Investigators do not know what caused the {what} in {place}.",
            f"The {what} in {place} caused {why}.",
            f"Investigators ruled out {why} as the cause of the {what} in {place}.",
        ),
        (
            f"The {what} in {place} led to {not_then}.",
            f"{why[0].upper()}{why[1:]} caused the {what} in {draw.place()}.",
            f"{draw.number(2, 40)} people were hurt in the {what} in {place}.",
            f"The {what} in {place} had been expected for years.",
        ),
    )


def post(draw: Draw) -> Scene:
    """Who took whose office."""
    new, old, third = draw.person(), draw.person(), draw.person()
    office, other = draw.two(*OFFICES)
    place, day = draw.place(), draw.weekday()
    return Scene(
        (
            f"{new} was named {office} of {place} on {day}. The post had been held by {old}, who beat {third} to it four years ago.",
            f"On {day}, {old} stepped down as {office} of {place} and was replaced by {new}. {third} had turned the job down.",
            f"{place} has a new {office}: {new} took over from {old} on {day}. {third} was also considered.",
        ),
        (
            f"{new} is the new {office} of {place}.",
            f"{old} is no longer {office} of {place}.",
            f"{new} succeeded {old} as {office} of {place}.",
            f"{old} used to be {office} of {place}.",
            f"{third} did not become {office} of {place} this time.",
        ),
        (
            f"{old} is the new {office} of {place}.",
            f"{third} was named {office} of {place} on {day}.",
            f"{old} succeeded {new} as {office} of {place}.",
            f"{new} stepped down as {office} of {place}.",
            f"{old} remains {office} of {place}.",
            f"{new} became {office} of {place} on {draw.weekday(day)}.",
        ),
        (
            f"{new} is the new {other} of {place}.",
            f"{new} was named {office} of {draw.place()}.",
            f"{old} will become {other} of {place}.",
            f"{new} studied law in {place}.",
            f"{old} resigned because of a dispute with {new}.",
            f"{draw.person()} is a friend of {new}.",
        ),
    )


def plan(draw: Draw) -> Scene:
    """Planned, conditional or refused, and not yet done."""
    who, place = draw.firm(), draw.place()
    jobs, when = draw.number(40, 900), draw.month()
    will, done, noun = draw.rng.choice((
        (f"cut {jobs} jobs in {place}", f"cut {jobs} jobs in {place}", "the cuts"),
        (f"close its plant in {place}", f"closed its plant in {place}", "the closure"),
        (f"raise its prices in {place}", f"raised its prices in {place}", "the rise"),
        (f"sell its site in {place}", f"sold its site in {place}", "the sale"),
    ))  # fmt: skip
    condition = draw.one("talks with the union fail", "sales do not recover", "the subsidy ends", "the court allows it")
    return Scene(
        (
            f"{who} will {will} in {when} if {condition}, its chief executive said. No decision has been taken.",
            f"Should it turn out that {condition}, {who} would {will}, the company said; it has set {when} for a decision.",
            f"{who} is considering whether to {will}. A decision is to come in {when} and depends on whether {condition}.",
        ),
        (
            f"{who} may {will}.",
            f"{who} has not decided yet whether to {will}.",
            f"Whether {who} will {will} depends on whether {condition}.",
            f"{who} could {will}.",
            f"A decision of {who} on {noun} is still open.",
        ),
        (
            f"{who} has ruled out {noun}.",
            f"{who} has promised not to {will}, whatever happens.",
            f"{who} has already decided on {noun}.",
            f"{who} will {will} in any case.",
            f"{noun[0].upper()}{noun[1:]} at {who} is off the table." if noun != "the cuts" else f"The cuts at {who} are off the table.",
        ),
        (
            f"{who} {done}.",
            f"{who} {done} in {when}.",
            f"{who} {done} last year.",
            f"Workers of {who} went on strike over {noun}.",
            f"{who} made a loss in {place}.",
            f"{draw.firm()} may {will}.",
        ),
    )


def statement(draw: Draw) -> Scene:
    """Who said it, who denied it, and of whom it was said."""
    first, second = draw.person(), draw.person()
    firm, place = draw.firm(), draw.place()
    event, event_not, about = draw.rng.choice((
        (f"{firm} dumped waste near {place}", f"{firm} did not dump waste near {place}", "the dumping"),
        (f"{firm} bribed officials in {place}", f"{firm} did not bribe officials in {place}", "the bribes"),
        (f"{firm} knew of the fault", f"{firm} did not know of the fault", "the fault"),
        (f"troops entered {place}", f"troops did not enter {place}", "the troops"),
    ))  # fmt: skip
    job, other_job = draw.two("a union leader", "the mayor", "a lawyer", "an inspector", "a government spokesperson", "the prosecutor")
    return Scene(
        (
            f"{first}, {job}, said that {event}. {second}, {other_job}, denied it.",
            f'"It is not true that {event}," said {second}, {other_job}. {first}, {job}, had made the accusation.',
            f"{second}, {other_job}, rejected the statement of {first}, {job}, that {event}.",
        ),
        (
            f"{first} said that {event}.",
            f"{second} denied that {event}.",
            f"{second} said that {event_not}.",
            f"{first} and {second} disagree about {about}.",
            f"According to {first}, {event}.",
        ),
        (
            f"{second} said that {event}.",
            f"{first} denied that {event}.",
            f"{first} said that {event_not}.",
            f"{second} confirmed that {event}.",
            f"According to {second}, {event}.",
            f"{first} and {second} agree about {about}.",
        ),
        (
            f"A court found that {event}.",
            f"{draw.person()} said that {event}.",
            f"{first} has left {place}.",
            f"{second} will sue {first}.",
            f"It has been proved that {event}.",
        ),
    )


def court(draw: Draw) -> Scene:
    """Charged, acquitted, sentenced: and by whom."""
    who, other, place = draw.person(), draw.person(), draw.place()
    years = draw.number(2, 18)
    crime, not_crime = draw.two("fraud", "arson", "bribery", "theft", "tax evasion", "smuggling")
    guilty = draw.rng.random() < 0.5
    verdict = f"sentenced {who} to {spelled(years)} years in prison for {crime}" if guilty else f"acquitted {who} of {crime}"
    return Scene(
        (
            f"A court in {place} {verdict} on {draw.weekday()}; {other}, who was tried alongside, was "
            f"{'acquitted' if guilty else f'given {years} years'}.",
            f"Judges in {place} {verdict}. {other} was {'cleared' if guilty else f'jailed for {years} years'} in the same trial.",
        ),
        (
            f"{who} was {'convicted' if guilty else 'cleared'} of {crime}.",
            f"{who} {'must go to prison' if guilty else 'was found not guilty'}.",
            f"{other} was {'found not guilty' if guilty else 'sent to prison'}.",
            f"The court in {place} ruled on {who} and {other} in one trial.",
            f"{who if guilty else other} was sentenced to {years} years.",
        ),
        (
            f"{who} was {'cleared' if guilty else 'convicted'} of {crime}.",
            f"{who} {'was found not guilty' if guilty else 'must go to prison'}.",
            f"{other} was {'sent to prison' if guilty else 'found not guilty'}.",
            f"{who} and {other} were both acquitted.",
            f"{who if guilty else other} was sentenced to {draw.number(2, 25, years)} years.",
        ),
        (
            f"{who} will appeal against the ruling.",
            f"{who} was convicted of {not_crime} in an earlier trial.",
            f"{who} has paid back the money.",
            f"{draw.person()} was sentenced to {years} years.",
        ),
    )


EVENTS = (dates, span, cause, post, plan, statement, court)
