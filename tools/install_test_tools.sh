#!/usr/bin/env bash
# What `make test` needs beside Python: headless Chromium with its driver.
# Installs it where we are root on Debian; elsewhere says what to install and goes on (tests skip).
set -euo pipefail

have() { command -v "$1" > /dev/null 2>&1; }

if have chromium && have chromedriver; then
  exit 0
fi
if [ "$(id -u)" = 0 ] && have apt-get; then
  echo "installing chromium and chromium-driver from Debian's packages"
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
    chromium chromium-driver fonts-dejavu-core > /dev/null
  exit 0
fi
message="the page tests need chromium and chromedriver: on Debian, apt-get install chromium chromium-driver"
if [ "${CI:-}" = true ]; then
  echo "error: $message" >&2
  exit 1
fi
echo "note: $message (they are skipped now)"
