"""Functions of the program's own that the engine calls, each on a thread of its own which may block."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import Any

    from ._native import Answer


def call(function: Callable[..., Any], arguments: list[Any], answer: Answer) -> None:
    """The whole of such a thread. It is not waited for at the interpreter's end: what was not taken by then is sent again by
    the next process."""
    try:
        brought = function(*arguments)
        if hasattr(brought, "__await__"):
            import asyncio

            brought = asyncio.run(whole(brought))
    except BaseException as error:
        answer.failed(error)
    else:
        answer.brought(brought)


async def whole(awaitable: Awaitable[Any]) -> Any:
    return await awaitable
