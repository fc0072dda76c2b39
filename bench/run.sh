#!/usr/bin/env bash
# Starts Kafka and PostgreSQL of its own, measures, stops them: ./dev bench.
set -euo pipefail
build=$1
shift
folder=$(mktemp -d /tmp/tickerflow-bench.XXXXXX)
chmod 755 "$folder"
trap '"$build/test/servers/test_servers" stop "$folder/servers"; rm -rf "$folder"' EXIT
"$build/test/servers/test_servers" start "$folder/servers"
# shellcheck disable=SC1091
. "$folder/servers/env"
(umask 077; printf '%s\n' "$TICKERFLOW_TEST_POSTGRES" >"$folder/dsn")
# The environment must not change what is measured.
env -i PATH="$PATH" HOME="$HOME" "$build/bench/pipeline_bench" \
  --kafka "$TICKERFLOW_TEST_KAFKA" --postgres-file "$folder" \
  --program "$(readlink -f "$build/nodes/tickerflow")" "$@"
