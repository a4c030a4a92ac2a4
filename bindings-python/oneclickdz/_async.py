"""The async client. `_sync.py` is made from this file by `make gen`."""

from __future__ import annotations

from ._async_calls import finish
from ._exit import remember
from ._native import BoundOrder, Engine, Order
from .errors import StillPending

TYPE_CHECKING = False
if TYPE_CHECKING:
    import os
    from collections.abc import AsyncIterator, Callable, Sequence
    from contextlib import AbstractContextManager
    from datetime import datetime, timedelta
    from decimal import Decimal
    from types import TracebackType
    from typing import Literal, TypeVar

    from ._native import (
        AccountTransaction,
        AuditEntry,
        AuditReport,
        Balance,
        Call,
        Card,
        GiftCardCatalog,
        GiftCardOrder,
        GiftCardProduct,
        Health,
        ImportReport,
        InternetLine,
        InternetProduct,
        InternetTopup,
        KeyInfo,
        MobilePlans,
        MobileTopup,
        OrderEvent,
        Pages,
        Payment,
        PaymentLink,
        PurgeReport,
        Quote,
        Reconciliation,
        RekeyReport,
        Secret,
    )
    from ._enums import Environment, FeeMode, InternetType, OrderState, Service

    Money = int | Decimal | str
    Seconds = float | timedelta
    Hook = Callable[[str, str | None], AbstractContextManager[object]]
    T = TypeVar("T")


class AsyncOrderHandle(BoundOrder):
    """An order as it was when last looked at, with the means to follow it."""

    async def wait(self, timeout: Seconds = 300.0) -> AsyncOrderHandle:
        """Follows the order to its end, for at most `timeout` seconds, and gives it as it then is.

        Raises `StillPending`, which carries the order, when the time is over: that is not a failure, and neither the
        customer's money nor the order may be given up for it. Ending the wait early never ends the order.
        """
        engine = self._engine
        try:
            return AsyncOrderHandle(engine, await finish(engine, engine.orders_wait(self.ref, timeout)))
        except StillPending as error:
            error.order = AsyncOrderHandle(engine, error.order)
            raise

    async def refresh(self) -> AsyncOrderHandle:
        """The order as the journal has it now, without asking the service."""
        engine = self._engine
        return AsyncOrderHandle(engine, await finish(engine, engine.orders_get(self.ref)))

    def updates(self) -> AsyncIterator[Order]:
        """The order's changes from here on, up to its end."""
        engine = self._engine
        return _follow(engine, engine.orders_updates(self.ref))


class AsyncAccount:
    """The account: its key, its balance, its ledger."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def validate(self) -> KeyInfo:
        """What the service says of the key: its environment, scope and addresses."""
        return await finish(self._engine, self._engine.account_validate())

    async def balance(self) -> Balance:
        """What is left on the account, in DZD."""
        return await finish(self._engine, self._engine.account_balance())

    def transactions(
        self, *, since: datetime | None = None, until: datetime | None = None, page_size: int | None = None
    ) -> AsyncIterator[AccountTransaction]:
        """The account's ledger, read page by page as it is asked for. Both ends of a time range or none."""
        given = {"since": since, "until": until, "page_size": page_size}
        return _items(self._engine, self._engine.account_transactions(given))


