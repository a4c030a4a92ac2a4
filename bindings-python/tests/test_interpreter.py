"""What a Python program does to a package: imports, threads, signals, its end."""

from __future__ import annotations

import logging
import os
import resource
import signal
import subprocess
import sys
import textwrap
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from conftest import TOP_UP, Sandbox, program_environment

import oneclickdz


def test_importing_does_nothing(run: Any, tmp_path: Path) -> None:
    done = run(
        """
        import os, threading
        before = os.listdir("/proc/self/task"), os.listdir("/proc/self/fd")
        import oneclickdz
        assert (os.listdir("/proc/self/task"), os.listdir("/proc/self/fd")) == before
        client = oneclickdz.Client()
        assert (os.listdir("/proc/self/task"), os.listdir("/proc/self/fd")) == before
        client.close()
        import sys
        later = {"asyncio", "logging", "typing", "oneclickdz._async", "oneclickdz._enums"}
        assert not later & set(sys.modules), sorted(sys.modules)
        from oneclickdz import *
        assert AsyncClient and OrderState.FULFILLED == "fulfilled" and "AsyncClient" in dir(oneclickdz)
        try:
            oneclickdz.no_such_name
        except AttributeError as error:
            assert "no_such_name" in str(error)
        """
    )
    assert done.returncode == 0, done.stderr
    assert list(tmp_path.iterdir()) == []


def test_reading_leaves_no_file(run: Any, tmp_path: Path) -> None:
    assert run("import oneclickdz; oneclickdz.Client().account.balance()").returncode == 0
    assert list(tmp_path.iterdir()) == []


def test_threads_share_a_client(client: oneclickdz.Client, sandbox: Sandbox) -> None:
    def top_up(number: int) -> str:
        # Two threads for each ref: the same order for both.
        return client.mobile.send(**TOP_UP, ref=f"thread-{number // 2}").wait(timeout=60).state.value

    with ThreadPoolExecutor(16) as pool:
        assert set(pool.map(top_up, range(60))) == {"fulfilled"}
    assert len(sandbox.orders()) == 30


def test_the_gil_is_released(client: oneclickdz.Client, sandbox: Sandbox) -> None:
    sandbox.control("faults", {"rules": [{"operation": "account.balance", "fault": "slow", "params": {"delay_ms": 500}}]}, "PUT")
    client.ping()
    thread = threading.Thread(target=client.account.balance)
    thread.start()
    turns = 0
    while thread.is_alive():
        turns += 1
    assert turns > 1000


WAITS = """
    import oneclickdz, sys
    client = oneclickdz.Client(poll_interval=0.02)
    order = client.mobile.send(plan_code="PREPAID_DJEZZY", number="0600000003", amount=500, ref="ctrl-c")
    try:
        print("waiting", flush=True)
        {wait}
    except KeyboardInterrupt:
        print("interrupted", client.orders.get("ctrl-c").state, flush=True)
"""


@pytest.mark.parametrize("wait", ["order.wait(timeout=300)", "[event for event in client.orders.events()]"])
def test_ctrl_c_interrupts_at_once(sandbox: Sandbox, tmp_path: Path, wait: str) -> None:
    program = textwrap.dedent(WAITS.format(wait=wait))
    process = subprocess.Popen(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env=program_environment(sandbox),
        stdout=subprocess.PIPE,
        text=True,
        # Tests that run in the background have it ignored, and a child would inherit that.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "waiting\n"
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=5)
    assert out.startswith("interrupted ") and process.returncode == 0


def test_the_end_of_the_interpreter_waits_for_a_send(run: Any, sandbox: Sandbox, options: dict[str, Any]) -> None:
    """A daemon thread is in the middle of a send when the program ends."""
    sandbox.control("faults", {"rules": [{"operation": "mobile.send", "fault": "slow", "params": {"delay_ms": 500}}]}, "PUT")
    done = run(
        """
        import oneclickdz, sys, threading
        client = oneclickdz.Client(journal=sys.argv[1])
        client.mobile.plans()
        begun = threading.Event()
        def send():
            begun.set()
            client.mobile.send(plan_code="PREPAID_DJEZZY", number="0778037340", amount=500, ref="last-1")
        threading.Thread(target=send, daemon=True).start()
        begun.wait()
        while not client.orders.list(state="sending"):
            pass
        """,
        str(options["journal"]),
    )
    assert (done.returncode, done.stderr) == (0, "")
    with oneclickdz.Client(**options) as client:
        assert client.orders.get("last-1").state == "accepted"
        assert client.orders.get("last-1").wait(timeout=30).state == "fulfilled"
    assert len(sandbox.orders()) == 1


