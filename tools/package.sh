#!/usr/bin/env bash
# package.sh [LANGUAGE...]: the packages of these languages, or of all, into target/packages, each tried out as a stranger would.
set -euo pipefail
# shellcheck source=tools/lib.sh
. "$(dirname "$0")/lib.sh"

if [ $# -eq 0 ]; then set -- node python kotlin; fi
code=0
for language in "$@"; do
    say "package: $language"
    "tools/$language.sh" package || { code=1; note "FAILED: the $language package"; }
done
ls -l "$target/packages"
exit "$code"
