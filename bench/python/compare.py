"""Requests per CPU-second of each contender as a ratio to requests.Session and to aiohttp with uvloop, in interleaved rounds;
the time that an import takes; memory; what tracking many orders costs beside one asyncio task for each."""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

HERE = Path(__file__).parent
# What the calls take without any package, and without Python.
BARE = "hyper alone (Rust)"
NAMES = ["oneclickdz, threads", "oneclickdz, asyncio", "oneclickdz, uvloop", "requests.Session", "httpx, asyncio", "aiohttp",
         "aiohttp + uvloop", BARE]  # fmt: skip

# Service and client on different cores, where there are two.
CORES = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_setaffinity") else []
SERVICE, CLIENT = 0, 1


def pinned(side: int) -> Callable[[], None] | None:
    """What a new process does first, to be on the core of its side."""
    return (lambda: os.sched_setaffinity(0, {CORES[side]})) if len(CORES) > 1 else None


def bare(url: str, callers: int, requests: int) -> dict[str, float]:
    program, address = os.environ["ONECLICKDZ_BENCH_BIN"], url.removeprefix("http://")
    command = [program, "bare", address, "send-and-check", str(callers), str(requests)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, preexec_fn=pinned(CLIENT))
    return {"requests": 1, "cpu": json.loads(done.stdout)["cpu_per_request"], "rss": 0}


def once(name: str, url: str, callers: int, requests: int) -> dict[str, float]:
    if name == BARE:
        return bare(url, callers, requests)
    command = [sys.executable, str(HERE / "contenders.py"), name, url, str(callers), str(requests)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, preexec_fn=pinned(CLIENT))
    told: dict[str, float] = json.loads(done.stdout)
    return told


def calls(plan: argparse.Namespace) -> None:
    command = [os.environ["ONECLICKDZ_BENCH_BIN"], "serve"]
    service = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, preexec_fn=pinned(SERVICE)
    )
    assert service.stdout and service.stdin
    url = f"http://{service.stdout.readline().strip()}"
    for callers in plan.callers:
        turns: dict[str, list[dict[str, float]]] = {name: [] for name in NAMES}
        for _ in range(plan.rounds):
            for name in NAMES:
                # The slowest peers would take minutes; CPU per request does not depend on how many there are.
                few = plan.requests // 5 if name in ("requests.Session", "httpx, asyncio") else plan.requests
                turns[name].append(once(name, url, callers, few))
        cost = {name: statistics.median(turn["cpu"] / turn["requests"] for turn in turns[name]) for name in NAMES}
        print(f"\n{callers} callers: CPU per request (send a top-up, check it), median of {plan.rounds}")
        print(f"{'':22}{'us':>9}{'x requests':>12}{'x aiohttp+uvloop':>18}{'RSS, MB':>9}")
        for name in NAMES:
            rss = statistics.median(turn["rss"] for turn in turns[name]) / 1024
            ratios = cost[name] / cost["requests.Session"], cost[name] / cost["aiohttp + uvloop"]
            print(f"{name:22}{cost[name] * 1e6:9.1f}{ratios[0]:12.3f}{ratios[1]:18.3f}{rss:9.1f}", flush=True)
    service.stdin.close()
    service.wait()


def imports(rounds: int) -> None:
    print(f"\nimport, milliseconds beyond `pass`, median of {rounds}")

    def timed(program: str) -> float:
        begun = time.perf_counter()
        subprocess.run([sys.executable, "-c", program], check=True)
        return (time.perf_counter() - begun) * 1000

    names = ["pass", "import oneclickdz", "import requests", "import httpx", "import aiohttp"]
    times: dict[str, list[float]] = {name: [] for name in names}
    for _ in range(rounds):
        for name in names:
            times[name].append(timed(name))
    for name in names[1:]:
        print(f"{name:22}{statistics.median(times[name]) - statistics.median(times['pass']):9.1f}")


FOLLOWERS = {
    "events": "oneclickdz, one flow of events",
    "waits": "oneclickdz, a task each",
    "tasks": "aiohttp, a task each",
}


def followed(name: str, count: int) -> dict[str, float]:
    """The sandbox's orders take 3 to 45 seconds; polls every 5."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "oneclickdz.sandbox", "--balance", "1000000000"]
        sandbox = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, preexec_fn=pinned(SERVICE)
        )
        assert sandbox.stdout
        url = json.loads(sandbox.stdout.readline())["url"]
        command = [sys.executable, str(HERE / "tracking.py"), name, url, str(count)]
        done = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, check=True, preexec_fn=pinned(CLIENT)
        )
        sandbox.terminate()
        sandbox.wait()
    told: dict[str, float] = json.loads(done.stdout)
    return told


def tracking(counts: list[int]) -> None:
    """Memory is what the peak adds: with a task each to the process that has sent the orders, with one flow of events to an
    engine that took up and followed a single order."""
    print("\nfollowing orders to their end: requests that checked, CPU, memory")
    empty = followed("events", 1)["peak"]
    for count in counts:
        for name, what in FOLLOWERS.items():
            told = followed(name, count)
            grown = told["peak"] - (empty if name == "events" else told["before"])
            cost = f"{told['requests']:8} requests {told['cpu']:8.2f} s CPU {grown / count:8.2f} KB for each order"
            print(f"{count:6} orders, {what:31}{cost}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--requests", type=int, default=5000)
    parser.add_argument("--callers", type=int, nargs="*", default=[1, 16, 64])
    parser.add_argument("--orders", type=int, nargs="*", default=[1000, 10000])
    plan = parser.parse_args()
    where = "client and service on a core each" if len(CORES) > 1 else "client and service share the processor"
    print(f"Python {sys.version.split()[0]}, {where}")
    imports(max(plan.rounds, 5) * 2 + 1)
    calls(plan)
    if plan.orders:
        tracking(plan.orders)


if __name__ == "__main__":
    main()
