"""The face of the package, as other people's programs use it."""

from __future__ import annotations

import datetime as dt
import pickle
from decimal import Decimal
from typing import Any

import pytest
from conftest import TOP_UP, Sandbox

import oneclickdz
from oneclickdz import OrderState


def test_account(client: oneclickdz.Client) -> None:
    assert client.ping().is_ok
    info = client.account.validate()
    assert info.environment is oneclickdz.Environment.SANDBOX
    balance = client.account.balance().amount
    assert isinstance(balance, Decimal) and balance == 100_000


def test_a_top_up_to_its_end(client: oneclickdz.Client, sandbox: Sandbox) -> None:
    plans = client.mobile.plans()
    assert plans.dynamic and plans.fixed and plans.get_menu
    assert "PREPAID_DJEZZY" in {plan.code for plan in plans.dynamic}
    order = client.mobile.send(
        plan_code="PREPAID_DJEZZY", number="0778037340", amount=500, ref="order-1001", owner="user-7"
    )
    assert (order.ref, order.owner, order.is_settled) == ("order-1001", "user-7", False)
    order = order.wait(timeout=30)
    assert order.state is OrderState.FULFILLED and order.state == "fulfilled" and order.is_settled
    assert order.status == "FULFILLED" and order.id and order.service == "mobile"
    assert order.charged == Decimal("496.25") and order.refunded is None
    assert (order.refund_message, order.suggested_offers) == (None, ())
    assert client.account.balance().amount == Decimal("99503.75")
    again = client.mobile.send(**TOP_UP, ref="order-1001")
    assert again.id == order.id and len(sandbox.orders()) == 1


def test_an_internet_card(client: oneclickdz.Client) -> None:
    assert any(card.value == 1000 and card.is_available for card in client.internet.products("ADSL"))
    assert client.internet.check_number("ADSL", "036362608").type == "adsl"
    quote = client.internet.quote(type="ADSL", number="036362608", value=1000, max_price="990.5")
    assert quote.is_affordable and quote.price is not None and quote.price < 991
    order = client.internet.send(type="ADSL", number="036362608", value=1000, ref="adsl-1").wait(timeout=30)
    assert order.state == "fulfilled" and order.card_count == 1
    card = client.internet.check_by_ref("adsl-1").card
    assert card is not None and card.code.expose() not in repr(card) + str(card.code) + str(card.to_dict())
    order = client.internet.send(type="4G", number="213472731602", value=1000, ref="4g-1")
    assert order.service is oneclickdz.Service.INTERNET


def test_gift_cards(client: oneclickdz.Client) -> None:
    catalog = client.gift_cards.catalog()
    listing = next(product for product in catalog.categories[0].products if product.is_enabled)
    offer = next(kind for kind in client.gift_cards.product(listing.id).types if kind.is_in_stock)
    order = client.gift_cards.order(product_id=listing.id, type_id=offer.id, quantity=2, ref="cards-1")
    order = order.wait(timeout=30)
    assert order.state == "fulfilled" and order.id is not None
    cards = client.gift_cards.check_order(order.id).cards
    assert len(cards) == 2 and all(card.code.expose() for card in cards)
    assert cards[0].code.expose() not in repr(cards)


def test_cards_are_revealed_on_purpose_and_on_record(client: oneclickdz.Client) -> None:
    client.internet.send(type="ADSL", number="036362608", value=1000, ref="adsl-1", owner="user-7").wait(timeout=30)
    [card] = client.cards.reveal("adsl-1", owner="user-7", actor="api")
    assert isinstance(card.code, str) and card.code and card.serial is None
    assert card.code not in f"{card!r} {card} {card.to_dict()} {[card]}" and "[redacted]" in repr(card)
    with pytest.raises(TypeError):
        pickle.dumps(card)
    with pytest.raises(oneclickdz.OrderNotFoundError):
        client.cards.reveal("adsl-1", owner="user-8", actor="api")
    events = [entry.event.value for entry in client.audit.entries()]
    assert events[-2:] == ["card_revealed", "reveal_refused"]
    assert client.audit.verify().is_intact
    assert client.cards.purge(older_than=dt.datetime.now(dt.timezone.utc) + dt.timedelta(days=1)).cards == 1
    with pytest.raises(oneclickdz.AlreadyPurgedError):
        client.cards.reveal("adsl-1", owner="user-7")
    assert client.cards.rekey().unreadable == 0


