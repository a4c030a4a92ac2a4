#!/usr/bin/env bash
# The Node package. node.sh TASK:
#   lib [release]   build the native part for this machine, where the package of a checkout looks for it
#   deps            install what tests and examples need, when the list has changed
#   gen             write the model's names from the engine's tables
#   gen-check       fail when they are out of date
#   test            all of its tests, with one closing line
#   package         the tarballs into target/packages, and their test in an empty folder
set -euo pipefail
# shellcheck source=tools/lib.sh
. "$(dirname "$0")/lib.sh"

package="$root/bindings-node"
minimum=20

# The npm name of this machine's platform, as lib/load.cjs works it out.
platform() { (cd "$package" && node -p "require('./lib/platform.cjs').platform()"); }

node_is_new_enough() {
    have node && have npm && [ "$(node -p 'process.versions.node.split(".")[0]')" -ge "$minimum" ]
}

# The library's file name differs with the system.
library() {
    local name
    for name in liboneclickdz_node.so liboneclickdz_node.dylib oneclickdz_node.dll; do
        if [ -e "$target/$1/$name" ]; then
            printf '%s\n' "$target/$1/$name"
            return
        fi
    done
    note "no library in $target/$1"
    return 1
}

build() {
    case "$1" in
        release) cargo build --release --locked -p oneclickdz-node ${CARGO_BUILD_TARGET:+--target "$CARGO_BUILD_TARGET"} ;;
        # The shape of the command is that of the tests, so that nothing is built twice.
        *) cargo build --workspace --locked --lib --bins ;;
    esac
}

# Copied whole: a library that is written anew in place would crash who has it open.
place() {
    local into="$package/native"
    mkdir -p "$into"
    cp "$(library "$1")" "$into/new.node"
    mv "$into/new.node" "$into/oneclickdz.$(platform).node"
}

deps() {
    if cmp -s "$package/package-lock.json" "$package/node_modules/.lock-of-this"; then return; fi
    say "npm ci (bindings-node)"
    (cd "$package" && npm ci --no-audit --no-fund --loglevel=error)
    cp "$package/package-lock.json" "$package/node_modules/.lock-of-this"
}

gen() { cargo run --quiet --locked -p oneclickdz-node --example node_models; }

gen_check() {
    local before after
    before="$(cat "$package/lib/models.cjs" "$package/models.d.ts" | sha256sum)"
    gen
    after="$(cat "$package/lib/models.cjs" "$package/models.d.ts" | sha256sum)"
    if [ "$before" != "$after" ]; then
        note "bindings-node/lib/models.cjs or models.d.ts was out of date; it is written anew, commit it"
        return 1
    fi
}

tests() {
    local code=0 log="$target/test-node.log"
    say "node --test (bindings-node)"
    build debug
    place debug
    deps
    mkdir -p "$target"
    (cd "$package" && npx tsc -p test/types && node --test --test-reporter=spec test/*.test.mjs) 2>&1 | tee "$log" || code=$?
    awk '$2 == "pass" { p = $3 } $2 == "fail" { f = $3 } $2 == "skipped" { s = $3 }
         END { printf "node: %d passed, %d failed%s\n", p, f, s ? ", " s " skipped" : "" }' "$log"
    return "$code"
}

pack() {
    build release
    place release
    deps
    (cd "$package" && node tools/pack.mjs --out "$target/packages" --strict)
}

if ! node_is_new_enough; then
    note "Node $minimum or later with npm is needed and not here: $(node --version 2>/dev/null || echo 'no node')"
    exit "$SKIPPED"
fi
case "${1:-}" in
    lib) build "${2:-debug}" && place "${2:-debug}" ;;
    deps) deps ;;
    gen) gen ;;
    gen-check) gen_check ;;
    test) tests ;;
    package) pack ;;
    *) sed -n '2,9s/^# //p' "$0" && exit 2 ;;
esac
