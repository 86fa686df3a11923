"""The dashboard and the alerts that ship: what they ask for is what the program tells."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import promql_parser as promql
import pytest
import yaml
from prometheus_client import CollectorRegistry

import config
from bot.monitor.metrics import Metrics

MONITORING = Path(config.__file__).parent / "monitoring"
OF_SCRAPE = {"instance", "job"}  # which Prometheus adds
OF_PROMETHEUS: dict[str, set[str]] = {"up": set()}
VARIABLES = {"$__rate_interval": "5m", "$instance": ".*"}
DURATION = re.compile(r"(?:[0-9]+(?:ms|[smhdwy]))+")
SUFFIXES = {"counter": ["_total"], "histogram": ["_bucket", "_count", "_sum"], "info": ["_info"], "summary": ["_count", "_sum"]}
TEMPLATE = re.compile(r"{{(.*?)}}")


def series_of(registry: CollectorRegistry) -> dict[str, set[str]]:
    """Name of each series -> the labels that it has."""
    found = {}
    for collector in list(registry._collector_to_names):
        labels = set(getattr(collector, "_labelnames", ()))
        for family in collector.collect():
            for suffix in SUFFIXES.get(family.type, [""]):
                more = {"le"} if suffix == "_bucket" else {"version"} if suffix == "_info" else set()
                found[family.name + suffix] = labels | more | {name for sample in family.samples for name in sample.labels}
    return found


KNOWN = series_of(Metrics().registry) | OF_PROMETHEUS


def parsed(expression: str) -> promql.Expr:
    for variable, value in VARIABLES.items():
        expression = expression.replace(variable, value)
    return promql.parse(expression)


def below(expression: Any) -> Iterator[Any]:
    """An expression and all that it is made of."""
    yield expression
    match expression:
        case promql.AggregateExpr():
            parts = [expression.expr, expression.param]
        case promql.BinaryExpr():
            parts = [expression.lhs, expression.rhs]
        case promql.Call():
            parts = list(expression.args)
        case promql.MatrixSelector():
            parts = [expression.vector_selector]
        case promql.ParenExpr() | promql.UnaryExpr() | promql.SubqueryExpr():
            parts = [expression.expr]
        case promql.VectorSelector() | promql.NumberLiteral() | promql.StringLiteral():
            parts = []
        case _:
            raise AssertionError(f"no test knows {type(expression)}")
    for part in parts:
        if part is not None:
            yield from below(part)


def selectors(expression: Any) -> list[Any]:
    return [part for part in below(expression) if isinstance(part, promql.VectorSelector)]


def labels_kept(expression: Any) -> set[str] | None:
    """The labels that aggregations leave; None where nothing is aggregated by a label."""
    modifiers = [part.modifier for part in below(expression) if isinstance(part, promql.AggregateExpr) and part.modifier is not None]
    return {label for modifier in modifiers for label in modifier.labels} if modifiers else None


def wrong_in(text: str) -> list[str]:
    """What of an expression does not fit the program's figures."""
    found = []
    expression = parsed(text)
    for selector in selectors(expression):
        if selector.name not in KNOWN:
            found.append(f"no figure is called {selector.name}")
            continue
        labels = KNOWN[selector.name] | OF_SCRAPE
        found += [f"{selector.name} has no label {one.name}" for one in selector.matchers.matchers if one.name not in labels]
    for part in below(expression):
        if isinstance(part, promql.AggregateExpr) and part.modifier is not None:
            there = set.union(set(OF_SCRAPE), *(KNOWN.get(one.name, set()) for one in selectors(part.expr)))
            found += [f"nothing below has the label {label}" for label in part.modifier.labels if label not in there]
        if isinstance(part, promql.Call) and part.func.name in ("rate", "increase"):
            (counted,) = selectors(part)
            if not counted.name.endswith(("_total", "_bucket", "_count", "_sum")):
                found.append(f"{counted.name} is no counter")
    return found


