"""The page of the figures for Prometheus, from bot/monitor as it registers them."""

from __future__ import annotations

from prometheus_client.metrics import MetricWrapperBase

from bot.monitor.metrics import Metrics
from tests.docs.tables import code, escaped, page, table

INTRO = """\
What `/metrics` gives where [`CROSSCHECK_MONITOR`](settings.md#crosscheck_monitor) is set: [monitoring](../operator/monitoring.md) says
how. Beside these there are the usual ones of a Python process (`process_*`, `python_*`). No figure names a person, a server or a claim.
"""


def metrics() -> list[MetricWrapperBase]:
    """Crosscheck's own, in the order of the code."""
    return [one for one in vars(Metrics()).values() if isinstance(one, MetricWrapperBase)]


def metrics_page() -> str:
    rows = []
    for one in metrics():
        family = next(iter(one.describe()))
        name = f"{family.name}_total" if family.type == "counter" else f"{family.name}_info" if family.type == "info" else family.name
        rows.append((code(name), family.type, escaped(family.documentation), ", ".join(code(label) for label in one._labelnames) or "–"))
    return page("Metrics", INTRO, table(("name", "type", "what", "labels"), rows), wide=True)
