# Made by `make gen`; do not edit.
"""The same as `_async.py`, for the sync client."""

from __future__ import annotations

from ._sync_calls import at_home, finish
from ._sync_cards import Audit, Cards, Courier
from ._sync_orders import Orders
from ._sync_services import Account, GiftCards, Internet, Mobile, PaymentLinks
from ._exit import remember
from ._native import Engine

TYPE_CHECKING = False
if TYPE_CHECKING:
    import os
    from collections.abc import Awaitable, Callable, Mapping, Sequence
    from contextlib import AbstractContextManager
    from datetime import datetime, timedelta
    from types import TracebackType
    from typing import Literal

    from ._enums import Environment, GiftCardPaths, Language, TemplateKind
    from ._native import EmailSettings, Health, HttpSmsGateway, Reconciliation, Secret, SmsMessage

    Seconds = float | timedelta
    Key = str | bytes | Secret
    KeyProvider = Callable[[], Key | Sequence[Key] | Awaitable[Key | Sequence[Key]]]
    Sms = Callable[[SmsMessage], str | None | Awaitable[str | None]]
    Templates = Mapping[str, Mapping[str, str]] | Mapping[TemplateKind, Mapping[Language, str]]
    Hook = Callable[[str, str | None], AbstractContextManager[object]]


class Client:
    """One account of the service. May be shared by threads and tasks; a forked child opens its own engine by itself.

    Every option is checked here; nothing is sent, started or opened before the first call.
    """

    def __init__(
        self,
        *,
        api_key: str | Secret | None = None,
        key_is_token: bool | None = None,
        base_url: str | None = None,
        journal: str | os.PathLike[str] | None = None,
        vault_key: Key | Sequence[Key] | KeyProvider | None = None,
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
        gift_card_paths: GiftCardPaths | Literal["camel_case", "kebab_case"] | None = None,
        proxy: str | Secret | None = None,
        extra_root: str | bytes | None = None,
        app_name: str | None = None,
        email: EmailSettings | None = None,
        sms: Sms | HttpSmsGateway | None = None,
        sms_max_segments: int | None = None,
        templates: Templates | None = None,
        hook: Hook | None = None,
    ) -> None:
        """`api_key`: else the variable ONECLICKDZ_API_KEY. `key_is_token`: whether it is a short-lived token,
        one of many of the same account. `base_url`: else ONECLICKDZ_BASE_URL, else the production address. `journal`:
        the file of orders, shared by any number of processes, or `:memory:`; `oneclickdz.db` when absent. `vault_key`: what seals card codes, 32 bytes or their text, or several with the new one first, or a
        function that gives them, asked again every five minutes; else the variable ONECLICKDZ_VAULT_KEY. Without one
        no cards are bought. `expect`: refuse to order with a key of another environment. `timeout`: seconds for one
        call, retries included. `poll_interval`: seconds between two looks at a young order. `connect_timeout`,
        `read_timeout`: seconds for a connection, and for silence on it (10, 15). `read_retries`: how often a failed
        read is repeated (4). `max_retry_after`: the longest wait that the service may ask for (60).
        `requests_per_second`: the account's budget (50). `response_limit`: the largest answer in bytes. `watches`:
        whether this client follows unsettled orders in the background. `lease`: seconds after which another process
        takes over the orders of one that died (60). `plans_max_age`: seconds for which the list of plans is believed
        (3600). `sends_fixed_amount`: whether a fixed plan's own amount is sent when none is given (yes).
        `gift_card_paths`: which spelling of two paths is tried first (`camel_case`). `proxy`: for all requests.
        `extra_root`: a further CA certificate in PEM form. `app_name`: your program in `User-Agent`. `hook`: called with the operation and the order's ref around each call; gives a context
        manager, for traces.

        For `delivery`: `email`: the mail server. `sms`: a gateway over HTTP, or a function that sends one message and
        gives the gateway's id of it or None. It is called on a thread of its own; what it raises is tried again later,
        unless the error has a true attribute `permanent`, as `SmsRefused` has. `sms_max_segments`: in how many segments
        one message may be cut (4). `templates`: your texts in place of the engine's, as `{kind: {language: template}}`.

        A function may be `async`: it runs in a loop of its own or, with the async client made within a loop, in that one.
        """
        options = {
            "api_key": api_key,
            "key_is_token": key_is_token,
            "base_url": base_url,
            "journal": journal,
            "vault_key": at_home(vault_key),
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
            "email": email,
            "sms": at_home(sms),
            "sms_max_segments": sms_max_segments,
            "templates": templates,
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
        self.delivery = Courier(engine)
        self.audit = Audit(engine)

    def ping(self) -> Health:
        """The service's health. Needs no key and sends none."""
        return finish(self._engine, self._engine.ping())

    def reconcile(self, *, since: datetime, until: datetime) -> Reconciliation:
        """The same as `orders.reconcile`."""
        return self.orders.reconcile(since=since, until=until)

    def set_api_key(self, key: str | Secret) -> None:
        """Changes the key, after a rotation or after the old one was refused."""
        self._engine.set_api_key(key)

    def close(self, timeout: Seconds = 5.0) -> None:
        """Ends the client; may be called twice. Waits at most `timeout` seconds for orders, and messages to
        customers, that are on their way out: they are in the journal, and the next client finds out what became of an
        order. A message that is left may be sent once more, under the same id."""
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
