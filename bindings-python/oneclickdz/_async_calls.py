"""How the async client waits for a call: on asyncio (uvloop included) and on trio. Cancelling ends the waiting; an order
that was handed to the engine goes on."""

from __future__ import annotations

import os
import sys
import weakref

from ._hook import Watched
from ._native import Mailbox

TYPE_CHECKING = False
if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable
    from typing import Any, TypeVar

    from ._native import Call, Engine

    T = TypeVar("T")


async def finish(engine: Engine, call: Call[T]) -> T:
    if engine.hook is None:
        return await _outcome(call)
    with Watched(engine, call):
        return await _outcome(call)


async def _outcome(call: Call[T]) -> T:
    # Whoever runs a loop has imported its library.
    trio = sys.modules.get("trio")
    if trio is not None and trio.lowlevel.in_trio_run():
        return await _on_trio(trio, call)
    loop = sys.modules["asyncio"].get_running_loop()
    future = loop.create_future()
    started = call.start(_mailbox(loop), future)
    try:
        return await future  # type: ignore[no-any-return]
    except BaseException:
        started.cancel()
        raise


_mailboxes: weakref.WeakKeyDictionary[object, tuple[int, Mailbox]] = weakref.WeakKeyDictionary()


def _mailbox(loop: asyncio.AbstractEventLoop) -> Mailbox:
    """The loop's mailbox; a forked child does not share that of its parent."""
    found = _mailboxes.get(loop)
    if found is not None and found[0] == os.getpid():
        return found[1]
    try:
        mailbox = Mailbox()
        loop.add_reader(mailbox.fileno(), mailbox.drain)
    except (NotImplementedError, OSError):
        mailbox = _calling_mailbox(loop.call_soon_threadsafe)
    _mailboxes[loop] = os.getpid(), mailbox
    return mailbox


def _calling_mailbox(soon: Callable[[Callable[[], None]], object]) -> Mailbox:
    """For loops that watch no descriptors, such as those of Windows. `soon` has a function called in the loop."""
    found: list[Callable[[], Mailbox | None]] = []

    def drain() -> None:
        mailbox = found[0]()
        if mailbox is not None:
            mailbox.drain()

    mailbox = Mailbox(lambda: soon(drain))
    found.append(weakref.ref(mailbox))
    return mailbox


class _Receiver:
    """As much of a future as a mailbox needs."""

    value: Any = None
    error: BaseException | None = None

    def __init__(self, has_come: Any) -> None:
        self.has_come = has_come

    def done(self) -> bool:
        return False

    def set_result(self, value: Any) -> None:
        self.value = value
        self.has_come.set()

    def set_exception(self, error: BaseException) -> None:
        self.error = error
        self.has_come.set()


async def _on_trio(trio: Any, call: Call[T]) -> T:
    receiver = _Receiver(trio.Event())
    started = call.start(_trio_mailbox(trio), receiver)
    try:
        await receiver.has_come.wait()
    except BaseException:
        started.cancel()
        raise
    if receiver.error is not None:
        raise receiver.error
    return receiver.value  # type: ignore[no-any-return]


def _trio_mailbox(trio: Any) -> Mailbox:
    """The mailbox of this run of trio, which a task of trio's own watches to the run's end."""
    token = trio.lowlevel.current_trio_token()
    found = _mailboxes.get(token)
    if found is not None and found[0] == os.getpid():
        return found[1]

    async def watch(mailbox: Mailbox) -> None:
        while True:
            await trio.lowlevel.wait_readable(mailbox.fileno())
            mailbox.drain()

    try:
        mailbox = Mailbox()
        trio.lowlevel.spawn_system_task(watch, mailbox)
    except OSError:
        mailbox = _calling_mailbox(token.run_sync_soon)
    _mailboxes[token] = os.getpid(), mailbox
    return mailbox


def at_home(function: T) -> T:
    """A function of the program's: its coroutines run where the client was made, if a loop runs there."""
    given: Any = function
    run = _runner() if callable(given) else None
    if run is None:
        return function
    process = os.getpid()

    def call(*arguments: Any) -> Any:
        brought = given(*arguments)
        # A forked child has no such loop.
        return run(brought) if hasattr(brought, "__await__") and os.getpid() == process else brought

    return call  # type: ignore[return-value]


def _runner() -> Callable[[Any], Any] | None:
    """What runs a coroutine in the loop of this moment, called by another thread."""
    from ._own import whole

    trio, asyncio = sys.modules.get("trio"), sys.modules.get("asyncio")
    if trio is not None and trio.lowlevel.in_trio_run():
        token = trio.lowlevel.current_trio_token()
        return lambda coroutine: trio.from_thread.run(whole, coroutine, trio_token=token)
    try:
        loop = asyncio.get_running_loop() if asyncio is not None else None
    except RuntimeError:
        return None
    if asyncio is None or loop is None:
        return None
    return lambda coroutine: asyncio.run_coroutine_threadsafe(whole(coroutine), loop).result()
