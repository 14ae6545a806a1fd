"""Compares application servers on the product itself: same database, same requests, in turns, ratios in one run.

usage: python bench/servers.py [--seconds 4] [--rounds 3]

Needs wrk (Debian package `wrk`). Starts a throw-away home with one tenant, and each server in turn with as many
workers as there are cores. Prints requests a second of each, as a share of the best of its round, and the 99th
percentile. The last column is what others feel: the 99th percentile of look-ups while two connections post users
without a pause.
"""

import argparse
import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench.home import open_home

CORES = str(os.cpu_count() or 1)
APP = "labsninja.wsgi:application"
GRANIAN = (
    sys.executable,
    "-m",
    "granian",
    APP,
    "--interface",
    "wsgi",
    "--no-ws",
    "--log-level",
    "warning",
    "--workers",
    CORES,
)
GUNICORN = (sys.executable, "-m", "gunicorn", APP, "--log-level", "warning", "--workers", CORES)
SERVERS = {
    "granian, 1 thread": (*GRANIAN, "--blocking-threads", "1"),
    "granian, 2 threads": (*GRANIAN, "--blocking-threads", "2"),
    "granian, 4 threads": (*GRANIAN, "--blocking-threads", "4"),
    "gunicorn sync": GUNICORN,
    "gunicorn gthread, 4 threads": (*GUNICORN, "--worker-class", "gthread", "--threads", "4"),
}
LOOKUP = "/scim/v2/Users?filter=userName%20eq%20%22user7@example.test%22"
POST_SCRIPT = """
local n, salt = 0, {salt}
request = function()
  n = n + 1
  local body = string.format('{{"userName":"bench-%d-%s-%d@example.test"}}', salt, tostring(n), math.random(1e9))
  return wrk.format("POST", "/scim/v2/Users", nil, body)
end
"""


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start(argv: tuple[str, ...], port: int, environment: dict[str, str]) -> subprocess.Popen[bytes]:
    """The server, once it answers."""
    where = ("--host", "127.0.0.1", "--port", str(port)) if "granian" in argv else ("--bind", f"127.0.0.1:{port}")
    process = subprocess.Popen([*argv, *where], cwd=ROOT, env=environment)
    for _ in range(600):  # a busy machine takes its time
        time.sleep(0.1)
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/livez", timeout=2).close()
        except OSError:
            continue
        return process
    process.kill()
    raise RuntimeError(f"{argv} did not start")


def wrk_command(port: int, path: str, token: str, *, seconds: int, connections: int, script: str = "") -> list[str]:
    """The load: one thread, keep-alive connections, bounded time."""
    headers = ("-H", f"Authorization: Bearer {token}", "-H", "Content-Type: application/scim+json")
    options = ("-t1", f"-c{connections}", f"-d{seconds}s", "--latency", *(("-s", script) if script else ()))
    return ["wrk", *options, *headers, f"http://127.0.0.1:{port}{path}"]


def read_result(text: str) -> tuple[float, float]:
    """Requests a second, and the 99th percentile in milliseconds."""
    rate = re.search(r"Requests/sec:\s+([\d.]+)", text)
    slowest = re.search(r"99%\s+([\d.]+)(us|ms|s)", text)
    if not rate or not slowest or "Non-2xx" in text:
        raise RuntimeError(text)
    return float(rate[1]), float(slowest[1]) * {"us": 0.001, "ms": 1.0, "s": 1000.0}[slowest[2]]


def measure(port: int, token: str, seconds: int, folder: Path) -> dict[str, float]:
    """One server's figures of one round."""
    script = folder / f"post-{time.monotonic_ns()}.lua"
    script.write_text(POST_SCRIPT.format(salt=time.monotonic_ns() % 10**9))
    lookup = wrk_command(port, LOOKUP, token, seconds=seconds, connections=8)
    post = wrk_command(port, "/scim/v2/Users", token, seconds=seconds, connections=2, script=str(script))
    run = {"lookup": read_result(subprocess.run(lookup, check=True, capture_output=True, text=True).stdout)}
    beside = subprocess.Popen(post, stdout=subprocess.PIPE, text=True)
    run["beside"] = read_result(subprocess.run(lookup, check=True, capture_output=True, text=True).stdout)
    posted = read_result(beside.communicate()[0])
    return {"lookup": run["lookup"][0], "p99": run["lookup"][1], "post": posted[0], "p99 beside": run["beside"][1]}


def prepare(home: str) -> tuple[dict[str, str], str]:
    """A migrated home with a tenant and some users; gives the servers' environment and a token."""
    environment = open_home(home)
    from labsninja.demo import ensure_demo

    return environment, ensure_demo(home=Path(home))


def main() -> None:
    """Measure in turns and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    if not shutil.which("wrk"):
        sys.exit("bench/servers.py needs wrk: apt-get install wrk")
    figures: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    with tempfile.TemporaryDirectory(prefix="lnbench") as home:
        environment, token = prepare(home)
        for _ in range(options.rounds):
            for name, argv in SERVERS.items():
                port = free_port()
                process = start(argv, port, environment)
                try:
                    for key, value in measure(port, token, options.seconds, Path(home)).items():
                        figures[name][key].append(value)
                finally:
                    process.terminate()
                    process.wait(20)
    best = {key: max(statistics.median(row[key]) for row in figures.values()) for key in ("lookup", "post")}
    print("| server | look-ups/s | share | p99 ms | posts/s beside | share | p99 of look-ups then, ms |")
    print("|---|---|---|---|---|---|---|")
    for name, row in figures.items():
        median = {key: statistics.median(values) for key, values in row.items()}
        shares = (median["lookup"] / best["lookup"], median["post"] / best["post"])
        print(
            f"| {name} | {median['lookup']:.0f} | {shares[0]:.2f} | {median['p99']:.1f} | {median['post']:.0f} "
            f"| {shares[1]:.2f} | {median['p99 beside']:.1f} |"
        )


if __name__ == "__main__":
    main()
