# Made by `make gen`; do not edit.
"""The same as `_async_streams.py`, for the sync client."""

from __future__ import annotations

from ._sync_calls import finish

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TypeVar

    from ._native import Call, Engine, Pages

    T = TypeVar("T")


def items(engine: Engine, pages: Pages[tuple[T, ...]]) -> Iterator[T]:
    while (page := finish(engine, pages.next())) is not None:
        for item in page:
            yield item


def follow(engine: Engine, begin: Call[Pages[T]]) -> Iterator[T]:
    for item in each(engine, finish(engine, begin)):
        yield item


def each(engine: Engine, pages: Pages[T]) -> Iterator[T]:
    while (item := finish(engine, pages.next())) is not None:
        yield item
