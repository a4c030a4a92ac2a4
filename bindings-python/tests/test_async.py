"""The async client: asyncio, uvloop, trio; cancelling ends the waiting and never the money."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
import trio
import uvloop
from conftest import TOP_UP, Sandbox

import oneclickdz


async def whole_way(options: dict[str, Any]) -> None:
    async with oneclickdz.AsyncClient(**options) as client:
        assert (await client.account.balance()).amount == 100_000
        order = await client.mobile.send(**TOP_UP, ref="async-1")
        order = await order.wait(timeout=30)
        assert order.state == "fulfilled" and isinstance(order, oneclickdz.AsyncOrderHandle)
        async for event in client.orders.events():
            if event.order.is_settled:
                await client.orders.ack(event.cursor)
                break
        assert [topup.ref async for topup in client.mobile.list()] == ["async-1"]
        with pytest.raises(oneclickdz.InvalidNumberError):
            await client.mobile.send(**TOP_UP | {"number": "0178037340"})
        order = await client.mobile.send(plan_code="PREPAID_DJEZZY", number="0600000003", amount=500)
        with pytest.raises(oneclickdz.StillPending) as caught:
            await order.wait(timeout=0.1)
        assert isinstance(caught.value.order, oneclickdz.AsyncOrderHandle)
    with pytest.raises(oneclickdz.ClosedError):
        await client.ping()


RUNNERS = pytest.mark.parametrize(
    "runner", [asyncio.run, uvloop.run, lambda main: trio.run(lambda: main)], ids=["asyncio", "uvloop", "trio"]
)


@RUNNERS
def test_the_whole_way(options: dict[str, Any], runner: Callable[[Any], None]) -> None:
    runner(whole_way(options))


def test_many_at_once(options: dict[str, Any], sandbox: Sandbox) -> None:
    async def main() -> None:
        async with oneclickdz.AsyncClient(**options, requests_per_second=10_000) as client:
            orders = await asyncio.gather(*(client.mobile.send(**TOP_UP, ref=f"many-{n}") for n in range(60)))
            ended = await asyncio.gather(*(order.wait(timeout=60) for order in orders))
            assert {order.state.value for order in ended} == {"fulfilled"}

    asyncio.run(main())
    assert sandbox.control("ledger")["connections"] < 60


def test_many_at_once_on_trio(options: dict[str, Any]) -> None:
    ended = []

    async def main() -> None:
        async with oneclickdz.AsyncClient(**options, requests_per_second=10_000) as client:

            async def one(ref: str) -> None:
                order = await client.mobile.send(**TOP_UP, ref=ref)
                ended.append((ref, (await order.wait(timeout=60)).ref))

            async with trio.open_nursery() as nursery:
                for number in range(60):
                    nursery.start_soon(one, f"many-{number}")

    trio.run(main)
    assert len(ended) == 60 and all(ref == told for ref, told in ended)


@RUNNERS
def test_a_loop_that_ends_leaves_the_client_to_the_next(options: dict[str, Any], runner: Callable[[Any], Any]) -> None:
    client = oneclickdz.AsyncClient(**options)
    for _ in range(3):
        assert runner(client.account.balance()).amount == 100_000
    asyncio.run(client.close())


def test_one_client_and_many_loops_in_threads(options: dict[str, Any]) -> None:
    client = oneclickdz.AsyncClient(**options, requests_per_second=10_000)
    seen = []

    async def read() -> None:
        for _ in range(20):
            seen.append((await client.account.balance()).amount)

    threads = [threading.Thread(target=lambda: asyncio.run(read())) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(seen) == 80
    asyncio.run(client.close())


def test_cancelling_a_send_ends_the_waiting_only(options: dict[str, Any], sandbox: Sandbox) -> None:
    sandbox.control("faults", {"rules": [{"operation": "mobile.send", "fault": "slow", "params": {"delay_ms": 300}}]}, "PUT")

    async def main() -> None:
        async with oneclickdz.AsyncClient(**options) as client:
            await client.mobile.plans()
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(client.mobile.send(**TOP_UP, ref="cancelled-1"), timeout=0.1)
            # The very same order, not a second one.
            order = await client.mobile.send(**TOP_UP, ref="cancelled-1")
            assert (await order.wait(timeout=30)).state == "fulfilled"

    asyncio.run(main())
    assert len(sandbox.orders()) == 1


def test_a_send_that_is_cancelled_at_once_goes_on(options: dict[str, Any]) -> None:
    async def main() -> None:
        async with oneclickdz.AsyncClient(**options) as client:
            await client.mobile.plans()
            for number in range(50):
                task = asyncio.create_task(client.mobile.send(**TOP_UP, ref=f"instant-{number}"))
                await asyncio.sleep(0)
                task.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await task
            deadline = time.monotonic() + 30
            while len(await client.orders.list(limit=100)) < 50:
                assert time.monotonic() < deadline, "some are not on record"
                await asyncio.sleep(0.01)

    asyncio.run(main())


def test_cancelling_a_wait(options: dict[str, Any]) -> None:
    async def main() -> None:
        async with oneclickdz.AsyncClient(**options) as client:
            order = await client.mobile.send(plan_code="PREPAID_DJEZZY", number="0600000003", amount=500, ref="w-1")
            task = asyncio.create_task(order.wait(timeout=300))
            await asyncio.sleep(0)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert (await client.orders.get("w-1")).state != "refused"

    asyncio.run(main())


def test_cancelling_on_trio(options: dict[str, Any], sandbox: Sandbox) -> None:
    sandbox.control("faults", {"rules": [{"operation": "mobile.send", "fault": "slow", "params": {"delay_ms": 300}}]}, "PUT")

    async def main() -> None:
        async with oneclickdz.AsyncClient(**options) as client:
            await client.mobile.plans()
            with trio.move_on_after(0.1) as scope:
                await client.mobile.send(**TOP_UP, ref="trio-1")
            assert scope.cancelled_caught
            assert (await (await client.mobile.send(**TOP_UP, ref="trio-1")).wait(timeout=30)).state == "fulfilled"

    trio.run(main)
    assert len(sandbox.orders()) == 1


def test_closing_wakes_those_who_wait(options: dict[str, Any]) -> None:
    async def main() -> None:
        client = oneclickdz.AsyncClient(**options | {"poll_interval": 60})
        order = await client.mobile.send(plan_code="PREPAID_DJEZZY", number="0600000003", amount=500)
        events = client.orders.events()
        while not (await anext_(events)).order.state == "accepted":
            pass
        waiting = [asyncio.create_task(order.wait(timeout=300)), asyncio.ensure_future(anext_(events))]
        await asyncio.sleep(0)
        await client.close()
        for task in waiting:
            with pytest.raises(oneclickdz.ClosedError):
                await asyncio.wait_for(task, timeout=5)

    asyncio.run(main())


async def anext_(events: Any) -> Any:
    return await events.__anext__()


def test_a_loop_without_descriptors_is_called_instead(options: dict[str, Any]) -> None:
    """As on Windows, whose loop watches no descriptors."""

    class Loop(asyncio.SelectorEventLoop):
        def add_reader(self, *arguments: Any) -> Any:
            raise NotImplementedError

    loop = Loop()
    # The loop itself needs its own pipe; only ours is refused.
    with contextlib.closing(loop):
        client = oneclickdz.AsyncClient(**options)
        balances = loop.run_until_complete(asyncio.wait_for(client.account.balance(), 10))
        assert balances.amount == 100_000
        loop.run_until_complete(client.close())


def test_nothing_is_printed_when_tasks_are_left_behind(run: Any) -> None:
    done = run(
        """
        import asyncio, oneclickdz

        async def main():
            client = oneclickdz.AsyncClient(journal=":memory:")
            order = await client.mobile.send(plan_code="PREPAID_DJEZZY", number="0600000003", amount=500)
            asyncio.create_task(order.wait(timeout=300))
            await asyncio.sleep(0)

        asyncio.run(main(), debug=True)
        """
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


if sys.version_info >= (3, 11):

    def test_a_task_group(options: dict[str, Any]) -> None:
        async def main() -> None:
            async with oneclickdz.AsyncClient(**options) as client:
                with pytest.raises(BaseExceptionGroup):
                    async with asyncio.TaskGroup() as group:
                        group.create_task(client.orders.events().__anext__())
                        group.create_task(client.mobile.check_by_id("000000000000000000000000"))

        asyncio.run(main())
