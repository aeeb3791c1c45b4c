"""What `/metrics` shows, of each server on its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from prometheus_client.core import Metric


@dataclass(eq=False)
class Metrics:
    """Plain numbers, so that a server starts without the library that writes them down."""

    jobs: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Jobs ended, by task and state."""
    refused: Counter[str] = field(default_factory=Counter)
    """Requests refused at the door, by reason."""
    osc: Counter[str] = field(default_factory=Counter)
    """Datagrams of surfaces, by what became of them."""
    rendered_seconds: float = 0.0
    """Of finished stems."""
    sent_bytes: int = 0
    """Of audio."""
    sessions: int = 0
    """Open now."""

    def prometheus_text(self) -> bytes:
        """All of them in Prometheus' text format."""
        from prometheus_client import CollectorRegistry, generate_latest

        registry = CollectorRegistry()
        registry.register(self)
        return generate_latest(registry)

    def collect(self) -> Iterator[Metric]:
        """As Prometheus' registry asks for them; the names are part of the interface."""
        from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

        jobs = CounterMetricFamily("bandmate_jobs", "Jobs ended, by task and state", labels=("task", "state"))
        for labels, count in self.jobs.items():
            jobs.add_metric(labels, count)
        refused = CounterMetricFamily(
            "bandmate_refused", "Requests refused by the access check", labels=("reason",)
        )
        for reason, count in self.refused.items():
            refused.add_metric((reason,), count)
        osc = CounterMetricFamily("bandmate_osc", "OSC datagrams, by outcome", labels=("what",))
        for what, count in self.osc.items():
            osc.add_metric((what,), count)
        yield jobs
        yield refused
        yield osc
        yield CounterMetricFamily(
            "bandmate_rendered_seconds", "Seconds of finished stems", self.rendered_seconds
        )
        yield CounterMetricFamily("bandmate_sent_bytes", "Bytes of audio sent", self.sent_bytes)
        yield GaugeMetricFamily("bandmate_sessions", "Open sessions", self.sessions)
