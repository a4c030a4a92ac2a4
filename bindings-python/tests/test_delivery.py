"""Codes on their way to customers: by a function of the program's, by a gateway over HTTP, by a mail server."""

from __future__ import annotations

import asyncio
import contextlib
import http.server
import io
import json
import os
import pickle
import sqlite3
import subprocess
import sys
import textwrap
import threading
import urllib.parse
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import trio
from conftest import TOP_UP, VAULT_KEY, MailServer, Sandbox, program_environment, served

import oneclickdz
from oneclickdz import EmailSettings, HttpSmsGateway

CARD = {"type": "ADSL", "number": "036362608", "value": 1000, "owner": "user-7"}
SMS = {"channel": "sms", "to": "0770123456", "language": "fr", "owner": "user-7"}


def card(client: oneclickdz.Client, ref: str = "adsl-1") -> str:
    """Buys a card; its code."""
    client.internet.send(**CARD, ref=ref).wait(timeout=30)  # type: ignore[arg-type]
    return client.cards.reveal(ref, owner="user-7")[0].code


def test_a_function_sends_text_messages(options: dict[str, Any]) -> None:
    seen: list[oneclickdz.SmsMessage] = []

    def sms(message: oneclickdz.SmsMessage) -> str:
        seen.append(message)
        return f"gateway-{message.id}"

    with oneclickdz.Client(**options, sms=sms) as client:
        code = card(client)
        delivery = client.delivery.deliver("adsl-1", **SMS)
        assert isinstance(delivery, oneclickdz.Delivery) and delivery.channel is oneclickdz.DeliveryChannel.SMS
        sent = delivery.wait(timeout=30)
        assert isinstance(sent, oneclickdz.DeliveryHandle)
        assert (sent.state, sent.receipt, sent.attempts) == ("sent", f"gateway-{seen[0].id}", 1)
        assert code in seen[0].text.expose() and code not in f"{seen} {seen[0]} {seen[0].to_dict()}"
        assert client.delivery.deliver("adsl-1", **SMS).id == delivery.id, "the same request is the same message"
        assert client.delivery.deliver("adsl-1", **SMS, again="lost").wait(timeout=30).id != delivery.id
        assert [each.state for each in client.delivery.list("adsl-1")] == ["sent", "sent"]
        assert client.delivery.get(delivery.id).state == "sent" and len(seen) == 2
        with pytest.raises(oneclickdz.NotFoundError):
            client.delivery.get("no-such-delivery")
        assert [entry.event.value for entry in client.audit.entries()].count("card_delivered") == 2


@pytest.mark.parametrize(
    ("error", "is_final"), [(RuntimeError("line busy"), False), (OSError(), False), (oneclickdz.errors.SmsRefused("barred"), True)]
)
def test_what_a_function_raises(options: dict[str, Any], error: Exception, is_final: bool) -> None:
    def sms(message: object) -> None:
        raise error

    with oneclickdz.Client(**options, sms=sms) as client:
        card(client)
        delivery = client.delivery.deliver("adsl-1", **SMS)
        if is_final:
            with pytest.raises(oneclickdz.DeliveryFailedError) as failed:
                delivery.wait(timeout=30)
            assert "barred" in str(failed.value.__cause__)
            assert client.delivery.get(delivery.id).state == "failed"
            return
        while not (delivery := client.delivery.get(delivery.id)).last_error:
            pass
        assert delivery.state == "waiting" and (str(error) or "OSError") in delivery.last_error
        with pytest.raises(oneclickdz.StillPending) as caught:
            delivery.wait(timeout=0.01)
        pending: oneclickdz.StillPending = pickle.loads(pickle.dumps(caught.value))
        for told in (caught.value, pending):
            assert (told.order.ref, told.order.state) == (told.ref, "fulfilled") == ("adsl-1", "fulfilled")
            assert told.delivery is not None and (told.delivery.id, told.delivery.state) == (delivery.id, "waiting")
            assert told.next_check_at == told.delivery.next_attempt_at is not None
        assert isinstance(caught.value.order, oneclickdz.OrderHandle)
        assert isinstance(caught.value.delivery, oneclickdz.DeliveryHandle)


