# Made by `make gen`; do not edit.
"""Closed sets of words. Each member is also its word: `OrderState.FULFILLED == "fulfilled"`."""

from __future__ import annotations

import enum


class _Word(str, enum.Enum):
    def __str__(self) -> str:
        return str.__str__(self.value)

    def __format__(self, spec: str) -> str:
        return str.__format__(self.value, spec)


class Environment(_Word):
    """Which of the two worlds a key belongs to. Only the key decides: host and paths are the same (PROTOCOL §1)."""

    SANDBOX = "sandbox"
    """Play money."""
    PRODUCTION = "production"
    """Real money."""
    UNKNOWN = "unknown"
    """A word that this version does not know."""


class KeyScope(_Word):
    """What a key may do."""

    READ_WRITE = "read_write"
    """Reads and orders."""
    READ_ONLY = "read_only"
    """Reads only."""
    UNKNOWN = "unknown"
    """A word that this version does not know."""


class Service(_Word):
    """The three kinds of orders."""

    MOBILE = "mobile"
    """Mobile top-up."""
    INTERNET = "internet"
    """ADSL or 4G card."""
    GIFT_CARDS = "gift_cards"
    """Gift cards."""


class OrderState(_Word):
    """Where an order stands, as the engine believes on proof (docs/adr/0007)."""

    RECORDED = "recorded"
    """The intent is written down; nothing was sent."""
    SENDING = "sending"
    """A request may have left."""
    ACCEPTED = "accepted"
    """The service gave an id and works on it."""
    DEFERRED = "deferred"
    """`QUEUED`: done in 12 to 48 hours; neither a success nor a failure (PROTOCOL §6)."""
    UNCERTAIN = "uncertain"
    """Nobody knows yet whether the order exists or how it ends. Do not refund, do not buy again."""
    NEEDS_REVIEW = "needs_review"
    """Uncertain for longer than the service promises, or a match that cannot be proven: a person decides."""
    FULFILLED = "fulfilled"
    """Delivered and charged."""
    PARTIALLY_FILLED = "partially_filled"
    """Some cards were delivered and charged, the rest was charged back (gift cards)."""
    REFUNDED = "refunded"
    """Not delivered, charged back."""
    REFUSED = "refused"
    """The service said no before charging."""
    EXPIRED = "expired"
    """Never sent, and never will be: its `send_before` has passed."""

    @property
    def is_settled(self) -> bool:
        """Whether the order has reached its end."""
        return self in _SETTLED


class RemoteState(_Word):
    """What the service's own status word says (PROTOCOL §6)."""

    PENDING = "pending"
    """Being worked on."""
    SUCCEEDED = "succeeded"
    """Delivered."""
    PARTIAL = "partial"
    """Some cards delivered, the rest charged back."""
    REFUNDED = "refunded"
    """Charged back."""
    DEFERRED = "deferred"
    """`QUEUED`: done in 12 to 48 hours."""
    UNCERTAIN = "uncertain"
    """`UNKNOWN_ERROR`: settles within 24 hours, one way or the other."""
    UNKNOWN = "unknown"
    """A word that this version does not know: not final."""


class PollAdvice(_Word):
    """What a reader of a status should do next (PROTOCOL §7)."""

    CONTINUE = "continue"
    """Ask again in 5 to 10 seconds."""
    STOP = "stop"
    """Nothing will change any more."""
    LATER = "later"
    """Ask again in hours."""


class InternetType(_Word):
    """Fixed-line or 4G internet."""

    ADSL = "adsl"
    """ADSL or fibre over the landline; nine-digit numbers."""
    FOUR_G = "four_g"
    """4G; twelve-digit numbers with the country code."""


class DeliveryChannel(_Word):
    """The ways on which codes are sent to a customer."""

    EMAIL = "email"
    """E-mail over SMTP."""
    SMS = "sms"
    """Text messages through the shop's gateway."""


class EmailSecurity(_Word):
    """How the connection to a mail server is encrypted."""

    START_TLS = "start_tls"
    """In plain text first, then encrypted; a server that cannot is not used."""
    TLS = "tls"
    """From the first byte."""
    NONE = "none"
    """Not at all: for a server on this machine only."""


class TemplateKind(_Word):
    """The texts that a shop can replace by its own."""

    EMAIL_SUBJECT = "email_subject"
    """The subject of an e-mail. Never holds a code."""
    EMAIL_TEXT = "email_text"
    """The plain text of an e-mail."""
    EMAIL_HTML = "email_html"
    """The HTML of an e-mail."""
    SMS = "sms"
    """A text message."""


class Operator(_Word):
    """The mobile operators that plans are sold for."""

    MOBILIS = "mobilis"
    """Mobilis, 06x."""
    DJEZZY = "djezzy"
    """Djezzy, 07x."""
    OOREDOO = "ooredoo"
    """Ooredoo, 05x."""
    PIXX = "pixx"
    """Pixx."""
    G_MOBILIS = "g_mobilis"
    """Mobilis wholesale."""
    UNKNOWN = "unknown"
    """A word that this version does not know."""


