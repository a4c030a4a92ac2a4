#!/usr/bin/env bash
# Every Rust test of the workspace, doc tests included, then those of the packages, each with one closing line.
set -euo pipefail
# shellcheck source=tools/lib.sh
. "$(dirname "$0")/lib.sh"

mkdir -p "$target"
log="$target/test.log"
code=0
say "cargo test --workspace"
cargo test --workspace --locked --no-fail-fast "$@" 2>&1 | tee "$log" || code=$?

# The names of what failed, for the closing lines; without any it did not come to the tests.
if [ "$code" -ne 0 ]; then
    sed -n 's/^test \(.*\) \.\.\. FAILED$/FAILED: rust: \1/p' "$log"
    grep -qE '^test .* \.\.\. FAILED$' "$log" || printf 'FAILED: rust: %s\n' "$(grep -m 1 -E '^error' "$log" || echo "see $log")"
fi

say "result"
grep -E '^test result:' "$log" || true
awk '/^test result:/ { for (i = 2; i <= NF; i++) { if ($i ~ /^passed/) p += $(i-1); if ($i ~ /^failed/) f += $(i-1); if ($i ~ /^ignored/) s += $(i-1) } }
     END { printf "%d passed, %d failed%s\n", p, f, s ? ", " s " skipped" : "" }' "$log"

# language NAME: the tests of a package; where they cannot run, that is said and is no failure.
language() {
    local result=0
    "tools/$1.sh" test || result=$?
    if [ "$result" -eq "$SKIPPED" ]; then
        note "$1: SKIPPED, for the reason above"
    elif [ "$result" -ne 0 ]; then
        code=1
    fi
}
language node
language python
language kotlin
exit "$code"
