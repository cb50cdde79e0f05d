#!/usr/bin/env bash
# Runs a command with Qt offscreen, as the tests want it. The tests that need a keyring start a session bus of their own.
set -euo pipefail
export QT_QPA_PLATFORM=${QT_QPA_PLATFORM:-offscreen}
exec "$@"
