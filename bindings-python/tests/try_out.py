"""Run by `make package python` in a fresh environment: the quick start against the sandbox that the packages bring."""

import json
import os
import subprocess
import sys
import tempfile

sandbox = subprocess.Popen(
    [sys.executable, "-m", "oneclickdz.sandbox", "--speed", "100"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
)
try:
    assert sandbox.stdout is not None
    url = json.loads(sandbox.stdout.readline())["url"]
    environment = {**os.environ, "ONECLICKDZ_API_KEY": "sandbox-key", "ONECLICKDZ_BASE_URL": url}
    with tempfile.TemporaryDirectory() as folder:
        told = subprocess.run([sys.executable, *sys.argv[1:]], env=environment, cwd=folder, capture_output=True, text=True)
finally:
    sandbox.terminate()
    sandbox.wait()
assert told.stdout.endswith("fulfilled: charged 496.25 DZD, back 0 DZD\n"), told
