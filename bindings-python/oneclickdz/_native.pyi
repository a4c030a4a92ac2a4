# Made by `make gen`; do not edit.
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Generic, Protocol, TypeVar, final

from typing_extensions import Self, disjoint_base

from . import _enums

T_co = TypeVar("T_co", covariant=True)

__version__: str

def make_ref(prefix: str) -> str:
    """Makes a reference that nobody has used, such as `mobile-…`."""

def make_vault_key() -> Secret:
    """Makes a new vault key, as a text for `vault_key` or the variable ONECLICKDZ_VAULT_KEY."""

def _restore(name: str, fields: dict[str, Any]) -> Any: ...
def _staff_text(kind: str, language: str) -> str: ...
def _listen(level: int) -> None: ...
def _next_logs() -> list[tuple[int, str, str]]: ...
def _stop_logs() -> None: ...
def _before_fork() -> None: ...
def _after_fork(is_child: bool) -> None: ...
def _until_none_waits(at_most: float) -> None: ...
def _tables() -> dict[str, Any]: ...

class _Receiver(Protocol):
    def done(self) -> bool: ...
    def set_result(self, value: Any, /) -> None: ...
    def set_exception(self, error: BaseException, /) -> None: ...

@final
class Secret:
    """A text that prints as `[redacted]`. `expose()` gives it, on purpose."""
    def expose(self) -> str:
        """The text itself. Show it to its owner; never log it, never store it in plain text."""
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __reduce__(self) -> str: ...

@final
class EmailSettings:
    """The mail server that codes are sent through.

    `from_`: the address that messages come from, such as `My shop <cards@my-shop.dz>`. `port`: 587 with `start_tls`, 465
    with `tls`, 25 with `none` when absent. `security`: `start_tls` (when absent), `tls`, or `none`, which is for a server on
    this machine only. `user` and `password`: who logs in, if anybody. `reply_to`: where customers' answers go. `timeout`:
    the longest silence of the server in seconds (30).
    """
    def __new__(
        cls,
        *,
        host: str,
        from_: str,
        port: int | None = None,
        security: _enums.EmailSecurity | str | None = None,
        user: str | None = None,
        password: str | Secret | None = None,
        reply_to: str | None = None,
        timeout: float | timedelta | None = None,
    ) -> Self: ...

@final
class HttpSmsGateway:
    """A gateway for text messages that is spoken to over HTTP, described by its request.

    `{to}` (as given), `{to_international}` (`213770123456`), `{text}`, `{id}` (the same for all tries of one message),
    `{part}` and `{parts}` are put into `url`, `headers` and the body, escaped as their place wants. `json`: a body, as its
    text or as a dict. `form`: a body such as `to={to}&message={text}`. `success`: a JSON pointer and the word that the
    answer must have there, such as `("/status", "ok")`, beside a status of 2xx. `receipt`: the pointer to the gateway's own
    id of the message. `method`: POST when absent. `timeout`: seconds for one message (30). `extra_root`: a further CA
    certificate in PEM form. `allow_text_in_url`: for gateways that know no other way; addresses end up in logs.
    """
    def __new__(
        cls,
        *,
        url: str | Secret,
        method: str | None = None,
        headers: Mapping[str, str | Secret] | None = None,
        json: str | Mapping[str, Any] | None = None,
        form: str | None = None,
        success: tuple[str, str] | None = None,
        receipt: str | None = None,
        timeout: float | timedelta | None = None,
        extra_root: str | bytes | None = None,
        allow_text_in_url: bool | None = None,
    ) -> Self: ...

@final
class Answer:
    """Where the call of a function of the program's leaves what it brought."""
    def brought(self, value: object) -> None:
        """The function has returned."""
    def failed(self, error: BaseException) -> None:
        """The function has raised."""

@final
class Mailbox:
    """Where an event loop finds the results of its calls."""
    def __new__(cls, notify: Callable[[], object] | None = None) -> Self: ...
    def fileno(self) -> int:
        """The descriptor to watch."""
    def drain(self) -> None:
        """Gives every result that has come to its receiver, unless that has gone away meanwhile."""

@final
class Started:
    """A call under way."""
    def cancel(self) -> None:
        """Ends the waiting. A read is given up; an order that was handed to the engine goes on."""

@final
class Call(Generic[T_co]):
    """One call of the engine."""
    @property
    def operation(self) -> str: ...
    @property
    def ref(self) -> str | None:
        """The reference of the order that the call is about, if it is about one."""
    def run(self) -> T_co:
        """Waits for the call, with the GIL released; signals such as Ctrl-C are heard while it waits."""
    def start(self, mailbox: Mailbox, receiver: _Receiver) -> Started:
        """Lets the engine's threads do the call; `mailbox.drain()` gives its result to `receiver`, which has the methods
        of an asyncio future."""

@final
class Pages(Generic[T_co]):
    """A list that is read page by page."""
    def next(self) -> Call[T_co | None]:
        """The next piece; `None` at the end."""