class AsyncMobile:
    """Top-ups for Mobilis, Djezzy, Ooredoo and Pixx."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def plans(self) -> MobilePlans:
        """All plans, fresh from the service, sorted by the rule for their amount."""
        return await finish(self._engine, self._engine.mobile_plans())

    async def send(
        self,
        *,
        plan_code: str,
        number: str,
        amount: Money | None = None,
        ref: str | None = None,
        owner: str | None = None,
        send_before: datetime | None = None,
    ) -> AsyncOrderHandle:
        """Sends a top-up, at most once for its `ref`.

        `amount` is in whole DZD: required for a dynamic plan, a fixed plan has its own. `ref` is your reference, unique
        for ever: the same one gives the same order. `owner` is the user of your shop. The order is never sent after
        `send_before`.

        Raises only when it is certain that nothing was charged; in doubt the order comes back as `uncertain`.
        """
        given = {
            "plan_code": plan_code,
            "number": number,
            "amount": amount,
            "ref": ref,
            "owner": owner,
            "send_before": send_before,
        }
        return await _placed(self._engine, self._engine.mobile_send(given))

    async def quote(
        self,
        *,
        plan_code: str,
        number: str,
        amount: Money | None = None,
        ref: str | None = None,
        owner: str | None = None,
        send_before: datetime | None = None,
        max_price: Money | None = None,
    ) -> Quote:
        """What a top-up would cost now, without sending it. The service's answer to the send still decides."""
        given = {
            "plan_code": plan_code,
            "number": number,
            "amount": amount,
            "ref": ref,
            "owner": owner,
            "send_before": send_before,
            "max_price": max_price,
        }
        return await finish(self._engine, self._engine.mobile_quote(given))

    async def check_by_id(self, id: str) -> MobileTopup:
        """One top-up as the service tells it, by the service's id."""
        return await finish(self._engine, self._engine.mobile_check_by_id(id))

    async def check_by_ref(self, ref: str) -> MobileTopup:
        """One top-up as the service tells it, by its reference. Not found proves nothing shortly after a lost answer."""
        return await finish(self._engine, self._engine.mobile_check_by_ref(ref))

    def list(
        self, *, since: datetime | None = None, until: datetime | None = None, page_size: int | None = None
    ) -> AsyncIterator[MobileTopup]:
        """All top-ups of the account, read page by page as they are asked for."""
        given = {"since": since, "until": until, "page_size": page_size}
        return _items(self._engine, self._engine.mobile_list(given))


class AsyncInternet:
    """Cards for ADSL and 4G lines."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def products(self, type: InternetType | str) -> tuple[InternetProduct, ...]:
        """The cards on sale for a type of line (`ADSL` or `4G`), with cost and stock."""
        return await finish(self._engine, self._engine.internet_products(type))

    async def check_number(self, type: InternetType | str, number: str) -> InternetLine:
        """Asks whether a line exists for a type. Advised before a send."""
        return await finish(self._engine, self._engine.internet_check_number(type, number))

    async def send(
        self,
        *,
        type: InternetType | str,
        number: str,
        value: Money,
        ref: str | None = None,
        owner: str | None = None,
        send_before: datetime | None = None,
    ) -> AsyncOrderHandle:
        """Buys a card, at most once for its `ref`.

        `type` is `ADSL` or `4G`, `value` a face value of `products()` in whole DZD. `ref` is your reference, unique for
        ever: the same one gives the same order. `owner` is the user of your shop. The order is never sent after
        `send_before`.

        Raises only when it is certain that nothing was charged; in doubt the order comes back as `uncertain`.
        """
        given = {
            "type": type,
            "number": number,
            "value": value,
            "ref": ref,
            "owner": owner,
            "send_before": send_before,
        }
        return await _placed(self._engine, self._engine.internet_send(given))

    async def quote(
        self,
        *,
        type: InternetType | str,
        number: str,
        value: Money,
        ref: str | None = None,
        owner: str | None = None,
        send_before: datetime | None = None,
        max_price: Money | None = None,
    ) -> Quote:
        """What a card would cost now, without buying it. The service's answer to the send still decides."""
        given = {
            "type": type,
            "number": number,
            "value": value,
            "ref": ref,
            "owner": owner,
            "send_before": send_before,
            "max_price": max_price,
        }
        return await finish(self._engine, self._engine.internet_quote(given))

    async def check_by_id(self, id: str) -> InternetTopup:
        """One order as the service tells it, by the service's id; with the card once fulfilled."""
        return await finish(self._engine, self._engine.internet_check_by_id(id))

    async def check_by_ref(self, ref: str) -> InternetTopup:
        """One order as the service tells it, by its reference. Not found proves nothing shortly after a lost answer."""
        return await finish(self._engine, self._engine.internet_check_by_ref(ref))

    def list(
        self, *, since: datetime | None = None, until: datetime | None = None, page_size: int | None = None
    ) -> AsyncIterator[InternetTopup]:
        """All orders of the account, read page by page as they are asked for."""
        given = {"since": since, "until": until, "page_size": page_size}
        return _items(self._engine, self._engine.internet_list(given))


