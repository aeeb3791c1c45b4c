"""What a project that was read lacks, in sentences."""

from __future__ import annotations

from bandmate_bridge.dawproject.as_rpp import ReadProject
from bandmate_bridge.xml_projects.unread import unread_remarks


def project_remark(content: ReadProject) -> str:
    """What to tell the user of a project that was read."""
    said = unread_remarks(content.unread)
    if not content.rate_is_known:
        said.insert(
            0, f"The project has no audio, so no sample rate; Bandmate assumes {content.sample_rate} Hz."
        )
    return " ".join(said)
