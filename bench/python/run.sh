#!/usr/bin/env bash
# The Python package beside requests, httpx and aiohttp: the released wheel, the same calls, interleaved rounds, ratios.
set -euo pipefail
# shellcheck source=tools/lib.sh
. "$(dirname "$0")/../../tools/lib.sh"

[ -n "$(ls "$target/packages"/oneclickdz-*.whl 2>/dev/null)" ] || make --no-print-directory package python
cargo build --profile bench --locked -p oneclickdz-bench
environment="$tools/python-bench"
tools/python.sh environment "$environment" bench/python/requirements.txt
"$environment/bin/python" -m pip install -q --disable-pip-version-check --no-index --force-reinstall --find-links "$target/packages" "oneclickdz[sandbox]"
ONECLICKDZ_BENCH_BIN="${ONECLICKDZ_BENCH_BIN:-$target/release/oneclickdz-bench}" "$environment/bin/python" bench/python/compare.py "$@"
