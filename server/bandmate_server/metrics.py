"""What `/metrics` shows, in a registry of each server's own."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest


class Metrics:
    """Counters and gauges; the names are part of the interface."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.jobs = Counter(
            "bandmate_jobs", "Jobs ended, by task and state", ("task", "state"), registry=self.registry
        )
        self.rendered_seconds = Counter(
            "bandmate_rendered_seconds", "Seconds of finished stems", registry=self.registry
        )
        self.sessions = Gauge("bandmate_sessions", "Open sessions", registry=self.registry)
        self.sent_bytes = Counter("bandmate_sent_bytes", "Bytes of audio sent", registry=self.registry)
        self.refused = Counter(
            "bandmate_refused", "Requests refused at the door", ("reason",), registry=self.registry
        )

    def text(self) -> bytes:
        """All of them in Prometheus' text format."""
        return generate_latest(self.registry)
