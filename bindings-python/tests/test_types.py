"""The types are complete and true, and what is generated is fresh."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT

BINDING = ROOT / "bindings-python"


def passes(*command: str | Path, folder: Path = BINDING) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr


def test_mypy_strict() -> None:
    passes(sys.executable, "-m", "mypy", "--strict", "oneclickdz", "examples")


def test_stubtest(tmp_path: Path) -> None:
    allowed = BINDING / "tests/stubtest-allowlist.txt"
    options = ["--allowlist", allowed, "--ignore-unused-allowlist", "--mypy-config-file", BINDING / "pyproject.toml"]
    # From another folder: mypy would find the package twice in its own.
    passes(sys.executable, "-m", "mypy.stubtest", "oneclickdz", *options, folder=tmp_path)


def test_pyright() -> None:
    pytest.importorskip("pyright")
    passes(sys.executable, "-m", "pyright", "--pythonpath", sys.executable)


def test_what_is_generated_is_fresh() -> None:
    passes(sys.executable, "generate.py", "--check")
