"""`tracking.py NAME URL COUNT`: sends orders, then follows all of them to their end. Prints what the following cost: requests,
seconds of CPU, and the KB that the process held `before` it and at its `peak`."""

from __future__ import annotations

import asyncio
import json
import resource
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

NAME, URL, COUNT = sys.argv[1], sys.argv[2], int(sys.argv[3])
KEY = "sandbox-key"


def cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() // 1024


def checks() -> int:
    with urllib.request.urlopen(f"{URL}/__sandbox/ledger") as answer:
        counted = json.load(answer)["requests"]
    return sum(number for name, number in counted.items() if "check" in name or "list" in name)


def engine(**options: Any) -> Any:
    import oneclickdz

    return oneclickdz.AsyncClient(
        api_key=KEY, base_url=URL, journal="orders.db", requests_per_second=2000, poll_interval=5, **options
    )


async def sent_by(client: Any) -> list[Any]:
    async def send(numbers: Any) -> list[Any]:
        return [
            await client.mobile.send(plan_code="PREPAID_DJEZZY", number="0778037340", amount=500, ref=f"t-{number}")
            for number in numbers
        ]

    numbers = iter(range(COUNT))
    return sum(await asyncio.gather(*(send(numbers) for _ in range(64))), [])


async def send() -> None:
    """The orders of a process that has ended."""
    async with engine(watches=False) as client:
        await sent_by(client)


async def waits() -> None:
    async with engine() as client:
        orders = await sent_by(client)
        begun, rss = cpu(), resident()
        ended = await asyncio.gather(*(order.wait(timeout=600) for order in orders))
        assert {order.state.value for order in ended} == {"fulfilled"}
        tell(begun, rss)


async def events() -> None:
    """A shop that takes up what it sent before, and hears of all of it in one flow."""
    subprocess.run([sys.executable, __file__, "send", URL, str(COUNT)], check=True)
    begun, rss = cpu(), resident()
    async with engine() as client:
        is_open = COUNT
        async for event in client.orders.events(after=None):
            is_open -= event.order.is_settled
            if not is_open:
                break
    tell(begun, rss)


async def tasks() -> None:
    import aiohttp

    async with aiohttp.ClientSession(headers={"X-Access-Token": KEY}) as session:

        async def send(numbers: Any) -> list[str]:
            ids = []
            for number in numbers:
                body = {"plan_code": "PREPAID_DJEZZY", "MSSIDN": "0778037340", "amount": 500, "ref": f"t-{number}"}
                async with session.post(f"{URL}/v3/mobile/send", json=body) as answer:
                    ids.append((await answer.json())["data"]["topupId"])
            return ids

        async def follow(id: str) -> None:
            while True:
                async with session.get(f"{URL}/v3/mobile/check-id/{id}") as answer:
                    if (await answer.json())["data"]["status"] in ("FULFILLED", "REFUNDED"):
                        return
                await asyncio.sleep(5)

        numbers = iter(range(COUNT))
        sent = await asyncio.gather(*(send(numbers) for _ in range(64)))
        begun, rss = cpu(), resident()
        await asyncio.gather(*(follow(id) for ids in sent for id in ids))
        tell(begun, rss)


def tell(begun: float, rss: int) -> None:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(json.dumps({"requests": checks(), "cpu": cpu() - begun, "before": rss, "peak": peak}))


asyncio.run({"send": send, "waits": waits, "events": events, "tasks": tasks}[NAME]())
