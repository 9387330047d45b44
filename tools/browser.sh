#!/bin/sh
# The browser for tests/portal. Without it they are skipped, except in CI, where a skipped test would hide a failure.
set -eu
for name in chromium chromium-browser google-chrome; do
    if command -v "$name" >/dev/null; then exit 0; fi
done
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing chromium for the browser tests ..."
    export DEBIAN_FRONTEND=noninteractive
    if apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium fonts-liberation >/dev/null; then
        exit 0
    fi
fi
echo "No chromium here: the browser tests of tests/portal are skipped."
[ "${CI:-}" != true ]
