"""Scenes about numbers: tallies, tolls, shares, sums, scores."""

from __future__ import annotations

from retrieval.training.phrases import MONTHS, WEEKDAYS
from retrieval.training.scenes.draw import Draw, Scene, spelled


def vote(draw: Draw) -> Scene:
    """A tally: who was for, against, abstained; the margin."""
    body, text = draw.one("the General Assembly", "the city council", "the lower house", "the senate", "the committee"), draw.place()
    aye = draw.number(40, 150)
    nay, out = draw.number(3, aye - 20), draw.number(3, 70, aye)
    other = draw.number(20, 160, aye, nay, out)
    what = draw.one("resolution", "bill", "motion", "budget plan") + f" on {text}"
    first, second = draw.place(), draw.place()
    plan = draw.one("a rival draft", "an amendment", "an earlier text")
    return Scene(
        (
            f"{body} adopted the {what} by {aye} votes to {nay}, with {out} abstentions. {first} abstained and {second} voted against.",
            f"With {aye} votes in favour, {nay} against and {out} abstentions, "
            f"{body} passed the {what}. Among those voting no was {second}, "
            f"while {first} abstained.",
            f"The {what} was approved by {body}: {aye} members backed it, {nay} opposed it and {out} abstained, "
            f"{first} among them. {second} "
            "was one of those against.",
        ),
        (
            f"The {what} got {aye} votes.",
            f"{aye} members voted for the {what}.",
            f"{nay} members voted against the {what}.",
            f"{out} members abstained in the vote on the {what}.",
            f"{first} abstained in the vote on the {what}.",
            f"{second} voted against the {what}.",
            f"{body} adopted the {what}.",
            f"The {what} passed with more than {aye - 3} votes.",
            f"The {what} was adopted by a margin of {aye - nay} votes.",
            f"More members voted for the {what} than against it.",
            f"{first} did not vote for the {what}.",
            f"Fewer than {nay + 5} members opposed the {what}.",
        ),
        (
            f"The {what} got {other} votes.",
            f"{nay} members voted for the {what}.",
            f"{aye} members voted against the {what}.",
            f"{other} members abstained in the vote on the {what}.",
            f"{first} voted for the {what}.",
            f"{second} voted for the {what}.",
            f"{second} abstained in the vote on the {what}.",
            f"{body} rejected the {what}.",
            f"The {what} was adopted unanimously.",
            f"Nobody abstained in the vote on the {what}.",
            f"The {what} passed with fewer than {aye - 3} votes.",
            f"A majority voted against the {what}.",
            f"The {what} fell short of a majority.",
        ),
        (
            f"{plan[0].upper()}{plan[1:]} on {text} got {other} votes.",
            f"{draw.place()} abstained in the vote on the {what}.",
            f"The debate on the {what} took {draw.number(3, 9)} hours.",
            f"{first} will vote for the {what} next time.",
            f"The {what} takes effect in {draw.month()}.",
            f"{body} rejected {plan} on {text} earlier.",
            f"{second} voted against the {what} because of its cost.",
        ),
    )


