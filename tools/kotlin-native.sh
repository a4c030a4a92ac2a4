# The native half of the Kotlin package as people install it: how it is built, and what is asked of it before it is
# packed. Sourced by kotlin.sh, not run.
# shellcheck shell=bash disable=SC2154

# Android's ABIs: Rust's name of each, and what readelf calls its machine.
readonly abis=(arm64-v8a armeabi-v7a x86_64 x86)
readonly -A triples=([arm64-v8a]=aarch64-linux-android [armeabi-v7a]=armv7-linux-androideabi [x86_64]=x86_64-linux-android [x86]=i686-linux-android)
readonly -A machines=([arm64-v8a]=AArch64 [armeabi-v7a]=ARM [x86_64]="Advanced Micro Devices X86-64" [x86]="Intel 80386")

# small [ARGUMENT...]: what people install. With frame pointers the tables for unwinding are half as long, and no panic goes
# through C; gcc leaves its tables out for the first of the two flags, clang wants both. Without an argument it is for this
# machine: a server's disk has room, so that one is built for speed (docs/adr/0018).
small() {
    local host
    (
        if [ $# -eq 0 ]; then export CARGO_PROFILE_SMALL_OPT_LEVEL=3; fi
        if [ "$(uname -s)" = Linux ]; then
            export RUSTFLAGS="${RUSTFLAGS:-} -C force-frame-pointers=yes"
            export CFLAGS="${CFLAGS:-} -fno-asynchronous-unwind-tables -fno-unwind-tables"
            host="$(rustc -vV | sed -n 's/^host: //p')" host="${host//-/_}"
            if [ $# -eq 0 ]; then export "CARGO_TARGET_${host^^}_LINKER=$root/tools/kotlin-link.sh"; fi
        fi
        cargo build --profile small --locked -p oneclickdz-kotlin "$@"
    )
}

# for_android ABI COMPILER ARCHIVER LINKER: the library of one ABI, stripped by cargo. Relocations packed, which Android knows
# since version 6; the ends of strings joined by the linker; no e-mail.
#
# On arm64 the compiler moves code that occurs twice into functions of its own, each of which costs 36 bytes of tables that
# it does not count: less than that is not worth a function. On x86_64, an ABI of emulators, it is told to do so as well,
# and functions that are the same to the byte become one.
for_android() {
    local abi="$1" triple="${triples[$1]}" variable
    variable="${triple//-/_}"
    rustup target add "$triple"
    (
        export "CC_$variable=$2" "AR_$variable=$3" LINK_WITH="$4"
        export "CARGO_TARGET_${variable^^}_LINKER=$root/tools/kotlin-link.sh"
        RUSTFLAGS="${RUSTFLAGS:-} -C link-arg=-Wl,--pack-dyn-relocs=android,-O2"
        case "$abi" in
            arm64-v8a) RUSTFLAGS+=" -C llvm-args=-outliner-benefit-threshold=36" ;;
            x86_64)
                RUSTFLAGS+=" -C llvm-args=-enable-machine-outliner=always -C llvm-args=-machine-outliner-reruns=2"
                RUSTFLAGS+=" -C llvm-args=-outliner-benefit-threshold=16 -C link-arg=-Wl,--icf=all"
                ;;
        esac
        export RUSTFLAGS
        small --no-default-features --target "$triple"
    )
}

# android: each ABI by the NDK's own compiler, into the AAR's jniLibs. 26 is the API level of minSdk.
android() {
    local ndk="${ANDROID_NDK_HOME:?set ANDROID_NDK_HOME to an NDK of r27 or later}" bin abi compiler
    bin="$(echo "$ndk"/toolchains/llvm/prebuilt/*/bin)"
    for abi in "${abis[@]}"; do
        say "android: $abi"
        compiler="$bin/${triples[$abi]/armv7-/armv7a-}26-clang"
        for_android "$abi" "$compiler" "$bin/llvm-ar" "$compiler"
        mkdir -p "$out/aar/jni/$abi"
        cp "$target/${triples[$abi]}/small/liboneclickdz_kotlin.so" "$out/aar/jni/$abi/"
        fit "$abi" "$out/aar/jni/$abi/liboneclickdz_kotlin.so"
    done
}

