#!/usr/bin/env bash
# Trains one recipe with several seeds and shows the last table of each. Every run resumes where it stopped; a finished one
# is skipped.
# Usage: bash experiments/run_recipe.sh RECIPE DATA_FOLDER INIT_FOLDER OUT_FOLDER [SEED...]
#   RECIPE       configs/snips_slots.yaml, ...
#   DATA_FOLDER  what the recipe calls data.root
#   INIT_FOLDER  what it calls init.folder, a pretrained encoder; "" for recipes without one
#   SEED         default: 1 2 3
set -euo pipefail
recipe="$1" data="$2" init="$3" out="$4"
shift 4
noggin="${NOGGIN:-$(dirname "$0")/../build/release/bin/noggin}"
overrides=("data.root=$data")
[ -z "$init" ] || overrides+=("init.folder=$init")
for seed in "${@:-1 2 3}"; do
  for one in $seed; do
    "$noggin" run "$recipe" "${overrides[@]}" "seed=$one" --out "$out/seed-$one" --final
  done
done