@final
class Engine:
    """What both clients of the package share: the sync one and the async one are thin layers over it."""
    def __new__(
        cls, options: dict[str, Any], hook: Callable[[str, str | None], AbstractContextManager[object]] | None = None
    ) -> Self: ...
    @property
    def hook(self) -> Callable[[str, str | None], AbstractContextManager[object]] | None: ...
    @property
    def is_closed(self) -> bool:
        """Whether `close` was called."""
    def set_api_key(self, key: str | Secret) -> None:
        """Changes the key, in children that are forked later too."""
    def close(self, at_most: float | timedelta) -> Call[bool] | None:
        """Ends the client at once. What is left to wait for, if there is something, is the call that comes back."""
    def ping(self) -> Call[Health]: ...
    def account_validate(self) -> Call[KeyInfo]: ...
    def account_balance(self) -> Call[Balance]: ...
    def account_transactions(self, given: dict[str, Any]) -> Pages[tuple[AccountTransaction, ...]]: ...
    def mobile_plans(self) -> Call[MobilePlans]: ...
    def mobile_send(self, given: dict[str, Any]) -> Call[BoundOrder]: ...
    def mobile_quote(self, given: dict[str, Any]) -> Call[Quote]: ...
    def mobile_check_by_id(self, id: str) -> Call[MobileTopup]: ...
    def mobile_check_by_ref(self, ref: str) -> Call[MobileTopup]: ...
    def mobile_list(self, given: dict[str, Any]) -> Pages[tuple[MobileTopup, ...]]: ...
    def internet_products(self, type: str) -> Call[tuple[InternetProduct, ...]]: ...
    def internet_check_number(self, type: str, number: str) -> Call[InternetLine]: ...
    def internet_send(self, given: dict[str, Any]) -> Call[BoundOrder]: ...
    def internet_quote(self, given: dict[str, Any]) -> Call[Quote]: ...
    def internet_check_by_id(self, id: str) -> Call[InternetTopup]: ...
    def internet_check_by_ref(self, ref: str) -> Call[InternetTopup]: ...
    def internet_list(self, given: dict[str, Any]) -> Pages[tuple[InternetTopup, ...]]: ...
    def gift_cards_catalog(self) -> Call[GiftCardCatalog]: ...
    def gift_cards_product(self, product_id: str) -> Call[GiftCardProduct]: ...
    def gift_cards_order(self, given: dict[str, Any]) -> Call[BoundOrder]: ...
    def gift_cards_quote(self, given: dict[str, Any]) -> Call[Quote]: ...
    def gift_cards_check_order(self, id: str) -> Call[GiftCardOrder]: ...
    def gift_cards_list(self, given: dict[str, Any]) -> Pages[tuple[GiftCardOrder, ...]]: ...
    def payment_links_create(self, given: dict[str, Any]) -> Call[PaymentLink]: ...
    def payment_links_check(self, payment_ref: str) -> Call[Payment]: ...
    def cards_reveal(self, given: dict[str, Any]) -> Call[tuple[Card, ...]]: ...
    def cards_purge(self, given: dict[str, Any]) -> Call[PurgeReport]: ...
    def cards_rekey(self) -> Call[RekeyReport]: ...
    def cards_import(self, given: dict[str, Any]) -> Call[ImportReport]: ...
    def audit_verify(self, head: str | None) -> Call[AuditReport]: ...
    def audit_entries(self, after: str | None) -> Pages[AuditEntry]: ...
    def audit_lines(self) -> Pages[str]: ...
    def delivery_deliver(self, given: dict[str, Any]) -> Call[Delivery]: ...
    def delivery_get(self, id: str) -> Call[Delivery]: ...
    def delivery_wait(self, id: str, timeout: float | timedelta) -> Call[Delivery]: ...
    def delivery_list(self, ref: str) -> Call[tuple[Delivery, ...]]: ...
    def delivery_in_app(self, given: dict[str, Any]) -> Call[InAppCards]: ...
    def orders_resume(self) -> Call[None]: ...
    def orders_get(self, ref: str) -> Call[BoundOrder]: ...
    def orders_wait(self, ref: str, timeout: float | timedelta) -> Call[BoundOrder]:
        """Follows an order of the journal, whichever process it was sent from."""
    def orders_updates(self, ref: str) -> Call[Pages[Order]]: ...
    def orders_list(self, given: dict[str, Any]) -> Call[tuple[Order, ...]]: ...
    def orders_history(self, ref: str) -> Call[tuple[OrderEvent, ...]]: ...
    def orders_events(self, after: str | None, wait: bool) -> Call[Pages[OrderEvent]]: ...
    def orders_ack(self, cursor: str) -> Call[None]: ...
    def orders_resolve(self, given: dict[str, Any]) -> Call[BoundOrder]: ...
    def reconcile(self, since: datetime, until: datetime) -> Call[Reconciliation]: ...

@disjoint_base
class BoundOrder(Order):
    """An order with the engine that follows it."""
    def __new__(cls, engine: Engine, order: Order) -> Self: ...
    @property
    def _engine(self) -> Engine: ...

@disjoint_base
class BoundDelivery(Delivery):
    """A delivery with the engine that follows it."""
    def __new__(cls, engine: Engine, delivery: Delivery) -> Self: ...
    @property
    def _engine(self) -> Engine: ...

@disjoint_base
class Health:
    """The service's health report (PROTOCOL §16)."""
    def __new__(cls, *, is_ok: bool, api: str, operators: tuple[OperatorHealth, ...] = ...) -> Self: ...
    @property
    def is_ok(self) -> bool:
        """Whether the API itself is well."""
    @property
    def api(self) -> str:
        """The service's own word for it: `ok` or `error`."""
    @property
    def operators(self) -> tuple[OperatorHealth, ...]:
        """One entry per operator, in the service's order."""
    def to_dict(self) -> dict[str, Any]:
        """The fields by name, records within as dictionaries, secrets redacted."""
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __reduce__(self) -> tuple[Any, ...]: ...

@disjoint_base
class OperatorHealth:
    """Whether top-ups for one operator work at the moment."""
    def __new__(cls, *, operator: str, is_up: bool, status: str) -> Self: ...
    @property
    def operator(self) -> str:
        """`mobilis`, `ooredoo`, `djezzy`, `mobilisFixedPlans` (Pixx and Sama plans); more may appear."""
    @property
    def is_up(self) -> bool:
        """Whether the service says `up`."""
    @property
    def status(self) -> str:
        """The service's own word."""
    def to_dict(self) -> dict[str, Any]:
        """The fields by name, records within as dictionaries, secrets redacted."""
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __reduce__(self) -> tuple[Any, ...]: ...

@disjoint_base
class KeyInfo:
    """What the service says of the key (PROTOCOL §1). The key itself, which the service echoes, is dropped."""
    def __new__(cls, *, username: str | None = ..., environment: _enums.Environment, environment_word: str | None = ..., scope: _enums.KeyScope, scope_word: str | None = ..., is_enabled: bool, allowed_ips: tuple[str, ...] = ...) -> Self: ...
    @property
    def username(self) -> str | None:
        """The account's login, a phone number with country code."""
    @property
    def environment(self) -> _enums.Environment:
        """Sandbox or production."""
    @property
    def environment_word(self) -> str | None:
        """The service's own word for the environment."""
    @property
    def scope(self) -> _enums.KeyScope:
        """What the key may do."""
    @property
    def scope_word(self) -> str | None:
        """The service's own word for the scope."""
    @property
    def is_enabled(self) -> bool:
        """Whether the key is switched on."""
    @property
    def allowed_ips(self) -> tuple[str, ...]:
        """Addresses that may use the key; empty means any."""
    def to_dict(self) -> dict[str, Any]:
        """The fields by name, records within as dictionaries, secrets redacted."""
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __reduce__(self) -> tuple[Any, ...]: ...