class TransactionKind(_Word):
    """What kind of movement a line of the account's ledger is (PROTOCOL §15)."""

    DEPOSIT = "deposit"
    """Money paid in."""
    REFUND_FLEXY = "refund_flexy"
    """A mobile top-up charged back."""
    REFUND_ADSL = "refund_adsl"
    """An internet card charged back."""
    REFUND_ORDER = "refund_order"
    """A gift-card order charged back, wholly or in part."""
    RECEIVE = "receive"
    """Received from another account."""
    POINT_EXCHANGE = "point_exchange"
    """Loyalty points turned into balance."""
    FLEXY = "flexy"
    """A mobile top-up."""
    ADSL = "adsl"
    """An internet card."""
    ORDER = "order"
    """A gift-card order."""
    WITHDRAW = "withdraw"
    """Money taken out."""
    SEND = "send"
    """Sent to another account."""
    SERVICE = "service"
    """A service fee."""
    UNKNOWN = "unknown"
    """A word that this version does not know."""


class FeeMode(_Word):
    """Who pays the fee of a payment link (PROTOCOL §6)."""

    NO_FEE = "no_fee"
    """The merchant; the default."""
    SPLIT_FEE = "split_fee"
    """Half and half."""
    CUSTOMER_FEE = "customer_fee"
    """The customer."""


class PaymentState(_Word):
    """Where a payment stands."""

    PENDING = "pending"
    """Not started, or at the bank."""
    CONFIRMED = "confirmed"
    """Credited to the balance: fulfil now, and only now."""
    FAILED = "failed"
    """Declined, cancelled or expired: create a new link."""
    UNKNOWN = "unknown"
    """A word that this version does not know: not final."""


class Outcome(_Word):
    """Whether money may have moved when a call failed."""

    NOT_SENT = "not_sent"
    """Nothing that could move money left this machine."""
    REFUSED = "refused"
    """The service answered and did nothing."""
    UNKNOWN = "unknown"
    """The order may exist. Look it up by its `ref`; do not refund, do not buy again."""


class RetryAdvice(_Word):
    """Whether the same call may be made again (PROTOCOL §8, §9)."""

    NEVER = "never"
    """It would fail again, or do harm."""
    SAFE = "safe"
    """At any time, with a pause."""
    CHECK_FIRST = "check_first"
    """Only after the order was looked up by its `ref`."""
    AFTER_WAIT = "after_wait"
    """After the time that the error names."""


class ErrorKind(_Word):
    """What went wrong. The word is stable: programs may compare it."""

    VALIDATION = "validation"
    """A value breaks a rule; `field` names it where that is known. The outcome tells who refused it: `not_sent` this
    library, `refused` the service.
    """
    INVALID_NUMBER = "invalid_number"
    """The number is not valid for the service."""
    OUT_OF_STOCK = "out_of_stock"
    """The card or product is out of stock."""
    INSUFFICIENT_BALANCE = "insufficient_balance"
    """The balance is too low; `required` and `available` tell by how much when the service says so."""
    DUPLICATED_REF = "duplicated_ref"
    """The service already has an order with this `ref`."""
    REF_CONFLICT = "ref_conflict"
    """This `ref` already stands for another request."""
    NOT_FOUND = "not_found"
    """No order, product or payment of that name, or not yours."""
    ENDPOINT_NOT_FOUND = "endpoint_not_found"
    """The path is unknown to the service's router: says nothing about any order."""
    LINK_EXPIRED = "link_expired"
    """The payment link has expired."""
    AUTHENTICATION = "authentication"
    """The key is missing, wrong, expired or revoked. All calls with it stop until it is changed."""
    IP_BLOCKED = "ip_blocked"
    """Too many bad keys came from this address: about 15 minutes of silence."""
    IP_NOT_ALLOWED = "ip_not_allowed"
    """This address is not on the key's list."""
    API_DISABLED = "api_disabled"
    """The key or the API is switched off."""
    FORBIDDEN = "forbidden"
    """The key may not do this."""
    ENVIRONMENT_MISMATCH = "environment_mismatch"
    """The key is of the other environment than the one expected. Nothing was sent."""
    RATE_LIMITED = "rate_limited"
    """Too many requests; `retry_after` says how long to wait."""
    INTERNAL_SERVER_ERROR = "internal_server_error"
    """The service failed. On a send the order often completes anyway (PROTOCOL §5)."""
    SERVICE_UNAVAILABLE = "service_unavailable"
    """The service is down for the moment."""
    AUTH_UNAVAILABLE = "auth_unavailable"
    """The service could not verify the key in time; the key is not at fault."""
    REFUSED = "refused"
    """The service refused with a code that this version does not know; `wire_code` has it."""
    TRANSPORT = "transport"
    """No connection, or it broke."""
    TIMEOUT = "timeout"
    """The time given was over."""
    UNREADABLE_RESPONSE = "unreadable_response"
    """The answer is not what the service sends: HTML, empty, cut off, a redirect, a missing field."""
    RESPONSE_TOO_LARGE = "response_too_large"
    """The answer is larger than the limit of the configuration."""
    CONFIG = "config"
    """The client is configured in a way that cannot work."""
    STILL_PENDING = "still_pending"
    """The time to wait is over, or nothing will be learnt within it, and the order goes on; the error carries it."""
    JOURNAL = "journal"
    """The journal cannot be read or written. Nothing was sent."""
    VAULT_KEY_MISSING = "vault_key_missing"
    """Cards are bought only with a vault key, which seals them; none was given. Nothing was sent."""
    VAULT_KEY_LOST = "vault_key_lost"
    """The card was sealed with a key that this client was not given."""
    VAULT_TAMPERED = "vault_tampered"
    """The sealed card was changed, or belongs to another order."""
    VAULT_UNAVAILABLE = "vault_unavailable"
    """The source of the vault's keys gave none for the moment."""
    ORDER_NOT_READY = "order_not_ready"
    """The order has no cards to show yet."""
    ORDER_NOT_FOUND = "order_not_found"
    """No order of this reference, or it belongs to another owner."""
    ALREADY_PURGED = "already_purged"
    """The order's codes were destroyed after their retention time."""
    DELIVERY_FAILED = "delivery_failed"
    """A card could not be delivered; the cause is kept."""
    CLOSED = "closed"
    """The client was closed."""
    INTERNAL = "internal"
    """A defect of this library."""


