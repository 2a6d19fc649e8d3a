#!/usr/bin/env bash
# Runs the tests of the keychain against GNOME Keyring on a session bus of its own; installs both where they are missing.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

if ! command -v gnome-keyring-daemon >/dev/null || ! command -v dbus-run-session >/dev/null; then
  if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
    echo 'Skipped: gnome-keyring and dbus are not installed, and this user cannot install them.'
    exit 0
  fi
  apt-get update -qq >/dev/null && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq dbus gnome-keyring >/dev/null
fi

home="$(mktemp -d)"
trap 'rm -rf "$home"' EXIT
export HOME="$home" XDG_RUNTIME_DIR="$home/run" XDG_DATA_HOME="$home/data"
mkdir -m 700 "$XDG_RUNTIME_DIR"
dbus-run-session -- bash -c '
  set -euo pipefail
  printf "test" | gnome-keyring-daemon --unlock --components=secrets --daemonize >/dev/null
  MILLRACE_TEST_KEYCHAIN=1 npm run vitest -- run keychain.test
'
