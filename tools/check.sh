#!/usr/bin/env bash
# All checks that are not tests. Runs every one even after a failure; what cannot run here is skipped with its reason,
# and both lists are printed again at the end.
set -euo pipefail
# shellcheck source=tools/lib.sh
. "$(dirname "$0")/lib.sh"

failed=()
skipped=()
log="$(mktemp)"
trap 'rm -f "$log"' EXIT

# check NAME COMMAND...: one step. A command that exits with $SKIPPED gives the reason as its last line.
check() {
    local name="$1" code=0 began=$SECONDS
    shift
    say "$name"
    "$@" 2>&1 | tee "$log" || code=$?
    if [ "$code" -eq "$SKIPPED" ]; then
        skipped+=("$name: $(tail -n 1 "$log" | sed 's/^ *//')")
    elif [ "$code" -ne 0 ]; then
        failed+=("$name")
        note "FAILED after $((SECONDS - began)) s"
    else
        note "ok, $((SECONDS - began)) s"
    fi
}

rustfmt() {
    cargo fmt --version >/dev/null 2>&1 || { missing rustfmt; return; }
    cargo fmt --all --check
}

clippy() {
    cargo clippy --version >/dev/null 2>&1 || { missing clippy; return; }
    cargo clippy --workspace --all-targets --locked -- -D warnings &&
        # What Android gets has no e-mail; what it stands on has been checked by now.
        cargo clippy -p oneclickdz-kotlin --no-default-features --locked -- -D warnings
}

rustdoc() {
    RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --locked
}

deny() {
    local deny
    deny="$(tool cargo-deny)" || { missing cargo-deny; return; }
    "$deny" --locked check --hide-inclusion-graph licenses bans sources
}

advisories() {
    local deny
    deny="$(tool cargo-deny)" || { missing cargo-deny; return; }
    if ! timeout 90 "$deny" --locked --log-level error fetch db >/dev/null 2>&1; then
        echo "the RustSec advisory database cannot be fetched from this machine"
        return "$SKIPPED"
    fi
    "$deny" --locked check --disable-fetch advisories
}

typos() {
    local typos
    typos="$(tool typos)" || { missing typos; return; }
    "$typos" --config typos.toml
}

check rustfmt rustfmt
check typos typos
check "cargo-deny: licences, duplicate versions, sources" deny
check "cargo-deny: advisories" advisories
check clippy clippy
check "rustdoc, warnings are errors" rustdoc
check "generated files of the Node package" tools/node.sh gen-check
check "generated files of the Python package" tools/python.sh gen-check
check "schema fuzz of the sandbox" tools/schema-fuzz.sh
check "fuzz the decoder, ${FUZZ_SECONDS:-30} s" tools/fuzz.sh "${FUZZ_SECONDS:-30}"

for line in "${skipped[@]+"${skipped[@]}"}"; do printf 'skipped: %s\n' "$line"; done
for line in "${failed[@]+"${failed[@]}"}"; do printf 'FAILED: %s\n' "$line"; done
if [ ${#failed[@]} -ne 0 ]; then exit 1; fi
printf 'check: all that ran passed, %d skipped, %d s\n' "${#skipped[@]}" "$SECONDS"
