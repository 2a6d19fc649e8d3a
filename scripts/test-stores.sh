#!/usr/bin/env bash
# Runs the tests of the stores against a Postgres and a Redis of their own, on loopback and with scratch data; installs
# them where they are missing. Arguments choose other test files than those of the stores.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

postgres_bin() {
  local found
  found="$(command -v initdb || true)"
  if [ -z "$found" ]; then found="$(find /usr/lib/postgresql -name initdb 2>/dev/null | sort -V | tail -n 1)"; fi
  if [ -n "$found" ]; then dirname "$(readlink -f "$found")"; fi
}

if [ -z "$(postgres_bin)" ] || ! command -v redis-server >/dev/null; then
  if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
    echo 'Skipped: Postgres and Redis are not installed, and this user cannot install them.'
    exit 0
  fi
  # The packages would start servers of the machine's own.
  if [ ! -e /usr/sbin/policy-rc.d ]; then
    policy=/usr/sbin/policy-rc.d
    trap 'rm -f "$policy"' EXIT
    printf '#!/bin/sh\nexit 101\n' >"$policy" && chmod +x "$policy"
  fi
  apt-get update -qq >/dev/null
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq postgresql redis-server >/dev/null
fi
bin="$(postgres_bin)"

scratch="$(mktemp -d)"
postgres=""
redis=""
cleanup() {
  if [ -n "${policy:-}" ]; then rm -f "$policy"; fi
  # INT: Postgres ends at once and does not wait for its clients.
  if [ -n "$postgres" ]; then kill -INT "$postgres" 2>/dev/null || true; fi
  if [ -n "$redis" ]; then kill -TERM "$redis" 2>/dev/null || true; fi
  wait 2>/dev/null || true
  rm -rf "$scratch"
}
trap cleanup EXIT

# Postgres refuses to run as root.
as_user=()
if [ "$(id -u)" -eq 0 ]; then as_user=(setpriv --reuid=postgres --regid=postgres --clear-groups); fi
free_port() {
  node -e 'const s = require("node:net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); })'
}
# ready <what> <log> <command...>: waits until the command succeeds.
ready() {
  local what="$1" log="$2"
  shift 2
  for _ in $(seq 100); do
    if "$@" >/dev/null 2>&1; then return; fi
    sleep 0.1
  done
  echo "$what did not start:" && cat "$log"
  exit 1
}

mkdir "$scratch/postgres" "$scratch/redis"
if [ "$(id -u)" -eq 0 ]; then chmod 755 "$scratch" && chown postgres "$scratch/postgres"; fi
postgres_port="$(free_port)"
redis_port="$(free_port)"

"${as_user[@]}" "$bin/initdb" -D "$scratch/postgres/data" -U millrace -A trust -E UTF8 --no-sync >"$scratch/initdb.log"
"${as_user[@]}" "$bin/postgres" -D "$scratch/postgres/data" -c listen_addresses=127.0.0.1 -c port="$postgres_port" \
  -c unix_socket_directories= -c max_connections=200 >"$scratch/postgres.log" 2>&1 &
postgres=$!
redis-server --bind 127.0.0.1 --port "$redis_port" --dir "$scratch/redis" --save '' --appendonly no \
  >"$scratch/redis.log" 2>&1 &
redis=$!
ready Postgres "$scratch/postgres.log" "$bin/pg_isready" -h 127.0.0.1 -p "$postgres_port"
ready Redis "$scratch/redis.log" redis-cli -p "$redis_port" ping

export MILLRACE_TEST_POSTGRES_URL="postgres://millrace@127.0.0.1:$postgres_port/postgres"
export MILLRACE_TEST_REDIS_URL="redis://127.0.0.1:$redis_port"
if [ "${1:-}" = '--serve' ]; then
  env | grep '^MILLRACE_TEST_'
  wait
fi
if [ "$#" -eq 0 ]; then set -- storage/postgres storage/redis test/stores; fi
npm run vitest -- run "$@"
