"""`python -m oneclickdz.sandbox`: a local OneClickDz service for tests and trials. Its first line is `{"url": ...}`, its key is
`sandbox-key`; `--help` tells the rest. Comes with `pip install oneclickdz[sandbox]`."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig


def binary() -> str:
    """The path of the program: of this environment, or on the PATH. `ONECLICKDZ_SANDBOX_BIN` names another one."""
    name = "oneclickdz-sandbox"
    beside = os.path.join(sysconfig.get_path("scripts"), name + (sysconfig.get_config_var("EXE") or ""))
    found = os.environ.get("ONECLICKDZ_SANDBOX_BIN") or (beside if os.path.exists(beside) else shutil.which(name))
    if not found:
        raise FileNotFoundError("the sandbox is a package of its own: pip install oneclickdz[sandbox]")
    return found


def main() -> int:
    try:
        command = [binary(), *sys.argv[1:]]
    except FileNotFoundError as missing:
        print(missing, file=sys.stderr)
        return 2
    if os.name == "posix":
        os.execv(command[0], command)
    return subprocess.call(command)


if __name__ == "__main__":
    sys.exit(main())
