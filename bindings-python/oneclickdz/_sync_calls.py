"""How the sync client waits for a call: in place, with the GIL released; Ctrl-C is heard."""

from __future__ import annotations

from ._hook import Watched

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeVar

    from ._native import Call, Engine

    T = TypeVar("T")


def finish(engine: Engine, call: Call[T]) -> T:
    if engine.hook is None:
        return call.run()
    with Watched(engine, call):
        return call.run()


def at_home(function: T) -> T:
    """A function of the program's: its coroutines run in a loop of their own."""
    return function
