#!/usr/bin/env bash
# Compares token ids on all data sets. Usage: run.sh HUGGING_FACE_FOLDER DATA_FOLDER [BUILD_FOLDER]
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
folder="$1" data="$2" build="${3:-$here/../../build/release}"
cache="${NOGGIN_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/noggin}"
cmake --build "$build" --target token_ids >/dev/null
program="$(find "$build" -name token_ids -type f -perm -u+x | head -n 1)"
PYTHONPATH="$cache/hugging-face-1" python3 "$here/compare.py" "$program" "$folder" "$data"
