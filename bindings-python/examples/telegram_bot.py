"""The loop of a chat bot: each message is answered at once, and again when its order has ended. The transport is a pair of
functions, so that it fits any library of bots; started as a program it talks over standard input and output.

    0778037340 500
"""

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable

import oneclickdz

Reply = Callable[[str], Awaitable[None]]


async def serve(client: oneclickdz.AsyncClient, messages: AsyncIterator[tuple[str, str, Reply]]) -> None:
    """Each message is its own id, which makes the order's ref: a message that a bot's library delivers twice is one order."""
    answers: set[asyncio.Task[None]] = set()
    async for message_id, text, reply in messages:
        task = asyncio.create_task(answer(client, message_id, text, reply))
        answers.add(task)
        task.add_done_callback(answers.discard)
    await asyncio.gather(*answers)


async def answer(client: oneclickdz.AsyncClient, message_id: str, text: str, reply: Reply) -> None:
    number, _, amount = text.strip().partition(" ")
    try:
        order = await client.mobile.send(
            plan_code="PREPAID_DJEZZY", number=number, amount=amount, ref=f"telegram-{message_id}"
        )
        await reply(f"{number}: commande reçue")
        order = await order.wait(timeout=300)
        await reply(f"{number}: {order.state}")
    except oneclickdz.StillPending:
        await reply(f"{number}: en attente")
    except oneclickdz.OneClickDzError as error:
        await reply(f"{error.staff_text('fr')} ({error.field or error.code})")


async def lines() -> AsyncIterator[tuple[str, str, Reply]]:
    async def show(text: str) -> None:
        print(text, flush=True)

    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    count = 0
    while line := await reader.readline():
        count += 1
        yield str(count), line.decode(), show


async def main() -> None:
    async with oneclickdz.AsyncClient(expect="sandbox") as client:
        await serve(client, lines())


if __name__ == "__main__":
    asyncio.run(main())
