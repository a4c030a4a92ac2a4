# Made by `make gen`; do not edit.
"""The sync client, made from `_async.py`."""

from __future__ import annotations

from ._sync_calls import finish
from ._exit import remember
from ._native import BoundOrder, Engine, Order
from .errors import StillPending

TYPE_CHECKING = False
if TYPE_CHECKING:
    import os
    from collections.abc import Iterator, Callable, Sequence
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


class OrderHandle(BoundOrder):
    """An order as it was when last looked at, with the means to follow it."""

    def wait(self, timeout: Seconds = 300.0) -> OrderHandle:
        """Follows the order to its end, for at most `timeout` seconds, and gives it as it then is.

        Raises `StillPending`, which carries the order, when the time is over: that is not a failure, and neither the
        customer's money nor the order may be given up for it. Ending the wait early never ends the order.
        """
        engine = self._engine
        try:
            return OrderHandle(engine, finish(engine, engine.orders_wait(self.ref, timeout)))
        except StillPending as error:
            error.order = OrderHandle(engine, error.order)
            raise

    def refresh(self) -> OrderHandle:
        """The order as the journal has it now, without asking the service."""
        engine = self._engine
        return OrderHandle(engine, finish(engine, engine.orders_get(self.ref)))

    def updates(self) -> Iterator[Order]:
        """The order's changes from here on, up to its end."""
        engine = self._engine
        return _follow(engine, engine.orders_updates(self.ref))


class Account:
    """The account: its key, its balance, its ledger."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def validate(self) -> KeyInfo:
        """What the service says of the key: its environment, scope and addresses."""
        return finish(self._engine, self._engine.account_validate())

    def balance(self) -> Balance:
        """What is left on the account, in DZD."""
        return finish(self._engine, self._engine.account_balance())

    def transactions(
        self, *, since: datetime | None = None, until: datetime | None = None, page_size: int | None = None
    ) -> Iterator[AccountTransaction]:
        """The account's ledger, read page by page as it is asked for. Both ends of a time range or none."""
        given = {"since": since, "until": until, "page_size": page_size}
        return _items(self._engine, self._engine.account_transactions(given))


class Mobile:
    """Top-ups for Mobilis, Djezzy, Ooredoo and Pixx."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def plans(self) -> MobilePlans:
        """All plans, fresh from the service, sorted by the rule for their amount."""
        return finish(self._engine, self._engine.mobile_plans())

    def send(
        self,
        *,
        plan_code: str,
        number: str,
        amount: Money | None = None,
        ref: str | None = None,
        owner: str | None = None,
        send_before: datetime | None = None,
    ) -> OrderHandle:
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
        return _placed(self._engine, self._engine.mobile_send(given))

    def quote(
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
        return finish(self._engine, self._engine.mobile_quote(given))

    def check_by_id(self, id: str) -> MobileTopup:
        """One top-up as the service tells it, by the service's id."""
        return finish(self._engine, self._engine.mobile_check_by_id(id))

    def check_by_ref(self, ref: str) -> MobileTopup:
        """One top-up as the service tells it, by its reference. Not found proves nothing shortly after a lost answer."""
        return finish(self._engine, self._engine.mobile_check_by_ref(ref))

    def list(
        self, *, since: datetime | None = None, until: datetime | None = None, page_size: int | None = None
    ) -> Iterator[MobileTopup]:
        """All top-ups of the account, read page by page as they are asked for."""
        given = {"since": since, "until": until, "page_size": page_size}
        return _items(self._engine, self._engine.mobile_list(given))


