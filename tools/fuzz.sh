#!/usr/bin/env bash
# fuzz.sh SECONDS: coverage-guided fuzzing of the answer decoder (most of the time) and of sealed cards.
# The stable compiler is enough: the engine has no unsafe code, so the address sanitizer, which needs nightly, is left out.
set -euo pipefail
# shellcheck source=tools/lib.sh
. "$(dirname "$0")/lib.sh"

seconds="${1:?usage: tools/fuzz.sh SECONDS}"

fuzz="$(tool cargo-fuzz)" || { missing cargo-fuzz; exit; }
have c++ || { echo "libFuzzer needs a C++ compiler (Debian: build-essential)"; exit "$SKIPPED"; }

# The same versions as in the product, whatever this workspace of its own would have chosen.
cp Cargo.lock fuzz/Cargo.lock
fuzz_one() {
    local target_name="$1" time="$2"
    # New inputs go to a folder of their own; the committed seeds are only read.
    local found="$root/fuzz/target/corpus/$target_name"
    mkdir -p "$found"
    CARGO_TARGET_DIR="$root/fuzz/target" "$fuzz" run --sanitizer none "$target_name" "$found" "fuzz/corpus/$target_name" -- \
        -max_total_time="$time" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 -verbosity=0 2>&1 |
        sed -e '/NEW_FUNC/d' -e '/Failed to find function "__sanitizer/d' -e '/Recommended dictionary/,/End of recommended/d'
}

fuzz_one decode "$((seconds - seconds / 4))"
fuzz_one sealed "$((seconds / 4 + 1))"
