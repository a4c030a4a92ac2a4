#!/usr/bin/env bash
# Every Rust test of the workspace, doc tests included, and one closing line with the total.
set -euo pipefail
# shellcheck source=tools/lib.sh
. "$(dirname "$0")/lib.sh"

mkdir -p "$target"
log="$target/test.log"
code=0
say "cargo test --workspace"
cargo test --workspace --locked --no-fail-fast "$@" 2>&1 | tee "$log" || code=$?

say "result"
grep -E '^test result:' "$log" || true
awk '/^test result:/ { for (i = 2; i <= NF; i++) { if ($i ~ /^passed/) p += $(i-1); if ($i ~ /^failed/) f += $(i-1); if ($i ~ /^ignored/) s += $(i-1) } }
     END { printf "%d passed, %d failed%s\n", p, f, s ? ", " s " skipped" : "" }' "$log"
exit "$code"
