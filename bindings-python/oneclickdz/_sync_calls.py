"""How the sync client waits for a call: in place, with the GIL released; Ctrl-C is heard."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeVar

    from ._native import Call, Engine

    T = TypeVar("T")


def finish(engine: Engine, call: Call[T]) -> T:
    hook = engine.hook
    if hook is None:
        return call.run()
    with hook(call.operation, call.ref):
        return call.run()


def at_home(function: T) -> T:
    """A function of the program's: its coroutines run in a loop of their own."""
    return function
