#!/usr/bin/env bash
# run.sh PACKAGES VERSION: the quick start of the README, word for word, in an empty Maven project that finds the package in
# a repository of its own. The address of a sandbox and its key come in the environment, as the README says.
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
packages="$1" version="$2"
scratch="$(mktemp -d)"
trap 'rm -rf "$scratch"' EXIT

mkdir -p "$scratch/shop/src/main/kotlin"
cp "$here/quick-start/pom.xml" "$scratch/shop/"
awk '/^```kotlin quick-start/ { inside = 1; next } /^```/ { inside = 0 } inside' "$here/../README.md" >"$scratch/shop/src/main/kotlin/Shop.kt"
[ -s "$scratch/shop/src/main/kotlin/Shop.kt" ]

maven=(mvn --batch-mode --no-transfer-progress --quiet)
cd "$scratch/shop"
# The package goes where a download would have put it, in place of one of an earlier run; nothing else of this build is there.
rm -rf "$HOME/.m2/repository/com/oneclickdz/sdk"
"${maven[@]}" -Dsdk="$version" org.apache.maven.plugins:maven-install-plugin:3.1.3:install-file -Dfile="$packages/sdk-$version.jar" -DpomFile="$packages/sdk-$version.pom"
"${maven[@]}" -Dsdk="$version" compile
# As on a machine where only the packages are: no library path, no system property.
output="$(java -cp "target/classes:lib/*" ShopKt)"
printf '%s\n' "$output"
grep -q '^order-1001 is FULFILLED, charged 496.25 DZD$' <<<"$output"
grep -q '^card: \[redacted\]$' <<<"$output"
echo "the quick start ran in an empty project"
