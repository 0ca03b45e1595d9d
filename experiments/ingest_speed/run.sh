#!/usr/bin/env bash
# Measures `noggin ingest` on a log of OpenAI chat completions, with a given vocabulary, on one core, and two commands
# after it that have nothing to do. Builds nothing.
# Usage: NOGGIN=PATH bash experiments/ingest_speed/run.sh [--large] [FOLDER]
#   NOGGIN   the program; default build/release/bin/noggin
#   FOLDER   for the log and what is made of it; default a new one that is removed
#   --large  5 GB instead of 300 MB (needs twice that on disk)
# The stages one by one, beside the floors, if build/release has them (cmake --build BUILD --target ingest_stages).
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
megabytes=300
if [ "${1:-}" = --large ]; then
  megabytes=5000
  shift
fi
noggin="$(realpath "${NOGGIN:-$here/../../build/release/bin/noggin}")"
if [ -n "${1:-}" ]; then
  folder="$1"
else
  folder="$(mktemp -d)"
  trap 'rm -rf "$folder"' EXIT
fi
python3 "$here/generate.py" "$folder" "$megabytes"
sleep 4  # a file that changed in the last seconds is hashed, but its hash is not remembered
log="$folder/log.jsonl" rows="$(wc -l <"$folder/log.jsonl")"
rm -rf "$folder/run"
for attempt in "ingest" "again, nothing to do" "once more"; do
  echo "$attempt"
  python3 "$here/measure.py" "$log" "$rows" "$noggin" ingest "$folder/recipe.yaml" --out "$folder/run"
done
stages="$(dirname "$noggin")/ingest_stages"
if [ -x "$stages" ] && [ "$megabytes" = 300 ]; then "$stages" "$folder" 3; fi