@disjoint_base
class Balance:
    """What is left on the account."""
    def __new__(cls, *, amount: Decimal) -> Self: ...
    @property
    def amount(self) -> Decimal:
        """In DZD."""
    def to_dict(self) -> dict[str, Any]:
        """The fields by name, records within as dictionaries, secrets redacted."""
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __reduce__(self) -> tuple[Any, ...]: ...

@disjoint_base
class AccountTransaction:
    """One line of the account's ledger (PROTOCOL §15)."""
    def __new__(cls, *, id: str | None = ..., kind: _enums.TransactionKind, kind_word: str | None = ..., operation: str | None = ..., amount: Decimal | None = ..., old_balance: Decimal | None = ..., new_balance: Decimal | None = ..., order_id: str | None = ..., note: str | None = ..., time: datetime | None = ...) -> Self: ...
    @property
    def id(self) -> str | None:
        """The line's id."""
    @property
    def kind(self) -> _enums.TransactionKind:
        """The kind of movement."""
    @property
    def kind_word(self) -> str | None:
        """The service's own word for the kind."""
    @property
    def operation(self) -> str | None:
        """The service's word for the direction; its values are not documented."""
    @property
    def amount(self) -> Decimal | None:
        """How much, in DZD."""
    @property
    def old_balance(self) -> Decimal | None:
        """The balance before, in DZD."""
    @property
    def new_balance(self) -> Decimal | None:
        """The balance after, in DZD."""
    @property
    def order_id(self) -> str | None:
        """The id of the order behind it."""
    @property
    def note(self) -> str | None:
        """A remark, such as the number."""
    @property
    def time(self) -> datetime | None:
        """When it happened."""
    def to_dict(self) -> dict[str, Any]:
        """The fields by name, records within as dictionaries, secrets redacted."""
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __reduce__(self) -> tuple[Any, ...]: ...

@disjoint_base
class MobilePlans:
    """All mobile plans, by the rule for their amount (PROTOCOL §3)."""
    def __new__(cls, *, dynamic: tuple[DynamicPlan, ...] = ..., fixed: tuple[FixedPlan, ...] = ..., get_menu: tuple[DynamicPlan, ...] = ...) -> Self: ...
    @property
    def dynamic(self) -> tuple[DynamicPlan, ...]:
        """Plans whose amount the caller chooses within limits."""
    @property
    def fixed(self) -> tuple[FixedPlan, ...]:
        """Plans with an amount of their own."""
    @property
    def get_menu(self) -> tuple[DynamicPlan, ...]:
        """Plans that ask which offers a number accepts."""
    def to_dict(self) -> dict[str, Any]:
        """The fields by name, records within as dictionaries, secrets redacted."""
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __reduce__(self) -> tuple[Any, ...]: ...

@disjoint_base
class DynamicPlan:
    """A plan whose amount the caller chooses."""
    def __new__(cls, *, code: str, name: str | None = ..., operator: _enums.Operator, operator_word: str | None = ..., cost: Decimal | None = ..., is_enabled: bool, min_amount: Decimal | None = ..., max_amount: Decimal | None = ...) -> Self: ...
    @property
    def code(self) -> str:
        """What `plan_code` of a send wants."""
    @property
    def name(self) -> str | None:
        """The name for people; may hold Arabic and emoji."""
    @property
    def operator(self) -> _enums.Operator:
        """The operator."""
    @property
    def operator_word(self) -> str | None:
        """The service's own word for the operator."""
    @property
    def cost(self) -> Decimal | None:
        """The price as a ratio of the face value: 0.98 means 2 % off. Missing on some plans."""
    @property
    def is_enabled(self) -> bool:
        """Whether it may be offered."""
    @property
    def min_amount(self) -> Decimal | None:
        """The least amount in DZD."""
    @property
    def max_amount(self) -> Decimal | None:
        """The largest amount in DZD."""
    def to_dict(self) -> dict[str, Any]:
        """The fields by name, records within as dictionaries, secrets redacted."""
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __reduce__(self) -> tuple[Any, ...]: ...

@disjoint_base
class FixedPlan:
    """A plan with an amount of its own."""
    def __new__(cls, *, code: str, name: str | None = ..., operator: _enums.Operator, operator_word: str | None = ..., cost: Decimal | None = ..., is_enabled: bool, amount: Decimal | None = ...) -> Self: ...
    @property
    def code(self) -> str:
        """What `plan_code` of a send wants."""
    @property
    def name(self) -> str | None:
        """The name for people; may hold Arabic and emoji."""
    @property
    def operator(self) -> _enums.Operator:
        """The operator."""
    @property
    def operator_word(self) -> str | None:
        """The service's own word for the operator."""
    @property
    def cost(self) -> Decimal | None:
        """The price as a ratio of the face value: 0.98 means 2 % off. Missing on some plans."""
    @property
    def is_enabled(self) -> bool:
        """Whether it may be offered."""
    @property
    def amount(self) -> Decimal | None:
        """The amount in DZD."""
    def to_dict(self) -> dict[str, Any]:
        """The fields by name, records within as dictionaries, secrets redacted."""
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __reduce__(self) -> tuple[Any, ...]: ...

