"""What a run did, step by step: kept in a file as it goes, logged, and traced where a collector is named."""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import structlog

from pipelines.monitor_report.steps import Step
from targeting.snapshots.row_groups import whole_file

__all__ = ["Running", "Steps", "traced"]

_KIB: Final = 1024


@dataclass
class Running:
    """What a step says of itself while it runs."""

    rows: int = 0
    state: str = "done"


@dataclass
class Steps:
    """The steps of one run, kept in `path` as JSON. Logs go to standard error where that is no terminal."""

    path: Path
    about: dict[str, str]
    done: list[Step] = field(default_factory=list)

    @contextmanager
    def step(self, name: str) -> Iterator[Running]:
        """One step; it is recorded whether it ends well or not."""
        running, begun = Running(), time.perf_counter()
        with _tracer().start_as_current_span(name) as span:
            try:
                yield running
            except BaseException:
                running.state = "failed"
                raise
            finally:
                peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _KIB
                step = Step(name, running.state, running.rows, time.perf_counter() - begun, peak)
                span.set_attributes(self.about | {"rows": running.rows, "peak_mib": peak})
                self._keep(step)

    def _keep(self, step: Step) -> None:
        self.done.append(step)
        document = self.about | {"steps": [one._asdict() for one in self.done]}
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with whole_file(self.path) as partial:
            partial.write_text(json.dumps(document, indent=2) + "\n", "utf-8")
        if not sys.stderr.isatty():
            told = step._asdict() | {"seconds": round(step.seconds, 3), "peak_mib": round(step.peak_mib, 1)}
            _log().info("step", **self.about, **told)


def _log() -> Any:
    renderer = structlog.processors.JSONRenderer(ensure_ascii=False)
    stamp = structlog.processors.TimeStamper(fmt="iso", utc=True)
    return structlog.wrap_logger(
        structlog.PrintLogger(sys.stderr), [structlog.processors.add_log_level, stamp, renderer]
    )


def _tracer() -> Any:
    from opentelemetry import trace

    return trace.get_tracer("targeting.quarterly")


@contextmanager
def traced() -> Iterator[None]:
    """Send spans to the collector that the standard variables name; without one nothing is sent."""
    if not (os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT") or os.environ.get("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")):
        yield
        return
    from opentelemetry import trace
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    provider = TracerProvider(resource=Resource.create({"service.name": "targeting-quarterly"}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(provider)
    try:
        yield
    finally:
        provider.shutdown()
