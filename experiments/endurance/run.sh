#!/usr/bin/env bash
# Whether a training survives everything that can end it: kills, failing file calls, a full disk, dead peers. README.md
# here says what is tried and counted.
# Usage: bash experiments/endurance/run.sh NOGGIN FOLDER [--kills N] [--killed-calls N] [--failed-calls N]
#          [--full-disks N] [--group-kills N] [--seed N] [--rows N]
#   NOGGIN  the program; FOLDER  holds the runs and what was found so far: the same command goes on where it stopped
# Exit code 0 if everything survived and ended with the same bytes.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
noggin="$(realpath "$1")"
mkdir -p "$2"
folder="$(realpath "$2")"
shift 2
${CC:-cc} -O1 -shared -fPIC "$here/failing_calls.c" -o "$folder/failing_calls.so" -ldl
exec python3 "$here/endurance.py" "$noggin" "$folder" "$@"
