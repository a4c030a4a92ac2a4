"""Input of every wrong kind gives the package's own errors, before anything is sent."""

from __future__ import annotations

import datetime as dt
import itertools
from decimal import Decimal
from typing import Any

import pytest
from conftest import TOP_UP, Sandbox

import oneclickdz

NOW = dt.datetime.now(dt.timezone.utc)

MONEY = [5.0, float("nan"), True, "500 DA", "", "٥٠٠", "1e999999999", Decimal("NaN"), Decimal("Infinity"), Decimal("sNaN"),
         Decimal("1E+400"), 10**40, 10**6000, -500, 0, "-0", Decimal("500.5"), [500], {"amount": 1}, object(), b"500",
         "\ud800", 1j]  # fmt: skip
TEXTS = [None, 778037340, 5.5, True, b"0778037340", "", "😀", "\ud800", "\udfff0778", "0" * 1_000_000, "\x00", [], {}, object(),
         "٠٧٧٨٠٣٧٣٤٠", "+213778037340", "0778 037 340"]  # fmt: skip


@pytest.mark.parametrize("amount", MONEY, ids=itertools.count())
def test_money(client: oneclickdz.Client, amount: Any) -> None:
    with pytest.raises(oneclickdz.ValidationError) as caught:
        client.mobile.send(**TOP_UP | {"amount": amount})
    assert (caught.value.field, caught.value.outcome) == ("amount", "not_sent")
    with pytest.raises(oneclickdz.ValidationError) as caught:
        client.internet.send(type="ADSL", number="036362608", value=amount)
    assert caught.value.field == "value"
    with pytest.raises(oneclickdz.ValidationError) as caught:
        client.payment_links.create(title="Order 7", amount=amount)
    assert caught.value.field == "amount"


@pytest.mark.parametrize("number", TEXTS, ids=itertools.count())
def test_numbers(client: oneclickdz.Client, number: Any) -> None:
    with pytest.raises(oneclickdz.ValidationError) as caught:
        client.mobile.send(**TOP_UP | {"number": number})
    assert (caught.value.field, caught.value.outcome, caught.value.retryable) == ("number", "not_sent", False)
    assert len(str(caught.value)) < 1000


def test_a_number_kept_as_an_int_says_what_is_wrong(client: oneclickdz.Client) -> None:
    with pytest.raises(oneclickdz.ValidationError, match="int loses the zero") as caught:
        client.mobile.send(plan_code="PREPAID_DJEZZY", number=778037340, amount=500)  # type: ignore[arg-type]
    assert caught.value.code == "validation" and caught.value.operation == "mobile.send"


@pytest.mark.parametrize("ref", [7, 5.5, b"x", "\ud800", "r" * 1_000_000, "", "a b\n", []], ids=itertools.count())
def test_refs(client: oneclickdz.Client, sandbox: Sandbox, ref: Any) -> None:
    with pytest.raises(oneclickdz.ValidationError) as caught:
        client.mobile.send(**TOP_UP, ref=ref)
    assert caught.value.field == "ref" and sandbox.orders() == []


@pytest.mark.parametrize("value", [7, None, b"x", "\ud800", "no-such-type", "", "5G", 5.0], ids=itertools.count())
def test_words(client: oneclickdz.Client, value: Any) -> None:
    with pytest.raises(oneclickdz.ValidationError) as caught:
        client.internet.products(value)
    assert caught.value.field == "type" and "give" in caught.value.detail


@pytest.mark.parametrize("when", [NOW.replace(tzinfo=None), NOW.date(), "2026-01-01", 0, 1.5, True], ids=itertools.count())
def test_instants(client: oneclickdz.Client, when: Any) -> None:
    with pytest.raises(oneclickdz.ValidationError) as caught:
        client.reconcile(since=when, until=NOW)
    assert caught.value.field == "since"
    with pytest.raises(oneclickdz.ValidationError) as caught:
        client.mobile.send(**TOP_UP, send_before=when)
    assert caught.value.field == "send_before"