class AsyncGiftCards:
    """Cards for PSN, iTunes, Steam and others."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def catalog(self) -> GiftCardCatalog:
        """All products by category. Changes seldom: keep it for a day."""
        return await finish(self._engine, self._engine.gift_cards_catalog())

    async def product(self, product_id: str) -> GiftCardProduct:
        """One product's denominations with live stock and your prices."""
        return await finish(self._engine, self._engine.gift_cards_product(product_id))

    async def order(
        self,
        *,
        product_id: str,
        type_id: str,
        quantity: int,
        ref: str | None = None,
        owner: str | None = None,
        send_before: datetime | None = None,
    ) -> AsyncOrderHandle:
        """Buys cards. The service knows no reference for them, so a lost answer is never followed by a second request.

        `ref` is your reference, kept on this side: the same one gives the same order. Raises only when it is certain
        that nothing was charged; in doubt the order comes back as `uncertain`.
        """
        given = {
            "product_id": product_id,
            "type_id": type_id,
            "quantity": quantity,
            "ref": ref,
            "owner": owner,
            "send_before": send_before,
        }
        return await _placed(self._engine, self._engine.gift_cards_order(given))

    async def quote(
        self,
        *,
        product_id: str,
        type_id: str,
        quantity: int,
        ref: str | None = None,
        owner: str | None = None,
        send_before: datetime | None = None,
        max_price: Money | None = None,
    ) -> Quote:
        """What cards would cost now, without buying them. The service's answer to the order still decides."""
        given = {
            "product_id": product_id,
            "type_id": type_id,
            "quantity": quantity,
            "ref": ref,
            "owner": owner,
            "send_before": send_before,
            "max_price": max_price,
        }
        return await finish(self._engine, self._engine.gift_cards_quote(given))

    async def check_order(self, id: str) -> GiftCardOrder:
        """One order as the service tells it, with its cards once fulfilled."""
        return await finish(self._engine, self._engine.gift_cards_check_order(id))

    def list(
        self, *, since: datetime | None = None, until: datetime | None = None, page_size: int | None = None
    ) -> AsyncIterator[GiftCardOrder]:
        """All orders of the account, read page by page as they are asked for."""
        given = {"since": since, "until": until, "page_size": page_size}
        return _items(self._engine, self._engine.gift_cards_list(given))


class AsyncPaymentLinks:
    """Links on which a customer pays into the account's balance."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def create(
        self,
        *,
        title: str,
        amount: Money,
        description: str | None = None,
        fee_mode: FeeMode | str | None = None,
        success_text: str | None = None,
        redirect_url: str | None = None,
    ) -> PaymentLink:
        """Creates a single-use link over 500 to 500 000 whole DZD that lives for 20 minutes."""
        given = {
            "title": title,
            "amount": amount,
            "description": description,
            "fee_mode": fee_mode,
            "success_text": success_text,
            "redirect_url": redirect_url,
        }
        return await finish(self._engine, self._engine.payment_links_create(given))

    async def check(self, payment_ref: str) -> Payment:
        """Where a payment stands. Fulfil on `confirmed` only, and compare amount and environment with the order."""
        return await finish(self._engine, self._engine.payment_links_check(payment_ref))


class AsyncCards:
    """The codes of internet cards and gift cards, which lie sealed in the journal."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def reveal(
        self,
        ref: str,
        *,
        owner: str | None = None,
        actor: str | None = None,
        reason: str | None = None,
        address: str | None = None,
        agent: str | None = None,
    ) -> tuple[Card, ...]:
        """Opens an order's cards for somebody who may see them; each call is an entry of the audit log.

        `owner` must be the order's owner where it has one. `actor` is who looks; one of the two is needed. `reason`,
        `address` (network) and `agent` (program) are for the log.
        """
        given = {
            "ref": ref,
            "owner": owner,
            "actor": actor,
            "reason": reason,
            "address": address,
            "agent": agent,
        }
        return await finish(self._engine, self._engine.cards_reveal(given))

    async def purge(
        self, *, older_than: datetime, actor: str | None = None, reason: str | None = None
    ) -> PurgeReport:
        """Destroys the codes of orders that were last revealed or delivered before an instant."""
        given = {"older_than": older_than, "actor": actor, "reason": reason}
        return await finish(self._engine, self._engine.cards_purge(given))

    async def rekey(self) -> RekeyReport:
        """Seals everything with the newest key, so that the older ones can be given up."""
        return await finish(self._engine, self._engine.cards_rekey())

    async def import_(
        self,
        *,
        ref: str,
        iv: str,
        encrypted_data: str,
        auth_tag: str,
        type: InternetType | str,
        number: str,
        value: Money,
        id: str | None = None,
        owner: str | None = None,
        transaction_number: str | None = None,
        processed_at_text: str | None = None,
        fulfilled_at: datetime | None = None,
        actor: str | None = None,
    ) -> ImportReport:
        """Takes over an internet card that another program kept as the service's documentation shows. Its key must be
        one of the client's vault keys."""
        given = {
            "ref": ref,
            "iv": iv,
            "encrypted_data": encrypted_data,
            "auth_tag": auth_tag,
            "type": type,
            "number": number,
            "value": value,
            "id": id,
            "owner": owner,
            "transaction_number": transaction_number,
            "processed_at_text": processed_at_text,
            "fulfilled_at": fulfilled_at,
            "actor": actor,
        }
        return await finish(self._engine, self._engine.cards_import(given))


