#!/usr/bin/env bash
# From nothing to a verified model: sets up, builds, makes the demo, runs its recipe and prints the final table.
# Usage: bash experiments/quickstart/run.sh [folder, default runs/quickstart]
# A second call continues or skips what is done; remove the folder to start over.
set -euo pipefail
cd "$(dirname "$0")/../.."
folder="${1:-runs/quickstart}"

bash configs/build/setup.sh
cmake --preset release -DNOGGIN_BUILD_TESTS=OFF
cmake --build --preset release
bin=build/release/bin

[ -f "$folder/demo/recipe.yaml" ] || "$bin/noggin" init --demo "$folder/demo"
"$bin/noggin" run "$folder/demo/recipe.yaml" --out "$folder/run" --final

model="$folder/run/export/model.nog"
"$bin/noggin-run" "$model" --self-test
"$bin/noggin-run" "$model" --verify "$folder/run/export/parity.jsonl"
echo "i do not want to cancel the order, i want to change the address" | "$bin/noggin-run" "$model"
