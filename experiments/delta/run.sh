#!/usr/bin/env bash
# How large a delta is from one student to another: README.md here. Runs of the demo; each resumes, a finished one is
# skipped. With DATA and ENCODER (a folder that holds teacher_logs/, and a pretrained encoder) also two tasks that begin
# with one start.
# Usage: bash experiments/delta/run.sh [build folder, default build/release] [FOLDER, default runs/delta] [DATA ENCODER]
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

# The same requests by two questions: which of 150 intents, and which of 10 domains; the words stay those of the start.
question() {  # NAME WEIGHT_BITS
  local logs='${root}/teacher_logs/clinc150_decisions' bits="$2"
  "$noggin" run experiments/clinc150_decisions/decisions.yaml --out "$folder/$1-int$bits" "${common[@]}" \
    "data.root=$data" "data.question=$1" data.labels_file= "data.labels=$(labels_of "$1")" data.none_label= \
    "data.train=[{path: \"$logs/train.systemone.jsonl.gz\"}, {path: \"$logs/train.gold.jsonl\", fields: {label: $1}}]" \
    "data.dev=[{path: \"$logs/val.systemone.jsonl.gz\"}, {path: \"$logs/val.gold.jsonl\", fields: {label: $1}}]" \
    "data.test=[{path: \"$logs/test.openai.jsonl.gz\"}, {path: \"$logs/test.gold.jsonl\", fields: {label: $1}}]" \
    "init={folder: \"$encoder\", keep_layers: [0, 1]}" "student={pooling: mean, dropout: 0.1}" "tokenizer={size: 6000, trim: true, fill: true}" \
    "quantize={weight_bits: $bits, embedding_bits: $bits}" baseline.epochs=1 gates.must_beat_baseline=false \
    'phases=[{kind: distil, epochs: 2, learning_rate: 1e-4}, {kind: qat, epochs: 0}]' > /dev/null
}
labels_of() {
  python3 -c 'import json, sys; print(json.dumps(sorted({json.loads(line)[sys.argv[2]] for line in open(sys.argv[1])})))' \
    "$data/teacher_logs/clinc150_decisions/train.gold.jsonl" "$1"
}
if [ "$#" -ge 4 ]; then
  data="$(realpath "$3")" encoder="$(realpath "$4")"
  for bits in 8 4; do
    question intent "$bits"
    question domain "$bits"
  done
fi

echo "| from one file to another | bytes | zstd alone | dictionary | typed | share of the file | offered | to apply |"
echo "|---|---|---|---|---|---|---|---|"
line "another seed" one other-seed
line "a night: half as many rows more, going on from the model before" before night
line "another night without new rows, going on" night night-again
[ "$#" -lt 4 ] || for bits in 8 4; do line "two tasks from one start, int$bits" "intent-int$bits" "domain-int$bits"; done
