#!/usr/bin/env bash
# The linker of the Kotlin library that people install, $LINK_WITH or cc. From the border's list of symbols it leaves out
# the description of the border (UNIFFI_META_...), 57 KB that only the generator of the Kotlin half reads, from a debug
# build, and uniffi's own futures, 20 KB that no call uses; the linker then drops what nothing names.
set -euo pipefail
for argument in "$@"; do
    case "$argument" in -Wl,--version-script=*) sed -i '/UNIFFI_META_\|_rust_future_/d' "${argument#*=}" ;; esac
done
exec "${LINK_WITH:-cc}" "$@"
