"""The tables of docs/performance.md, and the figures of the last runs in bench/results.json."""

import math
import os
import platform
from typing import Any, Final

import orjson

from bench.home import ROOT

RESULTS: Final = ROOT / "bench" / "results.json"
PAGE: Final = ROOT / "docs" / "performance.md"
MARK: Final = "<!-- below this line `make bench` writes -->"
COLUMNS: Final = (
    *("operation", "CPU-ms server", "CPU-ms PostgreSQL", "share of D", "goal", "gate", "before", "round trips"),
    *("rows", "p50 ms", "p95", "p99"),
)
Results = dict[str, dict[str, Any]]  # by number of users


def read_results() -> Results:
    """The last runs, none on a first one."""
    found: Results = orjson.loads(RESULTS.read_bytes()) if RESULTS.exists() else {}
    return found


def write_results(results: Results) -> None:
    RESULTS.write_bytes(orjson.dumps(results, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))


def list_shares(run: dict[str, Any] | None) -> dict[str, float]:
    """Share of D by operation; a run keeps those of the one before it as `before`."""
    return {name: row["share"] for name, row in run["operations"].items()} if run else {}


def list_slow(run: dict[str, Any]) -> list[str]:
    """The operations below their gates."""
    return [name for name, row in run["operations"].items() if row["share"] < row["gate"]]


def write_page(results: Results) -> str:
    """The page with what was measured; gives the written part."""
    told = [_table(int(users), run) for users, run in sorted(results.items(), key=lambda item: int(item[0]))]
    if len(results) > 1:
        told.append(_slopes(results))
    written = "\n".join(told)
    head = PAGE.read_text().partition(MARK)[0]
    PAGE.write_text(f"{head}{MARK}\n\n{written}")
    return written


def _table(users: int, run: dict[str, Any]) -> str:
    machine = f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python {platform.python_version()}"
    note = f"; {run['note']}" if run["note"] else ""
    about = (
        f"{run['at']}, {machine}{note}. D costs {run['floor']:.2f} CPU-ms; seeding took {run['seeding']:.0f} s; a web "
        f"worker held at most {run['memory']:.0f} MiB{_whole(run)}.\n"
    )
    before = run.get("before", {})
    rows = [_row(name, row, before.get(name)) for name, row in run["operations"].items()]
    peers = "".join(_peer(name, peer) for name, peer in run.get("peers", {}).items())
    head = f"## {users:,} users\n\n{about}\n| {' | '.join(COLUMNS)} |\n{'|---' * len(COLUMNS)}|\n"
    return head + "\n".join(rows) + f"\n{peers}"


def _whole(run: dict[str, Any]) -> str:
    """What the biggest group took with all its members."""
    if (whole := run.get("whole")) is None:
        return ""
    told = f"; the biggest group with its members ({whole['answer']:.1f} MiB) added {whole['added']:.0f} to it"
    return f"{told}, of which {whole['stayed']:.0f} stayed"


def _peer(name: str, peer: dict[str, Any]) -> str:
    """A server of others, with what it leaves out."""
    head = f"\n### {name}, {peer['users']} users\n\nIn the same run. It is {peer['note']}.\n"
    rows = (f"| {one} | {row['server']:.2f} | {row['share']:.2f} |" for one, row in peer["operations"].items())
    return "\n".join((head, "| operation | CPU-ms | share of D |", "|---|---|---|", *rows)) + "\n"


def _row(name: str, row: dict[str, Any], before: float | None) -> str:
    cells = (
        *(name, f"{row['server']:.2f}", f"{row['database']:.2f}", f"{row['share']:.2f}", f"{row['goal']}", _gate(row)),
        *(f"{before:.2f}" if before else "", str(row["round_trips"]), str(row["rows"])),
        *(f"{row[name]:.1f}" for name in ("p50", "p95", "p99")),
    )
    return f"| {' | '.join(cells)} |"


def _gate(row: dict[str, Any]) -> str:
    """With what stands in the way of the goal; runs before there were gates have none."""
    told = (f"{row['gate']:.3f}".rstrip("0"), row["hindrance"]) if "gate" in row else ()
    return " ".join(told).strip()


def _slopes(results: Results) -> str:
    """Growth of CPU, in multiples of D, from the smallest to the biggest directory."""
    (few, small), *_, (many, big) = sorted(results.items(), key=lambda item: int(item[0]))
    lines = [f"## Growth from {int(few):,} to {int(many):,} users\n", "| operation | log-log slope |", "|---|---|"]
    # Groups differ in size with the directory: rows of both runs stand in the same order.
    for (_, first), (name, last) in zip(small["operations"].items(), big["operations"].items(), strict=True):
        slope = math.log(first["share"] / last["share"]) / math.log(int(many) / int(few))
        lines.append(f"| {name} | {slope:.2f} |")
    return "\n".join(lines) + "\n"
