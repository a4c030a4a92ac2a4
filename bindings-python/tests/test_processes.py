"""Processes that begin as a copy of another: os.fork, multiprocessing, gunicorn with preload, Celery's prefork pool."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import subprocess
import sys
import textwrap
import threading
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import TOP_UP, Sandbox, program_environment

import oneclickdz


def in_child(work: Callable[[], object]) -> str:
    """What work gives, or raises, in a forked child that ends at once."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            told = str(work())
        except BaseException as error:
            told = f"{type(error).__name__}: {error}"
        os.write(writer, told.encode())
        os._exit(0)
    os.close(writer)
    with open(reader, "rb") as answer:
        told = answer.read().decode()
    assert os.waitpid(child, 0)[1] == 0
    return told


def test_a_child_goes_on_with_the_client_of_its_parent(client: oneclickdz.Client, sandbox: Sandbox) -> None:
    """The parent's threads run, its journal is open, its connections are in use."""
    before = client.mobile.send(**TOP_UP, ref="fork-0").wait(timeout=30)

    def work() -> object:
        order = client.mobile.send(**TOP_UP, ref="fork-1").wait(timeout=30)
        assert before.refresh().state == "fulfilled"
        assert before.wait(timeout=5).id == before.id
        return f"{client.account.balance().amount} {order.state}"

    assert in_child(work) == "99007.5 fulfilled"
    assert client.orders.get("fork-1").state == "fulfilled"
    assert client.mobile.send(**TOP_UP, ref="fork-2").wait(timeout=30).state == "fulfilled"
    assert in_child(lambda: client.orders.get("fork-2").state) == "fulfilled"
    assert len(sandbox.orders()) == 3


def test_children_of_children(client: oneclickdz.Client) -> None:
    client.account.balance()

    def work() -> object:
        client.mobile.send(**TOP_UP, ref="generation-1")
        return in_child(lambda: client.orders.get("generation-1").wait(timeout=30).state)

    assert in_child(work) == "fulfilled"


def test_a_fork_in_the_middle_of_everything(sandboxes: Callable[..., Sandbox], options: dict[str, Any]) -> None:
    """Other threads send and wait while children are forked; nobody hangs and every order is sent once."""
    sandbox = sandboxes("--speed", "100", "--balance", "10000000")
    client = oneclickdz.Client(**options | {"base_url": sandbox.url}, requests_per_second=1000, lease=2)
    stop = threading.Event()
    sent = []

    def send() -> None:
        while not stop.is_set():
            ref = f"busy-{len(sent)}-{threading.get_ident()}"
            sent.append(ref)
            client.mobile.send(**TOP_UP, ref=ref)

    threads = [threading.Thread(target=send) for _ in range(2)]
    for thread in threads:
        thread.start()
    for number in range(5):
        told = in_child(lambda: client.mobile.send(**TOP_UP, ref=f"child-{number}").wait(timeout=30).state)
        assert told == "fulfilled"
    stop.set()
    for thread in threads:
        thread.join()
    children = [f"child-{number}" for number in range(5)]
    refs = [charge["ref"] for charge in sandbox.orders()]
    assert sorted(refs) == sorted([*sent, *children])
    assert {client.orders.get(ref).wait(timeout=60).state.value for ref in sent} == {"fulfilled"}
    client.close()


def test_what_was_begun_before_the_fork_says_so(client: oneclickdz.Client) -> None:
    client.mobile.send(**TOP_UP, ref="begun-1").wait(timeout=30)
    client.mobile.send(**TOP_UP, ref="begun-2").wait(timeout=30)
    topups = client.mobile.list(page_size=1)
    next(topups)
    assert in_child(lambda: next(topups)).startswith("ClosedError: mobile.list (closed): this list was begun before")
    assert next(topups).ref in {"begun-1", "begun-2"}


def test_a_child_that_only_ends_does_no_harm(client: oneclickdz.Client) -> None:
    order = client.mobile.send(**TOP_UP, ref="harm-1")
    child = os.fork()
    if child == 0:
        # With everything that an interpreter does at its end, collecting the parent's client included.
        del order
        sys.exit(0) if "pytest" not in sys.modules else os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    assert order.wait(timeout=30).state == "fulfilled"
    assert client.account.balance().amount > 0


def test_the_end_of_a_child_interpreter(run: Any) -> None:
    done = run(
        """
        import oneclickdz, os, sys
        client = oneclickdz.Client()
        order = client.mobile.send(plan_code="PREPAID_DJEZZY", number="0778037340", amount=500, ref="end-1")
        pages = client.mobile.list()
        next(pages)
        child = os.fork()
        if child == 0:
            del client, order, pages
            sys.exit(7)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
        assert client.account.balance().amount > 0
        client.orders.get("end-1")
        print(order.wait(timeout=60).state)
        """
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "fulfilled\n", "")


def test_a_closed_client_is_closed_in_the_child_too(options: dict[str, Any]) -> None:
    client = oneclickdz.Client(**options)
    client.account.balance()
    client.close()
    assert in_child(client.account.balance).startswith("ClosedError")


