#!/usr/bin/env bash
# The Python package beside requests, httpx and aiohttp: the released wheel, the same calls, interleaved rounds, ratios.
set -euo pipefail
# shellcheck source=tools/lib.sh
. "$(dirname "$0")/../../tools/lib.sh"

[ -n "$(ls "$target/packages"/oneclickdz-*.whl 2>/dev/null)" ] || make --no-print-directory package python
cargo build --profile bench --locked -p oneclickdz-bench
environment="$tools/python-bench"
if ! cmp -s bench/python/requirements.txt "$environment/requirements.txt"; then
    rm -rf "$environment"
    python3 -m venv "$environment"
    "$environment/bin/python" -m pip install -q --disable-pip-version-check -r bench/python/requirements.txt
    cp bench/python/requirements.txt "$environment/requirements.txt"
fi
"$environment/bin/python" -m pip install -q --disable-pip-version-check --no-index --force-reinstall --find-links "$target/packages" "oneclickdz[sandbox]"
ONECLICKDZ_BENCH_BIN="${ONECLICKDZ_BENCH_BIN:-$target/release/oneclickdz-bench}" "$environment/bin/python" bench/python/compare.py "$@"