# weigh [ABI...]: the same without an NDK, to be weighed and looked at and never to be packed: C by the clang of the Python
# package ziglang with musl's headers, linked against stand-ins for Android's libraries.
weigh() {
    local zig abi headers missed=()
    have rustup || { note "rustup is needed, for Rust's own libraries for Android"; return "$SKIPPED"; }
    if ! "$tools/python-package/bin/python" -c 'import ziglang' 2>/dev/null; then
        tools/python.sh environment "$tools/python-package" bindings-python/requirements-package.txt
    fi
    zig="$("$tools/python-package/bin/python" -c 'import os, ziglang; print(os.path.dirname(ziglang.__file__))')"
    if [ $# -eq 0 ]; then set -- "${abis[@]}"; fi
    for abi in "$@"; do
        say "weigh: $abi"
        headers="$(musl "$zig/lib" "$abi")"
        stand_in "$zig" "$abi" "$headers"
        CFLAGS="$headers" RUSTFLAGS="-L native=$out/weigh/$abi" \
            for_android "$abi" "$zig/zig clang" "$zig/zig ar" "$root/tools/kotlin-weigh-link.sh"
        fit "$abi" "$target/${triples[$abi]}/small/liboneclickdz_kotlin.so" || missed+=("$abi")
    done
    note "built without an NDK, to be weighed and looked at: none of these is in a package"
    if [ ${#missed[@]} -ne 0 ]; then note "FAILED: ${missed[*]}"; return 1; fi
}

# musl FOLDER ABI: the flags with which clang finds musl's headers and its own instead of the machine's. For ARM of 32 bits cc
# names no version, and an NDK's compiler is of version 7 by its name.
musl() {
    local machine family
    case "$2" in
        arm64-v8a) machine=aarch64 family=aarch64 ;;
        armeabi-v7a) machine=arm family=arm && printf -- '--target=armv7a-linux-androideabi26 ' ;;
        x86_64) machine=x86_64 family=x86 ;;
        x86) machine=x86 family=x86 ;;
    esac
    printf -- '-nostdinc'
    printf -- " -isystem $1/%s" include "libc/include/$machine-linux-musl" libc/include/generic-musl "libc/include/$family-linux-any" libc/include/any-linux-any
}

# stand_in ZIG ABI FLAGS: empty libraries by the names of Android's, and the code that unwinds, which an NDK links in whole.
stand_in() {
    local folder="$out/weigh/$2" name source objects=() compile
    read -ra compile <<<"$1/zig clang --target=${triples[$2]} $3 -c -Oz -fPIC -fvisibility=hidden -ffunction-sections -DNDEBUG"
    rm -rf "$folder"
    mkdir -p "$folder"
    "${compile[@]}" -x c /dev/null -o "$folder/empty.o"
    for name in c dl log m; do
        tools/kotlin-weigh-link.sh -shared -soname "lib$name.so" -o "$folder/lib$name.so" "$folder/empty.o"
    done
    for source in libunwind.cpp Unwind-EHABI.cpp UnwindLevel1.c UnwindLevel1-gcc-ext.c UnwindRegistersRestore.S UnwindRegistersSave.S; do
        "${compile[@]}" -fno-exceptions -fno-rtti -funwind-tables -D_LIBUNWIND_IS_NATIVE_ONLY -I"$1/lib/libunwind/include" \
            "$1/lib/libunwind/src/$source" -o "$folder/$source.o"
        objects+=("$folder/$source.o")
    done
    "$1/zig" ar rcs "$folder/libunwind.a" "${objects[@]}"
}

# fit PLATFORM LIBRARY: whether a library may be packed, as far as reading and weighing it can tell.
fit() {
    aligned "$2" && named "$2" && weighed "$1" "$2" || return 1
    if [ -n "${machines[$1]:-}" ]; then of_android "$1" "$2"; fi
}

# aligned LIBRARY: whether each part of it begins on a page of 16 KB, as Android 15 and later may want it.
aligned() {
    local part parts=0
    for part in $(readelf -lW "$1" | awk '$1 == "LOAD" { print $NF }'); do
        parts=$((parts + 1))
        if [ $((part)) -lt 16384 ]; then
            note "$1 is not aligned to pages of 16 KB"
            return 1
        fi
    done
    [ "$parts" -gt 0 ] || { note "$1 has no parts that are loaded"; return 1; }
}

# named LIBRARY: whether it offers what the Kotlin half calls, and nothing of what tools/kotlin-link.sh leaves out: should
# rustc write its list of symbols in another way, that would do nothing.
named() {
    local offered name
    offered="$(readelf --dyn-syms -W "$1" | awk '$7 != "UND" { print $8 }')"
    for name in $(sed -n 's/.*extern "C" fn \([a-z_]*\).*/\1/p' "$package/src/hot.rs") ffi_oneclickdz_kotlin_uniffi_contract_version \
        uniffi_oneclickdz_kotlin_fn_constructor_engine_open; do
        grep -qx "$name" <<<"$offered" || { note "$1 does not offer $name"; return 1; }
    done
    if grep -q 'UNIFFI_META_\|_rust_future_' <<<"$offered"; then
        note "$1 holds what tools/kotlin-link.sh leaves out: does rustc write its list of symbols in another way?"
        return 1
    fi
}

# of_android ABI LIBRARY: whether it is of this ABI, and asks for no libraries but those that each Android has.
of_android() {
    local needed
    if ! readelf -h "$2" | grep -q "Machine: *${machines[$1]}$"; then note "$2 is not of $1"; return 1; fi
    needed="$(readelf -dW "$2" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' | grep -vxE 'lib(c|dl|log|m)\.so' || true)"
    if [ -n "$needed" ]; then note "$2 needs $needed"; return 1; fi
}

# weighed PLATFORM LIBRARY: says what it weighs, and fails where that is too much. 5 MB is the goal for each ABI of Android.
weighed() {
    local size most=5000000
    if [ -z "${machines[$1]:-}" ]; then most=9000000; fi
    size="$(stat -c %s "$2")"
    note "native library for $1: $size bytes, at most $most"
    [ "$size" -le "$most" ]
}
