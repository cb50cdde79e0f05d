#!/usr/bin/env bash
# Builds the environment: python.sh PYTHON FOLDER. Every wheel is checked against its hash; nothing is compiled.
set -euo pipefail
python=$1 folder=$2
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "visitapp needs Python 3.11 or newer; $("$python" --version) was found. Say which: make PYTHON=python3.12 ..."; exit 1; }
echo "Building the environment in $folder (a minute or two the first time)"
[ -x "$folder/bin/python" ] || "$python" -m venv "$folder"
export PIP_DISABLE_PIP_VERSION_CHECK=1
"$folder/bin/python" -m pip install -q --require-hashes --only-binary :all: -r installer/requirements-dev.txt 2> >(grep -v '^WARNING: Location' >&2)
"$folder/bin/python" -m pip install -q --no-deps --no-build-isolation --no-index -e . 2> >(grep -v '^WARNING: Location' >&2)
