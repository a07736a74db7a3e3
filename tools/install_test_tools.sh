#!/usr/bin/env bash
# What `make test` needs beside Python: headless Chromium with its driver; Maven and Java for Neo4j.
# Installs it where we are root on Debian; elsewhere says what to install and goes on (tests skip).
set -euo pipefail

have() { command -v "$1" > /dev/null 2>&1; }

missing=()
have chromium && have chromedriver || missing+=(chromium chromium-driver fonts-dejavu-core)
have mvn || missing+=(maven)
have java || missing+=(openjdk-17-jre-headless)
[ ${#missing[@]} -gt 0 ] || exit 0

if [ "$(id -u)" = 0 ] && have apt-get; then
  echo "installing from Debian's packages: ${missing[*]}"
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" > /dev/null
  exit 0
fi
message="the tests of pages and of Neo4j need, by the names of Debian's packages: ${missing[*]}"
if [ "${CI:-}" = true ]; then
  echo "error: $message" >&2
  exit 1
fi
echo "note: $message (they are skipped now)"