def test_instants_at_the_end_of_time(client: oneclickdz.Client) -> None:
    west = dt.timezone(dt.timedelta(hours=-23))
    with pytest.raises(oneclickdz.ValidationError):
        client.reconcile(since=dt.datetime.max.replace(tzinfo=west), until=NOW)
    assert client.orders.list(since=dt.datetime.max.replace(tzinfo=dt.timezone.utc)) == ()


@pytest.mark.parametrize("count", [0, -1, 1.0, "2", None, True, 2**32, 2**70, 1001], ids=itertools.count())
def test_counts(client: oneclickdz.Client, count: Any) -> None:
    with pytest.raises(oneclickdz.ValidationError) as caught:
        client.gift_cards.order(product_id="x", type_id="y", quantity=count)
    assert caught.value.field == "quantity"


@pytest.mark.parametrize("timeout", [None, "5", -1, float("nan"), float("inf"), 10**400, True, dt.timedelta(-1)], ids=itertools.count())
def test_seconds(client: oneclickdz.Client, options: dict[str, Any], timeout: Any) -> None:
    order = client.mobile.send(**TOP_UP)
    with pytest.raises(oneclickdz.ValidationError) as caught:
        order.wait(timeout=timeout)
    assert caught.value.field == "timeout"


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("api_key", 7), ("api_key", ""), ("api_key", "\ud800"), ("base_url", "http://api.oneclickdz.com"), ("base_url", 7),
        ("journal", 7), ("journal", ""), ("journal", "a\0b"), ("expect", "staging"), ("timeout", 0), ("timeout", "30"),
        ("timeout", float("nan")), ("poll_interval", 10**9), ("requests_per_second", 0), ("requests_per_second", -1),
        ("requests_per_second", 2.0), ("watches", 1), ("proxy", "::::"), ("extra_root", "no certificate"),
        ("app_name", "متجر"), ("gift_card_paths", "snake"), ("response_limit", 2**64), ("lease", dt.timedelta(days=999)),
    ],
)  # fmt: skip
def test_options(options: dict[str, Any], option: str, value: Any) -> None:
    with pytest.raises(oneclickdz.ConfigError) as caught:
        oneclickdz.Client(**options | {option: value})
    assert caught.value.field == option


def test_a_missing_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ONECLICKDZ_API_KEY", raising=False)
    with pytest.raises(oneclickdz.ConfigError) as caught:
        oneclickdz.Client()
    assert caught.value.field == "api_key" and "ONECLICKDZ_API_KEY" in caught.value.detail


def test_everything_else_that_takes_a_text(client: oneclickdz.Client) -> None:
    for value in (7, None, b"x", "\ud800", "x" * 1_000_000):
        for call in (
            client.mobile.check_by_id,
            client.internet.check_by_id,
            client.gift_cards.check_order,
            client.payment_links.check,
            client.orders.get,
            client.orders.ack,
        ):
            with pytest.raises(oneclickdz.ValidationError):
                call(value)  # type: ignore[arg-type]


def test_positional_arguments_are_a_mistake_of_the_program(client: oneclickdz.Client) -> None:
    with pytest.raises(TypeError):
        client.mobile.send("PREPAID_DJEZZY", "0778037340", 500)  # type: ignore[misc]
    with pytest.raises(TypeError):
        oneclickdz.Client("sandbox-key")  # type: ignore[misc]


@pytest.mark.parametrize("wait", [None, 0, 1, "x", [], object()], ids=itertools.count())
def test_events_wait_or_do_not(client: oneclickdz.Client, wait: Any) -> None:
    with pytest.raises(oneclickdz.ValidationError) as caught:
        list(client.orders.events(wait=wait))
    assert caught.value.field == "wait"


@pytest.mark.parametrize("cursor", ["999999", "+1", "x", ""])
def test_cursors_are_those_of_events(client: oneclickdz.Client, cursor: str) -> None:
    with pytest.raises(oneclickdz.ValidationError) as caught:
        client.orders.ack(cursor)
    assert caught.value.field == "cursor"


def test_events_begin_after_a_cursor(client: oneclickdz.Client) -> None:
    with pytest.raises(oneclickdz.ValidationError) as caught:
        list(client.orders.events(after="x", wait=False))
    assert caught.value.field == "after"
