#!/usr/bin/env bash
# The Python package. python.sh TASK:
#   lib             build the native part where the package of a checkout looks for it
#   gen             write the enums, the stubs and the sync client from what they follow from
#   gen-check       fail when they are out of date
#   test            all of its tests, with one closing line
#   package         the wheels and the sdist into target/packages, and their test in fresh environments without Rust
#   bench           the package beside requests, httpx and aiohttp
#   environment FOLDER LIST     a virtual environment with what a list names
set -euo pipefail
# shellcheck source=tools/lib.sh
. "$(dirname "$0")/lib.sh"

package="$root/bindings-python"
packages="$target/packages"

# programs FOLDER: where a virtual environment keeps its programs.
programs() {
    case "$(uname -s)" in
        MINGW* | MSYS* | CYGWIN*) printf '%s\n' "$1/Scripts" ;;
        *) printf '%s\n' "$1/bin" ;;
    esac
}

python="$(programs "$tools/python")/python"
packaging="$(programs "$tools/python-package")"

# The newest Python at hand that the package knows.
a_python() {
    local name
    for name in "${PYTHON:-}" python3.13 python3.12 python3.11 python3.10 python3 python; do
        if [ -n "$name" ] && "$name" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))' 2>/dev/null; then
            command -v "$name"
            return
        fi
    done
    echo "Python 3.10 or newer with venv is not installed (Debian: python3-venv)"
    return 1
}

# environment FOLDER LIST: a virtual environment with what a list names, made anew when the list has changed or the folder was
# moved, since its programs name it in their first line.
environment() {
    local folder="$1" list="$2" base its_python
    its_python="$(programs "$folder")/python"
    if [ -x "$its_python" ] && made_for "$folder" "$list" | cmp -s - "$folder/made-for"; then return; fi
    base="$(a_python)" || { printf '%s\n' "$base"; return "$SKIPPED"; }
    say "pip install -r ${list#"$root/"}"
    rm -rf "$folder"
    "$base" -m venv "$folder"
    "$its_python" -m pip install -q --disable-pip-version-check -r "$list"
    # Written last, so that an interrupted installation starts again.
    made_for "$folder" "$list" >"$folder/made-for"
}

made_for() {
    printf '# %s\n' "$1"
    cat "$2"
}

# The shape of the command is that of the tests, so that nothing is built twice.
lib() {
    local name
    cargo build --workspace --locked --lib --bins
    for name in lib_native.so lib_native.dylib _native.dll; do
        if [ -e "$target/debug/$name" ]; then
            # Put in place whole: a library that is written anew in place would crash who has it open.
            cp "$target/debug/$name" "$package/oneclickdz/new"
            case "$name" in *.dll) mv "$package/oneclickdz/new" "$package/oneclickdz/_native.pyd" ;;
                *) mv "$package/oneclickdz/new" "$package/oneclickdz/_native.abi3.so" ;; esac
        fi
    done
    # A checkout is imported in place.
    "$python" -c 'import pathlib, sys, sysconfig; pathlib.Path(sysconfig.get_path("purelib"), "oneclickdz-checkout.pth").write_text(sys.argv[1])' "$package"
}

ready() {
    environment "$tools/python" "$package/requirements-test.txt"
    lib
}

run_tests() {
    ready
    say "pytest (bindings-python, $("$python" --version))"
    local code=0 log="$target/python-test.log"
    (cd "$package" && ONECLICKDZ_SANDBOX_BIN="$target/debug/oneclickdz-sandbox" "$python" -m pytest -q -p no:cacheprovider) 2>&1 |
        tee "$log" || code=$?
    awk '/ in [0-9.]+s/ { for (i = 2; i <= NF; i++) { if ($i ~ /^passed/) p = $(i-1); if ($i ~ /^(failed|errors?)/) f += $(i-1); if ($i ~ /^skipped/) s = $(i-1) } }
         END { printf "python: %d passed, %d failed%s\n", p, f, s ? ", " s " skipped" : "" }' "$log"
    return "$code"
}

# wheel FOLDER OUT: the wheel of a folder, one that runs on older systems too where zig is there to link it so.
wheel() {
    local platform=()
    if [ "$(uname -s)" = Linux ]; then
        if ldd --version 2>&1 | grep -qi musl; then
            platform=(--compatibility musllinux_1_2 --auditwheel skip)
        elif "$packaging/python" -c 'import ziglang' 2>/dev/null; then
            platform=(--zig --compatibility manylinux_2_17)
        fi
    fi
    (cd "$1" && PATH="$packaging:$PATH" CARGO_TARGET_DIR="$target/wheel" \
        maturin build --release --locked --out "$2" "${platform[@]}")
}

