"""What the REAPER bridge costs: `python -m tests.measure.reaper_cost`.

The scripts run in real Lua, with the real agent, server and embedded engine; REAPER's own functions are the
stand-in's, which is Python, so a tick costs here what our scripts cost plus what the stand-in does.
"""

import os
import statistics
import tempfile
import time
from pathlib import Path

import psutil

from tests.reaper.model import Track
from tests.reaper.pictures import source_item
from tests.reaper.situations import audible
from tests.reaper.stage import Stage
from tests.running import RunningServer

EIGHT = "drums, upright bass, electric piano, vibraphone, strings, brass, acoustic guitar, saxophone"


def first_audio(stage: Stage, rounds: int = 10) -> None:
    stage.project.selection = (0.0, 16.0)
    stage.make("generate", prompt="drums")
    ticks, seconds = [], []
    for number in range(rounds):
        stage.project.tracks.clear()
        stage.forget_jobs()
        begun = time.monotonic()
        stage.ask("generate", prompt=f"lo-fi drums and bass {number}")
        ticks.append(stage.reaper.run_until(lambda: audible(stage.project)))
        seconds.append(time.monotonic() - begun)
        stage.finish()
    print(
        f"action to first audio in an item: median {statistics.median(ticks):.0f} ticks of 33 ms, "
        f"worst {max(ticks)}"
    )
    print(
        f"  median {1000 * statistics.median(seconds):.0f} ms, worst {1000 * max(seconds):.0f} ms, "
        f"of {rounds}"
    )


def tick_cost(stage: Stage, *, panel: bool) -> None:
    reaper = stage.reaper
    stage.project.tracks.clear()
    stage.project.selection = (0.0, 60.0)
    if panel:
        stage.action("Panel")
        reaper.run_until(lambda: "Generate" in reaper.service.gfx.texts)
    stage.forget_jobs()
    stage.ask("generate", prompt=EIGHT)
    reaper.costs.clear()
    reaper.own_costs.clear()
    stage.finish(300)
    print(
        f"{len(stage.project.items())} stems arrive, panel {'open' if panel else 'closed'}: "
        f"{len(reaper.costs)} ticks"
    )
    for name, given in (("the scripts", reaper.own_costs), ("with the stand-in", reaper.costs)):
        costs = sorted(1000 * cost for cost in given)
        p99 = costs[int(0.99 * len(costs))]
        print(
            f"  {name}: median {statistics.median(costs):.2f} ms, p99 {p99:.2f} ms, worst {costs[-1]:.2f} ms"
        )
    if panel:
        reaper.service.gfx.keys.append(27)
        reaper.tick()


def idle(stage: Stage, seconds: float = 20.0) -> None:
    reaper = stage.reaper
    for _ in range(30):
        reaper.tick()
        time.sleep(0.033)
    agent = psutil.Process(reaper.processes[-1].pid)
    before, looked, cpu = len(reaper.costs), reaper.enumerations, agent.cpu_times()
    reaper.costs.clear()
    begun = time.monotonic()
    while time.monotonic() - begun < seconds:
        reaper.tick()
        time.sleep(0.033)
    now = agent.cpu_times()
    spent = now.user + now.system - cpu.user - cpu.system
    share = sum(reaper.costs) / seconds
    print(
        f"idle, panel closed: {(reaper.enumerations - looked) / seconds:.1f} looks into the mailbox a second,"
    )
    print(
        f"  {100 * share:.2f} % of a core in the scripts (stand-in included), "
        f"worst tick {1000 * max(reaper.costs):.2f} ms;"
    )
    print(f"  the agent: {100 * spent / seconds:.2f} % of a core, {agent.memory_info().rss / 1e6:.0f} MB")
    assert before


def reading(stage: Stage, seconds: float = 20.0) -> None:
    """An item as REAPER reads it, spread over ticks of 6 ms and the block that is at hand."""
    stage.reaper.close()
    stage.settings(input="accessor")
    item = source_item(stage.song, seconds)
    item.selected = True
    stage.project.tracks[:] = [Track("Loop", items=[item])]
    stage.forget_jobs()
    stage.reaper.own_costs.clear()
    stage.ask("analyse")
    reads = "GetAudioAccessorSamples"
    stage.reaper.run_until(lambda: stage.reaper.calls.get(reads) and not stage.reaper.accessors)
    print(f"an item of {seconds:g} s is read: {len(stage.reaper.own_costs)} ticks, ", end="")
    print(f"the scripts: worst {1000 * max(stage.reaper.own_costs):.2f} ms")


def main() -> None:
    print(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    with tempfile.TemporaryDirectory() as where:
        server = RunningServer(
            Path(where) / "home", environ={"PYTHONPATH": os.environ.get("PYTHONPATH", "")}
        ).start()
        (Path(where) / "stage").mkdir()
        stage = Stage(Path(where) / "stage", server)
        try:
            first_audio(stage)
            tick_cost(stage, panel=False)
            tick_cost(stage, panel=True)
            idle(stage)
            reading(stage)
        finally:
            stage.end()
            server.stop()


if __name__ == "__main__":
    main()