@disjoint_base
class MobileTopup:
    """A mobile top-up as the service tells it."""
    def __new__(cls, *, id: str | None = ..., ref: str | None = ..., status: str, state: _enums.RemoteState, plan_code: str | None = ..., plan_name: str | None = ..., operator: str | None = ..., number: str | None = ..., amount: Decimal | None = ..., charged: Decimal | None = ..., refund_message: str | None = ..., suggested_offers: tuple[SuggestedOffer, ...] = ..., follow_order_id: str | None = ..., retry_order_id: str | None = ..., created_at: datetime | None = ..., updated_at: datetime | None = ...) -> Self: ...
    @property
    def id(self) -> str | None:
        """The service's id."""
    @property
    def ref(self) -> str | None:
        """The reference as the service keeps it, perhaps with an `API-<username>-` prefix."""
    @property
    def status(self) -> str:
        """The service's own status word."""
    @property
    def state(self) -> _enums.RemoteState:
        """What the word means."""
    @property
    def plan_code(self) -> str | None:
        """The plan."""
    @property
    def plan_name(self) -> str | None:
        """The plan's name."""
    @property
    def operator(self) -> str | None:
        """The operator, in the service's word."""
    @property
    def number(self) -> str | None:
        """The number (`MSSIDN` on the wire)."""
    @property
    def amount(self) -> Decimal | None:
        """The face value in DZD."""
    @property
    def charged(self) -> Decimal | None:
        """What was charged in DZD; 0 after a refund."""
    @property
    def refund_message(self) -> str | None:
        """Why it was refunded, in Arabic, for the end customer."""
    @property
    def suggested_offers(self) -> tuple[SuggestedOffer, ...]:
        """Offers that the number would accept instead."""
    @property
    def follow_order_id(self) -> str | None:
        """A related order; its meaning is not documented."""
    @property
    def retry_order_id(self) -> str | None:
        """A related order; its meaning is not documented."""
    @property
    def created_at(self) -> datetime | None:
        """When it was created."""
    @property
    def updated_at(self) -> datetime | None:
        """When it last changed."""
    def to_dict(self) -> dict[str, Any]:
        """The fields by name, records within as dictionaries, secrets redacted."""
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __reduce__(self) -> tuple[Any, ...]: ...

@disjoint_base
class SuggestedOffer:
    """An offer that a number accepts."""
    def __new__(cls, *, name: str | None = ..., plan_code: str | None = ..., amount: Decimal | None = ...) -> Self: ...
    @property
    def name(self) -> str | None:
        """The name for people."""
    @property
    def plan_code(self) -> str | None:
        """What `plan_code` of a send wants."""
    @property
    def amount(self) -> Decimal | None:
        """The amount in DZD."""
    def to_dict(self) -> dict[str, Any]:
        """The fields by name, records within as dictionaries, secrets redacted."""
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __reduce__(self) -> tuple[Any, ...]: ...

@disjoint_base
class InternetProduct:
    """An internet card on sale."""
    def __new__(cls, *, value: Decimal, cost: Decimal | None = ..., is_available: bool) -> Self: ...
    @property
    def value(self) -> Decimal:
        """The face value in DZD: what `value` of a send wants."""
    @property
    def cost(self) -> Decimal | None:
        """What the account is charged, in DZD. Wholesale: not for end customers."""
    @property
    def is_available(self) -> bool:
        """Whether it is in stock."""
    def to_dict(self) -> dict[str, Any]:
        """The fields by name, records within as dictionaries, secrets redacted."""
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __reduce__(self) -> tuple[Any, ...]: ...

@disjoint_base
class InternetLine:
    """What the service knows of an internet line."""
    def __new__(cls, *, client_number: str | None = ..., offer: str | None = ..., type: _enums.InternetType | None = ..., type_word: str | None = ...) -> Self: ...
    @property
    def client_number(self) -> str | None:
        """The client number, partly masked."""
    @property
    def offer(self) -> str | None:
        """The subscription's name; seen for ADSL only."""
    @property
    def type(self) -> _enums.InternetType | None:
        """The type that the line has; `None` for a word that this version does not know."""
    @property
    def type_word(self) -> str | None:
        """The service's own word for the type, such as `4GLTE`."""
    def to_dict(self) -> dict[str, Any]:
        """The fields by name, records within as dictionaries, secrets redacted."""
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __reduce__(self) -> tuple[Any, ...]: ...

@disjoint_base
class InternetTopup:
    """An internet top-up as the service tells it."""
    def __new__(cls, *, id: str | None = ..., ref: str | None = ..., status: str, state: _enums.RemoteState, type: _enums.InternetType | None = ..., type_word: str | None = ..., number: str | None = ..., value: Decimal | None = ..., card: InternetCard | None = ..., created_at: datetime | None = ...) -> Self: ...
    @property
    def id(self) -> str | None:
        """The service's id."""
    @property
    def ref(self) -> str | None:
        """The reference as the service keeps it, perhaps with an `API-<username>-` prefix."""
    @property
    def status(self) -> str:
        """The service's own status word."""
    @property
    def state(self) -> _enums.RemoteState:
        """What the word means."""
    @property
    def type(self) -> _enums.InternetType | None:
        """ADSL or 4G."""
    @property
    def type_word(self) -> str | None:
        """The service's own word for the type."""
    @property
    def number(self) -> str | None:
        """The line."""
    @property
    def value(self) -> Decimal | None:
        """The face value in DZD."""
    @property
    def card(self) -> InternetCard | None:
        """The card, once fulfilled."""
    @property
    def created_at(self) -> datetime | None:
        """When it was created."""
    def to_dict(self) -> dict[str, Any]:
        """The fields by name, records within as dictionaries, secrets redacted."""
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __reduce__(self) -> tuple[Any, ...]: ...

@disjoint_base
class InternetCard:
    """An internet card: what the customer types in (PROTOCOL §13)."""
    def __new__(cls, *, code: Secret, transaction_number: str | None = ..., processed_at: datetime | None = ..., processed_at_text: str | None = ...) -> Self: ...
    @property
    def code(self) -> Secret:
        """The code. Secret."""
    @property
    def transaction_number(self) -> str | None:
        """The operator's transaction number (`num_trans`), the proof of purchase."""
    @property
    def processed_at(self) -> datetime | None:
        """When the operator processed it (`date_traitement`), if that text is an instant."""
    @property
    def processed_at_text(self) -> str | None:
        """`date_traitement` as sent."""
    def to_dict(self) -> dict[str, Any]:
        """The fields by name, records within as dictionaries, secrets redacted."""
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __reduce__(self) -> tuple[Any, ...]: ...

