"""What a web worker holds after a long time of mixed load.

usage: make bench-memory [MINUTES=60] [PACE=40]

All operations of the bench in a random order on four connections, at a steady pace that leaves the machine to others.
Prints once a minute what the largest web worker holds, and at last the most that one ever held.
"""

import argparse
import sys
import tempfile

from bench.home import ROOT, make_customer, open_home
from bench.load import NOT_DONE, held_memory, peak_memory
from bench.manners import draw_operations, drive, seed
from bench.servers import SERVERS, free_port, start

CONNECTIONS = 4


def main() -> None:
    """Load and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=int, default=60)
    parser.add_argument("--pace", type=float, default=40, help="requests a second")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="lnbench") as home:
        environment, port = open_home(home), free_port()
        customer = make_customer()
        seed(customer)
        make, sent = draw_operations(customer), 0
        server = start(SERVERS["granian, 1 thread"], port, environment)
        try:
            print("| minute | requests | MiB |\n|---|---|---|", flush=True)
            for minute in range(options.minutes):
                pace = options.pace / CONNECTIONS
                watched = drive(port, make, seconds=60, connections=CONNECTIONS, pace=pace)
                sent += len(watched.waits)
                print(f"| {minute + 1} | {sent:,} | {held_memory(server.pid):.1f} |", flush=True)
                if any(status >= NOT_DONE for status in watched.statuses):
                    raise RuntimeError(f"something was refused: {watched}")
            print(f"a web worker held at most {peak_memory(server.pid):.1f} MiB")
        finally:
            server.terminate()
            server.wait(20)


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    main()