build_packages() {
    environment "$tools/python-package" "$package/requirements-package.txt"
    mkdir -p "$packages"
    rm -f "$packages"/oneclickdz*.whl "$packages"/oneclickdz*.tar.gz
    wheel "$package" "$packages"
    wheel "$root/sandbox" "$packages"
    (cd "$package" && PATH="$packaging:$PATH" maturin sdist --out "$packages")
    local file size
    for file in "$packages"/oneclickdz-*.whl; do
        size="$(wc -c <"$file")"
        note "$(basename "$file"): $size bytes"
        if [ "$size" -gt 6000000 ]; then note "a wheel is at most 6 MB"; return 1; fi
        case "$file" in
            *manylinux*) "$packaging/python" -m auditwheel show "$file" | tr '\n' ' ' | grep -o 'consistent with.*manylinux_[0-9_]*x*[a-z0-9_]*"' || {
                note "auditwheel does not call $file manylinux"; return 1; } ;;
        esac
    done
    scratch="$(mktemp -d)"
    trap 'rm -rf "$scratch"' EXIT
    try_out
    try_out_source
}

# As a stranger would: a fresh environment for every Python at hand, nothing of this checkout and no Rust on the PATH.
try_out() {
    local name version tried=" "
    for name in python3.10 python3.11 python3.12 python3.13 python3.14 python3 "$HOME"/.pyenv/versions/*/bin/python; do
        version="$("$name" -c 'import sys, venv, ensurepip; print("%d.%d" % sys.version_info[:2]); sys.exit(sys.version_info < (3, 10))' 2>/dev/null)" || continue
        case "$tried" in *" $version "*) continue ;; esac
        tried+="$version "
        "$name" -m venv "$scratch/$version"
        (
            cd "$scratch"
            PATH="$(programs "$scratch/$version"):/usr/bin:/bin"
            export PATH
            if command -v cargo >/dev/null; then note "there is a cargo on this PATH: it was not used, as only wheels are installed"; fi
            python -m pip install -q --disable-pip-version-check --only-binary :all: --no-index --find-links "$packages" "oneclickdz[sandbox]"
            python "$package/tests/try_out.py" "$package/examples/quickstart.py"
        ) || { note "FAILED with Python $version"; return 1; }
        note "works with Python $version"
    done
    [ "$tried" != " " ] || { note "no Python to try the wheel with"; return 1; }
}

# The sdist, unpacked where no file of this checkout is found from it, as pip builds and installs it; quickly rather than
# for speed. Only what comes from elsewhere is kept for the next time.
try_out_source() {
    local folder source build=(env CARGO_TARGET_DIR="$target/sdist" CARGO_INCREMENTAL=0)
    folder="$scratch/source"
    mkdir "$folder"
    tar -xzf "$(echo "$packages"/oneclickdz-[0-9]*.tar.gz)" -C "$folder"
    source="$(echo "$folder"/oneclickdz-*)"
    (
        cd "$source" &&
            "${build[@]}" MATURIN_PEP517_ARGS="--profile dev" PATH="$packaging:$PATH" "$packaging/python" -m pip wheel -q \
                --disable-pip-version-check --no-deps --no-build-isolation --wheel-dir "$folder" . &&
            "${build[@]}" cargo clean -q -p oneclickdz -p oneclickdz-python &&
            "$(a_python)" -m venv "$folder/environment" &&
            cd "$folder" &&
            PATH="$(programs "$folder/environment"):/usr/bin:/bin" &&
            export PATH &&
            python -m pip install -q --disable-pip-version-check --only-binary :all: --no-index --find-links "$packages" \
                "$folder"/oneclickdz-*.whl oneclickdz-sandbox &&
            python "$package/tests/try_out.py" "$package/examples/quickstart.py"
    ) || { note "FAILED from the sdist"; return 1; }
    note "works from the sdist"
}

case "${1:?usage: tools/python.sh TASK}" in
    lib) ready ;;
    gen) ready && (cd "$package" && "$python" generate.py) ;;
    gen-check) ready && (cd "$package" && "$python" generate.py --check) ;;
    test) run_tests ;;
    package) build_packages ;;
    bench) "$root/bench/python/run.sh" ;;
    environment) environment "${2:?a folder}" "${3:?a list of requirements}" ;;
    *) echo "no task of that name: $1"; exit 1 ;;
esac
