"""What every language must do alike: tests/scenarios, played by a sync and an async client. See the README there."""

from __future__ import annotations

import asyncio
import inspect
import json
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT, Sandbox

import oneclickdz
from oneclickdz import errors

FOLDER = ROOT / "tests/scenarios"
FILES = sorted(path for path in FOLDER.glob("*.json") if path.name != "unforced_errors.json")
TIMES = ("since", "until", "send_before", "older_than", "fulfilled_at")
#: Arguments that a verb's method takes by position.
POSITIONAL = {
    "mobile.check_by_id": ["id"], "internet.check_by_id": ["id"], "gift_cards.check_order": ["id"],
    "mobile.check_by_ref": ["ref"], "internet.check_by_ref": ["ref"], "internet.products": ["type"],
    "internet.check_number": ["type", "number"], "payment_links.check": ["payment_ref"], "orders.get": ["ref"],
    "orders.history": ["ref"], "orders.ack": ["cursor"], "orders.resolve": ["ref"], "gift_cards.product": ["id"],
    "cards.reveal": ["ref"], "delivery.deliver": ["ref"], "delivery.get": ["id"], "delivery.list": ["ref"],
}  # fmt: skip
#: Verbs whose method has another name.
METHODS = {"cards.import": "cards.import_"}
ERROR_FACTS = ("code", "outcome", "operation", "field", "http_status", "wire_code", "ref", "attempts_left", "required",
               "available", "retry_advice", "order")  # fmt: skip


@pytest.fixture(scope="module")
def service() -> Iterator[Sandbox]:
    sandbox = Sandbox("--manual-clock")
    yield sandbox
    sandbox.close()


