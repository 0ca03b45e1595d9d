#!/usr/bin/env bash
# How good is the recipe that `noggin init --from` writes, without an edit? Makes the sets, writes a recipe for each,
# runs it, measures on test once, and prints the table of what is finished. Everything resumes where it stopped.
# Usage: bash experiments/first_try/run.sh DATA_FOLDER ENCODER OUT_FOLDER [SET...]
#   DATA_FOLDER  holds teacher_logs/ and datasets/ (sets.py says which)
#   ENCODER      a pretrained encoder as a Hugging Face folder; "" for a random start
#   SET          default: all (sets.py); FIRST_TRY_KEYS="train.threads=1 ..." adds keys to every run
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
noggin="${NOGGIN:-$here/../../build/release/bin/noggin}"
data="$1" encoder="$2" out="$3"
shift 3
mkdir -p "$out"
[ -d "$out/sets" ] || { python3 "$here/sets.py" "$data" "$out/sets.partial" && mv "$out/sets.partial" "$out/sets"; }
sets=("$@")
[ "${#sets[@]}" -gt 0 ] || mapfile -t sets < <(ls "$out/sets")
start=()
[ -z "$encoder" ] || start=(--start "$encoder" --budget-mb 5)
read -r -a keys <<<"${FIRST_TRY_KEYS:-}"

for set in "${sets[@]}"; do
  logs=("$out/sets/$set/train.jsonl" "$out/sets/$set/dev.jsonl" "$out/sets/$set/test.jsonl")
  [ -f "$out/$set/recipe.yaml" ] || "$noggin" init --from "${logs[@]}" "${start[@]}" "$out/$set"
  # A failed gate (5) is a result, too.
  "$noggin" run "$out/$set/recipe.yaml" "${keys[@]}" --out "$out/$set/run" --final || [ $? -eq 5 ]
done
python3 "$here/table.py" "$out"
