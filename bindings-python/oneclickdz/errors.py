"""Every error of the package. Decide on the class, on `code` and on `outcome`; the text is for people."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime
    from decimal import Decimal
    from typing import Any

    from . import Delivery, ErrorKind, Language, Order, Outcome, RetryAdvice


class OneClickDzError(Exception):
    """Why a call failed, and whether money may have moved.

    Neither the API key nor card data ever is part of it.
    """

    code: str
    """The stable snake_case word of the kind, such as `insufficient_balance`."""
    kind: ErrorKind | None
    """The same as a member of `ErrorKind`."""
    detail: str
    """What happened, in English, with the rule and the remedy where there is one."""
    operation: str
    """The call that failed, such as `mobile.send`."""
    outcome: Outcome
    """Whether money may have moved: `not_sent`, `refused` or `unknown`."""
    retryable: bool
    """Whether the same call may be made again without looking anything up first."""
    retry_advice: RetryAdvice
    """Whether the same call may be made again, and when."""
    http_status: int | None
    """The HTTP status, if there was an answer."""
    wire_code: str | None
    """The service's own code, as sent."""
    ref: str | None
    """The reference of the order that the call was about. Never absent when the outcome is `unknown`."""
    request_id: str | None
    """The service's id of the request. Give it to the service's support."""
    field: str | None
    """The argument or option that is at fault."""
    retry_after: float | None
    """How many seconds to wait before the next try."""
    attempts_left: int | None
    """How many bad keys are left before the service blocks this address."""
    required: Decimal | None
    """What the order would have cost, in DZD, when the balance is too low and the service says so."""
    available: Decimal | None
    """What is left on the account, in DZD, when the balance is too low and the service says so."""
    order: Order | None
    """The order, when it goes on although the call has ended; beside a `delivery` the one whose codes are in it."""
    delivery: Delivery | None
    """The delivery, when it goes on although the call has ended."""
    context: list[tuple[str, str]]
    """Further facts, in the order in which they were learnt."""
    causes: list[str]
    """What lies behind it, outermost first; also the chain of `__cause__`."""

    _facts: dict[str, Any]

    def staff_text(self, language: Language | str) -> str:
        """A sentence for the shop's staff in Arabic (`ar`), French (`fr`) or English (`en`)."""
        from ._native import _staff_text

        return _staff_text(self.code, language)

    def _learn(self, **facts: Any) -> None:
        """What only the package knows."""
        self.__dict__.update(facts)
        self._facts.update(facts)

    def __reduce__(self) -> tuple[Any, ...]:
        return _from_engine, (self._facts,)


class ValidationError(OneClickDzError, ValueError):
    """A value breaks a rule; `field` names it where that is known. `outcome` tells who refused it: `not_sent` this
    library, `refused` the service."""


class InvalidNumberError(ValidationError):
    """The number is not valid for the service."""


class OutOfStockError(OneClickDzError):
    """The card or product is out of stock."""


class InsufficientBalanceError(OneClickDzError):
    """The balance is too low; `required` and `available` tell by how much when the service says so."""


class DuplicatedRefError(OneClickDzError):
    """The service already has an order with this `ref`."""


class RefConflictError(OneClickDzError):
    """This `ref` already stands for another request. Nothing was sent."""


class NotFoundError(OneClickDzError):
    """No order, product or payment of that name, or not yours."""


class EndpointNotFoundError(OneClickDzError):
    """The path is unknown to the service's router: says nothing about any order."""


class LinkExpiredError(OneClickDzError):
    """The payment link has expired."""


class AuthenticationError(OneClickDzError):
    """The key is missing, wrong, expired or revoked. All calls with it stop until it is changed."""


class IpBlockedError(OneClickDzError):
    """Too many bad keys came from this address: about 15 minutes of silence."""


class IpNotAllowedError(OneClickDzError):
    """This address is not on the key's list."""


class ApiDisabledError(OneClickDzError):
    """The key or the API is switched off."""


class ForbiddenError(OneClickDzError):
    """The key may not do this."""


class EnvironmentMismatchError(OneClickDzError):
    """The key is of the other environment than the one expected. Nothing was sent."""


class RateLimitedError(OneClickDzError):
    """Too many requests; `retry_after` says how many seconds to wait."""


class InternalServerError(OneClickDzError):
    """The service failed. On a send the order often completes anyway."""


class ServiceUnavailableError(OneClickDzError):
    """The service is down for the moment."""


class AuthUnavailableError(OneClickDzError):
    """The service could not verify the key in time; the key is not at fault."""


class RefusedError(OneClickDzError):
    """The service refused with a code that this version does not know; `wire_code` has it."""


class TransportError(OneClickDzError):
    """No connection, or it broke."""


class RequestTimeoutError(TransportError):
    """The time given for the call was over."""


class UnreadableResponseError(TransportError):
    """The answer is not what the service sends: HTML, empty, cut off, a redirect, a missing field."""