def test_what_goes_on_is_told_without_another_look(options: dict[str, Any], tmp_path: Path) -> None:
    """No read after the wait can turn `StillPending` into another error."""

    def sms(message: object) -> None:
        raise RuntimeError("line busy")

    calls = []

    @contextlib.contextmanager
    def hook(operation: str, ref: str | None) -> Iterator[None]:
        calls.append(operation)
        yield

    journal = tmp_path / "orders.db"
    with oneclickdz.Client(**options | {"journal": journal}, sms=sms, hook=hook) as client:
        card(client)
        delivery = client.delivery.deliver("adsl-1", **SMS)
        while client.delivery.get(delivery.id).last_error is None:
            pass
        with contextlib.closing(sqlite3.connect(journal)) as file:
            file.execute("UPDATE orders SET document = '{'")
            file.commit()
        with pytest.raises(oneclickdz.JournalError):
            client.orders.get("adsl-1")
        calls.clear()
        with pytest.raises(oneclickdz.StillPending) as caught:
            delivery.wait(timeout=0.01)
        told = caught.value
        assert told.delivery is not None and (told.delivery.id, told.ref, told.order) == (delivery.id, "adsl-1", None)
        assert told.next_check_at == told.delivery.next_attempt_at is not None
        assert calls == ["delivery.wait"]


def test_an_error_with_the_code_in_it_is_kept_without(options: dict[str, Any]) -> None:
    def sms(message: oneclickdz.SmsMessage) -> None:
        raise oneclickdz.errors.SmsRefused(f"cannot send {message.text.expose()}")

    with oneclickdz.Client(**options, sms=sms) as client:
        code = card(client)
        with pytest.raises(oneclickdz.DeliveryFailedError) as caught:
            client.delivery.deliver("adsl-1", **SMS).wait(timeout=30)
        cause = str(caught.value.__cause__)
        assert "cannot send" in cause and code not in cause
        assert code not in str(client.delivery.list("adsl-1"))


def test_a_function_that_blocks_blocks_nobody_else(options: dict[str, Any]) -> None:
    begun, may_go_on = threading.Event(), threading.Event()

    def sms(message: object) -> None:
        begun.set()
        assert may_go_on.wait(60)

    with oneclickdz.Client(**options, sms=sms) as client:
        card(client)
        delivery = client.delivery.deliver("adsl-1", **SMS)
        assert begun.wait(30)
        assert client.mobile.send(**TOP_UP, ref="meanwhile").wait(timeout=30).is_settled
        assert client.delivery.get(delivery.id).state == "waiting"
        may_go_on.set()
        assert delivery.wait(timeout=30).receipt is None


async def _in_its_loop(options: dict[str, Any], this_loop: Callable[[], object]) -> None:
    mine, seen = this_loop(), []

    async def sms(message: oneclickdz.SmsMessage) -> str:
        seen.append(this_loop())
        return "taken"

    async with oneclickdz.AsyncClient(**options, sms=sms) as client:
        await (await client.internet.send(**CARD, ref="adsl-1")).wait(timeout=30)  # type: ignore[arg-type]
        delivery = await client.delivery.deliver("adsl-1", **SMS)  # type: ignore[arg-type]
        sent = await delivery.wait(timeout=30)
        assert isinstance(sent, oneclickdz.AsyncDeliveryHandle) and sent.receipt == "taken"
        assert [each.id for each in await client.delivery.list("adsl-1")] == [sent.id]
        page = await client.delivery.in_app("adsl-1", language="en", owner="user-7")
        assert page.cards[0].code
    assert seen == [mine]


def test_an_async_function_runs_in_the_clients_loop(options: dict[str, Any]) -> None:
    asyncio.run(_in_its_loop(options, asyncio.get_running_loop))


def test_an_async_function_runs_in_the_clients_trio(options: dict[str, Any]) -> None:
    trio.run(_in_its_loop, options, trio.lowlevel.current_trio_token)