class Internet:
    """Cards for ADSL and 4G lines."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def products(self, type: InternetType | str) -> tuple[InternetProduct, ...]:
        """The cards on sale for a type of line (`ADSL` or `4G`), with cost and stock."""
        return finish(self._engine, self._engine.internet_products(type))

    def check_number(self, type: InternetType | str, number: str) -> InternetLine:
        """Asks whether a line exists for a type. Advised before a send."""
        return finish(self._engine, self._engine.internet_check_number(type, number))

    def send(
        self,
        *,
        type: InternetType | str,
        number: str,
        value: Money,
        ref: str | None = None,
        owner: str | None = None,
        send_before: datetime | None = None,
    ) -> OrderHandle:
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
        return _placed(self._engine, self._engine.internet_send(given))

    def quote(
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
        return finish(self._engine, self._engine.internet_quote(given))

    def check_by_id(self, id: str) -> InternetTopup:
        """One order as the service tells it, by the service's id; with the card once fulfilled."""
        return finish(self._engine, self._engine.internet_check_by_id(id))

    def check_by_ref(self, ref: str) -> InternetTopup:
        """One order as the service tells it, by its reference. Not found proves nothing shortly after a lost answer."""
        return finish(self._engine, self._engine.internet_check_by_ref(ref))

    def list(
        self, *, since: datetime | None = None, until: datetime | None = None, page_size: int | None = None
    ) -> Iterator[InternetTopup]:
        """All orders of the account, read page by page as they are asked for."""
        given = {"since": since, "until": until, "page_size": page_size}
        return _items(self._engine, self._engine.internet_list(given))