def toll(draw: Draw) -> Scene:
    """A figure that was revised: the present one and the earlier one."""
    place, what = draw.place(), draw.one("landslide", "flood", "train crash", "earthquake", "factory fire", "storm")
    day, before = draw.two(*WEEKDAYS)
    old = draw.number(4, 60)
    new = old + draw.number(2, 40)
    hurt = draw.number(5, 200, old, new)
    wrong = draw.number(3, 120, old, new, hurt)
    return Scene(
        (
            f"The death toll from the {what} in {place} has risen to {new}, up from {old} reported on {before}, {draw.says()} on {day}. "
            f"Another {hurt} people were injured.",
            f"At least {new} people are now known to have died in the {what} in {place}, {draw.says()} on {day}; "
            f"on {before} the figure was "
            f"{old}. {hurt} people were treated in hospital.",
            f"{place}: {new} dead and {hurt} injured after the {what}, {draw.says()} on {day}. An earlier count, of {before}, had put "
            f"the dead at {old}.",
        ),
        (
            f"{new} people died in the {what} in {place}.",
            f"{hurt} people were injured in the {what} in {place}.",
            f"The number of dead in the {what} in {place} went up by {new - old} since {before}.",
            f"More than {old} people were killed in the {what} in {place}.",
            f"On {before}, {old} people were known to have died in {place}.",
            f"The death toll of the {what} in {place} rose from {old} to {new}.",
            f"The {what} in {place} cost lives.",
        ),
        (
            f"{wrong} people died in the {what} in {place}.",
            f"The death toll of the {what} in {place} now stands at {old}.",
            f"{new} people were injured in the {what} in {place}, and {hurt} died.",
            f"Nobody was injured in the {what} in {place}.",
            f"The death toll of the {what} in {place} was revised down.",
            f"Fewer than {old} people were killed in the {what} in {place}.",
            f"The death toll of the {what} in {place} fell from {new} to {old}.",
            f"On {before}, {new} people were known to have died in {place}.",
            f"There were no deaths in the {what} in {place}.",
        ),
        (
            f"{wrong} people are still missing after the {what} in {place}.",
            f"Most of those killed in the {what} in {place} were children.",
            f"The {what} in {place} destroyed {hurt} houses.",
            f"{wrong} people died in a {what} in {draw.place()}.",
            f"The {what} in {place} was the worst in {draw.number(10, 60)} years.",
            f"The government will pay the victims of the {what} in {place}.",
        ),
    )


def comparison(draw: Draw) -> Scene:
    """Two figures of one kind, in two places."""
    here, there = draw.place(), draw.place()
    what = draw.one("unemployment", "inflation", "the crime rate", "child poverty", "turnout")
    month, other = draw.two(*MONTHS)
    low = draw.number(2, 40)
    high = low + draw.number(2, 20)
    mid = draw.number(1, 60, low, high)
    return Scene(
        (
            f"In {month} {what} stood at {high} percent in {here}, against {low} percent in {there}, {draw.says()}.",
            f"{what[0].upper()}{what[1:]} in {here} reached {high} percent in {month}, "
            f"{high - low} points above the {low} percent of {there}.",
            f"While {what} in {there} was {low} percent in {month}, it came to {high}% in {here}, {draw.says()}.",
        ),
        (
            f"In {month}, {what} was higher in {here} than in {there}.",
            f"In {month}, {what} was lower in {there} than in {here}.",
            f"In {month}, {what} in {there} was {low} percent.",
            f"In {here}, {what} was {high} percent in {month}.",
            f"In {here}, {what} was above {low} percent in {month}.",
            f"The gap in {what} between {here} and {there} was {high - low} points in {month}.",
        ),
        (
            f"In {month}, {what} was lower in {here} than in {there}.",
            f"In {month}, {what} was higher in {there} than in {here}.",
            f"In {month}, {what} in {there} was {high} percent.",
            f"In {here}, {what} was {mid} percent in {month}.",
            f"In {month}, {what} was the same in {here} and {there}.",
            f"In {here}, {what} was below {low} percent in {month}.",
            f"In {month}, {what} in {here} was {low} percent.",
        ),
        (
            f"In {other}, {what} was higher in {here} than in {month}.",
            f"In {other}, {what} in {there} was {mid} percent.",
            f"In {month}, {what} was lower in {draw.place()} than in {here}.",
            f"In {here}, {what} will reach {high + 3} percent next year.",
            f"The government of {here} was blamed for {what}.",
            f"In {month}, {what} rose faster in {here} than in {there}.",
        ),
    )


_FRACTIONS = (
    (50, "half"),
    (25, "a quarter"),
    (33, "a third"),
    (75, "three quarters"),
    (20, "a fifth"),
    (67, "two thirds"),
    (10, "a tenth"),
)


