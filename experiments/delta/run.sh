#!/usr/bin/env bash
# How large a delta is from one student to another: README.md here. Runs of the demo; each resumes, a finished one is
# skipped.
# Usage: bash experiments/delta/run.sh [build folder, default build/release] [FOLDER, default runs/delta]
set -euo pipefail
cd "$(dirname "$0")/../.."
build="${1:-build/release}"
folder="${2:-runs/delta}"
noggin="$build/bin/noggin"
[ -x "$noggin" ] || { echo "delta: $noggin is missing. Fix: cmake --build $build --target noggin_cli" >&2; exit 2; }
mkdir -p "$folder"
cmake --build "$build" --target delta_sizes > "$folder/build.log" 2>&1 || { cat "$folder/build.log" >&2; exit 1; }

common=(train.threads=1 static_student.train=false gates.max_drop_from_float=1 --quiet)
short='phases=[{kind: distil, epochs: 1, learning_rate: 2e-4}, {kind: qat, epochs: 1, learning_rate: 1e-4}]'
run() {  # DEMO NAME [key=value...]
  local demo="$1" name="$2"; shift 2
  "$noggin" run "$folder/$demo/recipe.yaml" --out "$folder/$name" "${common[@]}" "$@" > /dev/null
}
line() { "$build/bin/delta_sizes" "$1" "$folder/$2/export/model.nog" "$folder/$3/export/model.nog"; }

[ -d "$folder/demo" ] || "$noggin" init --demo "$folder/demo" > /dev/null
# Two thirds of the rows, so that a night brings the last third.
[ -d "$folder/fewer" ] || { cp -r "$folder/demo" "$folder/fewer.partial" && \
  python3 "$PWD/experiments/delta/fewer_rows.py" "$folder/fewer.partial" && mv "$folder/fewer.partial" "$folder/fewer"; }

run demo one "$short"
run demo other-seed "$short" seed=2
run fewer before "$short"
run demo night "$short" "init.from=$folder/before"
run demo night-again "$short" "init.from=$folder/night" seed=3

echo "| from one file to another | bytes | zstd alone | dictionary | typed | share of the file | offered | to apply |"
echo "|---|---|---|---|---|---|---|---|"
line "another seed" one other-seed
line "a night: half as many rows more, going on from the model before" before night
line "another night without new rows, going on" night night-again
