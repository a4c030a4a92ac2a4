#!/usr/bin/env bash
# r8.sh PACKAGES VERSION: shrinks and renames a small program together with the package, by the rules that the AAR ships, and
# runs what is left: the rules must keep what JNA looks for by name.
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
packages="$1" version="$2"
r8_version=8.2.47
scratch="$(mktemp -d)"
trap 'rm -rf "$scratch"' EXIT
maven=(mvn --batch-mode --no-transfer-progress --quiet)

cd "$scratch"
cp "$here/quick-start/pom.xml" .
mkdir -p src/main/kotlin
cp "$here/r8/Consumer.kt" src/main/kotlin/
"${maven[@]}" -Dsdk="$version" compile
"${maven[@]}" -Dsdk="$version" org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy -Dartifact="com.android.tools:r8:$r8_version" -DoutputDirectory=r8
jar --create --file consumer.jar -C target/classes .
unzip -q -o "$packages/sdk-android-$version.aar" proguard.txt
java -cp "r8/r8-$r8_version.jar" com.android.tools.r8.R8 --classfile --release --lib "$(dirname "$(dirname "$(readlink -f "$(command -v java)")")")" \
    --pg-conf proguard.txt --pg-conf "$here/r8/consumer.pro" --pg-map-output mapping.txt --output small.jar consumer.jar lib/*.jar
printf 'R8: %s KB of classes became %s KB\n' "$(($(cat consumer.jar lib/*.jar | wc -c) / 1024))" "$(($(wc -c <small.jar) / 1024))"
# Our own names are gone where nothing looks for them: otherwise this run would prove nothing.
grep -q '^com.oneclickdz.sdk.Session -> [^c]' mapping.txt
java -cp small.jar ConsumerKt