def top_up(options: dict[str, Any], ref: str) -> str:
    with oneclickdz.Client(**options) as client:
        return client.mobile.send(**TOP_UP, ref=ref).wait(timeout=60).state.value


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_multiprocessing(client: oneclickdz.Client, options: dict[str, Any], sandbox: Sandbox, method: str) -> None:
    client.mobile.send(**TOP_UP, ref="parent").wait(timeout=30)
    # Two workers ask for each order.
    work = [(options, f"{method}-{number // 2}") for number in range(12)]
    with multiprocessing.get_context(method).Pool(4) as pool:
        assert set(pool.starmap(top_up, work)) == {"fulfilled"}
    assert len(sandbox.orders()) == 7


GUNICORN = """
    import json, oneclickdz, os

    # Preloaded: this runs once, in the master, before the workers are forked.
    client = oneclickdz.Client(journal=os.environ["JOURNAL"], poll_interval=0.02)
    client.mobile.send(plan_code="PREPAID_DJEZZY", number="0778037340", amount=500, ref="preload").wait(timeout=30)

    def app(environ, start_response):
        ref = environ["PATH_INFO"].strip("/")
        order = client.mobile.send(plan_code="PREPAID_DJEZZY", number="0778037340", amount=500, ref=ref)
        order = order.wait(timeout=60)
        start_response("200 OK", [("Content-Type", "application/json")])
        return [json.dumps({"state": order.state, "process": os.getpid()}).encode()]
"""


def test_gunicorn_with_preload(sandbox: Sandbox, tmp_path: Path) -> None:
    (tmp_path / "shop.py").write_text(textwrap.dedent(GUNICORN))
    command = [sys.executable, "-m", "gunicorn", "--preload", "--workers", "3", "--bind", "127.0.0.1:0", "shop:app"]
    server = subprocess.Popen(
        command,
        cwd=tmp_path,
        env=program_environment(sandbox) | {"JOURNAL": str(tmp_path / "shop.db")},
        stderr=subprocess.PIPE,
        text=True,
    )
    assert server.stderr is not None
    log, url = [], ""
    for line in server.stderr:
        log.append(line)
        if "Listening at:" in line:
            url = line.split("Listening at: ")[1].split()[0]
            break
    assert url, log

    def ask(number: int) -> dict[str, Any]:
        with urllib.request.urlopen(f"{url}/web-{number}", timeout=60) as answer:
            told: dict[str, Any] = json.load(answer)
        return told

    answers: list[dict[str, Any]] = []
    threads = [threading.Thread(target=lambda n=n: answers.append(ask(n))) for n in range(24)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    server.send_signal(signal.SIGTERM)
    server.communicate(timeout=30)
    assert [answer["state"] for answer in answers] == ["fulfilled"] * 24
    assert len({answer["process"] for answer in answers}) > 1
    assert len(sandbox.orders()) == 25 and server.returncode == 0


CELERY = """
    import celery, oneclickdz, os

    app = celery.Celery("shop", broker="filesystem://", backend="file://" + os.environ["RESULTS"])
    folder = os.environ["QUEUE"]
    app.conf.update(
        broker_transport_options={"data_folder_in": folder, "data_folder_out": folder, "control_folder": folder + "-c"},
        worker_prefetch_multiplier=1,
    )
    # Made in the parent process, before Celery forks its pool.
    client = oneclickdz.Client(journal=os.environ["JOURNAL"], poll_interval=0.02)

    @app.task(acks_late=True, autoretry_for=(oneclickdz.StillPending,), max_retries=None)
    def top_up(ref):
        order = client.mobile.send(plan_code="PREPAID_DJEZZY", number="0778037340", amount=500, ref=ref)
        return order.wait(timeout=60).state, os.getpid()
"""


def test_celery_prefork(sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("celery")
    (tmp_path / "shop.py").write_text(textwrap.dedent(CELERY))
    for name in ("queue", "queue-c", "results"):
        (tmp_path / name).mkdir()
    environment = program_environment(sandbox) | {
        "QUEUE": str(tmp_path / "queue"),
        "RESULTS": str(tmp_path / "results"),
        "JOURNAL": str(tmp_path / "shop.db"),
    }
    command = [sys.executable, "-m", "celery", "-A", "shop", "worker", "--pool=prefork", "--concurrency=2", "-l", "WARNING"]
    worker = subprocess.Popen(
        [*command, "--without-gossip", "--without-mingle", "--without-heartbeat"],
        cwd=tmp_path,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    ask = """
        import shop
        results = [shop.top_up.delay(f"task-{number // 2}") for number in range(12)]
        told = [result.get(timeout=60) for result in results]
        print({state for state, _ in told}, len({process for _, process in told}))
    """
    try:
        asked = subprocess.run(
            [sys.executable, "-c", textwrap.dedent(ask)],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
        )
    finally:
        worker.send_signal(signal.SIGTERM)
        log, _ = worker.communicate(timeout=30)
    assert asked.stdout == "{'fulfilled'} 2\n", asked.stderr + log
    assert len(sandbox.orders()) == 6
