"""Orders and the journal that keeps them, for the async client."""

from __future__ import annotations

from ._async_calls import finish
from ._async_streams import follow
from ._native import BoundOrder
from .errors import StillPending

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from datetime import datetime, timedelta

    from ._enums import OrderState, Service
    from ._native import Call, Engine, Order, OrderEvent, Reconciliation

    Seconds = float | timedelta


class AsyncOrderHandle(BoundOrder):
    """An order as it was when last looked at, with the means to follow it."""

    async def wait(self, timeout: Seconds = 300.0) -> AsyncOrderHandle:
        """Follows the order to its end, for at most `timeout` seconds, and gives it as it then is.

        Raises `StillPending`, which carries the order, when the time is over, or at once where nothing will be learnt
        within it (the service has put the order off, or a person must decide): that is not a failure, and neither the
        customer's money nor the order may be given up for it. Look again at its `next_check_at`. Ending the wait early never ends the order.
        """
        engine = self._engine
        try:
            return AsyncOrderHandle(engine, await finish(engine, engine.orders_wait(self.ref, timeout)))
        except StillPending as error:
            error._learn(order=AsyncOrderHandle(engine, error.order))
            raise

    async def refresh(self) -> AsyncOrderHandle:
        """The order as the journal has it now, without asking the service."""
        engine = self._engine
        return AsyncOrderHandle(engine, await finish(engine, engine.orders_get(self.ref)))

    def updates(self) -> AsyncIterator[Order]:
        """The order's changes from here on, up to its end."""
        engine = self._engine
        return follow(engine, engine.orders_updates(self.ref))


async def placed(engine: Engine, call: Call[BoundOrder]) -> AsyncOrderHandle:
    return AsyncOrderHandle(engine, await finish(engine, call))


class AsyncOrders:
    """The orders of the journal."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def resume(self) -> None:
        """Takes up the unsettled orders of the journal now, not with the first order of this process."""
        await finish(self._engine, self._engine.orders_resume())

    async def get(self, ref: str) -> AsyncOrderHandle:
        """One order by its `ref`, as the journal has it, without asking the service."""
        return await placed(self._engine, self._engine.orders_get(ref))

    async def list(
        self,
        *,
        state: OrderState | str | None = None,
        service: Service | str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        after: str | None = None,
        limit: int | None = None,
    ) -> tuple[AsyncOrderHandle, ...]:
        """Orders of the journal, oldest first: those recorded from `since` on and before `until`, after the one whose
        `ref` is `after`, at most `limit` (1 to 1000, 100 when absent)."""
        given = {
            "state": state,
            "service": service,
            "since": since,
            "until": until,
            "after": after,
            "limit": limit,
        }
        orders = await finish(self._engine, self._engine.orders_list(given))
        return tuple(AsyncOrderHandle(self._engine, order) for order in orders)

    async def history(self, ref: str) -> tuple[OrderEvent, ...]:
        """The history of one order, oldest first."""
        return await finish(self._engine, self._engine.orders_history(ref))

    def events(self, *, after: str | None = None, wait: bool = True) -> AsyncIterator[OrderEvent]:
        """Every transition of every order after a cursor, or after the last one acknowledged, at least once.

        Waits for further ones without an end; with `wait=False` it ends with those that are there.
        """
        return follow(self._engine, self._engine.orders_events(after, wait))

    async def ack(self, cursor: str) -> None:
        """Remembers that all events up to this cursor are handled."""
        await finish(self._engine, self._engine.orders_ack(cursor))

    async def reconcile(self, *, since: datetime, until: datetime) -> Reconciliation:
        """Compares the journal with the service's own books for the orders recorded from `since` to `until`."""
        return await finish(self._engine, self._engine.reconcile(since, until))

    async def resolve(
        self, ref: str, *, decision: OrderState | str, actor: str, note: str
    ) -> AsyncOrderHandle:
        """Settles an order that needs a person's decision, after a look into the service's own books. `actor` and
        `note` say who decided and why; they are kept with the order."""
        given = {"ref": ref, "decision": decision, "actor": actor, "note": note}
        return await placed(self._engine, self._engine.orders_resolve(given))
