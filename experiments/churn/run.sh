#!/usr/bin/env bash
# How many right answers does a new student break, with and without keep_weight? The old student has read 5,000 rows of
# CLINC150, the new one reads all 15,250: a static student each, so that a run takes a minute. For every seed and weight:
# accuracy, mended and broken answers on dev; with CHURN_SPLIT=test on test, for the weights that dev has chosen.
# Usage: bash experiments/churn/run.sh DATA_FOLDER ENCODER OUT_FOLDER [WEIGHT...]      resumes everywhere
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
noggin="${NOGGIN:-$here/../../build/release/bin/noggin}"
data="$1" encoder="$2" out="$3"
shift 3
weights=("$@")
[ "${#weights[@]}" -gt 0 ] || weights=(0 0.25 0.5 1 2)
read -r -a seeds <<<"${CHURN_SEEDS:-1 2 3}"
split="${CHURN_SPLIT:-dev}"

keys() {  # MODEL WEIGHT: what makes the recipe that `init` writes a static student's, in int8
  local losses='teacher_weight: 0.5, gold_weight: 0.5'
  [ -z "$1" ] || losses+=", keep_weight: $2"
  printf '%s\n' data.none_label=oos student.layers=0 student.heads=1 student.width=96 student.initial_range=0.002 student.embedding_width=0 \
    'init.keep_layers=[]' tokenizer.size=8000 tokenizer.trim=true tokenizer.fill=true export.onnx=false \
    static_student.train=false baseline.epochs=1 "shipped.model=$1" budget.size_mb=0 quantize.weight_bits=8 \
    "phases=[{kind: distil, epochs: 3, min_steps: 2000, patience: 8, $losses}, {kind: qat, epochs: 0, $losses}]"
}

student() {  # LOGS FOLDER SEED MODEL WEIGHT
  [ -f "$2/recipe.yaml" ] || "$noggin" init --from "$1"/{train,dev,test}.jsonl --start "$encoder" --budget-mb 5 "$2"
  mapfile -t words < <(keys "$4" "$5")
  "$noggin" run "$2/recipe.yaml" "seed=$3" "${words[@]}" --out "$2/run" --quiet >"$2/run.txt" || [ $? -eq 5 ]
}
model() { ls "$1"/run/export/model*.nog; }

mkdir -p "$out"
for seed in "${seeds[@]}"; do
  for count in 5000 0; do
    [ -d "$out/logs-$count-$seed" ] || python3 "$here/../few_rows/draw.py" "$data/teacher_logs/clinc150" "$out/logs-$count-$seed" "$count" "$seed"
  done
  student "$out/logs-5000-$seed" "$out/old-$seed" "$seed" "" 0
  for weight in "${weights[@]}"; do
    new="$out/new-$seed-$weight"
    student "$out/logs-0-$seed" "$new" "$((seed + 10))" "$(model "$out/old-$seed")" "$weight"
    [ -f "$new/$split.json" ] || "$noggin" compare "$(model "$out/old-$seed")" "$(model "$new")" \
      --data "$out/logs-0-$seed/$split.jsonl" --json >"$new/$split.json" || [ $? -eq 5 ]
  done
done
python3 "$here/table.py" "$out" "$split"
