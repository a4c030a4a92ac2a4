"""Records, enums and errors as values."""

from __future__ import annotations

import copy
import datetime as dt
import inspect
import pickle
from decimal import Decimal
from typing import Any

import pytest
from conftest import TOP_UP

import oneclickdz
from oneclickdz import _native, errors

TABLES = _native._tables()


def test_a_record_is_a_value(client: oneclickdz.Client) -> None:
    order = client.mobile.send(**TOP_UP, ref="value-1").wait(timeout=30)
    same = pickle.loads(pickle.dumps(order))
    assert isinstance(same, oneclickdz.Order)
    assert same == order and hash(same) == hash(order) and same in {order}
    assert same != client.mobile.send(**TOP_UP, ref="value-2")
    assert repr(same).startswith("Order(ref='value-1', service=<Service.MOBILE: 'mobile'>")
    assert repr(order).startswith("OrderHandle(ref='value-1'")
    fields = order.to_dict()
    assert (fields["charged"], fields["state"]) == (Decimal("496.25"), "fulfilled")
    assert fields["created_at"].utcoffset() == dt.timedelta(0)
    with pytest.raises(AttributeError):
        order.state = "refunded"  # type: ignore[misc, assignment]
    plans = client.mobile.plans()
    assert pickle.loads(pickle.dumps(plans)) == plans and isinstance(plans.to_dict()["dynamic"][0], dict)


def test_a_record_can_be_made_for_tests_of_a_shop() -> None:
    order = oneclickdz.Order(
        ref="made-1",
        service=oneclickdz.Service.MOBILE,
        state=oneclickdz.OrderState.REFUNDED,
        card_count=0,
        attempts=1,
        created_at=dt.datetime(2026, 1, 1, tzinfo=dt.timezone.utc),
        updated_at=dt.datetime(2026, 1, 1, tzinfo=dt.timezone.utc),
    )
    assert order.is_settled and order.charged is None and order.suggested_offers == ()
    with pytest.raises(TypeError, match="service"):
        oneclickdz.Order(ref="made-1")  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="colour"):
        oneclickdz.Balance(amount=Decimal(5), colour="red")  # type: ignore[call-arg]


def test_secrets_are_not_shown_and_not_pickled() -> None:
    card = oneclickdz.GiftCard(code="1234-5678", serial="SERIAL-9")  # type: ignore[arg-type]
    shown = f"{card} {card!r} {card.code} {card.code!r} {card.to_dict()} {[card]}"
    assert "1234" not in shown and "SERIAL" not in shown and "[redacted]" in shown
    assert card.code.expose() == "1234-5678"
    for secret in (card, card.code):
        with pytest.raises(TypeError):
            pickle.dumps(secret)


def test_enums_are_enums_and_words() -> None:
    state = oneclickdz.OrderState("needs_review")
    assert state is oneclickdz.OrderState.NEEDS_REVIEW and state == "needs_review" and f"{state}" == "needs_review"
    assert str(oneclickdz.InternetType.FOUR_G) == "four_g" and {state: 1}["needs_review"] == 1
    assert pickle.loads(pickle.dumps(state)) is state and copy.deepcopy(state) is state
    assert {state for state in oneclickdz.OrderState if state.is_settled} == set(TABLES["settled"])


def test_every_error_kind_has_its_class() -> None:
    [kinds] = [members for name, _, members in TABLES["enums"] if name == "ErrorKind"]
    words = {word for _, word, _ in kinds}
    assert words <= set(errors._CLASSES)
    assert len({errors._CLASSES[word] for word in words}) == len(words)
    for word in words:
        error = errors._from_engine({"code": word, "detail": "why", "operation": "x.y", "outcome": "unknown"})
        assert type(error).__name__ in oneclickdz.__all__ and (error.code, error.ref) == (word, None)
        assert all(error.staff_text(language) for language in oneclickdz.Language)


def test_errors_are_pickled_whole(client: oneclickdz.Client) -> None:
    with pytest.raises(oneclickdz.InsufficientBalanceError) as caught:
        client.gift_cards.quote(**_dear(client))
    error = caught.value
    same = pickle.loads(pickle.dumps(error))
    assert type(same) is type(error) and str(same) == str(error) and same.__dict__ == error.__dict__
    assert error.required is not None and error.available is not None and error.required > error.available
    assert error.staff_text("fr") != error.staff_text("ar")


def _dear(client: oneclickdz.Client) -> dict[str, Any]:
    for category in client.gift_cards.catalog().categories:
        for product in category.products:
            for kind in client.gift_cards.product(product.id).types:
                if kind.price and kind.price * min(kind.quantity or 0, 1000) > 100_000:
                    return {"product_id": product.id, "type_id": kind.id, "quantity": min(kind.quantity or 0, 1000)}
    raise AssertionError("nothing dear in the catalogue")


def test_requests_take_all_fields_of_the_tables() -> None:
    """A field that is added in the engine and forgotten here fails."""
    calls = {
        "MobileRequest": oneclickdz.Client(api_key="k").mobile.send,
        "InternetRequest": oneclickdz.Client(api_key="k").internet.send,
        "GiftCardRequest": oneclickdz.Client(api_key="k").gift_cards.order,
        "PaymentLinkRequest": oneclickdz.Client(api_key="k").payment_links.create,
        "OrderListRequest": oneclickdz.Client(api_key="k").orders.list,
        "ListRequest": oneclickdz.Client(api_key="k").account.transactions,
        "RevealRequest": oneclickdz.Client(api_key="k").cards.reveal,
        "PurgeRequest": oneclickdz.Client(api_key="k").cards.purge,
        "ImportRequest": oneclickdz.Client(api_key="k").cards.import_,
        "DeliveryRequest": oneclickdz.Client(api_key="k").delivery.deliver,
    }
    for name, _, required, optional in TABLES["requests"]:
        parameters = inspect.signature(calls[name]).parameters
        assert list(parameters) == [field for field, _, _ in [*required, *optional]], name
        needed = [name for name, parameter in parameters.items() if parameter.default is parameter.empty]
        assert needed == [field for field, _, _ in required], name
