"""Times and memory of separation by networks, next to the packages' own calls in the same run.

Ours runs as in a worker of the server, the package's call in a Python of its own, each while the other waits.

python -m tests.measure.network_cost                                   HTDemucs in its real weights, on the CPU
python -m tests.measure.network_cost --device cuda:0 --batches 1 4 8    a GPU, and a RoFormer
python -m tests.measure.network_cost --memory 60 600 10800 --tiny       memory against length, by a tiny network
"""

from __future__ import annotations

import argparse

from bandmate_server.workers.heap import keep_freed_memory
from tests.metrics.network_costs import (
    SUBJECTS,
    Setting,
    compare,
    memory_row,
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--rounds", type=int, default=3, help="how often each is timed, in turn")
    parser.add_argument("--overlaps", type=float, nargs="+", default=[0.25, 0.1])
    parser.add_argument("--batches", type=int, nargs="+", default=[1])
    parser.add_argument("--memory", type=float, nargs="+", help="lengths in seconds, in place of times")
    parser.add_argument("--tiny", action="store_true", help="a tiny network in place of the real ones")
    parser.add_argument("--around", action="store_true", help="no network, only what is done around it")
    asked = parser.parse_args()
    keep_freed_memory()
    subjects = ["around"] if asked.around else ["tiny"] if asked.tiny else ["htdemucs"]
    if asked.device != "cpu" and not (asked.tiny or asked.around):
        subjects.append("roformer")
    if asked.memory:
        print("| network | length | memory above the start |\n|---|---|---|")
        for seconds in asked.memory:
            print(memory_row(SUBJECTS[subjects[0]](), seconds, asked.device), flush=True)
        return
    print(
        "| network | overlap | tiles at a time | times real time | next to the package's, by the clock "
        "| by the processor | GPU memory |"
    )
    print("|---|---|---|---|---|---|---|")
    for subject in subjects:
        for overlap in asked.overlaps:
            for batch in asked.batches:
                setting = Setting(subject, asked.seconds, overlap, asked.device, batch)
                print(compare(setting, asked.rounds), flush=True)


if __name__ == "__main__":
    main()