@pytest.mark.parametrize("make", [oneclickdz.Client, oneclickdz.AsyncClient])
def test_an_async_function_gets_a_loop_where_there_is_none(options: dict[str, Any], make: Any) -> None:
    async def sms(message: object) -> str:
        await asyncio.sleep(0)
        return "by a loop of its own"

    client = make(**options, sms=sms)
    with oneclickdz.Client(**options) as buyer:
        card(buyer)

    async def deliver() -> Any:
        delivery = await client.delivery.deliver("adsl-1", **SMS)
        return await delivery.wait(timeout=30)

    if make is oneclickdz.Client:
        assert client.delivery.deliver("adsl-1", **SMS).wait(timeout=30).receipt == "by a loop of its own"
        client.close()
    else:
        assert asyncio.run(deliver()).receipt == "by a loop of its own"
        asyncio.run(client.close())


def test_a_gateway_over_http(options: dict[str, Any]) -> None:
    asked = []

    class Gateway(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            asked.append((self.headers["authorization"], body))
            answer = b'{"status": "ok", "data": {"id": "m-1"}}'
            self.send_response(200)
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *arguments: object) -> None:
            pass

    with served(http.server.HTTPServer(("127.0.0.1", 0), Gateway)) as port:
        gateway = HttpSmsGateway(
            url=f"http://127.0.0.1:{port}/send",
            headers={"authorization": "Bearer gateway-key"},
            json={"to": "{to_international}", "message": "{text}"},
            success=("/status", "ok"),
            receipt="/data/id",
        )
        assert "gateway-key" not in repr(gateway)
        with oneclickdz.Client(**options, sms=gateway) as client:
            code = card(client)
            sent = client.delivery.deliver("adsl-1", **SMS | {"language": "en"}).wait(timeout=30)
    assert (sent.state, sent.receipt) == ("sent", "m-1")
    assert asked[0][0] == "Bearer gateway-key" and asked[0][1]["to"] == "213770123456" and code in asked[0][1]["message"]


def test_a_mail_server(options: dict[str, Any], mail_server: MailServer) -> None:
    email = EmailSettings(
        host="127.0.0.1", port=mail_server.port, from_="My shop <cards@shop.example>", security="none"
    )
    templates = {"email_subject": {"fr": "Bonjour de {{ shop }}"}}
    with oneclickdz.Client(**options, email=email, templates=templates) as client:
        card(client)
        delivery = client.delivery.deliver("adsl-1", **SMS | {"channel": "email", "to": "a@b.example"})
        assert delivery.wait(timeout=30).state == "sent"
    assert "cards@shop.example" in mail_server.mail[0] and "Subject: Bonjour de My shop" in mail_server.mail[0]


def test_the_shops_own_pages(client: oneclickdz.Client) -> None:
    code = card(client)
    page = client.delivery.in_app("adsl-1", language="ar", title="ADSL", owner="user-7")
    assert (page.direction, page.title, page.cards[0].code) == ("rtl", "ADSL", code)
    assert code not in f"{page} {page.to_dict()} {page.to_json()}"
    assert json.loads(page.to_json().expose())["cards"][0]["code"] == code
    assert any(code in step.expose() for step in page.steps)


FINE: dict[str, Any] = {"host": "h.example", "from_": "a@b.example"}
TEXT = '{"to": "{to}", "m": "{text}"}'


