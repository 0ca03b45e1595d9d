#!/usr/bin/env bash
# Noggin and ONNX Runtime side by side, from token ids to logits, on one thread each: builds, makes the models, measures,
# prints the table. The last two lines are `minimum ratio small: R` and `minimum ratio large: R`. See README.md.
# Usage: bash experiments/latency/run.sh [--build FOLDER] [--quick] [--without-amx] [--kernels NAME]
#                                        [--exact-opponent] [--seconds-per-shape S]
#   --build FOLDER   a configured build folder (Release); default: the release preset's, configured when it is missing
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
root="$(cd "$here/../.." && pwd)"
build="$root/build/release"
options=()
while [ $# -gt 0 ]; do
  case "$1" in
    --build) build="$(cd "$2" && pwd)"; shift 2 ;;
    *) options+=("$1"); shift ;;
  esac
done
cache="${NOGGIN_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/noggin}"

{
  bash "$root/configs/build/setup.sh"
  [ -f "$build/CMakeCache.txt" ] || (cd "$root" && cmake --preset release)
  cmake --build "$build" --target latency make_latency_models
} >&2

# ONNX Runtime's own tools, and what they need, in the version of the library that setup.sh fetched.
wheels=(onnx==1.19.0 onnxruntime==1.31.1 sympy==1.14.0 numpy==2.4.6)
tools="$cache/onnxruntime-tools-1.31.1"
for python in python3 /usr/bin/python3; do
  "$python" -m pip --version >/dev/null 2>&1 && break
done
if [ "$(cat "$tools/.complete" 2>/dev/null)" != "${wheels[*]}" ]; then
  echo "latency: fetching ${wheels[*]}" >&2
  rm -rf "$tools" "$tools.partial"
  "$python" -m pip install --quiet --no-compile --target "$tools.partial" "${wheels[@]}" >&2
  echo "${wheels[*]}" >"$tools.partial/.complete"
  mv "$tools.partial" "$tools"
fi

# The opponent's files take some seconds to make: only when what they are made from has changed.
models="$build/latency_models"
mkdir -p "$models"
"$build/bin/make_latency_models" "$models"
sources="$(cat "$here"/*.py "$models"/*.qdq.onnx "$tools/.complete" | sha256sum)"
if [ "$(cat "$models/.complete" 2>/dev/null)" != "$sources" ]; then
  echo "latency: making ONNX Runtime's models in $models (operators.txt says what is in them)" >&2
  rm -f "$models/.complete"
  PYTHONPATH="$tools" PYTHONDONTWRITEBYTECODE=1 "$python" "$here/make_opponents.py" "$models" >"$models/operators.txt"
  echo "$sources" >"$models/.complete"
fi

"$build/bin/latency" "$models" "${options[@]}"