def share(draw: Draw) -> Scene:
    """A percentage, as a fraction too, and the one of the time before."""
    place = draw.place()
    percent, words = draw.rng.choice(_FRACTIONS)
    value = percent + draw.rng.choice((-1, 0, 0, 1))
    before = draw.number(5, 90, *range(value - 6, value + 7))
    wrong = draw.number(5, 95, *range(value - 8, value + 9), *range(before - 2, before + 3))
    group, does = draw.rng.choice((
        ("households", "own a car"), ("pupils", "travel by bus"), ("voters", "back the plan"), ("workers", "belong to a union"),
        ("residents", "want a new stadium"), ("farms", "use the new seed"),
    ))  # fmt: skip
    rose = before < value
    return Scene(
        (
            f"In {place}, {value} percent of {group} {does}, compared with {before} percent a year ago, a survey found.",
            f"A survey found that {value}% of {group} in {place} {does}; last year it was {before}%.",
            f"The share of {group} in {place} who {does} went from {before} to {value} percent within a year, a survey found.",
        ),
        (
            f"About {words} of {group} in {place} {does}.",
            f"{value} percent of {group} in {place} {does}.",
            f"{'More' if rose else 'Fewer'} {group} in {place} {does} than a year ago.",
            f"The share of {group} in {place} who {does} {'grew' if rose else 'shrank'} by {abs(value - before)} points.",
            f"{'More' if value > wrong else 'Less'} than {wrong} percent of {group} in {place} {does}.",
        ),
        (
            f"{wrong} percent of {group} in {place} {does}.",
            f"{'Fewer' if rose else 'More'} {group} in {place} {does} than a year ago.",
            f"{before} percent of {group} in {place} {does} now, {'down' if rose else 'up'} from {value} percent.",
            f"{'Less' if value > wrong else 'More'} than {wrong} percent of {group} in {place} {does}.",
            f"No {group} in {place} {does}.",
            f"The share of {group} in {place} who {does} did not change within a year.",
        ),
        (
            f"In {draw.place()}, {wrong} percent of {group} {does}.",
            f"{wrong} percent of the {group} who {does} in {place} are under 30.",
            f"Next year {wrong} percent of {group} in {place} will {does}.",
            f"The survey in {place} cost {draw.number(10, 90)},000 euros.",
            f"{value} percent of {group} in {place} have lived there for ten years.",
        ),
    )


_AMOUNTS = ((1_500_000, "1.5 million", "one and a half million"),
            (2_400_000, "2.4 million", "2.4 million"), (12_000, "12,000", "twelve thousand"),
            (750_000, "750,000", "three quarters of a million"),
            (3_000_000_000, "3 billion", "three billion"), (40_000, "40,000", "40 thousand"),
            (90_000_000, "90 million", "ninety million"), (600_000, "600,000", "0.6 million"))  # fmt: skip


def money(draw: Draw) -> Scene:
    """A sum with a scale word, against another sum and another unit."""
    firm, place = draw.firm(), draw.place()
    value, usual, spelt = draw.rng.choice(_AMOUNTS)
    unit = draw.one("euros", "dollars", "pounds")
    factor = draw.one("a thousand times", "twice", "only half of", "ten times")
    wrong = draw.one(*(amount[1] for amount in _AMOUNTS if amount[0] != value))
    thing = draw.one("a new plant", "a wind farm", "a data centre", "a warehouse", "a research lab")
    jobs = draw.number(20, 900)
    return Scene(
        (
            f"{firm} will spend {usual} {unit} on {thing} in {place} and create {jobs} jobs there, the company said.",
            f"{thing[0].upper()}{thing[1:]} worth {value:,} {unit} is to be built in {place} by {firm}, with {jobs} new jobs.",
            f"In {place}, {firm} plans {thing} with {jobs} jobs. The cost is put at {usual} {unit}.",
        ),
        (
            f"{firm} is to invest {spelt} {unit} in {place}.",
            f"{firm} plans to spend {usual} {unit} on {thing} in {place}.",
            f"{firm} plans {thing} in {place}.",
            f"{jobs} jobs are to be created by {firm} in {place}.",
            f"{firm} wants to create more than {jobs - 5} jobs in {place}.",
        ),
        (
            f"{firm} is to invest {wrong} {unit} in {place}.",
            f"{firm} is going to cut {jobs} jobs in {place}.",
            f"{firm} will close its site in {place} and build nothing there.",
            f"{draw.number(20, 990, jobs)} jobs are to be created by {firm} in {place}.",
            f"{firm} will spend {factor} {usual} {unit} on {thing} in {place}.",
        ),
        (
            f"{firm} made a profit of {usual} {unit} last year.",
            f"{firm} has {jobs} employees in {draw.place()}.",
            f"{firm} has already spent {usual} {unit} on {thing} in {place}.",
            f"{draw.firm()} will spend {wrong} {unit} on {thing} in {place}.",
            f"Residents of {place} protested against {thing}.",
        ),
    )