@disjoint_base
class GiftCardCatalog:
    """The gift-card catalogue."""
    def __new__(cls, *, categories: tuple[GiftCardCategory, ...] = ..., total_categories: int, total_products: int) -> Self: ...
    @property
    def categories(self) -> tuple[GiftCardCategory, ...]:
        """Categories in the service's order."""
    @property
    def total_categories(self) -> int:
        """How many categories there are."""
    @property
    def total_products(self) -> int:
        """How many products there are."""
    def to_dict(self) -> dict[str, Any]:
        """The fields by name, records within as dictionaries, secrets redacted."""
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __reduce__(self) -> tuple[Any, ...]: ...

@disjoint_base
class GiftCardCategory:
    """One category of the catalogue."""
    def __new__(cls, *, title: str | None = ..., products: tuple[GiftCardListing, ...] = ...) -> Self: ...
    @property
    def title(self) -> str | None:
        """The name for people."""
    @property
    def products(self) -> tuple[GiftCardListing, ...]:
        """Its products."""
    def to_dict(self) -> dict[str, Any]:
        """The fields by name, records within as dictionaries, secrets redacted."""
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __reduce__(self) -> tuple[Any, ...]: ...

@disjoint_base
class GiftCardListing:
    """One product as the catalogue lists it."""
    def __new__(cls, *, id: str, title: str | None = ..., is_enabled: bool, region: str | None = ...) -> Self: ...
    @property
    def id(self) -> str:
        """What `product_id` of an order wants."""
    @property
    def title(self) -> str | None:
        """The name for people."""
    @property
    def is_enabled(self) -> bool:
        """Whether it may be offered."""
    @property
    def region(self) -> str | None:
        """The region where the cards work."""
    def to_dict(self) -> dict[str, Any]:
        """The fields by name, records within as dictionaries, secrets redacted."""
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __reduce__(self) -> tuple[Any, ...]: ...

@disjoint_base
class GiftCardProduct:
    """One product with its live stock and prices."""
    def __new__(cls, *, id: str | None = ..., title: str | None = ..., types: tuple[GiftCardType, ...] = ...) -> Self: ...
    @property
    def id(self) -> str | None:
        """What `product_id` of an order wants."""
    @property
    def title(self) -> str | None:
        """The name for people."""
    @property
    def types(self) -> tuple[GiftCardType, ...]:
        """Its denominations."""
    def to_dict(self) -> dict[str, Any]:
        """The fields by name, records within as dictionaries, secrets redacted."""
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __reduce__(self) -> tuple[Any, ...]: ...

@disjoint_base
class GiftCardType:
    """One denomination of a product."""
    def __new__(cls, *, id: str, name: str | None = ..., price: Decimal | None = ..., quantity: int | None = ..., is_in_stock: bool) -> Self: ...
    @property
    def id(self) -> str:
        """What `type_id` of an order wants."""
    @property
    def name(self) -> str | None:
        """The name for people."""
    @property
    def price(self) -> Decimal | None:
        """What the account is charged per card, in DZD. Wholesale: not for end customers."""
    @property
    def quantity(self) -> int | None:
        """How many are in stock, when the service says so."""
    @property
    def is_in_stock(self) -> bool:
        """Whether at least one can be bought."""
    def to_dict(self) -> dict[str, Any]:
        """The fields by name, records within as dictionaries, secrets redacted."""
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __reduce__(self) -> tuple[Any, ...]: ...

@disjoint_base
class GiftCardOrder:
    """A gift-card order as the service tells it."""
    def __new__(cls, *, id: str | None = ..., status: str, state: _enums.RemoteState, product_id: str | None = ..., type_id: str | None = ..., quantity: int | None = ..., fulfilled_quantity: int | None = ..., fulfilled_amount: Decimal | None = ..., price_per_card: Decimal | None = ..., refunded: Decimal | None = ..., cards: tuple[GiftCard, ...] = ..., time: datetime | None = ...) -> Self: ...
    @property
    def id(self) -> str | None:
        """The service's id."""
    @property
    def status(self) -> str:
        """The service's own status word."""
    @property
    def state(self) -> _enums.RemoteState:
        """What the word means."""
    @property
    def product_id(self) -> str | None:
        """The product."""
    @property
    def type_id(self) -> str | None:
        """The denomination."""
    @property
    def quantity(self) -> int | None:
        """How many were ordered."""
    @property
    def fulfilled_quantity(self) -> int | None:
        """How many were delivered."""
    @property
    def fulfilled_amount(self) -> Decimal | None:
        """What was charged for the delivered ones, in DZD."""
    @property
    def price_per_card(self) -> Decimal | None:
        """The price of one, in DZD."""
    @property
    def refunded(self) -> Decimal | None:
        """What was charged back, in DZD, once the order has ended: `(quantity - fulfilled) x price` (PROTOCOL §6)."""
    @property
    def cards(self) -> tuple[GiftCard, ...]:
        """The cards that were delivered."""
    @property
    def time(self) -> datetime | None:
        """When it was ordered."""
    def to_dict(self) -> dict[str, Any]:
        """The fields by name, records within as dictionaries, secrets redacted."""
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __reduce__(self) -> tuple[Any, ...]: ...

@disjoint_base
class GiftCard:
    """A gift card."""
    def __new__(cls, *, code: Secret, serial: Secret | None = ...) -> Self: ...
    @property
    def code(self) -> Secret:
        """The code (`value` on the wire). Secret."""
    @property
    def serial(self) -> Secret | None:
        """The serial number. Secret."""
    def to_dict(self) -> dict[str, Any]:
        """The fields by name, records within as dictionaries, secrets redacted."""
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __reduce__(self) -> tuple[Any, ...]: ...

@disjoint_base
class Card:
    """A card in the clear, from a reveal that is on record."""
    def __new__(cls, *, index: int, code: str, serial: str | None = ..., transaction_number: str | None = ..., processed_at: datetime | None = ..., processed_at_text: str | None = ...) -> Self: ...
    @property
    def index(self) -> int:
        """Its place in the order, from 0."""
    @property
    def code(self) -> str:
        """The code. Secret."""
    @property
    def serial(self) -> str | None:
        """The serial number of a gift card. Secret."""
    @property
    def transaction_number(self) -> str | None:
        """The operator's transaction number of an internet card, the proof of purchase. Secret."""
    @property
    def processed_at(self) -> datetime | None:
        """When the operator processed an internet card, if its text is an instant."""
    @property
    def processed_at_text(self) -> str | None:
        """`date_traitement` of an internet card, as sent."""
    def to_dict(self) -> dict[str, Any]:
        """The fields by name, records within as dictionaries, secrets redacted."""
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __reduce__(self) -> tuple[Any, ...]: ...

