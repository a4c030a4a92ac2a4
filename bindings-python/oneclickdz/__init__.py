# Made by `make gen`; do not edit.
"""The OneClickDz engine for Python: mobile top-ups, internet cards, gift cards and payment links over the OneClickDz API,
with the money rules built in.

    import oneclickdz

    with oneclickdz.Client(expect="sandbox") as client:  # ONECLICKDZ_API_KEY
        order = client.mobile.send(plan_code="PREPAID_DJEZZY", number="0778037340", amount=500, ref="order-1001")
        print(order.wait(timeout=300).state)

A top-up with a ref takes effect at most once; a gift card is never bought twice automatically; nothing sent is ever
forgotten, or told as failed without proof; a card code never leaks.
"""

import sys

if sys.version_info < (3, 12):
    # Later versions refuse by themselves; before, the second interpreter would share the first one's objects.
    _interpreters = __import__("_xxsubinterpreters")
    if _interpreters.get_current() != _interpreters.get_main():
        raise ImportError("oneclickdz does not support loading in subinterpreters: import it in the main one")
    del _interpreters
del sys

from ._native import (
    AccountTransaction,
    AuditEntry,
    AuditReport,
    Balance,
    Card,
    Delivery,
    DynamicPlan,
    EmailSettings,
    Finding,
    FixedPlan,
    GiftCard,
    GiftCardCatalog,
    GiftCardCategory,
    GiftCardListing,
    GiftCardOrder,
    GiftCardProduct,
    GiftCardType,
    Health,
    HttpSmsGateway,
    ImportReport,
    InAppCards,
    InternetCard,
    InternetLine,
    InternetProduct,
    InternetTopup,
    KeyInfo,
    MobilePlans,
    MobileTopup,
    OperatorHealth,
    Order,
    OrderEvent,
    Payment,
    PaymentLink,
    PurgeReport,
    Quote,
    Reconciliation,
    RekeyReport,
    Secret,
    SmsMessage,
    SuggestedOffer,
    __version__,
    make_ref,
    make_vault_key,
)
from ._sync import (
    Client,
)
from ._sync_cards import (
    DeliveryHandle,
)
from ._sync_orders import (
    OrderHandle,
)
from .errors import (
    AlreadyPurgedError,
    ApiDisabledError,
    AuthUnavailableError,
    AuthenticationError,
    ClosedError,
    ConfigError,
    DeliveryFailedError,
    DuplicatedRefError,
    EndpointNotFoundError,
    EnvironmentMismatchError,
    ForbiddenError,
    InsufficientBalanceError,
    InternalError,
    InternalServerError,
    InvalidNumberError,
    IpBlockedError,
    IpNotAllowedError,
    JournalError,
    LinkExpiredError,
    NotFoundError,
    OneClickDzError,
    OrderNotFoundError,
    OrderNotReadyError,
    OutOfStockError,
    RateLimitedError,
    RefConflictError,
    RefusedError,
    RequestTimeoutError,
    ResponseTooLargeError,
    ServiceUnavailableError,
    SmsRefused,
    StillPending,
    TransportError,
    UnreadableResponseError,
    ValidationError,
    VaultError,
    VaultKeyLostError,
    VaultKeyMissingError,
    VaultTamperedError,
    VaultUnavailableError,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ._async import (
        AsyncClient,
    )
    from ._async_cards import (
        AsyncDeliveryHandle,
    )
    from ._async_orders import (
        AsyncOrderHandle,
    )
    from ._enums import (
        AuditEvent,
        DeliveryChannel,
        DeliveryState,
        EmailSecurity,
        Environment,
        ErrorKind,
        FeeMode,
        FindingKind,
        GiftCardPaths,
        InternetType,
        KeyScope,
        Language,
        Operator,
        OrderState,
        Outcome,
        PaymentState,
        PollAdvice,
        RemoteState,
        RetryAdvice,
        Service,
        TemplateKind,
        TransactionKind,
    )
else:
    _LATER = {
        "AsyncClient": "_async",
        "AsyncDeliveryHandle": "_async_cards",
        "AsyncOrderHandle": "_async_orders",
        "AuditEvent": "_enums",
        "DeliveryChannel": "_enums",
        "DeliveryState": "_enums",
        "EmailSecurity": "_enums",
        "Environment": "_enums",
        "ErrorKind": "_enums",
        "FeeMode": "_enums",
        "FindingKind": "_enums",
        "GiftCardPaths": "_enums",
        "InternetType": "_enums",
        "KeyScope": "_enums",
        "Language": "_enums",
        "Operator": "_enums",
        "OrderState": "_enums",
        "Outcome": "_enums",
        "PaymentState": "_enums",
        "PollAdvice": "_enums",
        "RemoteState": "_enums",
        "RetryAdvice": "_enums",
        "Service": "_enums",
        "TemplateKind": "_enums",
        "TransactionKind": "_enums",
    }

    def __getattr__(name):
        if name not in _LATER:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import import_module

        value = globals()[name] = getattr(import_module(f"{__name__}.{_LATER[name]}"), name)
        return value

    def __dir__():
        return sorted({*globals(), *__all__})


__all__ = [
    "AccountTransaction",
    "AlreadyPurgedError",
    "ApiDisabledError",
    "AsyncClient",
    "AsyncDeliveryHandle",
    "AsyncOrderHandle",
    "AuditEntry",
    "AuditEvent",
    "AuditReport",
    "AuthUnavailableError",
    "AuthenticationError",
    "Balance",
    "Card",
    "Client",
    "ClosedError",
    "ConfigError",
    "Delivery",
    "DeliveryChannel",
    "DeliveryFailedError",
    "DeliveryHandle",
    "DeliveryState",
    "DuplicatedRefError",
    "DynamicPlan",
    "EmailSecurity",
    "EmailSettings",
    "EndpointNotFoundError",
    "Environment",
    "EnvironmentMismatchError",
    "ErrorKind",
    "FeeMode",
    "Finding",
    "FindingKind",
    "FixedPlan",
    "ForbiddenError",
    "GiftCard",
    "GiftCardCatalog",
    "GiftCardCategory",
    "GiftCardListing",
    "GiftCardOrder",
    "GiftCardPaths",
    "GiftCardProduct",
    "GiftCardType",
    "Health",
    "HttpSmsGateway",
    "ImportReport",
    "InAppCards",
    "InsufficientBalanceError",
    "InternalError",
    "InternalServerError",
    "InternetCard",
    "InternetLine",
    "InternetProduct",
    "InternetTopup",
    "InternetType",
    "InvalidNumberError",
    "IpBlockedError",
    "IpNotAllowedError",
    "JournalError",
    "KeyInfo",
    "KeyScope",
    "Language",
    "LinkExpiredError",
    "MobilePlans",
    "MobileTopup",
    "NotFoundError",
    "OneClickDzError",
    "Operator",
    "OperatorHealth",
    "Order",
    "OrderEvent",
    "OrderHandle",
    "OrderNotFoundError",
    "OrderNotReadyError",
    "OrderState",
    "OutOfStockError",
    "Outcome",
    "Payment",
    "PaymentLink",
    "PaymentState",
    "PollAdvice",
    "PurgeReport",
    "Quote",
    "RateLimitedError",
    "Reconciliation",
    "RefConflictError",
    "RefusedError",
    "RekeyReport",
    "RemoteState",
    "RequestTimeoutError",
    "ResponseTooLargeError",
    "RetryAdvice",
    "Secret",
    "Service",
    "ServiceUnavailableError",
    "SmsMessage",
    "SmsRefused",
    "StillPending",
    "SuggestedOffer",
    "TemplateKind",
    "TransactionKind",
    "TransportError",
    "UnreadableResponseError",
    "ValidationError",
    "VaultError",
    "VaultKeyLostError",
    "VaultKeyMissingError",
    "VaultTamperedError",
    "VaultUnavailableError",
    "__version__",
    "make_ref",
    "make_vault_key",
]