def part(draw: Draw) -> Scene:
    """So many of so many: all, some, none."""
    place = draw.place()
    total = draw.number(5, 19)
    some = draw.number(2, total - 2)
    group, done, undone = draw.rng.choice((
        ("climbers", "were found alive", "were found dead"),
        ("schools", "reopened", "stayed shut"),
        ("players", "signed", "refused to sign"),
        ("prisoners", "were released", "were kept in prison"), ("trains", "arrived on time", "arrived late"),
        ("members of the panel", "backed the report", "voted against the report"),
    ))  # fmt: skip
    other = draw.number(1, total - 1, some)
    return Scene(
        (
            f"Of the {total} {group} in {place}, {spelled(some)} {done} and {spelled(total - some)} {undone}, {draw.says()}.",
            f"{spelled(some).capitalize()} of the {spelled(total)} {group} in {place} {done}, {draw.says()}. "
            f"The other {total - some} {undone}.",
            f"Reports from {place} say that {some} of {total} {group} {done}, while {total - some} {undone}.",
        ),
        (
            f"Some of the {group} in {place} {done}.",
            f"{some} of the {total} {group} in {place} {done}.",
            f"Not all {group} in {place} {done}.",
            f"{total - some} {group} in {place} {undone}.",
            f"{'Most' if some * 2 > total else 'Fewer than ' + str(some + 1)} of the {group} in {place} {done}.",
            f"At least one of the {group} in {place} {done}.",
        ),
        (
            f"All {total} {group} in {place} {done}.",
            f"None of the {group} in {place} {done}.",
            f"Only {other} of the {total} {group} in {place} {done}.",
            f"All {group} in {place} {undone}.",
            f"There were {total + draw.number(1, 5)} {group} in {place} in all, and every one of them {done}.",
            f"{total - other} {group} in {place} {undone}.",
        ),
        (
            f"All {group} in {draw.place()} {done}.",
            f"The {group} in {place} had waited for {draw.number(2, 9)} days.",
            f"{some} of the {group} in {place} spoke to reporters.",
            f"A year ago, {other} {group} in {place} {done}.",
        ),
    )


def match(draw: Draw) -> Scene:
    """Who beat whom, and by how much."""
    home, away = draw.place(), draw.place()
    low = draw.number(0, 3)
    high = low + draw.number(1, 4)
    scorer, day = draw.person(), draw.weekday()
    return Scene(
        (
            f"{home} beat {away} {high}-{low} on {day}. {scorer} scored the first goal.",
            f"{away} lost {low}-{high} at {home} on {day}, where {scorer} opened the scoring.",
            f"A {high}-{low} win over {away} put {home} top of the table on {day}; the opener came from {scorer}.",
        ),
        (
            f"{home} defeated {away}.",
            f"{away} lost to {home} on {day}.",
            f"{home} won {high}-{low} against {away}.",
            f"{home} scored {spelled(high)} goals against {away}.",
            f"{away} was beaten by {home}.",
            f"{scorer} scored in the match between {home} and {away}.",
        ),
        (
            f"{away} defeated {home}.",
            f"{home} lost to {away} on {day}.",
            f"{home} and {away} drew.",
            f"{home} won {high + 1}-{low} against {away}.",
            f"{away} scored {spelled(high)} goals against {home}.",
            f"{home} beat {away} on {draw.weekday(day)}.",
            f"{home} was beaten by {away}.",
        ),
        (
            f"{home} beat {draw.place()}.",
            f"{scorer} was born in {home}.",
            f"{away} will play {draw.place()} next.",
            f"{home} beat {away} in last year's match too.",
            f"{draw.number(4, 60)},000 people watched {home} against {away}.",
        ),
    )


