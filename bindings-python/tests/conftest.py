"""A local service and clients of it. Every test has a service of its own: nothing is shared, nothing is left behind."""

from __future__ import annotations

import json
import os
import socketserver
import subprocess
import sys
import textwrap
import threading
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import oneclickdz

ROOT = Path(__file__).parents[2]
VAULT_KEY = "00112233445566778899aabbccddeeff" * 2
TOP_UP = {"plan_code": "PREPAID_DJEZZY", "number": "0778037340", "amount": 500}


def sandbox_binary() -> str:
    return os.environ.get("ONECLICKDZ_SANDBOX_BIN", str(ROOT / "target/debug/oneclickdz-sandbox"))


class Sandbox:
    """One running service."""

    def __init__(self, *options: str) -> None:
        command = [sandbox_binary(), "--port", "0", *options]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        assert self.process.stdout is not None
        self.url: str = json.loads(self.process.stdout.readline())["url"]

    def control(self, path: str, body: object = None, method: str | None = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}/__sandbox/{path}", data, method=method)
        request.add_header("Content-Type", "application/json")
        with urllib.request.urlopen(request) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def orders(self) -> list[dict[str, Any]]:
        """What the service has really taken."""
        found: list[dict[str, Any]] = self.control("ledger")["charges"]
        return found

    def close(self) -> None:
        self.process.terminate()
        self.process.wait()
        assert self.process.stdout is not None
        self.process.stdout.close()


@pytest.fixture
def sandboxes() -> Iterator[Callable[..., Sandbox]]:
    """Makes services; they end with the test."""
    made: list[Sandbox] = []

    def make(*options: str) -> Sandbox:
        made.append(Sandbox(*options))
        return made[-1]

    yield make
    for sandbox in made:
        sandbox.close()


@pytest.fixture
def sandbox(sandboxes: Callable[..., Sandbox]) -> Sandbox:
    return sandboxes("--speed", "100")


@pytest.fixture
def options(sandbox: Sandbox, tmp_path: Path) -> dict[str, Any]:
    return {
        "api_key": "sandbox-key",
        "base_url": sandbox.url,
        "journal": tmp_path / "orders.db",
        "vault_key": VAULT_KEY,
        "poll_interval": 0.02,
    }


@pytest.fixture
def client(options: dict[str, Any]) -> Iterator[oneclickdz.Client]:
    with oneclickdz.Client(**options) as client:
        yield client


@pytest.fixture
def run(sandbox: Sandbox, tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs a program in an interpreter of its own, in an empty folder, with the service's address in its environment."""

    def run(program: str, *arguments: str, timeout: float = 60, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", textwrap.dedent(program), *arguments],
            cwd=tmp_path,
            env=program_environment(sandbox) | environment,
            capture_output=True,
            text=True,
            timeout=timeout,
        )

    return run


@contextmanager
def served(server: socketserver.BaseServer) -> Iterator[int]:
    """A server on a thread of its own; its port."""
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_address[1]  # type: ignore[index, misc]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class MailServer:
    """Takes every message; what came is in `mail`."""

    def __init__(self, port: int, mail: list[str]) -> None:
        self.port, self.mail = port, mail


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    mail: list[str] = []

    class Session(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.wfile.write(b"220 mail.test\r\n")
            for line in self.rfile:
                word = line.split()[0].upper() if line.split() else b""
                if word == b"DATA":
                    self.wfile.write(b"354 go on\r\n")
                    mail.append(b"".join(iter(self.rfile.readline, b".\r\n")).decode())
                self.wfile.write(b"221 bye\r\n" if word == b"QUIT" else b"250 2.0.0 queued as 77\r\n")

    with served(socketserver.ThreadingTCPServer(("127.0.0.1", 0), Session)) as port:
        yield MailServer(port, mail)


def program_environment(sandbox: Sandbox) -> dict[str, str]:
    return {
        **os.environ,
        "ONECLICKDZ_API_KEY": "sandbox-key",
        "ONECLICKDZ_BASE_URL": sandbox.url,
        "ONECLICKDZ_VAULT_KEY": VAULT_KEY,
        "PYTHONFAULTHANDLER": "1",
    }