def plain(value: Any) -> Any:
    """A result as JSON, by the rules of the README."""
    if hasattr(value, "to_dict"):
        value = value.to_dict()
    if isinstance(value, dict):
        return {key.removesuffix("_"): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    return value


def failure(error: oneclickdz.OneClickDzError) -> dict[str, Any]:
    assert type(error) is errors._CLASSES[error.code]
    return {"is_retryable": error.retryable, **{name: plain(getattr(error, name)) for name in ERROR_FACTS}}


def matches(expected: Any, found: Any, path: str) -> None:
    if expected == "*":
        assert found is not None, path
    elif isinstance(expected, dict):
        assert isinstance(found, dict), (path, found)
        for name, item in expected.items():
            matches(item, found.get(name), f"{path}.{name}")
    elif isinstance(expected, list):
        assert isinstance(found, list) and len(found) == len(expected), (path, found)
        for number, (item, there) in enumerate(zip(expected, found)):
            matches(item, there, f"{path}.{number}")
    else:
        assert found == expected and type(found) is type(expected), (path, found, expected)


class Player:
    def __init__(self, service: Sandbox, folder: Path, options: dict[str, Any], make: Any) -> None:
        self.service, self.folder, self.options, self.make = service, folder, options, make
        self.clients: dict[str, Any] = {}
        self.opened: dict[str, dict[str, Any]] = {}
        self.kept: dict[str, Any] = {}
        self.messages: dict[str, list[dict[str, str]]] = {}

    def filled(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {name: self.filled(item) for name, item in value.items()}
        if isinstance(value, list):
            return [self.filled(item) for item in value]
        if not (isinstance(value, str) and value.startswith("$")):
            return value
        name, *steps = value[1:].split(".")
        found = self.kept[name]
        for step in steps:
            found = found[int(step)] if isinstance(found, list) else found[step]
        return found

    def open(self, name: str, options: dict[str, Any]) -> None:
        chosen = {
            "api_key": "sandbox-key",
            "base_url": self.service.url,
            "journal": self.folder / f"{name}.db",
            "poll_interval": 0.02,
            "requests_per_second": 1000,
            "vault_key": bytes(range(32)),
        } | options
        if journal := options.get("journal"):
            chosen["journal"] = journal if journal == ":memory:" else self.folder / journal
        if "expect_environment" in chosen:
            chosen["expect"] = chosen.pop("expect_environment")
        if "sms" in options:
            chosen["sms"] = self.gateway(name, options["sms"])
        self.opened[name] = options
        self.clients[name] = self.make(**chosen)

    def gateway(self, name: str, word: str) -> Any:
        """An SMS callback that takes every message, or refuses every one for good."""

        def send(message: oneclickdz.SmsMessage) -> str:
            self.messages.setdefault(name, []).append({"id": message.id, "to": message.to})
            if word != "taken":
                raise errors.SmsRefused(word)
            return word

        return send

    async def close(self, name: str) -> None:
        if client := self.clients.get(name):
            await awaited(client.close())

    async def play(self, step: dict[str, Any]) -> None:
        assert step.keys() <= {"do", "control", "client", "with", "body", "as", "expect"}, step
        expected, about = self.filled(step.get("expect", {})), json.dumps(step, ensure_ascii=False)
        wants_error = isinstance(expected, dict) and expected.keys() == {"error"}
        try:
            if "control" in step:
                method, _, path = step["control"].partition(" ")
                path = "/".join(str(self.filled(part)) for part in path.split("/"))
                result = self.service.control(path, self.filled(step.get("body")), method)
            else:
                result = plain(await self.do(step["do"], step.get("client", "main"), self.filled(step.get("with", {}))))
        except oneclickdz.OneClickDzError as error:
            assert wants_error, (about, error)
            matches(expected["error"], failure(error), about)
            return
        assert not wants_error, (about, result)
        if "expect" in step:
            matches(expected, result, about)
        if "as" in step:
            self.kept[step["as"]] = result

    async def do(self, verb: str, name: str, given: dict[str, Any]) -> Any:
        if verb == "client.open":
            return self.open(name, given)
        if name not in self.clients:
            self.open(name, self.options)
        if verb == "client.restart":
            await self.close(name)
            return self.open(name, self.opened[name])
        if verb == "client.close":
            return await self.close(name)
        client = self.clients[name]
        given = {key: moment(item) if key in TIMES else item for key, item in given.items()}
        if verb == "client.set_api_key":
            return client.set_api_key(given["api_key"])
        if verb == "orders.events":
            return await first(client.orders.events(after=given.get("after")), given["count"])
        if verb == "sms.received":
            return self.messages.get(name, [])
        if verb in ("order.wait", "delivery.wait"):
            get = client.orders.get(given["ref"]) if verb == "order.wait" else client.delivery.get(given["id"])
            return await awaited((await awaited(get)).wait(timeout=given["timeout"]))
        call = client
        for part in METHODS.get(verb, verb).split("."):
            call = getattr(call, part)
        return await awaited(call(*[given.pop(key) for key in POSITIONAL.get(verb, [])], **given))


def moment(text: Any) -> Any:
    return datetime.fromisoformat(text.replace("Z", "+00:00")) if isinstance(text, str) else text


async def awaited(value: Any) -> Any:
    """The result of a call of either client; a list that is read page by page is read whole."""
    if inspect.isawaitable(value):
        return await value
    if inspect.isasyncgen(value):
        return [item async for item in value]
    return list(value) if inspect.isgenerator(value) else value


async def first(items: Any, count: int) -> list[Any]:
    if inspect.isasyncgen(items):
        return [await items.__anext__() for _ in range(count)]
    return [next(items) for _ in range(count)]


@pytest.mark.parametrize("make", [oneclickdz.Client, oneclickdz.AsyncClient])
@pytest.mark.parametrize("file", FILES, ids=lambda path: path.stem)
def test_scenario(service: Sandbox, tmp_path: Path, file: Path, make: Any) -> None:
    scenario = json.loads(file.read_text())
    service.control("reset", {}, "POST")

    async def main() -> None:
        player = Player(service, tmp_path, scenario.get("client", {}), make)
        try:
            for step in scenario["steps"]:
                await player.play(step)
        finally:
            for name in player.clients:
                await player.close(name)

    asyncio.run(main())


def test_every_kind_of_error_of_the_scenarios_has_a_class() -> None:
    forced = {
        step["expect"]["error"]["code"]
        for file in FILES
        for step in json.loads(file.read_text())["steps"]
        if isinstance(step.get("expect"), dict) and "error" in step["expect"]
    }
    unforced = json.loads((FOLDER / "unforced_errors.json").read_text())
    assert forced | set(unforced) <= set(errors._CLASSES)
