"""Lists and streams of the async client, item by item."""

from __future__ import annotations

from ._async_calls import finish

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from typing import TypeVar

    from ._native import Call, Engine, Pages

    T = TypeVar("T")


async def items(engine: Engine, pages: Pages[tuple[T, ...]]) -> AsyncIterator[T]:
    while (page := await finish(engine, pages.next())) is not None:
        for item in page:
            yield item


async def follow(engine: Engine, begin: Call[Pages[T]]) -> AsyncIterator[T]:
    async for item in each(engine, await finish(engine, begin)):
        yield item


async def each(engine: Engine, pages: Pages[T]) -> AsyncIterator[T]:
    while (item := await finish(engine, pages.next())) is not None:
        yield item