def trend(draw: Draw) -> Scene:
    """Up or down, from one value to another."""
    place = draw.place()
    what, unit = draw.rng.choice((
        ("The price of bread", "cents"), ("The number of visitors", "thousand"),
        ("Rents", "euros a month"), ("Wheat exports", "thousand tonnes"),
        ("The number of burglaries", "cases"), ("Sea level", "millimetres"),
    ))  # fmt: skip
    low = draw.number(20, 300)
    high = low + draw.number(5, 150)
    rose = draw.rng.random() < 0.5
    was, now = (low, high) if rose else (high, low)
    up, down = ("rose", "fell") if rose else ("fell", "rose")
    year = draw.number(2005, 2024)
    s = what[0].lower() + what[1:]
    return Scene(
        (
            f"{what} in {place} {up} from {was} to {now} {unit} in {year}, figures show.",
            f"Figures for {year} show {s} in {place} at {now} {unit}, {'up' if rose else 'down'} from {was} the year before.",
            f"{place} saw {s} {'climb' if rose else 'drop'} by {abs(high - low)} to {now} {unit} in {year}.",
        ),
        (
            f"{what} in {place} {up} in {year}.",
            f"{what} in {place} came to {now} {unit} in {year}.",
            f"{what} in {place} {'increased' if rose else 'decreased'} in {year}.",
            f"{what} in {place} changed by {abs(high - low)} {unit} in {year}.",
            f"{what} in {place} {'went up' if rose else 'went down'} to {now} {unit}.",
        ),
        (
            f"{what} in {place} {down} in {year}.",
            f"{what} in {place} {down} from {was} to {now + (was - now) * 2} {unit} in {year}.",
            f"{what} in {place} did not change in {year}.",
            f"{what} in {place} {'decreased' if rose else 'increased'} in {year}.",
            f"{what} in {place} came to {was} {unit} in {year}.",
            f"{what} in {place} {'went down' if rose else 'went up'} in {year}.",
        ),
        (
            f"{what} in {place} {down} in {year + 1}.",
            f"{what} in {draw.place()} {up} in {year}.",
            f"{what} in {place} will {'fall' if rose else 'rise'} again.",
            f"{what} in {place} {up} because of the weather.",
            f"{what} in {place} {up} faster than anywhere else in {year}.",
        ),
    )


def record(draw: Draw) -> Scene:
    """The most since a year, the first of its kind."""
    place, year = draw.place(), draw.number(1950, 2010)
    thing = draw.one("rainfall", "wheat harvest", "snow cover", "heat wave", "trade deficit", "budget surplus")
    most, least = draw.two("largest", "smallest") if thing not in {"heat wave", "snow cover"} else ("longest", "shortest")
    month, other = draw.two(*MONTHS)
    return Scene(
        (
            f"The {thing} of {place} in {month} was the {most} since {year}, {draw.says()}.",
            f"Not since {year} has {place} had a {most.replace('est', 'er')} {thing} than in {month}, {draw.says()}.",
            f"In {month} {place} recorded its {most} {thing} since {year}.",
        ),
        (
            f"In {month}, the {thing} of {place} was the {most} since {year}.",
            f"The {thing} of {place} in {month} was unusual.",
            f"The {most} {thing} of {place} since {year} was recorded in {month}.",
        ),
        (
            f"In {month}, the {thing} of {place} was the {least} since {year}.",
            f"The {most} {thing} of {place} since {year} was recorded in {other}.",
            f"The {thing} of {place} in {month} was quite ordinary for the season.",
            f"In {month}, the {thing} of {place} was the {most} since {year - draw.number(5, 40)}.",
        ),
        (
            f"The {thing} of {place} in {other} was the {least} since {year}.",
            f"The {thing} of {draw.place()} in {month} was the {most} since {year}.",
            f"Experts expect the next {thing} of {place} to break the record.",
            f"Farmers in {place} lost money because of the {thing}.",
        ),
    )


FIGURES = (vote, toll, comparison, share, money, part, match, trend, record)