@disjoint_base
class Delivery:
    """A message with codes on its way to a customer."""
    def __new__(cls, *, id: str, ref: str, channel: _enums.DeliveryChannel, to: str, language: _enums.Language, state: _enums.DeliveryState, attempts: int, next_attempt_at: datetime | None = ..., last_error: str | None = ..., receipt: str | None = ..., created_at: datetime, updated_at: datetime) -> Self: ...
    @property
    def id(self) -> str:
        """The same for all tries: what the channel knows the message by."""
    @property
    def ref(self) -> str:
        """The order whose cards it brings."""
    @property
    def channel(self) -> _enums.DeliveryChannel:
        """By which way."""
    @property
    def to(self) -> str:
        """The address or number."""
    @property
    def language(self) -> _enums.Language:
        """The language of its text."""
    @property
    def state(self) -> _enums.DeliveryState:
        """Where it stands."""
    @property
    def attempts(self) -> int:
        """How often it was tried."""
    @property
    def next_attempt_at(self) -> datetime | None:
        """When it is tried next, while it waits."""
    @property
    def last_error(self) -> str | None:
        """What the channel said when it last failed."""
    @property
    def receipt(self) -> str | None:
        """What the channel said when it took the message: its id there, or the server's answer."""
    @property
    def created_at(self) -> datetime:
        """When it was asked for."""
    @property
    def updated_at(self) -> datetime:
        """When it last changed."""
    def to_dict(self) -> dict[str, Any]:
        """The fields by name, records within as dictionaries, secrets redacted."""
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __reduce__(self) -> tuple[Any, ...]: ...

@disjoint_base
class SmsMessage:
    """One text message for a gateway."""
    def __new__(cls, *, id: str, to: str, text: Secret, part: int, parts: int, segments: int) -> Self: ...
    @property
    def id(self) -> str:
        """The same for all tries of this message."""
    @property
    def to(self) -> str:
        """The number as it was given."""
    @property
    def text(self) -> Secret:
        """The text, with the codes in it. Secret."""
    @property
    def part(self) -> int:
        """Which of the order's messages it is, from 1."""
    @property
    def parts(self) -> int:
        """How many messages the order has become."""
    @property
    def segments(self) -> int:
        """In how many segments the network sends it."""
    def to_dict(self) -> dict[str, Any]:
        """The fields by name, records within as dictionaries, secrets redacted."""
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __reduce__(self) -> tuple[Any, ...]: ...

@disjoint_base
class InAppCards:
    """An order's codes with the words around them, for the shop's own pages. `to_json` gives the whole as JSON."""
    def __new__(cls, *, ref: str, service: str, language: _enums.Language, direction: str, headline: str, title: str, number: str | None = ..., value: str | None = ..., is_partial: bool, cards: tuple[Card, ...] = ..., usage_title: str, steps: tuple[Secret, ...] = ..., help: str, warning: str) -> Self: ...
    @property
    def ref(self) -> str:
        """The order's reference."""
    @property
    def service(self) -> str:
        """`adsl`, `four_g` or `gift_card`."""
    @property
    def language(self) -> _enums.Language:
        """The language of the words."""
    @property
    def direction(self) -> str:
        """`ltr` or `rtl`: how the page is to be laid out. Codes are read from the left in both."""
    @property
    def headline(self) -> str:
        """That the cards are ready."""
    @property
    def title(self) -> str:
        """What was bought."""
    @property
    def number(self) -> str | None:
        """The line of an internet card."""
    @property
    def value(self) -> str | None:
        """The face value of an internet card, in whole DZD."""
    @property
    def is_partial(self) -> bool:
        """Whether fewer cards were delivered than ordered."""
    @property
    def cards(self) -> tuple[Card, ...]:
        """The cards, in the order of the service."""
    @property
    def usage_title(self) -> str:
        """What the steps are about."""
    @property
    def steps(self) -> tuple[Secret, ...]:
        """How the first card is used, step by step; one step has its code in it. Secret."""
    @property
    def help(self) -> str:
        """Whom to ask."""
    @property
    def warning(self) -> str:
        """That codes are worth money."""
    def to_json(self) -> Secret:
        """The whole as JSON, codes included: for the answer to the customer, over an encrypted connection,
        and nothing else."""
    def to_dict(self) -> dict[str, Any]:
        """The fields by name, records within as dictionaries, secrets redacted."""
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __reduce__(self) -> tuple[Any, ...]: ...

@disjoint_base
class PurgeReport:
    """What a purge destroyed."""
    def __new__(cls, *, orders: int, cards: int) -> Self: ...
    @property
    def orders(self) -> int:
        """Orders whose codes are gone."""
    @property
    def cards(self) -> int:
        """Cards that they had."""
    def to_dict(self) -> dict[str, Any]:
        """The fields by name, records within as dictionaries, secrets redacted."""
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __reduce__(self) -> tuple[Any, ...]: ...

@disjoint_base
class RekeyReport:
    """What sealing anew came to."""
    def __new__(cls, *, key_id: str, resealed: int, unreadable: int) -> Self: ...
    @property
    def key_id(self) -> str:
        """The id of the key that everything readable is sealed with now."""
    @property
    def resealed(self) -> int:
        """Sealed fields (a code, a serial) that were sealed anew."""
    @property
    def unreadable(self) -> int:
        """Sealed fields left as they were, because their key was not given or they were changed."""
    def to_dict(self) -> dict[str, Any]:
        """The fields by name, records within as dictionaries, secrets redacted."""
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __reduce__(self) -> tuple[Any, ...]: ...

@disjoint_base
class ImportReport:
    """What importing a card came to."""
    def __new__(cls, *, ref: str, is_new_order: bool, is_known: bool) -> Self: ...
    @property
    def ref(self) -> str:
        """The order's reference."""
    @property
    def is_new_order(self) -> bool:
        """Whether the order was new to the journal."""
    @property
    def is_known(self) -> bool:
        """Whether the order had its card already, so that nothing was changed."""
    def to_dict(self) -> dict[str, Any]:
        """The fields by name, records within as dictionaries, secrets redacted."""
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __reduce__(self) -> tuple[Any, ...]: ...

