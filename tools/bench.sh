#!/usr/bin/env bash
# bench.sh [engine|LANGUAGE...]: what the engine and the packages cost beside named peers, as ratios; all of them without a word.
set -euo pipefail
# shellcheck source=tools/lib.sh
. "$(dirname "$0")/lib.sh"

if [ $# -eq 0 ]; then set -- engine node python kotlin; fi
code=0
for one in "$@"; do
    say "bench: $one"
    case "$one" in
        engine) cargo run --profile bench --locked -p oneclickdz-bench && cargo run --profile bench --locked -p oneclickdz-bench --bin vault ;;
        *) "tools/$one.sh" bench ;;
    esac || { code=1; note "FAILED: $one"; }
done
exit "$code"
