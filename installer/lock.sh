#!/usr/bin/env bash
# Writes the two hashed lock files anew from pyproject.toml; needs uv. No registry's address ends up in them.
set -euo pipefail
cd "$(dirname "$0")/.."
lock() { uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate -q "$@"; }
lock pyproject.toml -o installer/requirements.txt
lock --extra dev -c installer/requirements.txt pyproject.toml -o installer/requirements-dev.txt