@pytest.mark.parametrize(
    ("make", "field"),
    [
        (lambda: {"email": "smtp://h"}, "email"),
        (lambda: {"email": EmailSettings(**FINE | {"host": ""})}, "email.host"),
        (lambda: {"email": EmailSettings(**FINE | {"host": 5})}, "email.host"),
        (lambda: {"email": EmailSettings(**FINE | {"from_": "nobody"})}, "email.from"),
        (lambda: {"email": EmailSettings(**FINE | {"from_": None})}, "email.from"),
        (lambda: {"email": EmailSettings(**FINE, security="none")}, "email.security"),
        (lambda: {"email": EmailSettings(**FINE, security="ssl")}, "email.security"),
        (lambda: {"email": EmailSettings(**FINE, port=70_000)}, "email.port"),
        (lambda: {"email": EmailSettings(**FINE, port="25")}, "email.port"),  # type: ignore[arg-type]
        (lambda: {"email": EmailSettings(**FINE, user="u")}, "email.password"),
        (lambda: {"email": EmailSettings(**FINE, password="p")}, "email.user"),
        (lambda: {"email": EmailSettings(**FINE, reply_to="no address")}, "email.reply_to"),
        (lambda: {"email": EmailSettings(**FINE, timeout=0)}, "email.timeout"),
        (lambda: {"sms": 5}, "sms"),
        (lambda: {"sms": HttpSmsGateway(url="")}, "sms.url"),
        (lambda: {"sms": HttpSmsGateway(url="http://other.example/", json=TEXT)}, "sms.url"),
        (lambda: {"sms": HttpSmsGateway(url="https://h.example/", json="{")}, "sms.body"),
        (lambda: {"sms": HttpSmsGateway(url="https://h.example/", json={"to": object()})}, "sms.json"),
        (lambda: {"sms": HttpSmsGateway(url="https://h.example/", json=TEXT, form="a={text}")}, "sms.form"),
        (lambda: {"sms": HttpSmsGateway(url="https://h.example/", json=TEXT, headers={"key": 5})}, "sms.headers.key"),  # type: ignore[dict-item]
        (lambda: {"sms": HttpSmsGateway(url="https://h.example/", json=TEXT, headers="key")}, "sms.headers"),  # type: ignore[arg-type]
        (lambda: {"sms": HttpSmsGateway(url="https://h.example/", json=TEXT, success="ok")}, "sms.success"),  # type: ignore[arg-type]
        (lambda: {"sms": HttpSmsGateway(url="https://h.example/", json=TEXT, timeout="9")}, "sms.timeout"),  # type: ignore[arg-type]
        (lambda: {"sms": lambda message: None, "sms_max_segments": 50}, "sms.max_segments"),
        (lambda: {"sms": lambda message: None, "sms_max_segments": "4"}, "sms_max_segments"),
        (lambda: {"templates": "sms"}, "templates"),
        (lambda: {"templates": {"fax": {}}}, "templates"),
        (lambda: {"templates": {"sms": {"de": "x"}}}, "templates.sms"),
        (lambda: {"templates": {"sms": {"fr": 5}}}, "templates.sms.fr"),
        (lambda: {"templates": {"sms": {"fr": "ready"}}}, "templates.sms.fr"),
    ],
)
def test_bad_settings_name_what_is_wrong(options: dict[str, Any], make: Callable[[], dict[str, Any]], field: str) -> None:
    with pytest.raises(oneclickdz.ConfigError) as caught:
        oneclickdz.Client(**options, **make())
    assert caught.value.field == field, caught.value


def test_bad_requests_name_what_is_wrong(options: dict[str, Any]) -> None:
    with oneclickdz.Client(**options) as client:
        card(client)
        with pytest.raises(oneclickdz.ConfigError, match="no gateway is set up"):
            client.delivery.deliver("adsl-1", **SMS)
    with oneclickdz.Client(**options, sms=lambda message: None) as client:
        for wrong in ({"channel": "fax"}, {"to": "123"}, {"to": 770123456}, {"language": None}, {"language": "de"}, {"owner": 7}):
            with pytest.raises(oneclickdz.ValidationError) as caught:
                client.delivery.deliver("adsl-1", **SMS | wrong)  # type: ignore[arg-type]
            assert [caught.value.field] == list(wrong)
        with pytest.raises(oneclickdz.OrderNotFoundError):
            client.delivery.deliver("adsl-1", **SMS | {"owner": "user-8"})
        for call in (client.delivery.get, client.delivery.list):
            with pytest.raises(oneclickdz.ValidationError):
                call(7)  # type: ignore[arg-type]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_forked_child_calls_the_function_too(options: dict[str, Any]) -> None:
    client = oneclickdz.Client(**options, sms=lambda message: f"process {os.getpid()}")
    card(client)
    assert client.delivery.deliver("adsl-1", **SMS).wait(timeout=30).receipt == f"process {os.getpid()}"
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            told = client.delivery.deliver("adsl-1", **SMS, again="child").wait(timeout=30).receipt or ""
        except BaseException as error:
            told = repr(error)
        os.write(writer, told.encode())
        os._exit(0)
    os.close(writer)
    with open(reader) as file:
        receipt = file.read()
    os.waitpid(child, 0)
    # One of the two sends it: they share the outbox.
    assert receipt in {f"process {child}", f"process {os.getpid()}"}
    assert client.delivery.deliver("adsl-1", **SMS, again="parent").wait(timeout=30).state == "sent"
    client.close()


