"""The examples and the snippets of the documents run, word by word."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT, MailServer, Sandbox, program_environment

import oneclickdz

EXAMPLES = ROOT / "bindings-python/examples"


@pytest.fixture
def in_folder(sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, with the service's address and key in the environment and the examples importable."""
    monkeypatch.chdir(tmp_path)
    for name, value in program_environment(sandbox).items():
        monkeypatch.setenv(name, value)
    monkeypatch.syspath_prepend(str(EXAMPLES))
    return tmp_path


def test_quickstart(in_folder: Path, sandbox: Sandbox) -> None:
    done = subprocess.run([sys.executable, EXAMPLES / "quickstart.py"], capture_output=True, text=True, timeout=60)
    assert done.stdout == "100000 DZD on the account\nfulfilled: charged 496.25 DZD, back 0 DZD\n", done.stderr
    again = subprocess.run([sys.executable, EXAMPLES / "quickstart.py"], capture_output=True, text=True, timeout=60)
    assert again.returncode == 0 and len(sandbox.orders()) == 1


def test_fastapi(in_folder: Path, sandbox: Sandbox) -> None:
    from fastapi.testclient import TestClient

    sys.modules.pop("fastapi_shop", None)
    import fastapi_shop

    with TestClient(fastapi_shop.app) as web:
        sent = web.post("/top-ups", json={"ref": "web-1", "number": "0778037340", "amount": "500"})
        assert (sent.status_code, sent.json()["ref"]) == (202, "web-1")
        wrong = web.post("/top-ups", json={"ref": "web-2", "number": "0178037340", "amount": "500"})
        assert (wrong.status_code, wrong.json()["field"], wrong.json()["outcome"]) == (422, "number", "not_sent")
        assert web.get("/top-ups/web-1").json()["service"] == "mobile"
        assert web.get("/top-ups/web-9").status_code == 404
    assert len(sandbox.orders()) == 1


def test_django_command(in_folder: Path) -> None:
    with oneclickdz.Client() as client:
        client.mobile.send(plan_code="PREPAID_DJEZZY", number="0778037340", amount=500, ref="django-1").wait(timeout=60)
    for package in ("shop", "shop/management", "shop/management/commands"):
        (in_folder / package).mkdir()
        (in_folder / package / "__init__.py").touch()
    (in_folder / "shop/management/commands/watch_orders.py").write_text((EXAMPLES / "django_watch.py").read_text())
    (in_folder / "settings.py").write_text('SECRET_KEY = "only for this test"\nINSTALLED_APPS = ["shop"]\n')
    command = [sys.executable, "-m", "django", "watch_orders", "--once", "--settings=settings", "--pythonpath=."]
    told = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert told.stdout == "django-1 fulfilled 496.25\n", told.stderr
    told = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert (told.returncode, told.stdout) == (0, "")


def test_celery_task(in_folder: Path, sandbox: Sandbox) -> None:
    sys.modules.pop("celery_task", None)
    import celery_task

    celery_task.app.conf.task_always_eager = True
    for _ in range(2):
        done = celery_task.top_up.delay("task-1", "0778037340", "500")
        assert done.get() == "fulfilled"
    assert len(sandbox.orders()) == 1
    celery_task.client.close()


def test_telegram_bot(in_folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, EXAMPLES / "telegram_bot.py"],
        input="0778037340 500\n077 500\n0600000001 500\n",
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert sorted(done.stdout.splitlines()) == [
        "0600000001: commande reçue",
        "0600000001: refunded",
        "0778037340: commande reçue",
        "0778037340: fulfilled",
        "Le numéro n'est pas valable pour ce service. Demandez-en un autre. (number)",
    ], done.stderr


def snippets(document: Path) -> list[tuple[str, str]]:
    """Each Python block, with what its document says that it prints, if the next block is `text`."""
    text = document.read_text()
    found = re.findall(r"^```python\n(.*?)^```\n(?:\n```text\n(.*?)^```$)?", text, re.M | re.S)
    return [(code, printed) for code, printed in found]


DOCUMENTS = [ROOT / "bindings-python/README.md", ROOT / "docs/migration-python.md"]
BLOCKS = [
    pytest.param(code, printed, id=f"{document.name}-{number}")
    for document in DOCUMENTS
    for number, (code, printed) in enumerate(snippets(document))
    if "import requests" not in code
]


@pytest.mark.parametrize(("code", "printed"), BLOCKS)
def test_snippets(
    in_folder: Path, mail_server: MailServer, monkeypatch: pytest.MonkeyPatch, code: str, printed: str
) -> None:
    monkeypatch.setenv("SMTP_PORT", str(mail_server.port))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    if printed:
        assert done.stdout == printed


def test_there_are_snippets() -> None:
    assert len(BLOCKS) >= 10


