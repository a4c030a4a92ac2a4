# Made by `make gen`; do not edit.
"""The same as `_async_cards.py`, for the sync client."""

from __future__ import annotations

import os

from ._sync_calls import finish
from ._sync_orders import OrderHandle
from ._sync_streams import each
from ._native import BoundDelivery
from .errors import StillPending

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime, timedelta
    from decimal import Decimal
    from typing import TextIO

    from ._enums import DeliveryChannel, InternetType, Language
    from ._native import (
        AuditEntry,
        AuditReport,
        Call,
        Card,
        Delivery,
        Engine,
        ImportReport,
        InAppCards,
        Pages,
        PurgeReport,
        RekeyReport,
    )

    Money = int | Decimal | str
    Seconds = float | timedelta


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
        return each(self._engine, self._engine.audit_entries(after))

    def export(self, to: str | os.PathLike[str] | TextIO) -> int:
        """Writes all entries as lines of JSON into a new file, or into one that is open for text; says how many."""
        # Asked for first: a closed client empties no file.
        pages = self._engine.audit_lines()
        if isinstance(to, (str, os.PathLike)):
            with open(to, "w", encoding="utf-8", newline="\n") as file:
                return self._write(file, pages)
        return self._write(to, pages)

    def _write(self, file: TextIO, pages: Pages[str]) -> int:
        count = 0
        for lines in each(self._engine, pages):
            file.write(lines)
            count += lines.count("\n")
        return count


class DeliveryHandle(BoundDelivery):
    """A message with an order's codes as it was when last looked at, with the means to follow it."""

    def wait(self, timeout: Seconds = 300.0) -> DeliveryHandle:
        """Follows the message until its channel has taken it, for at most `timeout` seconds.

        Raises `DeliveryFailedError` when it is given up, and `StillPending`, which carries the delivery and its order, when
        the time is over: it goes on. Ending the wait early never ends the delivery.
        """
        engine = self._engine
        try:
            return _handle(engine, engine.delivery_wait(self.id, timeout))
        except StillPending as error:
            error._learn(
                order=error.order and OrderHandle(engine, error.order),
                delivery=error.delivery and DeliveryHandle(engine, error.delivery),
            )
            raise


def _handle(engine: Engine, call: Call[Delivery]) -> DeliveryHandle:
    return DeliveryHandle(engine, finish(engine, call))


class Courier:
    """Sends codes to customers, by the client's `email` and `sms`, and keeps the receipts."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def deliver(
        self,
        ref: str,
        *,
        channel: DeliveryChannel | str,
        to: str,
        language: Language | str,
        owner: str | None = None,
        actor: str | None = None,
        title: str | None = None,
        again: str | None = None,
        address: str | None = None,
        agent: str | None = None,
    ) -> DeliveryHandle:
        """Has an order's codes sent to its customer. The message is on disk when this returns, and is tried for two days,
        also by the next process of the journal. The same request again is the same message.

        `channel` is `email` or `sms`, `to` an address or a mobile number, `language` `ar`, `fr` or `en`. `owner` must be
        the order's owner where it has one. `title` is what you call what was bought. `again` is a word of yours that makes
        this another message, when the customer has lost the first. `actor`, `address` (network) and `agent` (program) are
        for the audit log.
        """
        given = {
            "ref": ref,
            "channel": channel,
            "to": to,
            "language": language,
            "owner": owner,
            "actor": actor,
            "title": title,
            "again": again,
            "address": address,
            "agent": agent,
        }
        return _handle(self._engine, self._engine.delivery_deliver(given))

    def get(self, id: str) -> DeliveryHandle:
        """One message by its id."""
        return _handle(self._engine, self._engine.delivery_get(id))

    def list(self, ref: str) -> tuple[DeliveryHandle, ...]:
        """The messages of one order, oldest first."""
        deliveries = finish(self._engine, self._engine.delivery_list(ref))
        return tuple(DeliveryHandle(self._engine, delivery) for delivery in deliveries)

    def in_app(
        self,
        ref: str,
        *,
        language: Language | str,
        title: str | None = None,
        owner: str | None = None,
        actor: str | None = None,
        reason: str | None = None,
        address: str | None = None,
        agent: str | None = None,
    ) -> InAppCards:
        """Opens an order's codes for the shop's own pages, with the words around them: a reveal like any other, checked and
        on record. `to_json()` gives the whole as JSON."""
        given = {
            "ref": ref,
            "language": language,
            "title": title,
            "owner": owner,
            "actor": actor,
            "reason": reason,
            "address": address,
            "agent": agent,
        }
        return finish(self._engine, self._engine.delivery_in_app(given))