def alerts() -> list[dict[str, Any]]:
    groups = yaml.safe_load((MONITORING / "alerts.yml").read_text(encoding="utf-8"))["groups"]
    return [rule for group in groups for rule in group["rules"]]


def dashboard() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((MONITORING / "grafana-dashboard.json").read_text(encoding="utf-8"))
    return found


def targets() -> list[tuple[str, dict[str, Any]]]:
    return [(panel["title"], target) for panel in dashboard()["panels"] for target in panel.get("targets", ())]


@pytest.mark.parametrize("rule", alerts(), ids=lambda rule: rule["alert"])
def test_an_alert_asks_for_what_there_is_and_says_what_to_do(rule: dict[str, Any]) -> None:
    assert set(rule) <= {"alert", "expr", "for", "labels", "annotations", "keep_firing_for"}
    assert re.fullmatch(r"Crosscheck[A-Z][A-Za-z]+", rule["alert"])
    assert wrong_in(rule["expr"]) == []
    assert DURATION.fullmatch(rule.get("for", "1m"))
    assert rule["labels"]["severity"] in ("page", "ticket")
    assert rule["annotations"]["summary"] and rule["annotations"]["description"]
    expression = parsed(rule["expr"])
    assert isinstance(expression, promql.BinaryExpr)  # one that is no comparison would fire for ever
    grouped = labels_kept(expression)
    kept = {"instance", "job"} if grouped is None else grouped
    for text in rule["annotations"].values():
        assert text.count("{{") == text.count("}}") == len(TEMPLATE.findall(text))
        for given in TEMPLATE.findall(text):
            assert re.fullmatch(r" \$(value( \| humanize(1024|Duration))?|labels\.\w+) ", given), given
            if "labels." in given:
                assert given.strip().removeprefix("$labels.") in kept


def test_alerts_have_names_of_their_own() -> None:
    names = [rule["alert"] for rule in alerts()]
    assert len(set(names)) == len(names) > 10


@pytest.mark.parametrize("target", targets(), ids=lambda target: f"{target[0]}-{target[1]['refId']}")
def test_a_panel_asks_for_what_there_is(target: tuple[str, dict[str, Any]]) -> None:
    expression = target[1]["expr"]
    assert wrong_in(expression) == []
    assert set(re.findall(r"\$\w+", expression)) <= set(VARIABLES)
    grouped = labels_kept(parsed(expression)) or set()
    assert set(TEMPLATE.findall(target[1]["legendFormat"])) <= grouped


def test_the_dashboard_is_whole() -> None:
    board = dashboard()
    panels = board["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    taken: set[tuple[int, int]] = set()
    for panel in panels:
        at = panel["gridPos"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert not taken & cells, f"{panel['title']} lies over another"
        assert at["x"] + at["w"] <= 24
        taken |= cells
        if panel["type"] != "row":
            assert panel["targets"] and panel["description"]
    variables = {one["name"] for one in board["templating"]["list"]}
    assert {"datasource", "instance"} <= variables


def test_every_figure_of_ours_is_on_the_dashboard() -> None:
    shown = {selector.name for _, target in targets() for selector in selectors(parsed(target["expr"]))}
    bare = {re.sub(r"_(bucket|count|sum)$", "", name) for name in shown}
    ours = {re.sub(r"_(bucket|count|sum)$", "", name) for name in KNOWN if name.startswith("crosscheck_")}
    assert ours - bare == {"crosscheck_models_loaded"}  # which "ready" has in it


def test_wrong_expressions_are_found() -> None:
    assert wrong_in("rate(crosscheck_cheks_total[5m]) > 0") == ["no figure is called crosscheck_cheks_total"]
    assert wrong_in('crosscheck_checks_total{outcom="agree"}') == ["crosscheck_checks_total has no label outcom"]
    assert wrong_in("sum by (souce) (crosscheck_ingest_articles_total)") == ["nothing below has the label souce"]
    assert wrong_in("rate(crosscheck_ready[5m])") == ["crosscheck_ready is no counter"]
    with pytest.raises(ValueError):
        parsed("sum by (le (rate(crosscheck_checks_total[5m]))")
