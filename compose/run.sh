#!/usr/bin/env bash
# "./dev compose ...": Compose with this system's files. The profiles demo and
# secure change other services too, so each is a file of its own; this adds it
# for "--profile demo", or COMPOSE_PROFILES=demo in .env or the environment.
set -euo pipefail
here=$(cd "$(dirname "$(readlink -f "$0")")" && pwd)
top=$(dirname "$here")

fail() {
  printf '%s\n' "$*" >&2
  exit 2
}

env_file=${COMPOSE_ENV_FILE:-$top/.env}
of_env_file() { # NAME: its value in .env, without quotes
  [[ -f $env_file ]] || return 0
  sed -nE "s/^ *(export +)?$1 *= *(.*[^ ]) *$/\2/p" "$env_file" | tail -1 |
    sed -E "s/^(['\"])(.*)\1$/\2/"
}

# Debian's docker-compose (version 1) serves as well as the plugin.
if docker compose version >/dev/null 2>&1; then
  compose=(docker compose)
elif command -v docker-compose >/dev/null; then
  compose=(docker-compose)
  export COMPOSE_DOCKER_CLI_BUILD=1 DOCKER_BUILDKIT=1
else
  fail "no Docker Compose here: install docker-compose-plugin, or on Debian: apt-get install docker.io docker-compose"
fi

profiles=${COMPOSE_PROFILES:-$(of_env_file COMPOSE_PROFILES)}
arguments=()
verb=
while (($#)); do
  case $1 in
    --profile) [[ $# -gt 1 ]] || fail "--profile needs a name: demo, ha, secure or monitoring"
      profiles+=,$2; shift 2; continue ;;
    --profile=*) profiles+=,${1#*=}; shift; continue ;;
    -*) ;;
    *) verb=${verb:-$1} ;;
  esac
  arguments+=("$1")
  shift
done

files=(-f "$here/compose.yml")
IFS=, read -ra names <<<"$profiles"
masters=
for name in "${names[@]}"; do
  case $name in
    '' | monitoring) ;;
    ha) masters=master:4711,standby:4711 ;;
    demo | secure) files+=(-f "$here/$name.yml") ;;
    *) fail "there is no profile \"$name\": demo, ha, secure or monitoring" ;;
  esac
done
export COMPOSE_PROFILES=$profiles
[[ -z $masters ]] || export COMPOSE_MASTERS=$masters
# More files, e.g. compose/stand-ins.yml.
IFS=: read -ra more <<<"${COMPOSE_MORE_FILES:-}"
for file in "${more[@]}"; do
  files+=(-f "$file")
done

if [[ ,$profiles, == *,demo,* && -z ${API_KEY:-$(of_env_file API_KEY)} ]]; then
  export API_KEY=SIMULATORDEMOKEY
fi
# One line each, before Compose says it in many.
case $verb in up | run | create | start | restart | config)
  [[ -f $env_file ]] || [[ -n ${POSTGRES_PASSWORD:-} ]] ||
    fail "there is no .env: cp .env.example .env, then put API_KEY and POSTGRES_PASSWORD into it"
  [[ -n ${API_KEY:-$(of_env_file API_KEY)} ]] ||
    fail "API_KEY is not set in .env: free at https://www.alphavantage.co/support/#api-key, or take --profile demo"
  [[ -n ${POSTGRES_PASSWORD:-$(of_env_file POSTGRES_PASSWORD)} ]] ||
    fail "POSTGRES_PASSWORD is not set in .env: put a new one of your choice there"
  ;;
*)
  # Looking and stopping need no secret, only something in their place.
  export API_KEY=${API_KEY:-$(of_env_file API_KEY)}
  export POSTGRES_PASSWORD=${POSTGRES_PASSWORD:-$(of_env_file POSTGRES_PASSWORD)}
  export API_KEY=${API_KEY:-none} POSTGRES_PASSWORD=${POSTGRES_PASSWORD:-none}
  ;;
esac

[[ ! -f $env_file ]] || files=(--env-file "$env_file" "${files[@]}")
# Where to look, once it runs in the background.
if [[ $verb == up && " ${arguments[*]} " == *" -d "* ]]; then
  "${compose[@]}" -p "${COMPOSE_PROJECT_NAME:-tickerflow}" "${files[@]}" \
    "${arguments[@]}"
  port=${CONSOLE_PORT:-$(of_env_file CONSOLE_PORT)}
  scheme=http
  [[ ,$profiles, != *,secure,* ]] || scheme=https
  printf '%s\n' "console: $scheme://localhost:${port:-8081}; its token: ./dev compose exec master cat /run/secrets/console_token" >&2
  exit 0
fi
exec "${compose[@]}" -p "${COMPOSE_PROJECT_NAME:-tickerflow}" "${files[@]}" \
  "${arguments[@]}"
