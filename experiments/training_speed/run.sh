#!/usr/bin/env bash
# The trainer's step against a plain PyTorch loop, in turns on one core, with the same LibTorch: builds, makes the loads,
# measures, prints the table. The last lines are ratios, the smaller of the two models each. See README.md.
# Usage: bash experiments/training_speed/run.sh [--build FOLDER] [--data FOLDER] [--core N] [--rounds N]
#   --build FOLDER   a configured build folder (Release); default: the release preset's, configured when it is missing
#   --data FOLDER    holds teacher_logs/clinc150; default: $NOGGIN_DATA, else ../shared; without it only the synthetic load
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
root="$(cd "$here/../.." && pwd)"
build="$root/build/release"
data="${NOGGIN_DATA:-$root/../shared}"
core=0
rounds=30
while [ $# -gt 0 ]; do
  case "$1" in
    --build) build="$(cd "$2" && pwd)"; shift 2 ;;
    --data) data="$2"; shift 2 ;;
    --core) core="$2"; shift 2 ;;
    --rounds) rounds="$2"; shift 2 ;;
    *) echo "run.sh: unknown argument '$1'" >&2; exit 2 ;;
  esac
done
cache="${NOGGIN_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/noggin}"

{
  bash "$root/configs/build/setup.sh"
  [ -f "$build/CMakeCache.txt" ] || (cd "$root" && cmake --preset release)
  cmake --build "$build" --target training_speed
} >&2

# The wheel that LibTorch comes from is PyTorch itself; what it imports is fetched beside it.
for python in python3.11 python3 /usr/bin/python3; do
  "$python" -c 'import sys; raise SystemExit(sys.version_info[:2] != (3, 11))' 2>/dev/null && "$python" -m pip --version >/dev/null 2>&1 && break
done
libtorch="$cache/libtorch-2.11.0"
imports="$cache/torch-imports-2.11.0"
wheels=(filelock fsspec jinja2 networkx sympy typing-extensions)
if [ "$(cat "$imports/.complete" 2>/dev/null)" != "${wheels[*]}" ]; then
  echo "training_speed: fetching ${wheels[*]}" >&2
  rm -rf "$imports" "$imports.partial"
  "$python" -m pip install --quiet --no-compile --target "$imports.partial" "${wheels[@]}" >&2
  echo "${wheels[*]}" >"$imports.partial/.complete"
  mv "$imports.partial" "$imports"
fi

# It also asks for CUDA libraries which a machine without a GPU has no use for: empty ones of the same names will do, because
# nothing in them is called.
work="$build/training_speed"
mkdir -p "$work/absent"
export LD_LIBRARY_PATH="$libtorch/nvidia/cu13/lib:$work/absent${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
while absent="$(for library in "$libtorch"/torch/lib/*.so*; do ldd "$library" 2>/dev/null | awk '/not found/ {print $1}'; done | sort -u)" &&
      [ -n "$absent" ]; do
  for name in $absent; do gcc -shared -x c /dev/null -Wl,-soname,"$name" -o "$work/absent/$name"; done
done

"$build/bin/training_speed" prepare "$work/loads" "$data/teacher_logs/clinc150" >&2
PYTHONPATH="$libtorch:$imports" PYTHONDONTWRITEBYTECODE=1 "$python" -W ignore "$here/compare.py" \
  "$build/bin/training_speed" "$work/loads" "$core" "$rounds"
