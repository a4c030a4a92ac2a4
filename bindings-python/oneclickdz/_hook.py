"""The program's own context manager around each call."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from typing import Any

    from ._native import Call, Engine


class Watched:
    """What a hook makes of a call: it may refuse the call before it begins, and changes nothing of what comes of it."""

    __slots__ = ("_inner",)

    def __init__(self, engine: Engine, call: Call[Any]) -> None:
        hook = engine.hook
        self._inner: AbstractContextManager[object] | None = None if hook is None else hook(call.operation, call.ref)

    def __enter__(self) -> None:
        if self._inner is not None:
            self._inner.__enter__()

    def __exit__(self, *raised: Any) -> None:
        if self._inner is None:
            return
        try:
            self._inner.__exit__(*raised)
        except Exception:
            # An order that was sent must not be lost to a tracer that fails.
            import logging

            logging.getLogger("oneclickdz").exception("the hook given to oneclickdz raised")
