#!/bin/sh
# Installs what the tests talk to, where it is missing: an IMAP server, a keyring, a D-Bus. Without one of them the tests
# that need it are skipped, and say so.
set -e
wanted=""
has() { command -v "$1" >/dev/null 2>&1 || test -x "/usr/sbin/$1"; }
has dovecot || wanted="$wanted dovecot-imapd"
has gnome-keyring-daemon || wanted="$wanted gnome-keyring"
has dbus-daemon || wanted="$wanted dbus-daemon"
[ -n "$wanted" ] || exit 0
if ! command -v apt-get >/dev/null; then
  echo "The tests want$wanted; install it with this system's package manager. They run without, but skip much." >&2
  exit 0
fi
as_root=""
[ "$(id -u)" = 0 ] || as_root="sudo"
export DEBIAN_FRONTEND=noninteractive
$as_root apt-get update -qq
# shellcheck disable=SC2086 # several words on purpose
$as_root apt-get install -y -qq --no-install-recommends $wanted >/dev/null