class GiftCards:
    """Cards for PSN, iTunes, Steam and others."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def catalog(self) -> GiftCardCatalog:
        """All products by category. Changes seldom: keep it for a day."""
        return finish(self._engine, self._engine.gift_cards_catalog())

    def product(self, product_id: str) -> GiftCardProduct:
        """One product's denominations with live stock and your prices."""
        return finish(self._engine, self._engine.gift_cards_product(product_id))

    def order(
        self,
        *,
        product_id: str,
        type_id: str,
        quantity: int,
        ref: str | None = None,
        owner: str | None = None,
        send_before: datetime | None = None,
    ) -> OrderHandle:
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
        return _placed(self._engine, self._engine.gift_cards_order(given))

    def quote(
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
        return finish(self._engine, self._engine.gift_cards_quote(given))

    def check_order(self, id: str) -> GiftCardOrder:
        """One order as the service tells it, with its cards once fulfilled."""
        return finish(self._engine, self._engine.gift_cards_check_order(id))

    def list(
        self, *, since: datetime | None = None, until: datetime | None = None, page_size: int | None = None
    ) -> Iterator[GiftCardOrder]:
        """All orders of the account, read page by page as they are asked for."""
        given = {"since": since, "until": until, "page_size": page_size}
        return _items(self._engine, self._engine.gift_cards_list(given))


class PaymentLinks:
    """Links on which a customer pays into the account's balance."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def create(
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
        return finish(self._engine, self._engine.payment_links_create(given))

    def check(self, payment_ref: str) -> Payment:
        """Where a payment stands. Fulfil on `confirmed` only, and compare amount and environment with the order."""
        return finish(self._engine, self._engine.payment_links_check(payment_ref))


class Cards:
    """The codes of internet cards and gift cards, which lie sealed in the journal."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def reveal(
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
        return finish(self._engine, self._engine.cards_reveal(given))

    def purge(
        self, *, older_than: datetime, actor: str | None = None, reason: str | None = None
    ) -> PurgeReport:
        """Destroys the codes of orders that were last revealed or delivered before an instant."""
        given = {"older_than": older_than, "actor": actor, "reason": reason}
        return finish(self._engine, self._engine.cards_purge(given))

    def rekey(self) -> RekeyReport:
        """Seals everything with the newest key, so that the older ones can be given up."""
        return finish(self._engine, self._engine.cards_rekey())

    def import_(
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
        return finish(self._engine, self._engine.cards_import(given))


class Audit:
    """The audit log: who saw which card, and what became of every order."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def verify(self, head: str | None = None) -> AuditReport:
        """Whether the log is as it was written; with the `head` of an earlier report, also that nothing was cut off."""
        return finish(self._engine, self._engine.audit_verify(head))

    def entries(self, *, after: str | None = None) -> Iterator[AuditEntry]:
        """The entries after a cursor, or from the first, oldest first, up to the log's end."""
        return _each(self._engine, self._engine.audit_entries(after))


class Orders:
    """The orders of the journal."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def resume(self) -> None:
        """Takes up the unsettled orders of the journal now, not with the first order of this process."""
        finish(self._engine, self._engine.orders_resume())

    def get(self, ref: str) -> OrderHandle:
        """One order by its `ref`, as the journal has it, without asking the service."""
        return _placed(self._engine, self._engine.orders_get(ref))

    def list(
        self,
        *,
        state: OrderState | str | None = None,
        service: Service | str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        after: str | None = None,
        limit: int | None = None,
    ) -> tuple[OrderHandle, ...]:
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
        orders = finish(self._engine, self._engine.orders_list(given))
        return tuple(OrderHandle(self._engine, order) for order in orders)

    def history(self, ref: str) -> tuple[OrderEvent, ...]:
        """The history of one order, oldest first."""
        return finish(self._engine, self._engine.orders_history(ref))

    def events(self, *, after: str | None = None, wait: bool = True) -> Iterator[OrderEvent]:
        """Every transition of every order after a cursor, or after the last one acknowledged, at least once.

        Waits for further ones without an end; with `wait=False` it ends with those that are there.
        """
        return _follow(self._engine, self._engine.orders_events(after, wait))

    def ack(self, cursor: str) -> None:
        """Remembers that all events up to this cursor are handled."""
        finish(self._engine, self._engine.orders_ack(cursor))

    def resolve(
        self, ref: str, *, decision: OrderState | str, actor: str, note: str
    ) -> OrderHandle:
        """Settles an order that needs a person's decision, after a look into the service's own books. `actor` and
        `note` say who decided and why; they are kept with the order."""
        given = {"ref": ref, "decision": decision, "actor": actor, "note": note}
        return _placed(self._engine, self._engine.orders_resolve(given))


class Client:
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
        self.account = Account(engine)
        self.mobile = Mobile(engine)
        self.internet = Internet(engine)
        self.gift_cards = GiftCards(engine)
        self.payment_links = PaymentLinks(engine)
        self.cards = Cards(engine)
        self.orders = Orders(engine)
        self.audit = Audit(engine)

    def ping(self) -> Health:
        """The service's health. Needs no key and sends none."""
        return finish(self._engine, self._engine.ping())

    def reconcile(self, *, since: datetime, until: datetime) -> Reconciliation:
        """Compares the journal with the service's own books for the orders recorded from `since` to `until`."""
        return finish(self._engine, self._engine.reconcile(since, until))

    def set_api_key(self, key: str | Secret) -> None:
        """Changes the key, after a rotation or after the old one was refused."""
        self._engine.set_api_key(key)

    def close(self, timeout: Seconds = 5.0) -> None:
        """Ends the client; may be called twice. Waits at most `timeout` seconds for orders that are on their way out:
        they are in the journal, and the next client finds out what became of them."""
        call = self._engine.close(timeout)
        if call is not None:
            finish(self._engine, call)

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<{type(self).__name__}{' closed' if self._engine.is_closed else ''}>"


def _placed(engine: Engine, call: Call[BoundOrder]) -> OrderHandle:
    return OrderHandle(engine, finish(engine, call))


def _items(engine: Engine, pages: Pages[tuple[T, ...]]) -> Iterator[T]:
    while (page := finish(engine, pages.next())) is not None:
        for item in page:
            yield item


def _follow(engine: Engine, begin: Call[Pages[T]]) -> Iterator[T]:
    for item in _each(engine, finish(engine, begin)):
        yield item


def _each(engine: Engine, pages: Pages[T]) -> Iterator[T]:
    while (item := finish(engine, pages.next())) is not None:
        yield item
