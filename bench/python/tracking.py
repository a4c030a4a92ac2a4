"""`tracking.py NAME URL COUNT`: sends orders, then follows all of them to their end; what the following costs is printed."""

from __future__ import annotations

import asyncio
import json
import resource
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


async def ours() -> None:
    import oneclickdz

    options: dict[str, Any] = {"api_key": KEY, "base_url": URL, "journal": "orders.db", "requests_per_second": 2000}
    async with oneclickdz.AsyncClient(**options, poll_interval=5) as client:

        async def send(numbers: Any) -> list[Any]:
            return [
                await client.mobile.send(plan_code="PREPAID_DJEZZY", number="0778037340", amount=500, ref=f"t-{number}")
                for number in numbers
            ]

        numbers = iter(range(COUNT))
        sent = await asyncio.gather(*(send(numbers) for _ in range(64)))
        begun, rss = cpu(), resident()
        ended = await asyncio.gather(*(order.wait(timeout=600) for orders in sent for order in orders))
        assert {order.state.value for order in ended} == {"fulfilled"}
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
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - rss
    print(f"{checks():8} requests {cpu() - begun:8.2f} s CPU {grown / COUNT:8.2f} KB for each order")


asyncio.run(ours() if NAME == "oneclickdz" else tasks())
