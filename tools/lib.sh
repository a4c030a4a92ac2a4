# Shared by the scripts in this folder; sourced, not run.
# shellcheck shell=bash disable=SC2034

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
cd "$root" || exit 1
tools="$root/.tools"
target="${CARGO_TARGET_DIR:-$root/target}"

# A Rust that rustup has just installed is found before the shell has read its profile again.
export PATH="${CARGO_HOME:-$HOME/.cargo}/bin:$PATH"

# A step that cannot run here exits with this code, its reason as the last line of output.
readonly SKIPPED=77

say() { printf '==> %s\n' "$*"; }
note() { printf '    %s\n' "$*"; }
have() { command -v "$1" >/dev/null 2>&1; }

# tool NAME: the path of a program in the project's own tool folder; fails when it is not there.
tool() {
    local path
    for path in "$tools/venv/bin/$1" "$tools/bin/$1"; do
        if [ -x "$path" ]; then
            printf '%s\n' "$path"
            return 0
        fi
    done
    return 1
}

# missing NAME: the reason of a skipped step, and its code.
missing() {
    printf '%s is not installed; make setup says why\n' "$1"
    return "$SKIPPED"
}
