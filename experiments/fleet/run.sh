#!/usr/bin/env bash
# A thousand simulated devices take an update in stages of 1, 10 and 100 %, and the power of a fifth of them is cut in the
# middle. README.md here says what is counted. The same command goes on where it stopped.
# Usage: bash experiments/fleet/run.sh [build folder, default build/release] [FOLDER, default runs/fleet] [--devices N]
#          [--cuts SHARE] [--seed N]
set -euo pipefail
cd "$(dirname "$0")/../.."
build="${1:-build/release}"
folder="${2:-runs/fleet}"
shift $(( $# < 2 ? $# : 2 ))
noggin="$build/bin/noggin"
for tool in "$noggin" "$build/bin/noggin-run"; do
  [ -x "$tool" ] || { echo "fleet: $tool is missing. Fix: cmake --build $build --target noggin_cli noggin-run" >&2; exit 2; }
done
mkdir -p "$folder/fleet"
${CC:-cc} -O1 -shared -fPIC experiments/endurance/failing_calls.c -o "$folder/fleet/failing_calls.so" -ldl

# Two students of the demo, as small as they may be: what they answer does not matter here.
[ -d "$folder/demo" ] || "$noggin" init --demo "$folder/demo" > /dev/null
for seed in 1 2; do
  "$noggin" run "$folder/demo/recipe.yaml" --out "$folder/student-$seed" "seed=$seed" \
    'student={layers: 1, width: 32, heads: 2, ffn_width: 64}' tokenizer.size=600 train.threads=1 train.ema=0 \
    'phases=[{kind: distil, epochs: 1}, {kind: qat, epochs: 0.2, calibration_batches: 2}]' \
    'baseline={buckets: 4096, epochs: 1}' static_student.train=false gates.max_drop_from_float=1 --quiet > /dev/null
done
exec python3 experiments/fleet/fleet.py "$noggin" "$build/bin/noggin-run" \
  "$folder/student-1/export/model.nog" "$folder/student-2/export/model.nog" "$folder/fleet" "$@"