def test_the_end_of_the_interpreter_does_not_wait_for_a_function_without_end(run: Any) -> None:
    done = run(
        """
        import oneclickdz, threading
        begun = threading.Event()
        def sms(message):
            begun.set()
            threading.Event().wait()
        client = oneclickdz.Client(sms=sms)
        client.internet.send(type="ADSL", number="036362608", value=1000, ref="a-1", owner="u").wait(timeout=30)
        client.delivery.deliver("a-1", channel="sms", to="0770123456", language="fr", owner="u")
        assert begun.wait(30)
        print("end")
        """,
        timeout=60,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "end\n", "")


def test_a_closed_client_lets_go_of_its_functions(options: dict[str, Any]) -> None:
    import gc
    import weakref

    class Shop:
        def __init__(self) -> None:
            self.client = oneclickdz.Client(**options, sms=self.sms)

        def sms(self, message: object) -> None:
            pass

    shop = Shop()
    gone = weakref.ref(shop)
    shop.client.close()
    del shop
    gc.collect()
    # Rust's hold on the function is given back when the interpreter next comes by.
    oneclickdz.make_ref("x")
    gc.collect()
    assert gone() is None


@pytest.mark.parametrize("is_async", [False, True])
def test_a_function_gives_the_vault_key(options: dict[str, Any], is_async: bool) -> None:
    asked = []

    def keys() -> Any:
        asked.append(threading.current_thread())
        return [VAULT_KEY, bytes(range(32))]

    async def keys_later() -> Any:
        return keys()

    with oneclickdz.Client(**options | {"vault_key": keys_later if is_async else keys}) as client:
        assert asked == []
        assert card(client)
    assert asked and threading.main_thread() not in asked
    with oneclickdz.Client(**options) as client:
        assert client.cards.reveal("adsl-1", owner="user-7")


@pytest.mark.parametrize("wrong", [None, "short", 7, [], RuntimeError("the key service is down")], ids=str)
def test_a_vault_without_keys_buys_no_cards(options: dict[str, Any], sandbox: Sandbox, wrong: Any) -> None:
    def keys() -> Any:
        if isinstance(wrong, Exception):
            raise wrong
        return wrong

    with oneclickdz.Client(**options | {"vault_key": keys}) as client:
        with pytest.raises(oneclickdz.VaultUnavailableError) as caught:
            client.internet.send(**CARD)  # type: ignore[arg-type]
        if isinstance(wrong, Exception):
            # Not its words: those of `int(key, 16)` quote the key.
            assert "RuntimeError" in str(caught.value.__cause__) and "down" not in str(caught.value.__cause__)
    assert sandbox.orders() == []


def test_the_audit_log_is_exported(client: oneclickdz.Client, tmp_path: Path) -> None:
    card(client)
    path, text = tmp_path / "audit.jsonl", io.StringIO()
    count = client.audit.export(path)
    assert count == client.audit.export(str(path)) == client.audit.export(text) == len(list(client.audit.entries()))
    assert path.read_text() == text.getvalue() and len(text.getvalue().splitlines()) == count > 0
    assert all(json.loads(line) for line in text.getvalue().splitlines())
    with pytest.raises(FileNotFoundError):
        client.audit.export(tmp_path / "no such folder/audit.jsonl")
    entries = iter(client.audit.entries())
    next(entries)
    for wrong in (None, 7):
        with pytest.raises(AttributeError):
            client.audit.export(wrong)  # type: ignore[arg-type]
    client.close()
    for to in (path, io.StringIO()):
        with pytest.raises(oneclickdz.ClosedError):
            client.audit.export(to)
    with pytest.raises(oneclickdz.ClosedError):
        next(entries)
    assert path.read_text() == text.getvalue(), "a closed client empties no file"


def test_the_audit_log_is_exported_by_the_async_client(options: dict[str, Any], tmp_path: Path) -> None:
    async def main() -> None:
        async with oneclickdz.AsyncClient(**options) as client:
            await (await client.mobile.send(**TOP_UP)).wait(timeout=30)
            assert await client.audit.export(tmp_path / "audit.jsonl") == len([entry async for entry in client.audit.entries()])

    asyncio.run(main())


