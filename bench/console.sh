#!/usr/bin/env bash
# The pipeline's rate with and without 200 clients at the console, in turns:
# ./dev bench-console. Flags go to console_load.
set -euo pipefail
build=$1
shift
rounds=${ROUNDS:-3}
port=${CONSOLE_PORT:-$((20000 + RANDOM % 10000))}
load=
folder=
clean_up() {
  [[ -z $load ]] || kill "$load" 2>/dev/null || true
  load=
  [[ -n $folder ]] || return 0
  "$build/test/servers/test_servers" stop "$folder/servers"
  rm -rf "$folder"
  folder=
}
trap clean_up EXIT

# measure on|off: sets rate, in bars a second. Each has servers of its own, for
# a database that is full already would be another matter.
measure() {
  folder=$(mktemp -d /tmp/tickerflow-bench.XXXXXX)
  chmod 755 "$folder"
  "$build/test/servers/test_servers" start "$folder/servers"
  # shellcheck disable=SC1091
  . "$folder/servers/env"
  (umask 077
   printf '%s\n' "$TICKERFLOW_TEST_POSTGRES" >"$folder/dsn"
   printf 'token-of-the-benchmark\n' >"$folder/token")
  local listen=off
  if [[ $1 == on ]]; then
    listen=127.0.0.1:$port
    "$build/bench/console_load" --port "$port" --token-file "$folder/token" \
      "${flags[@]}" &
    load=$!
  fi
  env -i PATH="$PATH" HOME="$HOME" TICKERFLOW_CONSOLE_LISTEN="$listen" \
    TICKERFLOW_CONSOLE_TOKEN_FILE="$folder/token" \
    "$build/bench/pipeline_bench" --kafka "$TICKERFLOW_TEST_KAFKA" \
    --postgres-file "$folder" --program "$(readlink -f "$build/nodes/tickerflow")" \
    --without-limits --latency-seconds 10 >"$folder/out" ||
    { cat "$folder/out"; exit 1; }
  if [[ -n $load ]]; then
    kill "$load"
    wait "$load" || true
    load=
  fi
  grep -E '/s |p50|CPU s' "$folder/out" | sed "s/^/  $1: /"
  rate=$(awk '/^pipeline|stored/ && /\/s/ {for (i = 1; i <= NF; ++i)
    if ($i == "/s") {print $(i - 1); exit}}' "$folder/out")
  clean_up
}

flags=("$@")
without=0
with=0
for ((i = 1; i <= rounds; ++i)); do
  # Who goes first changes: caches and other work of the machine favour none.
  order=(off on)
  ((i % 2)) || order=(on off)
  for state in "${order[@]}"; do
    measure "$state"
    [[ $state == on ]] && with=$(awk "BEGIN {print $with + $rate}") ||
      without=$(awk "BEGIN {print $without + $rate}")
  done
done
awk "BEGIN {printf \"with / without clients: %.0f / %.0f bars a second = %.2f\n\",
  $with / $rounds, $without / $rounds, $with / $without}"
