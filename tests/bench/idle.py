"""What a server costs that nobody uses."""

import subprocess
import sys
import time

import psutil

from tests.bench.figure import Figure
from tests.running import RunningServer

SECONDS = 10


def measure(folder):
    server = RunningServer(folder).start()
    time.sleep(2)
    process = psutil.Process(server.process.pid)
    before = sum(process.cpu_times()[:2])
    time.sleep(SECONDS)
    share = (sum(process.cpu_times()[:2]) - before) / SECONDS
    memory = process.memory_info().rss
    bare = _bare_interpreter()
    server.stop()
    beside = f"an idle interpreter: {bare / 1e6:.0f} MB"
    return [
        Figure("idle memory", memory / 1e6, "MB", beside, memory / bare, "under 120 MB"),
        Figure("idle processor", share * 100, "% of a core", aim="under 0.5 %"),
    ]


def _bare_interpreter():
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    time.sleep(0.5)
    memory = psutil.Process(child.pid).memory_info().rss
    child.communicate(b"\n")
    return memory
