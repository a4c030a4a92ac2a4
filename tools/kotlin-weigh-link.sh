#!/usr/bin/env bash
# The linker of `kotlin.sh weigh`: rustc speaks to it as to a compiler, and the linker that Rust brings wants the same words
# without their wrapping, beside those that an NDK's compiler adds.
set -euo pipefail
arguments=(--hash-style=gnu --build-id=sha1)
for argument in "$@"; do
    case "$argument" in
        -Wl,*) IFS=, read -ra words <<<"${argument#-Wl,}" && arguments+=("${words[@]}") ;;
        -m32 | -m64 | -march=* | -nodefaultlibs) ;;
        *) arguments+=("$argument") ;;
    esac
done
exec "$(rustc --print sysroot)/lib/rustlib/$(rustc -vV | sed -n 's/^host: //p')/bin/gcc-ld/ld.lld" "${arguments[@]}"