def test_the_end_of_the_interpreter_does_not_hang(run: Any) -> None:
    """Daemon threads wait for ever, nothing was closed."""
    done = run(
        """
        import oneclickdz, threading
        client = oneclickdz.Client(journal=":memory:")
        order = client.mobile.send(plan_code="PREPAID_DJEZZY", number="0600000003", amount=500)
        def wait(call):
            try:
                call()
            except oneclickdz.ClosedError:
                pass
        for _ in range(8):
            threading.Thread(target=wait, args=(lambda: order.wait(timeout=3000),), daemon=True).start()
            threading.Thread(target=wait, args=(lambda: list(client.orders.events()),), daemon=True).start()
        client.account.balance()
        """,
        timeout=20,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_killed_program_loses_no_order(run: Any, sandbox: Sandbox, options: dict[str, Any]) -> None:
    sandbox.control("faults", {"rules": [{"operation": "mobile.send", "fault": "stall", "calls": [1]}]}, "PUT")
    done = run(
        """
        import oneclickdz, os, signal, sys, threading
        client = oneclickdz.Client(journal=sys.argv[1])
        send = lambda: client.mobile.send(plan_code="PREPAID_DJEZZY", number="0778037340", amount=500, ref="killed-1")
        threading.Thread(target=send, daemon=True).start()
        while not client.orders.list(state="sending"):
            pass
        os.kill(os.getpid(), signal.SIGKILL)
        """,
        str(options["journal"]),
    )
    assert done.returncode == -signal.SIGKILL
    with oneclickdz.Client(**options, lease=0.01, timeout=0.1) as client:
        assert client.orders.get("killed-1").state == "sending"


@pytest.mark.skipif(sys.version_info < (3, 13), reason="`_interpreters` came with Python 3.13")
def test_subinterpreters_are_refused_clearly(run: Any) -> None:
    done = run(
        """
        import _interpreters
        interpreter = _interpreters.create()
        failure = _interpreters.exec(interpreter, "import oneclickdz")
        print(failure.formatted if failure else "imported")
        """
    )
    assert "subinterpreters" in done.stdout, done


@pytest.mark.skipif(sys.version_info >= (3, 13), reason="`_xxsubinterpreters` ended with Python 3.12")
def test_subinterpreters_are_refused_clearly_before_3_13(run: Any) -> None:
    done = run(
        """
        import _xxsubinterpreters as interpreters, oneclickdz
        try:
            interpreters.run_string(interpreters.create(), "import oneclickdz")
        except interpreters.RunFailedError as failure:
            print(failure)
        """
    )
    assert "subinterpreter" in done.stdout, done


def test_a_hundred_thousand_calls_leak_nothing(options: dict[str, Any]) -> None:
    """Calls that cross the border and come back with an error, a value or nothing."""
    client = oneclickdz.Client(**options)

    def calls(count: int) -> None:
        for _ in range(count):
            try:
                client.mobile.send(plan_code="PREPAID_DJEZZY", number="077", amount=500)
            except oneclickdz.InvalidNumberError:
                pass
            client.orders.list()

    def resident() -> int:
        return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()

    client.mobile.send(**TOP_UP, ref="leak-1").wait(timeout=30)
    calls(5_000)
    before = resident()
    calls(50_000)
    grown = resident() - before
    client.close()
    assert grown < 3_000_000, f"{grown} bytes"


def test_clients_come_and_go(options: dict[str, Any]) -> None:
    """Threads and descriptors of clients that were closed, or only forgotten, are given back."""

    def held() -> tuple[int, int]:
        return len(os.listdir("/proc/self/task")), len(os.listdir("/proc/self/fd"))

    def one(is_closed: bool) -> None:
        client = oneclickdz.Client(**options)
        client.mobile.send(**TOP_UP, ref="come-and-go")
        if is_closed:
            client.close()

    one(True)
    before = held()
    for number in range(20):
        one(number % 2 == 0)
    deadline = 200
    while any(now > then + 2 for now, then in zip(held(), before)) and deadline:
        deadline -= 1
        threading.Event().wait(0.05)
    assert all(now <= then + 2 for now, then in zip(held(), before)), (held(), before)


def test_the_log_goes_to_logging_without_secrets(options: dict[str, Any], sandbox: Sandbox, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "oneclickdz")
    sandbox.control("faults", {"rules": [{"operation": "account.balance", "fault": "error_503", "calls": [1]}]}, "PUT")
    with oneclickdz.Client(**options) as client:
        client.account.balance()
        client.mobile.send(**TOP_UP, ref="logged-1").wait(timeout=30)
    records = [record for record in caplog.records if record.name.startswith("oneclickdz")]
    assert any("account.balance" in record.getMessage() for record in records), records
    assert not any("sandbox-key" in record.getMessage() for record in records)