class ResponseTooLargeError(TransportError):
    """The answer is larger than the limit of the client."""


class ConfigError(OneClickDzError, ValueError):
    """An option of the client cannot work; `field` names it."""


class StillPending(OneClickDzError):
    """The time to wait is over, or nothing will be learnt within it, and the order goes on. Not a failure: do not refund, do not buy again, look later.

    `order` is the order as it stands, `next_check_at` when the engine looks again. Where the wait was for a delivery, that is
    what goes on: `delivery` is the message as it stands, `order` the one whose codes are in it, which is `None` only then, and
    only where the journal could no longer be read.
    """

    order: Order

    @property
    def next_check_at(self) -> datetime | None:
        """When the engine looks at the order again, or tries the delivery again."""
        return self.order.next_check_at if self.delivery is None else self.delivery.next_attempt_at


class JournalError(OneClickDzError):
    """The journal cannot be read or written. Nothing was sent."""


class VaultError(OneClickDzError):
    """The vault of card codes cannot seal or open."""


class VaultKeyMissingError(VaultError):
    """Cards are bought only with a vault key, which seals them; none was given. Nothing was sent."""


class VaultKeyLostError(VaultError):
    """The card was sealed with a key that this client was not given."""


class VaultTamperedError(VaultError):
    """The sealed card was changed, or belongs to another order."""


class VaultUnavailableError(VaultError):
    """The source of the vault's keys gave none for the moment."""


class OrderNotReadyError(OneClickDzError):
    """The order has no cards to show yet."""


class OrderNotFoundError(NotFoundError):
    """No order of this reference, or it belongs to another owner."""


class AlreadyPurgedError(OneClickDzError):
    """The order's codes were destroyed after their retention time."""


class DeliveryFailedError(OneClickDzError):
    """A card could not be delivered; the cause is kept."""


class ClosedError(OneClickDzError):
    """The client was closed."""


class InternalError(OneClickDzError):
    """A defect of this library. The journal tells how far an order came."""


class SmsRefused(Exception):
    """Raise it in a function of yours that sends text messages, when the gateway's no is final: the delivery has failed.
    Any other exception means that it is tried again."""

    permanent = True


_CLASSES: dict[str, type[OneClickDzError]] = {
    "validation": ValidationError,
    "invalid_number": InvalidNumberError,
    "out_of_stock": OutOfStockError,
    "insufficient_balance": InsufficientBalanceError,
    "duplicated_ref": DuplicatedRefError,
    "ref_conflict": RefConflictError,
    "not_found": NotFoundError,
    "endpoint_not_found": EndpointNotFoundError,
    "link_expired": LinkExpiredError,
    "authentication": AuthenticationError,
    "ip_blocked": IpBlockedError,
    "ip_not_allowed": IpNotAllowedError,
    "api_disabled": ApiDisabledError,
    "forbidden": ForbiddenError,
    "environment_mismatch": EnvironmentMismatchError,
    "rate_limited": RateLimitedError,
    "internal_server_error": InternalServerError,
    "service_unavailable": ServiceUnavailableError,
    "auth_unavailable": AuthUnavailableError,
    "refused": RefusedError,
    "transport": TransportError,
    "timeout": RequestTimeoutError,
    "unreadable_response": UnreadableResponseError,
    "response_too_large": ResponseTooLargeError,
    "config": ConfigError,
    "still_pending": StillPending,
    "journal": JournalError,
    "vault_key_missing": VaultKeyMissingError,
    "vault_key_lost": VaultKeyLostError,
    "vault_tampered": VaultTamperedError,
    "vault_unavailable": VaultUnavailableError,
    "order_not_ready": OrderNotReadyError,
    "order_not_found": OrderNotFoundError,
    "already_purged": AlreadyPurgedError,
    "delivery_failed": DeliveryFailedError,
    "closed": ClosedError,
    "internal": InternalError,
}

_ABSENT: dict[str, Any] = {
    "kind": None,
    "retryable": False,
    "field": None,
    "http_status": None,
    "wire_code": None,
    "ref": None,
    "request_id": None,
    "retry_after": None,
    "attempts_left": None,
    "required": None,
    "available": None,
    "order": None,
    "delivery": None,
    "context": (),
    "causes": (),
}


def _from_engine(facts: dict[str, Any]) -> OneClickDzError:
    """The error of the engine's facts: the only place where errors are made."""
    facts = {**_ABSENT, **facts}
    facts["context"], facts["causes"] = list(facts["context"]), list(facts["causes"])
    text = facts.pop("text", None) or f"{facts['operation']} ({facts['code']}): {facts['detail']}"
    error = _CLASSES.get(facts["code"], OneClickDzError)(text)
    error.__dict__.update(facts, _facts={**facts, "text": text})
    # What lies behind it, as texts: such as what a gateway or a key service said.
    inner: BaseException = error
    for cause in facts["causes"]:
        inner.__cause__ = Exception(cause)
        inner = inner.__cause__
    return error
