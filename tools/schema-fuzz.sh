#!/usr/bin/env bash
# Starts the sandbox and lets schemathesis send it requests made from docs/openapi.yaml, good and bad ones: no answer may be
# a server error, each must have a status, a content type and a body that the description names, and what the description
# forbids must be refused. Fixed seed and number of examples. ONECLICKDZ_SANDBOX_BIN names a binary that is already built.
set -euo pipefail
# shellcheck source=tools/lib.sh
. "$(dirname "$0")/lib.sh"

examples="${SCHEMA_FUZZ_EXAMPLES:-50}"
# Not `ignored_auth`: it tries bad keys, and the sandbox locks an address out for those, as the service does.
checks=not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance
checks+=,response_headers_conformance,negative_data_rejection

schemathesis="$(tool schemathesis)" || { missing schemathesis; exit; }
binary="${ONECLICKDZ_SANDBOX_BIN:-$target/debug/oneclickdz-sandbox}"
if [ -z "${ONECLICKDZ_SANDBOX_BIN:-}" ]; then
    cargo build --workspace --locked --bins --examples
fi

scratch="$(mktemp -d)"
sandbox=
# shellcheck disable=SC2329 # called by the trap
cleanup() {
    [ -z "$sandbox" ] || kill -TERM "$sandbox" 2>/dev/null || true
    rm -rf "$scratch"
}
trap cleanup EXIT

# Fast and rich, so that orders reach their end states and their full bodies are compared too.
"$binary" --port 0 --speed 1000 --balance 1000000000 >"$scratch/stdout" 2>"$scratch/stderr" &
sandbox=$!
url=
for _ in $(seq 100); do
    url="$(sed -n '1s/.*"url": *"\([^"]*\)".*/\1/p' "$scratch/stdout")"
    [ -z "$url" ] || break
    kill -0 "$sandbox" 2>/dev/null || break
    sleep 0.1
done
if [ -z "$url" ]; then
    echo "the sandbox did not start:"
    tail -n 20 "$scratch/stderr"
    exit 1
fi

code=0
# `timeout` is only a last resort: the number of examples sets the length of the run.
(cd "$scratch" && timeout 180 "$schemathesis" --no-color run "$root/docs/openapi.yaml" --url "$url" \
    --header "X-Access-Token: sandbox-key" --phases examples,coverage,fuzzing,stateful --max-examples "$examples" \
    --seed 1 --generation-database none --workers 1 --warnings off --checks "$checks") || code=$?

# A run against a sandbox that refuses everybody would pass without having tested anything.
if ! curl --silent --fail --noproxy '*' --header "X-Access-Token: sandbox-key" --output /dev/null "$url/v3/account/balance"; then
    echo "the sandbox no longer accepts its own key: the run proves nothing"
    code=1
fi

stopped=0
kill -TERM "$sandbox" 2>/dev/null || stopped=$?
wait "$sandbox" || stopped=$?
sandbox=
if [ "$stopped" -ne 0 ]; then
    echo "the sandbox did not stop cleanly on SIGTERM (exit $stopped):"
    tail -n 20 "$scratch/stderr"
    exit 1
fi
exit "$code"
