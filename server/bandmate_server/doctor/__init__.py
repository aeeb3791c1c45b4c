"""What `bandmate doctor` looks at. Each check is one function that gives findings."""

from bandmate_server.doctor.checks import CHECKS
from bandmate_server.doctor.finding import Finding

__all__ = ["CHECKS", "Finding", "run_checks"]


def run_checks() -> list[Finding]:
    """The findings of every check, in order."""
    return [finding for check in CHECKS for finding in check()]