def test_no_card_is_bought_without_a_vault_key(options: dict[str, Any], sandbox: Sandbox) -> None:
    with oneclickdz.Client(**options | {"vault_key": None}) as client:
        with pytest.raises(oneclickdz.VaultKeyMissingError) as caught:
            client.internet.send(type="ADSL", number="036362608", value=1000)
    assert isinstance(caught.value, oneclickdz.VaultError) and sandbox.orders() == []
    for wrong in ("", "short", b"x" * 31, "0" * 64, 7, [b"x"], object()):
        with pytest.raises(oneclickdz.ConfigError) as refused:
            oneclickdz.Client(**options | {"vault_key": wrong})
        assert refused.value.field == "vault_key"
    keys = [oneclickdz.make_vault_key(), options["vault_key"]]
    with oneclickdz.Client(**options | {"vault_key": keys}) as client:
        assert client.internet.send(type="ADSL", number="036362608", value=1000).wait(timeout=30).card_count == 1


def test_a_payment_link(client: oneclickdz.Client, sandbox: Sandbox) -> None:
    link = client.payment_links.create(title="Order 7", amount=1500, fee_mode="split_fee")
    assert link.payment_url.startswith("http")
    assert client.payment_links.check(link.payment_ref).state is oneclickdz.PaymentState.PENDING
    assert link.created_at is not None and link.created_at.tzinfo is not None


def test_lists_are_read_lazily(client: oneclickdz.Client) -> None:
    for number in range(5):
        client.mobile.send(**TOP_UP, ref=f"list-{number}").wait(timeout=30)
    entries = client.account.transactions(page_size=2)
    first = next(entries)
    assert first.kind is oneclickdz.TransactionKind.FLEXY and first.amount == Decimal("496.25")
    assert len(list(entries)) == 4
    assert {topup.ref for topup in client.mobile.list(page_size=2)} == {f"list-{number}" for number in range(5)}
    now = dt.datetime.now(dt.timezone.utc)
    with pytest.raises(oneclickdz.ValidationError) as caught:
        client.account.transactions(since=now)
    assert caught.value.field == "until"


def test_the_journal(client: oneclickdz.Client) -> None:
    client.mobile.send(**TOP_UP, ref="journal-1").wait(timeout=30)
    assert client.orders.get("journal-1").state == "fulfilled"
    assert [order.ref for order in client.orders.list(state="fulfilled")] == ["journal-1"]
    assert client.orders.list(state=OrderState.UNCERTAIN) == ()
    events = list(client.orders.events(wait=False))
    assert [event.order.state.value for event in events] == [event.order.state for event in events]
    assert events[-1].order.state == "fulfilled" and events[-1].from_ == "accepted"
    client.orders.ack(events[-1].cursor)
    assert list(client.orders.events(wait=False)) == []
    assert len(list(client.orders.events(after="0", wait=False))) == len(events)
    assert client.orders.history("journal-1")[-1].order.is_settled
    with pytest.raises(oneclickdz.NotFoundError):
        client.orders.get("never-sent")
    with pytest.raises(oneclickdz.ValidationError):
        client.orders.resolve("journal-1", decision="refunded", actor="me", note="no")


def test_books_agree(client: oneclickdz.Client, sandbox: Sandbox) -> None:
    client.mobile.send(**TOP_UP, ref="books-1").wait(timeout=30)
    now = dt.datetime.now(dt.timezone.utc)
    report = client.reconcile(since=now - dt.timedelta(hours=1), until=now + dt.timedelta(hours=1))
    assert report.records_compared == 1 and report.findings == ()


