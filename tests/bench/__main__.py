"""Runs every benchmark, prints a table and writes the figures as JSON."""

import argparse
import json
import os
import platform
import tempfile
from pathlib import Path

from tests.bench import (
    console,
    control,
    first_audio,
    idle,
    overhead,
    planner,
    rest,
    sound,
    startup,
    throughput,
)
from tests.bench.figure import table

MODULES = (startup, idle, throughput, overhead, first_audio, sound, control, console, rest, planner)


def main() -> None:
    # Figures of one machine must mean the same as those of another with SoundFonts.
    os.environ["BANDMATE_SOUNDFONT"] = "none"
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, help="where the figures go, too")
    parser.add_argument("only", nargs="*", help="names of benchmarks; all when left out")
    arguments = parser.parse_args()
    figures = []
    for module in MODULES:
        name = module.__name__.rpartition(".")[2]
        if not arguments.only or name in arguments.only:
            with tempfile.TemporaryDirectory() as folder:
                figures += module.measure(Path(folder))
    print(table(figures))
    if arguments.json:
        about = {"python": platform.python_version(), "machine": platform.machine()}
        arguments.json.write_text(json.dumps(about | {"figures": [vars(each) for each in figures]}, indent=1))


if __name__ == "__main__":
    main()
