"""What was seen before a job ran is told at its end, with the engine's own remarks."""

from pathlib import Path

from bandmate_bridge.reaper.agent.reaper_sink import ReaperSink
from bandmate_bridge.reaper.mailbox_messages import AgentMessage, JobDone
from bandmate_protocol.messages import Done
from bandmate_protocol.session import JobEnded


def test_remarks_of_the_project_come_with_those_of_the_engine(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("BANDMATE_HOME", str(tmp_path))
    sent: list[AgentMessage] = []
    sink = ReaperSink("abcd1234", tmp_path, "drums", sent.append, remarks=["Not read there: 1 MIDI item."])
    done = Done(job="abcd1234", attempt=1, seconds=1.0, remarks=("Understood: drums.",))
    sink.take(JobEnded(done))
    (said,) = sent
    assert isinstance(said, JobDone)
    assert said.remarks == ("Not read there: 1 MIDI item.", "Understood: drums.")