def test_updates_of_an_order(client: oneclickdz.Client) -> None:
    order = client.mobile.send(**TOP_UP, ref="updates-1")
    assert [update.state.value for update in order.updates()][-1] == "fulfilled"
    assert order.refresh().is_settled


def test_a_refund_tells_why_and_what_else(client: oneclickdz.Client) -> None:
    order = client.mobile.send(plan_code="PREPAID_DJEZZY", number="0600000001", amount=500, ref="refund-1")
    order = order.wait(timeout=30)
    assert (order.state, order.refunded) == ("refunded", Decimal("496.25")) and order.refund_message
    order = client.mobile.send(plan_code="PREPAID_DJEZZY", number="0600000002", amount=500, ref="refund-2")
    assert order.wait(timeout=30).suggested_offers


def test_still_pending_carries_the_order(client: oneclickdz.Client) -> None:
    order = client.mobile.send(plan_code="PREPAID_DJEZZY", number="0600000003", amount=500, ref="pending-1")
    with pytest.raises(oneclickdz.StillPending) as caught:
        order.wait(timeout=0.5)
    error = caught.value
    assert error.order.ref == error.ref == "pending-1" and not error.order.is_settled
    assert error.delivery is None and error.next_check_at is not None and error.next_check_at.tzinfo is not None
    assert error.outcome == "unknown" and isinstance(error.order, oneclickdz.OrderHandle)


def test_a_closed_client(options: dict[str, Any]) -> None:
    with oneclickdz.Client(**options) as client:
        client.ping()
    client.close()
    with pytest.raises(oneclickdz.ClosedError):
        client.ping()


def test_the_key_can_be_changed(options: dict[str, Any]) -> None:
    with oneclickdz.Client(**options | {"api_key": "no-such-key"}) as client:
        with pytest.raises(oneclickdz.AuthenticationError) as caught:
            client.account.balance()
        assert caught.value.attempts_left is not None and "no-such-key" not in str(caught.value)
        client.set_api_key("sandbox-key")
        assert client.account.balance().amount > 0


def test_the_expected_environment(options: dict[str, Any], sandbox: Sandbox) -> None:
    with oneclickdz.Client(**options, expect="production") as client:
        with pytest.raises(oneclickdz.EnvironmentMismatchError):
            client.mobile.send(**TOP_UP)
    assert sandbox.orders() == []


def test_hooks_go_around_every_call(options: dict[str, Any]) -> None:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    tracer = provider.get_tracer("shop")

    def hook(operation: str, ref: str | None) -> Any:
        return tracer.start_as_current_span(f"oneclickdz.{operation}", attributes={"oneclickdz.ref": ref or ""})

    with oneclickdz.Client(**options, hook=hook) as client:
        client.mobile.send(**TOP_UP, ref="traced-1")
        with pytest.raises(oneclickdz.NotFoundError):
            client.mobile.check_by_id("000000000000000000000000")
    spans = exporter.get_finished_spans()
    assert [span.name for span in spans][:2] == ["oneclickdz.mobile.send", "oneclickdz.mobile.check_id"]
    assert spans[0].attributes and spans[0].attributes["oneclickdz.ref"] == "traced-1"
    assert spans[1].status.status_code.name == "ERROR"


def test_a_hook_changes_nothing_of_what_comes_of_a_call(
    options: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    class Failing:
        def __enter__(self) -> None: ...

        def __exit__(self, *raised: object) -> bool:
            if raised[0] is None:
                raise RuntimeError("the tracer is down")
            return True

    with oneclickdz.Client(**options, hook=lambda operation, ref: Failing()) as client:
        assert client.mobile.send(**TOP_UP, ref="hooked-1").ref == "hooked-1"
        with pytest.raises(oneclickdz.NotFoundError):
            client.mobile.check_by_id("000000000000000000000000")
    assert "the hook given to oneclickdz raised" in caplog.text
    with pytest.raises(oneclickdz.ConfigError) as caught:
        oneclickdz.Client(**options, hook=5)  # type: ignore[arg-type]
    assert caught.value.field == "hook"
