"""What a worker keeps of the memory that it frees: counted in a process of its own."""

import subprocess
import sys

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="The C library is glibc on Linux only.")

FAULTS = """
import resource
import sys

import numpy as np

from bandmate_server.workers.heap import keep_freed_memory


def use():
    for _ in range(20):
        np.ones(8_000_000)


if sys.argv[1] == "keep":
    assert keep_freed_memory()
use()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
use()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""

REST = """
import os
import threading
import time

import numpy as np
import psutil

from bandmate_server.workers.heap import keep_freed_memory
from bandmate_server.workers.main import CommandReader

keep_freed_memory()
arrays = [np.ones(2_000_000) for _ in range(20)]
last = np.ones(1_000)
del arrays
kept = psutil.Process().memory_info().rss
inbox = CommandReader(os.fdopen(os.pipe()[0], "rb"))
inbox.start()
threading.Thread(target=inbox.next_job, args=(0.05,), daemon=True).start()
end = time.monotonic() + 20
while psutil.Process().memory_info().rss > kept - 250e6 and time.monotonic() < end:
    time.sleep(0.02)
print(kept - psutil.Process().memory_info().rss)
"""


def _printed(script, *arguments):
    # -P, as the worker itself is started.
    command = [sys.executable, "-P", "-c", script, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    return int(done.stdout)


def test_freed_arrays_are_used_again_and_the_system_clears_no_page_for_them():
    asked_anew = _printed(FAULTS, "stock")
    assert asked_anew > 20 * 64e6 / (1 << 21), "else this machine has nothing to save"
    assert _printed(FAULTS, "keep") < asked_anew / 20


def test_a_worker_without_a_job_gives_kept_memory_back():
    assert _printed(REST) > 250e6
