"""Telling others how a quarterly run went: a webhook for people, a text file of figures for Prometheus.

Neither can fail a run: what went wrong is handed back in words. What leaves the house names no establishment and no
person, and says nothing about closed targets, not even that there are any.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import httpx2
from prometheus_client import CollectorRegistry, Gauge, write_to_textfile

from pipelines.monitor_report.steps import Step
from targeting.domain import AsOf, NotFoundError
from targeting.published import open_current, open_run
from targeting.settings import Settings
from targeting.watching import GROUPS, Light, Watch

__all__ = ["METRICS", "alert", "message", "post", "write_metrics"]

METRICS: Final = Path("quarterly") / "metrics.prom"
"""Under the home: for the node exporter's textfile collector, and for GET /metrics."""

_LEVEL: Final = {Light.GREEN: 0, Light.YELLOW: 1, Light.RED: 2}
_TRIES: Final = 2
_MOST_REASONS: Final = 20


def alert(settings: Settings, watch: Watch, steps: Sequence[Step], *, failure: str = "") -> tuple[str, ...]:
    """Write the metrics; tell the webhook of a run that is not green or failed. What went wrong, a sentence each.

    `failure` is the reason of a run that ended in an error, and must name nobody.
    """
    said = []
    try:
        write_metrics(settings.home, watch, steps, failed=bool(failure))
    except OSError as cause:
        said.append(f"the metrics could not be written: {type(cause).__name__}")
    url = settings.webhook_url.get_secret_value()
    shown = watch.open_part()
    if url and (failure or shown.light is not Light.GREEN):
        said += post(url, message(shown, _shown_run(settings.home, watch), failure), settings.webhook_seconds)
    return tuple(said)


def message(watch: Watch, run: str | None, failure: str = "") -> dict[str, Any]:
    """What the webhook is told: the quarter, the run (null: not published), the light and the reasons, red first.

    `run` is the name of the run's open part: the whole run's own tells by itself that there is more.
    """
    shown = watch.open_part()
    odd = shown.odd()
    return {
        "as_of": shown.as_of,
        "run": run,
        "light": Light.RED if failure else shown.light,
        "failure": failure,
        "stops": len(shown.stopping()),
        "reasons": [
            {"code": one.code, "light": one.light, "nb": one.reason_nb, "en": one.reason_en}
            for one in odd[:_MOST_REASONS]
        ],
        "more": max(0, len(odd) - _MOST_REASONS),
    }


def _shown_run(home: Path, watch: Watch) -> str | None:
    return open_run(home, watch.run).open_part().about.run if watch.run else None


def post(url: str, body: dict[str, Any], seconds: float) -> list[str]:
    """Post `body` as JSON, once more when that fails; what went wrong, or nothing. The address is never said."""
    wrong = ""
    for _ in range(_TRIES):
        try:
            answer = httpx2.post(url, content=json.dumps(body), headers=_JSON, timeout=seconds, follow_redirects=False)
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError, ValueError) as cause:
            wrong = type(cause).__name__
            continue
        if answer.is_success:
            return []
        wrong = f"status {answer.status_code}"
    return [f"the webhook was not told, after {_TRIES} tries: {wrong}"]


_JSON: Final = {"Content-Type": "application/json"}


def write_metrics(home: Path, watch: Watch, steps: Sequence[Step], *, failed: bool = False) -> Path:
    """Write the figures of the run in one step; a reader sees the old file or the new one."""
    path = home / METRICS
    path.parent.mkdir(parents=True, exist_ok=True)
    write_to_textfile(str(path), _registry(home, watch.open_part(), steps, failed=failed))
    path.chmod(0o644)  # the node exporter and the web process may be other users
    return path


def _registry(home: Path, watch: Watch, steps: Sequence[Step], *, failed: bool) -> CollectorRegistry:
    registry = CollectorRegistry()

    def gauge(name: str, about: str, *labels: str) -> Gauge:
        return Gauge(f"targeting_{name}", about, labels, registry=registry)

    gauge("quarterly_as_of_timestamp_seconds", "As-of day of the last quarterly run.").set(_moment(watch.as_of))
    gauge("quarterly_published", "1 if the last quarterly run was published.").set(float(watch.run is not None))
    gauge("quarterly_failed", "1 if the last quarterly run ended in an error.").set(float(failed))
    gauge("quarterly_stopping_checks", "Red checks that stop a run.").set(len(watch.stopping()))
    _published_age(home, gauge("published_as_of_timestamp_seconds", "As-of day of the run in service."))
    _steps(steps, *(gauge(f"step_{name}", f"{about} of a step.", "step") for name, about in _OF_STEPS))
    lights = gauge("light", "0 green, 1 yellow, 2 red: the worst check of a group.", "group")
    for group in GROUPS:
        if (light := watch.light_of_group(group)) is not None:
            lights.labels(group).set(_LEVEL[light])
    drift = gauge("drift_psi_max", "Largest PSI of a target's features and scores.", "target")
    for target in {one.target for one in watch.drift}:
        drift.labels(target).set(max(one.psi for one in watch.drift if one.target == target))
    churn = gauge("list_churn_share", "Share of the first places that are new.", "target")
    for one in watch.churn:
        if one.stayed + one.entered:
            churn.labels(one.target).set(one.entered / (one.stayed + one.entered))
    return registry


_OF_STEPS: Final = (("seconds", "Seconds"), ("rows", "Rows"), ("peak_mebibytes", "Peak memory"))


def _steps(steps: Sequence[Step], seconds: Gauge, rows: Gauge, peak: Gauge) -> None:
    for one in steps:
        seconds.labels(one.name).set(one.seconds)
        rows.labels(one.name).set(one.rows)
        peak.labels(one.name).set(one.peak_mib)


def _published_age(home: Path, gauge: Gauge) -> None:
    """The day of the run in service: its age is the present less this. No run, no figure to be mistaken for one."""
    try:
        gauge.set(_moment(str(open_current(home).about.as_of)))
    except NotFoundError:
        gauge.set(float("nan"))


def _moment(day: str) -> float:
    return datetime.combine(AsOf.parse(day).day, datetime.min.time(), UTC).timestamp()
