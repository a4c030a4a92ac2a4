#!/usr/bin/env bash
# The Node package. node.sh TASK:
#   lib [release]   build the native part for this machine, where the package of a checkout looks for it
#   deps            install what tests and examples need, when the list has changed
#   gen             write the model's names and the types of the calls from the engine's tables
#   gen-check       fail when they are out of date
#   test            all of its tests, with one closing line
#   bench [...]     the package beside fetch, undici and http.Agent
#   smoke           the same small program in Node, Bun and Deno
#   package         the tarballs into target/packages, and their test in an empty folder
#   publish         all tarballs to npm, the platforms' first; run by the release workflow
set -euo pipefail
# shellcheck source=tools/lib.sh
. "$(dirname "$0")/lib.sh"

package="$root/bindings-node"
minimum=20

# The npm name of this machine's platform, as lib/load.cjs works it out.
# ONECLICKDZ_PLATFORM names another one, for a cross build.
platform() { (cd "$package" && node -p "process.env.ONECLICKDZ_PLATFORM || require('./lib/platform.cjs').platform()"); }

node_is_new_enough() {
    have node && have npm && [ "$(node -p 'process.versions.node.split(".")[0]')" -ge "$minimum" ]
}

# The library's file name differs with the system.
library() {
    local name folder="$target/${CARGO_BUILD_TARGET:+$CARGO_BUILD_TARGET/}${1/release/small}"
    for name in liboneclickdz_node.so liboneclickdz_node.dylib oneclickdz_node.dll; do
        if [ -e "$folder/$name" ]; then
            printf '%s\n' "$folder/$name"
            return
        fi
    done
    note "no library in $folder"
    return 1
}

build() {
    # A library that others load cannot hold musl's own copy of itself.
    case "$(platform)" in *-musl) export RUSTFLAGS="${RUSTFLAGS:-} -C target-feature=-crt-static" ;; esac
    case "$1" in
        # CARGO_BUILD_TARGET, where it is set, is cargo's own variable for another machine than this.
        release)
            # What only size asks for: with frame pointers the tables for unwinding are half as long, and no panic goes through C.
            # Of what that saves, some is spent on speed: small functions become part of their callers (docs/adr/0018).
            (
                export RUSTFLAGS="${RUSTFLAGS:-} -C llvm-args=-inline-threshold=75"
                if [ "$(uname -s)" = Linux ]; then
                    RUSTFLAGS+=" -C force-frame-pointers=yes"
                    export CFLAGS="${CFLAGS:-} -fno-asynchronous-unwind-tables"
                fi
                cargo build --profile small --locked -p oneclickdz-node
            )
            ;;
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

generated() { (cd "$package" && cat lib/models.cjs models.d.ts test/types/calls.mts | sha256sum); }

# The tests compile test/types: there index.d.ts is held against the calls that the engine has.
gen_check() {
    local before after
    before="$(generated)"
    gen
    after="$(generated)"
    if [ "$before" != "$after" ]; then
        note "lib/models.cjs, models.d.ts or test/types/calls.mts of bindings-node was out of date; it is written anew, commit it"
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
    rm -f "$target"/packages/oneclickdz-*.tgz
    (cd "$package" && node tools/pack.mjs --out "$target/packages" --strict)
    say "the quick start in an empty folder"
    # Of a cross build there is nothing to run here.
    if [ -n "${CARGO_BUILD_TARGET:-}" ]; then note "built for $CARGO_BUILD_TARGET: tried out on that machine"; return; fi
    cargo build --locked -p oneclickdz-sandbox
    with_sandbox node "$package/tools/try-install.mjs" @ "$target"/packages/oneclickdz-*.tgz
}

# with_sandbox COMMAND...: runs it with the address of a sandbox service in place of the argument @.
with_sandbox() {
    local url code=0 each all=()
    coproc sandbox { exec "$target/debug/oneclickdz-sandbox" --speed 100 2>/dev/null; }
    # The variable goes away with the process, also when that ends by itself.
    local process="$sandbox_PID"
    read -r url <&"${sandbox[0]}"
    url="$(sed 's/.*"url": *"\([^"]*\)".*/\1/' <<<"$url")"
    for each in "$@"; do if [ "$each" = @ ]; then all+=("$url"); else all+=("$each"); fi; done
    "${all[@]}" || code=$?
    kill "$process"
    wait "$process" || true
    return "$code"
}

# Bun and Deno come from npm here; each runs the same small program.
smoke() {
    local runtime code=0 bin="$package/smoke/node_modules/.bin"
    build debug
    place debug
    # Not `npm ci`: it wants every platform's package of these in the lock file, and those of others cannot be had everywhere.
    (cd "$package/smoke" && npm install --no-save --no-audit --no-fund --loglevel=error)
    for runtime in node "$bin/bun" "$bin/deno run -A"; do
        say "smoke: $(basename "${runtime%% *}") $(${runtime%% *} --version | head -n 1)"
        # Words on purpose: a program and its arguments.
        # shellcheck disable=SC2086
        with_sandbox timeout 60 $runtime "$package/smoke/smoke.mjs" @ || { code=1; note "FAILED"; }
    done
    return "$code"
}

bench() {
    cargo build --profile bench --locked -p oneclickdz-bench
    build release
    place release
    cargo build --locked -p oneclickdz-sandbox
    say "npm ci (bench/node)"
    (cd "$root/bench/node" && npm ci --no-audit --no-fund --loglevel=error && node run.mjs "$@")
}

publish() {
    local tarball count
    count="$(find "$target/packages" -name 'oneclickdz-*-*-*.tgz' | wc -l)"
    if [ "$count" -ne 8 ]; then note "$count native packages are there, 8 are wanted"; return 1; fi
    for tarball in "$target"/packages/oneclickdz-*-*-*.tgz "$target"/packages/oneclickdz-[0-9]*.tgz; do
        npm publish "$tarball" --access public --provenance
    done
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
    smoke) smoke ;;
    package) pack ;;
    bench) shift && bench "$@" ;;
    publish) publish ;;
    *) sed -n '2,12s/^# //p' "$0" && exit 2 ;;
esac
