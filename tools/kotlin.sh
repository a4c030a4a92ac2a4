#!/usr/bin/env bash
# The Kotlin package. kotlin.sh TASK:
#   lib [release]   build the native part for this machine, generate the Kotlin half, put both where Maven looks
#   test            all of its tests, with one closing line
#   package         jar, sources, javadoc, pom and AAR into target/packages, each tried out as a stranger would
#   android         the native part for each Android ABI, into the AAR's jniLibs; needs ANDROID_NDK_HOME
#   weigh [ABI...]  the same without an NDK, only to be weighed and looked at
#   bench           measure it against OkHttp and java.net.http, printed as ratios
set -euo pipefail
# shellcheck source=tools/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tools/kotlin-native.sh
. "$root/tools/kotlin-native.sh"

package="$root/bindings-kotlin"
out="$target/kotlin"
packages="$target/packages"
version="$(sed -n 's/^version *= *"\(.*\)"/\1/p' Cargo.toml | head -n 1)"
maven=(mvn --batch-mode --no-transfer-progress -Dgenerated="$out/generated" -Dnative="$out/native" -Dsandbox="$target/debug/oneclickdz-sandbox" -Dapp="$out/app" -Dbuilt="$out/maven")

# What JNA calls this machine: the folder in the jar in which it looks for the library.
platform() {
    local system machine
    case "$(uname -s)" in Linux) system=linux ;; Darwin) system=darwin ;; *) system=win32 ;; esac
    case "$(uname -m)" in x86_64 | amd64) machine=x86-64 ;; *) machine=aarch64 ;; esac
    printf '%s-%s\n' "$system" "$machine"
}

# The library's file name differs with the system.
library() {
    local name
    for name in liboneclickdz_kotlin.so liboneclickdz_kotlin.dylib oneclickdz_kotlin.dll; do
        if [ -e "$1/$name" ]; then
            printf '%s\n' "$1/$name"
            return
        fi
    done
    note "no library in $1"
    return 1
}

java_is_new_enough() {
    have mvn && have javac && [ "$(javac -version 2>&1 | sed 's/javac \([0-9]*\).*/\1/')" -ge 17 ]
}

# The library's own description is in the debug build only; a release is stripped of it.
generate() {
    rm -rf "$out/generated"
    cargo build --locked -p oneclickdz-kotlin --features bindgen
    "$target/debug/kotlin-bindgen" "$(library "$target/debug")" "$out/generated" >/dev/null
}

# Copied whole: a library that is written anew in place would crash who has it open.
place() {
    local from into="$out/native/$(platform)"
    from="$(library "$target/${1/release/small}")"
    rm -rf "$out/native"
    mkdir -p "$into"
    cp "$from" "$into/"
}

# The library as an app gets it, without e-mail, beside the other one: a test asks it. The generator's feature only saves building all else anew.
app() {
    cargo build --locked -p oneclickdz-kotlin --no-default-features --features bindgen
    mkdir -p "$out/app"
    cp "$(library "$target/debug")" "$out/app/"
}

build() {
    generate
    if [ "$1" = release ]; then small; fi
    place "$1"
}

# failures LOG: a line for each test that failed, `Class.test: first line of the message`; without any, what Maven says first.
failures() {
    local found
    found="$(cat "$out"/maven/surefire-reports/TEST-*.xml 2>/dev/null | awk '
        function plain(text) {
            sub(/(&#10;|&#13;).*/, "", text)
            gsub(/&quot;/, "\"", text); gsub(/&apos;/, "\047", text); gsub(/&lt;/, "<", text); gsub(/&gt;/, ">", text); gsub(/&amp;/, "\\&", text)
            return text
        }
        function attribute(name) { return match($0, " " name "=\"[^\"]*\"") ? substr($0, RSTART + length(name) + 3, RLENGTH - length(name) - 4) : "" }
        /<testcase / { class = attribute("classname"); sub(/.*\./, "", class); test = class "." plain(attribute("name")) }
        /<(failure|error)[ >]/ { message = plain(attribute("message")); print test ": " (message == "" ? plain(attribute("type")) : message) }')"
    if [ -z "$found" ]; then found="$(grep -m 1 '^\[ERROR\]' "$1" || echo "see $1")"; fi
    while read -r line; do printf 'FAILED: kotlin: %s\n' "$line"; done <<<"$found"
}

tests() {
    local code=0 log="$target/test-kotlin.log"
    say "mvn test (bindings-kotlin)"
    build debug
    app
    cargo build --locked -p oneclickdz-sandbox
    rm -rf "$out/maven/surefire-reports"
    (cd "$package" && "${maven[@]}" test) 2>&1 | tee "$log" || code=$?
    # Maven's last line, of colours only, has no end: what follows would not be found at the beginning of a line.
    echo
    if [ "$code" -ne 0 ]; then failures "$log"; fi
    awk '/Tests run:.*Time elapsed/ { gsub(",", ""); for (i = 1; i < NF; i++) {
             if ($i == "run:") r += $(i + 1); if ($i == "Failures:" || $i == "Errors:") f += $(i + 1); if ($i == "Skipped:") s += $(i + 1) } }
         END { printf "kotlin: %d passed, %d failed%s\n", r - f - s, f, s ? ", " s " skipped" : "" }' "$log"
    return "$code"
}

