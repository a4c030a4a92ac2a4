"""One contender in a process of its own: `contenders.py NAME URL CALLERS REQUESTS` sends top-ups and checks each by its id, and
prints `{"requests": ..., "cpu": ..., "rss": ...}` for what came after a warm-up."""

from __future__ import annotations

import asyncio
import json
import resource
import sys
from concurrent.futures import ThreadPoolExecutor, wait
from typing import Any

NAME, URL, CALLERS, REQUESTS = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
HEADERS = {"X-Access-Token": "bench-key"}
BODY = {"plan_code": "PREPAID_DJEZZY", "MSSIDN": "0778037340", "amount": 500}
TOP_UP = {"plan_code": "PREPAID_DJEZZY", "number": "0778037340", "amount": 500}
OPTIONS: dict[str, Any] = {
    "api_key": "bench-key", "base_url": URL, "journal": ":memory:", "watches": False, "requests_per_second": 1_000_000,
}  # fmt: skip


def cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def tell(begun: float) -> None:
    used = cpu() - begun
    print(json.dumps({"requests": REQUESTS, "cpu": used, "rss": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}))


def in_threads(pair: Any) -> None:
    """`pair(ref)` makes two requests. Each thread takes what is next by itself: a pool's hand-over would count as theirs."""

    def many(refs: Any) -> None:
        for ref in refs:
            pair(ref)

    with ThreadPoolExecutor(CALLERS) as pool:
        warm = iter([f"w-{number}" for number in range(CALLERS * 4)])
        wait([pool.submit(many, warm) for _ in range(CALLERS)])
        refs, begun = iter([f"r-{number}" for number in range(REQUESTS // 2)]), cpu()
        done, _ = wait([pool.submit(many, refs) for _ in range(CALLERS)])
        assert not [one for one in done if one.exception()]
        tell(begun)


async def in_tasks(pair: Any) -> None:
    async def many(refs: Any) -> None:
        for ref in refs:
            await pair(ref)

    warm = iter([f"w-{number}" for number in range(CALLERS * 4)])
    await asyncio.gather(*(many(warm) for _ in range(CALLERS)))
    refs, begun = iter([f"r-{number}" for number in range(REQUESTS // 2)]), cpu()
    await asyncio.gather(*(many(refs) for _ in range(CALLERS)))
    tell(begun)


def ours() -> None:
    import oneclickdz

    client = oneclickdz.Client(**OPTIONS)

    def pair(ref: str) -> None:
        order = client.mobile.send(**TOP_UP, ref=ref)
        assert order.id and client.mobile.check_by_id(order.id).id

    in_threads(pair)
    client.close()


async def ours_async() -> None:
    import oneclickdz

    async with oneclickdz.AsyncClient(**OPTIONS) as client:

        async def pair(ref: str) -> None:
            order = await client.mobile.send(**TOP_UP, ref=ref)
            assert order.id and (await client.mobile.check_by_id(order.id)).id

        await in_tasks(pair)


def requests_session() -> None:
    import requests

    # One session for each thread would be safe by its documents; one for all, with room for them, is what shops do.
    session = requests.Session()
    session.mount("http://", requests.adapters.HTTPAdapter(pool_maxsize=CALLERS))

    def pair(ref: str) -> None:
        sent = session.post(f"{URL}/v3/mobile/send", json={**BODY, "ref": ref}, headers=HEADERS).json()
        assert session.get(f"{URL}/v3/mobile/check-id/{sent['data']['topupId']}", headers=HEADERS).json()["success"]

    in_threads(pair)


async def httpx_async() -> None:
    import httpx

    async with httpx.AsyncClient(headers=HEADERS) as client:

        async def pair(ref: str) -> None:
            sent = (await client.post(f"{URL}/v3/mobile/send", json={**BODY, "ref": ref})).json()
            assert (await client.get(f"{URL}/v3/mobile/check-id/{sent['data']['topupId']}")).json()["success"]

        await in_tasks(pair)


async def aiohttp_session() -> None:
    import aiohttp

    async with aiohttp.ClientSession(headers=HEADERS) as session:

        async def pair(ref: str) -> None:
            async with session.post(f"{URL}/v3/mobile/send", json={**BODY, "ref": ref}) as answer:
                sent = await answer.json()
            async with session.get(f"{URL}/v3/mobile/check-id/{sent['data']['topupId']}") as answer:
                assert (await answer.json())["success"]

        await in_tasks(pair)


def on_uvloop(main: Any) -> None:
    import uvloop

    uvloop.run(main)


RUN = {
    "oneclickdz, threads": ours,
    "oneclickdz, asyncio": lambda: asyncio.run(ours_async()),
    "oneclickdz, uvloop": lambda: on_uvloop(ours_async()),
    "requests.Session": requests_session,
    "httpx, asyncio": lambda: asyncio.run(httpx_async()),
    "aiohttp": lambda: asyncio.run(aiohttp_session()),
    "aiohttp + uvloop": lambda: on_uvloop(aiohttp_session()),
}

if __name__ == "__main__":
    RUN[NAME]()