@disjoint_base
class AuditEntry:
    """One entry of the audit log. Never holds a code."""
    def __new__(cls, *, cursor: str, at: datetime, event: _enums.AuditEvent, ref: str | None = ..., owner: str | None = ..., actor: str | None = ..., method: str | None = ..., address: str | None = ..., agent: str | None = ..., reason: str | None = ..., detail: str | None = ..., hash: str) -> Self: ...
    @property
    def cursor(self) -> str:
        """Its place in the log; give the last one read to go on after it."""
    @property
    def at(self) -> datetime:
        """When it was written."""
    @property
    def event(self) -> _enums.AuditEvent:
        """What happened."""
    @property
    def ref(self) -> str | None:
        """The order's reference, where it is about one."""
    @property
    def owner(self) -> str | None:
        """Whom the order belongs to."""
    @property
    def actor(self) -> str | None:
        """Who did it, where a person or program was named."""
    @property
    def method(self) -> str | None:
        """By which way: `reveal`, `email`, `sms`, `watch` and so on."""
    @property
    def address(self) -> str | None:
        """The network address it came from, where given."""
    @property
    def agent(self) -> str | None:
        """The program it came from, such as a `User-Agent`, where given."""
    @property
    def reason(self) -> str | None:
        """Why, where given."""
    @property
    def detail(self) -> str | None:
        """What the event says there is."""
    @property
    def hash(self) -> str:
        """The SHA-256 over this entry and the hash before it, in hexadecimal."""
    def to_dict(self) -> dict[str, Any]:
        """The fields by name, records within as dictionaries, secrets redacted."""
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __reduce__(self) -> tuple[Any, ...]: ...

@disjoint_base
class AuditReport:
    """Whether the audit log is as it was written."""
    def __new__(cls, *, is_intact: bool, entries: int, head: str | None = ..., broken_at: str | None = ..., detail: str | None = ...) -> Self: ...
    @property
    def is_intact(self) -> bool:
        """Whether every entry follows from the one before."""
    @property
    def entries(self) -> int:
        """How many entries were checked."""
    @property
    def head(self) -> str | None:
        """The last entry's place and hash, `cursor:hash`. Kept elsewhere, it proves later that none was cut off."""
    @property
    def broken_at(self) -> str | None:
        """The first entry that does not follow, by its place."""
    @property
    def detail(self) -> str | None:
        """What is wrong with it, in English."""
    def to_dict(self) -> dict[str, Any]:
        """The fields by name, records within as dictionaries, secrets redacted."""
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __reduce__(self) -> tuple[Any, ...]: ...

@disjoint_base
class PaymentLink:
    """A payment link that was created."""
    def __new__(cls, *, payment_ref: str, payment_url: str, is_sandbox: bool | None = ..., created_at: datetime | None = ..., expires_at: datetime | None = ...) -> Self: ...
    @property
    def payment_ref(self) -> str:
        """What `check` wants. Store it with the order."""
    @property
    def payment_url(self) -> str:
        """Where the customer pays."""
    @property
    def is_sandbox(self) -> bool | None:
        """Whether it is play money."""
    @property
    def created_at(self) -> datetime | None:
        """When it was created."""
    @property
    def expires_at(self) -> datetime | None:
        """When an unused link dies: 20 minutes after its creation (PROTOCOL §6)."""
    def to_dict(self) -> dict[str, Any]:
        """The fields by name, records within as dictionaries, secrets redacted."""
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __reduce__(self) -> tuple[Any, ...]: ...

@disjoint_base
class Payment:
    """Where a payment stands."""
    def __new__(cls, *, state: _enums.PaymentState, status: str, payment_ref: str | None = ..., status_text: str | None = ..., amount: Decimal | None = ..., currency: str | None = ..., is_sandbox: bool | None = ..., transaction_ref: str | None = ..., fee: Decimal | None = ..., net_amount: Decimal | None = ..., payment_method: str | None = ..., created_at: datetime | None = ..., completed_at: datetime | None = ...) -> Self: ...
    @property
    def state(self) -> _enums.PaymentState:
        """What the status word means."""
    @property
    def status(self) -> str:
        """The service's own status word."""
    @property
    def payment_ref(self) -> str | None:
        """The reference."""
    @property
    def status_text(self) -> str | None:
        """The service's sentence about the status."""
    @property
    def amount(self) -> Decimal | None:
        """The amount in DZD. Compare it with the order."""
    @property
    def currency(self) -> str | None:
        """The currency, when the service names it."""
    @property
    def is_sandbox(self) -> bool | None:
        """Whether it is play money. Compare it with the key's environment."""
    @property
    def transaction_ref(self) -> str | None:
        """The bank's reference."""
    @property
    def fee(self) -> Decimal | None:
        """The fee in DZD."""
    @property
    def net_amount(self) -> Decimal | None:
        """The amount less the fee, in DZD."""
    @property
    def payment_method(self) -> str | None:
        """How it was paid."""
    @property
    def created_at(self) -> datetime | None:
        """When the payment was created."""
    @property
    def completed_at(self) -> datetime | None:
        """When it ended."""
    def to_dict(self) -> dict[str, Any]:
        """The fields by name, records within as dictionaries, secrets redacted."""
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __reduce__(self) -> tuple[Any, ...]: ...

@disjoint_base
class Quote:
    """What an order would cost now, from a look before it is sent. The service's answer to the send still decides."""
    def __new__(cls, *, service: _enums.Service, price: Decimal | None = ..., balance: Decimal, balance_after: Decimal | None = ..., is_affordable: bool) -> Self: ...
    @property
    def service(self) -> _enums.Service:
        """Mobile, internet or gift cards."""
    @property
    def price(self) -> Decimal | None:
        """What the account would be charged in DZD; nothing where the service names no price."""
    @property
    def balance(self) -> Decimal:
        """What is on the account in DZD."""
    @property
    def balance_after(self) -> Decimal | None:
        """What would be left in DZD, where the price is known."""
    @property
    def is_affordable(self) -> bool:
        """Whether the balance is known to cover the price. `false` only where the price is unknown: a balance that
        is too low is an error.
        """
    def to_dict(self) -> dict[str, Any]:
        """The fields by name, records within as dictionaries, secrets redacted."""
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __reduce__(self) -> tuple[Any, ...]: ...