# with_sandbox COMMAND...: runs it with the address of a sandbox service in ONECLICKDZ_BASE_URL.
with_sandbox() {
    local url code=0
    coproc sandbox { exec "$target/debug/oneclickdz-sandbox" --speed 100 2>/dev/null; }
    # The variable goes away with the process, also when that ends by itself.
    local process="$sandbox_PID"
    read -r url <&"${sandbox[0]}"
    url="$(sed 's/.*"url": *"\([^"]*\)".*/\1/' <<<"$url")"
    ONECLICKDZ_BASE_URL="$url" ONECLICKDZ_API_KEY=sandbox-key "$@" || code=$?
    kill "$process"
    wait "$process" || true
    return "$code"
}

# The AAR is a zip with fixed names: manifest, the classes of the jar, R8's rules, a library per ABI.
aar() {
    local folder="$out/aar" jar="$1" abi found=()
    rm -rf "$folder/classes" "$folder/whole"
    mkdir -p "$folder/classes" "$folder/whole/jni"
    (cd "$folder/classes" && jar --extract --file "$jar" && rm -rf linux-* darwin-* win32-*)
    (cd "$folder/classes" && jar --create --file "$folder/whole/classes.jar" .)
    cp "$package/android/AndroidManifest.xml" "$package/android/proguard.txt" "$folder/whole/"
    : >"$folder/whole/R.txt"
    for abi in "${abis[@]}"; do
        if [ -d "$folder/jni/$abi" ]; then
            fit "$abi" "$folder/jni/$abi/liboneclickdz_kotlin.so"
            cp -r "$folder/jni/$abi" "$folder/whole/jni/"
            found+=("$abi")
        fi
    done
    (cd "$folder/whole" && jar --create --no-manifest --file "$packages/sdk-android-$version.aar" .)
    sed "s/@VERSION@/$version/" "$package/android/pom.xml.in" >"$packages/sdk-android-$version.pom"
    if [ ${#found[@]} -ne 4 ]; then
        note "the AAR holds native libraries for: ${found[*]:-no ABI}; the release workflow builds all four (make android)"
    fi
}

pack() {
    local jar="$out/maven/sdk-$version.jar"
    if ! grep -q "<version>$version</version>" "$package/pom.xml"; then note "bindings-kotlin/pom.xml is not at $version"; return 1; fi
    build release
    if [ "$(uname -s)" = Linux ]; then
        fit "$(platform)" "$(library "$out/native/$(platform)")"
    fi
    # Other platforms' libraries, where the release workflow has gathered them.
    if [ -n "${KOTLIN_LIBRARIES:-}" ]; then cp -r "$KOTLIN_LIBRARIES"/* "$out/native/"; fi
    (cd "$package" && "${maven[@]}" -P release -DskipTests clean package)
    mkdir -p "$packages"
    rm -f "$packages"/sdk-*
    cp "$out/maven/sdk-$version.jar" "$out/maven/sdk-$version-javadoc.jar" "$packages/"
    jar --create --file "$packages/sdk-$version-sources.jar" -C "$package/src/main/kotlin" . -C "$out/generated" .
    cp "$package/pom.xml" "$packages/sdk-$version.pom"
    aar "$jar"
    cargo build --locked -p oneclickdz-sandbox
    with_sandbox as_a_stranger
}

as_a_stranger() {
    say "the quick start in an empty Maven project" &&
        "$package/smoke/run.sh" "$packages" "$version" &&
        say "R8 over a small consumer" &&
        "$package/smoke/r8.sh" "$packages" "$version"
}

bench() {
    build release
    cargo build --profile bench --locked -p oneclickdz-bench
    cargo build --profile bench --locked -p oneclickdz-sandbox
    (cd "$package" && "${maven[@]}" --quiet -DskipTests package)
    "$root/bench/kotlin/run.sh" "$out" "$target/release/oneclickdz-bench" "$target/release/oneclickdz-sandbox" "$version"
}

# No Java has a part in it.
if [ "${1:-}" = weigh ]; then
    shift
    weigh "$@"
    exit
fi
if ! java_is_new_enough; then
    note "a JDK of 17 or later and Maven are needed and not here: $(javac -version 2>&1 | head -n 1)"
    exit "$SKIPPED"
fi
case "${1:-}" in
    lib) build "${2:-debug}" ;;
    test) tests ;;
    package) pack ;;
    android) android ;;
    bench) bench ;;
    *) sed -n '2,9s/^# //p' "$0" && exit 2 ;;
esac
