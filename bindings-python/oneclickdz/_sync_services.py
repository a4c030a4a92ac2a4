# Made by `make gen`; do not edit.
"""The same as `_async_services.py`, for the sync client."""

from __future__ import annotations

from ._sync_calls import finish
from ._sync_orders import placed
from ._sync_streams import items

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from decimal import Decimal

    from ._sync_orders import OrderHandle
    from ._enums import FeeMode, InternetType
    from ._native import (
        AccountTransaction,
        Balance,
        Engine,
        GiftCardCatalog,
        GiftCardOrder,
        GiftCardProduct,
        InternetLine,
        InternetProduct,
        InternetTopup,
        KeyInfo,
        MobilePlans,
        MobileTopup,
        Payment,
        PaymentLink,
        Quote,
    )

    Money = int | Decimal | str


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
        return items(self._engine, self._engine.account_transactions(given))


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
        return placed(self._engine, self._engine.mobile_send(given))

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
        return items(self._engine, self._engine.mobile_list(given))


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
        return placed(self._engine, self._engine.internet_send(given))

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
        return items(self._engine, self._engine.internet_list(given))


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
        return placed(self._engine, self._engine.gift_cards_order(given))

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
        return items(self._engine, self._engine.gift_cards_list(given))


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
