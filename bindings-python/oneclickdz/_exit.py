"""The end of the interpreter: engines that are still open are closed in bounded time, so that no thread is left waiting
for an interpreter that goes away. What was on its way out is in the journal; the next client finds out about it."""

from __future__ import annotations

import atexit
import os
import sys
import weakref
from importlib import import_module

from ._native import _after_fork, _before_fork, _until_none_waits

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ._native import Engine

_AT_MOST = 5.0
"""Seconds for orders and messages that are on their way out."""

_open: weakref.WeakSet[Engine] = weakref.WeakSet()
_is_registered = False


def remember(engine: Engine) -> None:
    global _is_registered
    _open.add(engine)
    if not _is_registered:
        _is_registered = True
        atexit.register(_close_all)
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(
                before=_before,
                after_in_parent=lambda: _after_fork(False),
                after_in_child=lambda: _after_fork(True),
            )


def _before() -> None:
    # What another thread is about to import would stay locked in the child.
    import_module("decimal")
    for name in ("_async", "_enums", "_log"):
        import_module(f"{__package__}.{name}")
    _before_fork()


def _close_all() -> None:
    calls = [engine.close(_AT_MOST) for engine in list(_open)]
    for call in calls:
        if call is not None:
            call.run()
    # Threads that waited are told that the client was closed.
    _until_none_waits(1.0)
    log = sys.modules.get(f"{__package__}._log")
    if log is not None:
        log.stop()
