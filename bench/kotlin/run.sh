#!/usr/bin/env bash
# run.sh OUT BENCH SANDBOX VERSION: the Kotlin package against OkHttp and java.net.http. For each line of figures and in each of
# ROUNDS, a JVM for each contender makes WARM requests; then they take turns of REQUESTS, SLICES times.
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
out="$1" bench="$2" sandbox="$3" version="$4"
rounds="${ROUNDS:-2}" slices="${SLICES:-7}" requests="${REQUESTS:-5000}" warm="${WARM:-60000}" seconds="${SECONDS_TRACKED:-20}"
read -ra tracked <<<"${TRACKED:-1000 10000}"

(cd "$here" && mvn --batch-mode --no-transfer-progress --quiet -Dsdk="$out/maven/sdk-$version.jar" -Dbuilt="$out/bench" compile)
classes="$out/bench/classes:$out/maven/sdk-$version.jar:$out/bench/lib/*"

# Service and client on different cores, where there are two.
first=() second=()
if [ "$(nproc)" -gt 1 ] && command -v taskset >/dev/null; then first=(taskset -c 0) second=(taskset -c 1); fi
turn() { exec "${second[@]}" java "${heap[@]}" -cp "$classes" TurnKt "$@"; }

# service COMMAND...: starts it, its address into $url. Its input stays open: it ends with us.
service() {
    local line
    # In the place of the shell that is killed later.
    coproc service { exec 2>/dev/null; exec "${first[@]}" "$@"; }
    read -r line <&"${service[0]}"
    case "$line" in '{'*) url="$(sed 's/.*"url": *"\([^"]*\)".*/\1/' <<<"$line")" ;; *) url="http://$line" ;; esac
    server="$service_PID"
}
quit() { kill "$server"; wait "$server" 2>/dev/null || true; }

work="$(mktemp -d)"
figures="$work/figures"
declare -A into from running
trap 'kill "${running[@]}" 2>/dev/null || true; rm -rf "$work"; quit 2>/dev/null || true' EXIT

# java.net.http needs four times as long and is nowhere near: a quarter of the requests do.
share() { if [ "$1" = java.net.http ]; then echo $(($2 / 4)); else echo "$2"; fi; }

# contender NAME WHAT CALLERS: starts it, and comes back when it is warm.
contender() {
    local to of ready
    rm -f "$work/to" "$work/of"
    mkfifo "$work/to" "$work/of"
    (turn calls "$1" "$2" "$3" "$(share "$1" "$warm")" "$url" <"$work/to" >"$work/of") &
    running[$1]=$!
    exec {to}>"$work/to" {of}<"$work/of"
    into[$1]=$to from[$1]=$of
    read -r ready <&"$of" && [ "$ready" = ready ]
}

dismiss() {
    local to="${into[$1]}" of="${from[$1]}"
    # Not by the end of its input: the others have that open too.
    echo end >&"$to"
    wait "${running[$1]}"
    unset "running[$1]"
    exec {to}>&- {of}<&-
}

names=(engine okhttp java.net.http)
heap=(-Xmx1g)
service "$bench" serve
for ((round = 0; round < rounds; round++)); do
    for what in check send; do
        for callers in 1 16 64; do
            for name in "${names[@]}"; do contender "$name" "$what" "$callers"; done
            for ((slice = 0; slice < slices; slice++)); do
                for name in "${names[@]}"; do
                    share "$name" "$requests" >&"${into[$name]}"
                    read -r line <&"${from[$name]}"
                    printf '%s\t%s\t%s\t%s\t%s\n' "$what" "$callers" "$((round * slices + slice))" "$name" "$line" >>"$figures"
                done
            done
            for name in "${names[@]}"; do dismiss "$name"; done
        done
    done
done
quit

java -version 2>&1 | head -n 1
echo "$rounds JVMs for each line and contender, $warm requests to warm up, then $slices turns of $requests; medians of the ratios within each turn, OkHttp = 1.00"
printf '%-22s %-14s %12s %12s %14s %10s\n' calls client CPU/request 'us/request' 'req/CPU-s' 'peak MB'
awk -F '\t' '
    function median(list, n,   i, j, t) { for (i = 2; i <= n; i++) for (j = i; j > 1 && list[j] < list[j-1]; j--) { t = list[j]; list[j] = list[j-1]; list[j-1] = t } return list[int((n + 1) / 2)] }
    { cpu[$1, $2, $3, $4] = $5; peak[$1, $2, $3, $4] = $7; if ($3 + 1 > rounds) rounds = $3 + 1 }
    END { split("check send", calls, " "); split("1 16 64", many, " "); split("engine okhttp java.net.http", names, " ")
        for (c = 1; c <= 2; c++) for (m = 1; m <= 3; m++) for (k = 1; k <= 3; k++) {
            for (r = 0; r < rounds; r++) { key = calls[c] SUBSEP many[m] SUBSEP r SUBSEP
                ratio[r + 1] = cpu[key names[k]] / cpu[key "okhttp"]; each[r + 1] = cpu[key names[k]]; high[r + 1] = peak[key names[k]] }
            micros = median(each, rounds); one = median(ratio, rounds)
            goal = names[k] == "engine" ? (one <= 0.5 ? "  goal 0.50: met" : "  goal 0.50: MISSED") : ""
            printf "%-22s %-14s %12.2f %12.1f %14.0f %10.0f%s\n", calls[c] ", " many[m], names[k], one, micros, 1e6 / micros, median(high, rounds) / 1024, goal } }
' "$figures"

# A heap of one size, all of it resident from the beginning: what grows is what lives in it, and what is outside of it. The first
# compiler alone: the second takes megabytes there when it gets to it, which are no order's.
heap=(-Xms256m -Xmx256m -XX:+UseSerialGC -XX:+AlwaysPreTouch -XX:TieredStopAtLevel=1)

# followed NAME ORDERS SECONDS: orders that another JVM has sent, as a program finds them that starts anew.
followed() {
    local journal
    journal="$(mktemp -d -p "$work")/orders.db"
    service "$sandbox" --manual-clock
    if ! { (turn send "$journal" "$2" "$url") && (turn follow "$1" "$journal" "$2" "$3" "$url"); }; then
        quit
        return 1
    fi
    quit
}

few=200
for count in "${tracked[@]}"; do
    echo "following $count orders for $seconds s, a look each 5 s; memory beyond a JVM that follows $few"
    printf '%-14s %12s %12s %12s %12s %12s\n' client 'CPU ms/s' 'HTTP/s' 'KB/order' 'in the heap' 'outside'
    for name in engine events okhttp; do
        { followed "$name" "$few" 5 && followed "$name" "$count" "$seconds"; } | awk -F '\t' -v name="$name" -v more="$((count - few))" '
            NR == 1 { heap = $3; outside = $4 }
            NR == 2 { heap = ($3 - heap) / more; outside = ($4 - outside) / more
                printf "%-14s %12.1f %12.1f %12.2f %12.2f %12.2f\n", name, $1, $2, heap + outside, heap, outside }'
    done
done
