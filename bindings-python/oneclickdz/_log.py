"""The engine's events in `logging`, under the logger `oneclickdz`. Its level decides what the engine tells at all."""

from __future__ import annotations

import logging
import os
import threading

from ._native import _listen, _next_logs, _stop_logs

_logger = logging.getLogger("oneclickdz")
_thread: threading.Thread | None = None
_process = 0


def look() -> None:
    """Called by the engine once in a while: takes over the logger's level, and begins to listen in this process."""
    global _thread, _process
    _listen(_logger.getEffectiveLevel())
    if _process != os.getpid():
        _process = os.getpid()
        _thread = threading.Thread(target=_tell, name="oneclickdz-log", daemon=True)
        _thread.start()


def stop() -> None:
    """Tells what is left, and ends."""
    global _process
    if _thread is not None and _process == os.getpid():
        _stop_logs()
        _thread.join(timeout=1)
        _process = 0


def _tell() -> None:
    while entries := _next_logs():
        for level, name, message in entries:
            logger = logging.getLogger(name)
            if logger.isEnabledFor(level):
                logger.handle(logger.makeRecord(name, level, "", 0, message, (), None))