class FindingKind(_Word):
    """What a comparison of the journal with the service's books found (PROTOCOL §11, §15)."""

    MISSING_HERE = "missing_here"
    """The service has an order, or a charge, that the journal lacks."""
    MISSING_THERE = "missing_there"
    """The journal has an order by the service's id, and the service shows none, or another one, under it."""
    STATE_DIFFERS = "state_differs"
    """The two sides tell different states."""
    AMOUNT_DIFFERS = "amount_differs"
    """The two sides tell different amounts."""
    REFUND_NOT_SEEN = "refund_not_seen"
    """A refund that only one side knows: the ledger has one for an order that is neither `refunded` nor
    `partially_filled` here, or it has none for an order that is.
    """
    CHARGE_NOT_SEEN = "charge_not_seen"
    """An order that should have been charged has no charge in the ledger."""
    GIFT_CARDS_UNCLAIMED = "gift_cards_unclaimed"
    """A gift-card purchase at the service that no order of the journal claims."""
    BALANCE_DIFFERS = "balance_differs"
    """The ledger's balances do not follow from each other, or do not lead to the account's balance."""


class AuditEvent(_Word):
    """What an entry of the audit log tells."""

    ORDER_SENT = "order_sent"
    """A request for an order may have left."""
    ORDER_SETTLED = "order_settled"
    """An order reached its end; the entry's `detail` is its state."""
    ORDER_DECIDED = "order_decided"
    """A person decided on an order; `detail` is the state."""
    ORDER_REPAIRED = "order_repaired"
    """A comparison with the service's books changed an order; `detail` is its state."""
    CARD_REVEALED = "card_revealed"
    """An order's codes were shown."""
    REVEAL_REFUSED = "reveal_refused"
    """An order's codes were asked for and not shown; `detail` is the error's word."""
    DELIVERY_QUEUED = "delivery_queued"
    """A delivery was asked for; `detail` is the message's id."""
    CARD_DELIVERED = "card_delivered"
    """A channel took an order's codes; `detail` is the message's id."""
    DELIVERY_FAILED = "delivery_failed"
    """A delivery was given up; `detail` is the message's id."""
    CARDS_PURGED = "cards_purged"
    """An order's codes were destroyed."""
    CARD_IMPORTED = "card_imported"
    """A card of another program's store was taken over."""
    KEY_ADDED = "key_added"
    """A vault key was used to seal for the first time; `detail` is its id."""
    CARDS_REKEYED = "cards_rekeyed"
    """Cards were sealed anew; `detail` is the new key's id."""


class DeliveryState(_Word):
    """Where a delivery stands."""

    WAITING = "waiting"
    """Not yet taken by its channel; it is tried again by itself."""
    SENT = "sent"
    """Its channel took it."""
    FAILED = "failed"
    """Given up."""


class Language(_Word):
    """Languages of texts for people."""

    ARABIC = "ar"
    """العربية"""
    FRENCH = "fr"
    """Français"""
    ENGLISH = "en"
    """English"""


class GiftCardPaths(_Word):
    """Which spelling of two gift-card paths is tried first; the other one follows where the service's router does not know
    the first (PROTOCOL §18 rows 1 and 2).
    """

    CAMEL_CASE = "camel_case"
    """`/checkOrder`, `/checkProduct`: what callers have seen the service answer to. The default."""
    KEBAB_CASE = "kebab_case"
    """`/check-order`, `/check-product`: the Arabic guides."""


_SETTLED = frozenset((OrderState.FULFILLED, OrderState.PARTIALLY_FILLED, OrderState.REFUNDED, OrderState.REFUSED, OrderState.EXPIRED))