@disjoint_base
class Reconciliation:
    """The journal compared with the service's books for a window of time."""
    def __new__(cls, *, since: datetime, until: datetime, findings: tuple[Finding, ...] = ..., records_compared: int, orders_compared: int, transactions_compared: int, balance: Decimal) -> Self: ...
    @property
    def since(self) -> datetime:
        """The window's first instant."""
    @property
    def until(self) -> datetime:
        """The window's last instant."""
    @property
    def findings(self) -> tuple[Finding, ...]:
        """What does not agree; empty when all does."""
    @property
    def records_compared(self) -> int:
        """Orders of the journal that were recorded in the window."""
    @property
    def orders_compared(self) -> int:
        """Orders of the service that were compared."""
    @property
    def transactions_compared(self) -> int:
        """Lines of the account's ledger that were compared."""
    @property
    def balance(self) -> Decimal:
        """What was on the account in DZD when the comparison began."""
    def to_dict(self) -> dict[str, Any]:
        """The fields by name, records within as dictionaries, secrets redacted."""
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __reduce__(self) -> tuple[Any, ...]: ...

@disjoint_base
class Finding:
    """One thing on which the journal and the service do not agree."""
    def __new__(cls, *, kind: _enums.FindingKind, service: _enums.Service | None = ..., ref: str | None = ..., order_id: str | None = ..., expected: Decimal | None = ..., actual: Decimal | None = ..., is_repaired: bool, detail: str) -> Self: ...
    @property
    def kind(self) -> _enums.FindingKind:
        """What it is."""
    @property
    def service(self) -> _enums.Service | None:
        """Mobile, internet or gift cards; nothing for the balance."""
    @property
    def ref(self) -> str | None:
        """The order's reference, where one is known."""
    @property
    def order_id(self) -> str | None:
        """The service's id of the order, where one is known."""
    @property
    def expected(self) -> Decimal | None:
        """What the journal, or the line before, leads to expect, in DZD."""
    @property
    def actual(self) -> Decimal | None:
        """What the service tells, in DZD."""
    @property
    def is_repaired(self) -> bool:
        """Whether the service's word was noted, as an entry of its own in the order's history."""
    @property
    def detail(self) -> str:
        """What was found, in English."""
    def to_dict(self) -> dict[str, Any]:
        """The fields by name, records within as dictionaries, secrets redacted."""
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __reduce__(self) -> tuple[Any, ...]: ...

@disjoint_base
class OrderEvent:
    """One transition of one order."""
    def __new__(cls, *, cursor: str, at: datetime, from_: _enums.OrderState | None = ..., order: Order) -> Self: ...
    @property
    def cursor(self) -> str:
        """The event's stable id; give the last one handled to `ack`, and begin after it next time."""
    @property
    def at(self) -> datetime:
        """When it happened."""
    @property
    def from_(self) -> _enums.OrderState | None:
        """Where the order came from; nothing for a new one."""
    @property
    def order(self) -> Order:
        """The order right after it."""
    def to_dict(self) -> dict[str, Any]:
        """The fields by name, records within as dictionaries, secrets redacted."""
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __reduce__(self) -> tuple[Any, ...]: ...

@disjoint_base
class Order:
    """One order as the journal last saw it."""
    def __new__(cls, *, ref: str, service: _enums.Service, state: _enums.OrderState, owner: str | None = ..., id: str | None = ..., returned_ref: str | None = ..., status: str | None = ..., new_balance: Decimal | None = ..., charged: Decimal | None = ..., refunded: Decimal | None = ..., card_count: int, refund_message: str | None = ..., suggested_offers: tuple[SuggestedOffer, ...] = ..., decision: str | None = ..., attempts: int, last_error: str | None = ..., last_request_id: str | None = ..., next_check_at: datetime | None = ..., created_at: datetime, updated_at: datetime) -> Self: ...
    @property
    def ref(self) -> str:
        """The caller's reference, the order's identity."""
    @property
    def service(self) -> _enums.Service:
        """Mobile, internet or gift cards."""
    @property
    def state(self) -> _enums.OrderState:
        """Where it stands."""
    @property
    def owner(self) -> str | None:
        """The shop's own user id, given at the send."""
    @property
    def id(self) -> str | None:
        """The service's id, once known."""
    @property
    def returned_ref(self) -> str | None:
        """The reference that the service gave back; it may carry a prefix."""
    @property
    def status(self) -> str | None:
        """The service's last status word."""
    @property
    def new_balance(self) -> Decimal | None:
        """The account's balance right after the send in DZD, when the service says so."""
    @property
    def charged(self) -> Decimal | None:
        """What the order costs or has cost in DZD, once known."""
    @property
    def refunded(self) -> Decimal | None:
        """What came back in DZD, once known."""
    @property
    def card_count(self) -> int:
        """How many cards it brought; `cards().reveal` shows them."""
    @property
    def refund_message(self) -> str | None:
        """Why it was refunded, in Arabic, for the end customer."""
    @property
    def suggested_offers(self) -> tuple[SuggestedOffer, ...]:
        """Offers that the number would accept instead."""
    @property
    def decision(self) -> str | None:
        """Who decided on it by hand and why, where a person had to."""
    @property
    def attempts(self) -> int:
        """How many requests were sent for it; more than one only with the same `ref`."""
    @property
    def last_error(self) -> str | None:
        """What went wrong last, as an error's stable word."""
    @property
    def last_request_id(self) -> str | None:
        """The request id of the last failure, for the service's support."""
    @property
    def next_check_at(self) -> datetime | None:
        """When the engine looks again."""
    @property
    def created_at(self) -> datetime:
        """When the intent was recorded."""
    @property
    def updated_at(self) -> datetime:
        """When it last changed."""
    @property
    def is_settled(self) -> bool:
        """Whether the order has reached its end."""
    def to_dict(self) -> dict[str, Any]:
        """The fields by name, records within as dictionaries, secrets redacted."""
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __reduce__(self) -> tuple[Any, ...]: ...
