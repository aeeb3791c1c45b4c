"""A worker starts without the parts of its libraries that it never calls, and nothing that it calls is missing."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import sys
{first}
import numpy as np
import scipy.signal
assert ("scipy.stats" in sys.modules) is {heavy}
wave = np.sin(np.arange(400) / 8)
print(scipy.signal.find_peaks_cwt(wave, np.arange(1, 30)).tolist())
print(scipy.signal.sosfilt(scipy.signal.butter(2, 0.1, output="sos"), wave)[-1].hex())
import scipy.stats
print(scipy.stats.scoreatpercentile(wave, 40).hex(), scipy.stats.norm.cdf(0.5).hex())
"""


def printed(first: str, *, heavy: bool) -> str:
    program = PROGRAM.format(first=first, heavy=heavy)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_filters_come_without_statistics_and_all_of_both_works() -> None:
    light = "from bandmate_server.workers.light_imports import import_filters; import_filters()"
    assert printed(light, heavy=False) == printed("", heavy=True)


def test_what_is_imported_already_stays() -> None:
    first = """
import scipy.stats as before
from bandmate_server.workers.light_imports import import_filters
import_filters()
import scipy.stats
assert scipy.stats is before
"""
    assert printed(first, heavy=True) == printed("", heavy=True)


def test_a_worker_has_no_statistics() -> None:
    program = """
import sys
from bandmate_server.workers.light_imports import import_filters
import_filters()
import bandmate_server.workers.runner
from bandmate_plugins.testing import make_timeline, run_task
timeline = make_timeline(frames=96_000, sample_rate=48_000)
assert run_task("generate", {"prompt": "rock band"}, timeline=timeline, engine="sketch").stems
assert "scipy.stats" not in sys.modules
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_process_that_writes_files_starts_without_scipy() -> None:
    program = "import sys; import bandmate_server.audio.export_process; assert 'scipy' not in sys.modules"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
