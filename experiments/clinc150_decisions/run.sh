#!/usr/bin/env bash
# Trains one student from a log of typed decisions and the same one from the plain log of the same teacher, and one
# student each for two other questions. Every run resumes where it stopped; a finished one is skipped.
# Usage: bash experiments/clinc150_decisions/run.sh DATA_FOLDER OUT_FOLDER [SEED...]   (default: 1 2 3)
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
noggin="${NOGGIN:-$here/../../build/release/bin/noggin}"
data="$1" out="$2"
shift 2
seeds=("$@")
[ "${#seeds[@]}" -gt 0 ] || seeds=(1 2 3)

train() {  # NAME RECIPE SEED [OVERRIDE...]
  local name="$1" recipe="$2" seed="$3"
  shift 3
  "$noggin" run "$here/$recipe" "data.root=$data" "seed=$seed" "$@" --out "$out/$name-$seed" --final
}

question() {  # NAME SEED CLASSES
  local name="$1" seed="$2" labels="$3" folder="\${root}/teacher_logs/clinc150_decisions"
  local split file overrides=("data.question=$name" "data.labels_file=" "data.labels=$labels" "data.none_label=")
  for split in train:train.systemone dev:val.systemone test:test.openai; do
    file="${split#*:}"
    overrides+=("data.${split%%:*}=[{path: \"$folder/$file.jsonl.gz\"}, {path: \"$folder/${file%%.*}.gold.jsonl\", fields: {label: $name}}]")
  done
  train "$name" decisions.yaml "$seed" "${overrides[@]}"
}

for seed in "${seeds[@]}"; do
  train intent decisions.yaml "$seed"
  train plain plain.yaml "$seed"
done
question domain "${seeds[0]}" "[banking, credit_cards, kitchen_and_dining, home, auto_and_commute, travel, utility, work, small_talk, meta, none_of_these]"
question in_scope "${seeds[0]}" "['no', 'yes']"
