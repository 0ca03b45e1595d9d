#!/usr/bin/env bash
# How good are the linear model, the static student and the transformer with few logged answers, and which one does dev
# choose? Draws 100, 300, 1,000, 3,000 and all rows of CLINC150 with three seeds, takes the recipe that `noggin init`
# writes for each draw, runs it, measures on test once, and prints the table of what is finished. Resumes everywhere.
# Usage: bash experiments/few_rows/run.sh DATA_FOLDER ENCODER OUT_FOLDER [COUNT...]
#   DATA_FOLDER  holds teacher_logs/
#   ENCODER      a pretrained encoder as a Hugging Face folder
#   COUNT        numbers of rows, 0 for all; default: 100 300 1000 3000 0
# FEW_ROWS_SEEDS="1 2 3"; FEW_ROWS_KEYS="train.threads=1 ..." adds keys to every run. FEW_ROWS_WITHOUT_LAYERS=1 leaves the
# transformer out: the static student is the only one beside the linear model, and a run takes half a minute.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
noggin="${NOGGIN:-$here/../../build/release/bin/noggin}"
data="$1" encoder="$2" out="$3"
shift 3
counts=("$@")
[ "${#counts[@]}" -gt 0 ] || counts=(100 300 1000 3000 0)
read -r -a seeds <<<"${FEW_ROWS_SEEDS:-1 2 3}"
keys=(data.none_label=oos)
run=run
if [ -n "${FEW_ROWS_WITHOUT_LAYERS:-}" ]; then
  run=run-without-layers
  # What cli/static_student.cpp makes of a recipe.
  phase='epochs: 3, min_steps: 2000, patience: 8, teacher_weight: 0.5, gold_weight: 0.5'
  keys+=(student.layers=0 student.heads=1 student.width=96 student.initial_range=0.002 'init.keep_layers=[]'
    quantize.embedding_bits=4 tokenizer.size=8000 tokenizer.trim=true tokenizer.fill=true export.onnx=false
    "phases=[{kind: distil, $phase}, {kind: qat, epochs: 0, teacher_weight: 0.5, gold_weight: 0.5}]")
fi
read -r -a more <<<"${FEW_ROWS_KEYS:-}"
keys+=("${more[@]}")

for count in "${counts[@]}"; do
  for seed in "${seeds[@]}"; do
    folder="$out/${count}-seed-$seed"
    [ -d "$folder/logs" ] || python3 "$here/draw.py" "$data/teacher_logs/clinc150" "$folder/logs" "$count" "$seed"
    [ -f "$folder/recipe.yaml" ] || "$noggin" init --from "$folder"/logs/{train,dev,test}.jsonl --start "$encoder" \
      --budget-mb 5 "$folder"
    # A failed gate (5) is a result, too.
    "$noggin" run "$folder/recipe.yaml" "seed=$seed" "${keys[@]}" --out "$folder/$run" || [ $? -eq 5 ]
    cp "$folder/$run/results.json" "$folder/$run.dev.json"
    "$noggin" run "$folder/recipe.yaml" "seed=$seed" "${keys[@]}" --out "$folder/$run" --final || [ $? -eq 5 ]
  done
done
python3 "$here/table.py" "$out" "$run"