class AsyncAudit:
    """The audit log: who saw which card, and what became of every order."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def verify(self, head: str | None = None) -> AuditReport:
        """Whether the log is as it was written; with the `head` of an earlier report, also that nothing was cut off."""
        return await finish(self._engine, self._engine.audit_verify(head))

    def entries(self, *, after: str | None = None) -> AsyncIterator[AuditEntry]:
        """The entries after a cursor, or from the first, oldest first, up to the log's end."""
        return _each(self._engine, self._engine.audit_entries(after))


class AsyncOrders:
    """The orders of the journal."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def resume(self) -> None:
        """Takes up the unsettled orders of the journal now, not with the first order of this process."""
        await finish(self._engine, self._engine.orders_resume())

    async def get(self, ref: str) -> AsyncOrderHandle:
        """One order by its `ref`, as the journal has it, without asking the service."""
        return await _placed(self._engine, self._engine.orders_get(ref))

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
        return _follow(self._engine, self._engine.orders_events(after, wait))

    async def ack(self, cursor: str) -> None:
        """Remembers that all events up to this cursor are handled."""
        await finish(self._engine, self._engine.orders_ack(cursor))

    async def resolve(
        self, ref: str, *, decision: OrderState | str, actor: str, note: str
    ) -> AsyncOrderHandle:
        """Settles an order that needs a person's decision, after a look into the service's own books. `actor` and
        `note` say who decided and why; they are kept with the order."""
        given = {"ref": ref, "decision": decision, "actor": actor, "note": note}
        return await _placed(self._engine, self._engine.orders_resolve(given))


class AsyncClient:
    """One account of the service. May be shared by threads and tasks; a forked child opens its own engine by itself.

    Every option is checked here; nothing is sent, started or opened before the first call.
    """

    def __init__(
        self,
        *,
        api_key: str | Secret | None = None,
        base_url: str | None = None,
        journal: str | os.PathLike[str] | None = None,
        vault_key: str | bytes | Secret | Sequence[str | bytes | Secret] | None = None,
        expect: Environment | Literal["sandbox", "production"] | None = None,
        timeout: Seconds = 30.0,
        poll_interval: Seconds = 5.0,
        connect_timeout: Seconds | None = None,
        read_timeout: Seconds | None = None,
        read_retries: int | None = None,
        max_retry_after: Seconds | None = None,
        requests_per_second: int | None = None,
        response_limit: int | None = None,
        watches: bool | None = None,
        lease: Seconds | None = None,
        plans_max_age: Seconds | None = None,
        sends_fixed_amount: bool | None = None,
        gift_card_paths: Literal["camel", "kebab"] | None = None,
        proxy: str | Secret | None = None,
        extra_root: str | bytes | None = None,
        app_name: str | None = None,
        hook: Hook | None = None,
    ) -> None:
        """`api_key`: else the variable ONECLICKDZ_API_KEY. `base_url`: else ONECLICKDZ_BASE_URL, else the production
        address. `journal`: the file of orders, shared by any number of processes, or `:memory:`; `oneclickdz.db` when
        absent. `vault_key`: what seals card codes, 32 bytes or their text, or several with the new one first; else the
        variable ONECLICKDZ_VAULT_KEY. Without one no cards are bought. `expect`: refuse to order with a key of another environment. `timeout`: seconds for one call, retries
        included. `poll_interval`: seconds between two looks at a young order. `connect_timeout`, `read_timeout`:
        seconds for a connection, and for silence on it (10, 15). `read_retries`: how often a failed read is repeated
        (4). `max_retry_after`: the longest wait that the service may ask for (60). `requests_per_second`: the account's
        budget (50). `response_limit`: the largest answer in bytes. `watches`: whether this client follows unsettled
        orders in the background. `lease`: seconds after which another process takes over the orders of one that died
        (60). `plans_max_age`: seconds for which the list of plans is believed (3600). `proxy`: for all requests.
        `extra_root`: a further CA certificate in PEM form. `app_name`: your program in `User-Agent`. `hook`: called
        with the operation and the order's ref around each call; gives a context manager, for traces.
        """
        options = {
            "api_key": api_key,
            "base_url": base_url,
            "journal": journal,
            "vault_key": vault_key,
            "expect": expect,
            "timeout": timeout,
            "poll_interval": poll_interval,
            "connect_timeout": connect_timeout,
            "read_timeout": read_timeout,
            "read_retries": read_retries,
            "max_retry_after": max_retry_after,
            "requests_per_second": requests_per_second,
            "response_limit": response_limit,
            "watches": watches,
            "lease": lease,
            "plans_max_age": plans_max_age,
            "sends_fixed_amount": sends_fixed_amount,
            "gift_card_paths": gift_card_paths,
            "proxy": proxy,
            "extra_root": extra_root,
            "app_name": app_name,
        }
        engine = self._engine = Engine(options, hook)
        remember(engine)
        self.account = AsyncAccount(engine)
        self.mobile = AsyncMobile(engine)
        self.internet = AsyncInternet(engine)
        self.gift_cards = AsyncGiftCards(engine)
        self.payment_links = AsyncPaymentLinks(engine)
        self.cards = AsyncCards(engine)
        self.orders = AsyncOrders(engine)
        self.audit = AsyncAudit(engine)

    async def ping(self) -> Health:
        """The service's health. Needs no key and sends none."""
        return await finish(self._engine, self._engine.ping())

    async def reconcile(self, *, since: datetime, until: datetime) -> Reconciliation:
        """Compares the journal with the service's own books for the orders recorded from `since` to `until`."""
        return await finish(self._engine, self._engine.reconcile(since, until))

    def set_api_key(self, key: str | Secret) -> None:
        """Changes the key, after a rotation or after the old one was refused."""
        self._engine.set_api_key(key)

    async def close(self, timeout: Seconds = 5.0) -> None:
        """Ends the client; may be called twice. Waits at most `timeout` seconds for orders that are on their way out:
        they are in the journal, and the next client finds out what became of them."""
        call = self._engine.close(timeout)
        if call is not None:
            await finish(self._engine, call)

    async def __aenter__(self) -> AsyncClient:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    def __repr__(self) -> str:
        return f"<{type(self).__name__}{' closed' if self._engine.is_closed else ''}>"


async def _placed(engine: Engine, call: Call[BoundOrder]) -> AsyncOrderHandle:
    return AsyncOrderHandle(engine, await finish(engine, call))


async def _items(engine: Engine, pages: Pages[tuple[T, ...]]) -> AsyncIterator[T]:
    while (page := await finish(engine, pages.next())) is not None:
        for item in page:
            yield item


async def _follow(engine: Engine, begin: Call[Pages[T]]) -> AsyncIterator[T]:
    async for item in _each(engine, await finish(engine, begin)):
        yield item


async def _each(engine: Engine, pages: Pages[T]) -> AsyncIterator[T]:
    while (item := await finish(engine, pages.next())) is not None:
        yield item
