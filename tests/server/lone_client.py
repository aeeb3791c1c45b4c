"""A client in a process of its own, to be killed: `python -m tests.server.lone_client HOME PORT SEED`.

Prints the job's id, then a line for each piece that came.
"""

import json
import sys
from pathlib import Path

from bandmate_protocol.session import StemPiece
from tests.running import RunningServer
from tests.server.wire import Wire


def main(home: str, port: str, seed: str, params: str) -> None:
    server = RunningServer(Path(home))
    server.port = int(port)
    with Wire(server) as wire:
        accepted = wire.submit("noise", json.loads(params), seed=int(seed))
        print(accepted.job, flush=True)
        while True:
            wire.until(lambda event: isinstance(event, StemPiece))
            print("piece", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