CLOSES = """
    import sys
    import threading
    import oneclickdz

    gateway = oneclickdz.HttpSmsGateway(url=sys.argv[1], form="to={to}&text={text}")
    client = oneclickdz.Client(sms=gateway, poll_interval=0.02)
    client.internet.send(type="ADSL", number="036362608", value=1000, ref="a-1", owner="u").wait(timeout=60)
    print(client.delivery.deliver("a-1", channel="sms", to="0770123456", language="fr", owner="u").id, flush=True)
    sys.stdin.readline()

    def watch():
        while "closed" not in repr(client):
            pass
        print("closed", flush=True)

    threading.Thread(target=watch).start()
    client.close(60)
"""


def started(program: str, gateway: int, sandbox: Sandbox, folder: Path) -> subprocess.Popen[str]:
    """A program of its own, which gets the address of the gateway at that port."""
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(program), f"http://127.0.0.1:{gateway}/"],
        cwd=folder,
        env=program_environment(sandbox),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def test_a_close_waits_for_the_message_on_its_way(options: dict[str, Any], sandbox: Sandbox, tmp_path: Path) -> None:
    """The gateway answers when the client is closed already; the program ends, and the next one does not send again."""
    begun, may_answer = threading.Event(), threading.Event()

    class Gateway(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            begun.set()
            may_answer.wait(60)
            self.send_response(204)
            self.end_headers()

        def log_message(self, *arguments: object) -> None:
            pass

    with served(http.server.HTTPServer(("127.0.0.1", 0), Gateway)) as port:
        program = started(CLOSES, port, sandbox, tmp_path)
        assert program.stdin is not None and program.stdout is not None
        delivery = program.stdout.readline().strip()
        assert begun.wait(60)
        program.stdin.write("close\n")
        program.stdin.flush()
        assert program.stdout.readline() == "closed\n"
        may_answer.set()
        program.communicate(timeout=60)
    assert program.returncode == 0
    with oneclickdz.Client(**options | {"journal": tmp_path / "oneclickdz.db"}) as client:
        kept = client.delivery.get(delivery)
        assert (kept.state, kept.attempts) == ("sent", 1)


WIPES = """
    import sys
    import oneclickdz

    gateway = oneclickdz.HttpSmsGateway(url=sys.argv[1], form="to={to}&text={text}")
    with oneclickdz.Client(sms=gateway, poll_interval=0.02) as client:
        client.internet.send(type="ADSL", number="036362608", value=1000, ref="a-1", owner="u").wait(timeout=60)
        client.delivery.deliver("a-1", channel="sms", to="0770123456", language="fr", owner="u").wait(timeout=60)
    print("closed", flush=True)
    sys.stdin.readline()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_closed_client_leaves_no_code_in_memory(sandbox: Sandbox, tmp_path: Path) -> None:
    """A code that went from the vault to a gateway, and never to Python."""
    texts = []

    class Gateway(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            texts.append(urllib.parse.parse_qs(body)["text"][0])
            self.send_response(204)
            self.end_headers()

        def log_message(self, *arguments: object) -> None:
            pass

    with served(http.server.HTTPServer(("127.0.0.1", 0), Gateway)) as port:
        program = started(WIPES, port, sandbox, tmp_path)
        assert program.stdout is not None
        assert program.stdout.readline() == "closed\n"
    code = next(word for word in texts[0].split() if word.isdigit() and len(word) > 10)
    memory = writable(program.pid)
    program.communicate("end\n", timeout=30)
    assert b"036362608" in memory, "the right process was read"
    assert code.encode() not in memory


def writable(process: int) -> bytes:
    """Everything that a process can read and write."""
    regions = []
    with open(f"/proc/{process}/mem", "rb", buffering=0) as memory:
        for line in Path(f"/proc/{process}/maps").read_text().splitlines():
            [span, rights] = line.split()[:2]
            start, end = (int(part, 16) for part in span.split("-"))
            if rights.startswith("rw"):
                memory.seek(start)
                regions.append(memory.read(end - start))
    return b"".join(regions)
