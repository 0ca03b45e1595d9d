#!/usr/bin/env bash
# Whether two builds make the same bytes: trains small models with both and compares every file that users keep.
# Usage: bash experiments/reference_set/run.sh NOGGIN FOLDER [HASHES]
#   NOGGIN  the program to ask; FOLDER: made anew, the same for both programs, because models name the hash of a report
#   that names it; HASHES: a copy of an earlier FOLDER/hashes.txt, which must be equal (exit 1 if not)
# One thread and fp32: the only settings under which training has the same bits on one machine. On another processor the
# hashes differ, so compare two programs on one machine.
set -euo pipefail
noggin="$(realpath "$1")"
folder="$2"
rm -rf "$folder"
mkdir -p "$folder/data"
fixed=(train.precision=fp32 train.threads=1)

# 1. The demo with all phases, and its linear model as a file of its own.
"$noggin" init --demo "$folder/demo" --json >/dev/null
"$noggin" run "$folder/demo/recipe.yaml" --out "$folder/classes" "${fixed[@]}" baseline.export=true \
  phases.0.epochs=2 phases.1.epochs=1 phases.2.epochs=1 gates.max_drop_from_float=1 --json >"$folder/classes.json" 2>"$folder/classes.log" ||
  { tail -5 "$folder/classes.log"; exit 1; }

# 2. A tagger and a score.
python3 - "$folder/data" <<'PYTHON'
import json, sys
names, verbs = "anna ben carla david erin frank".split(), "call mail greet meet".split()
def tag(i):
    text, name = verbs[i * 3 % 4] + " ", names[i * 7 % 6]
    spans = [{"start": len(text), "end": len(text) + len(name), "type": "NAME"}]
    return {"text": text + name + f" on {100 + i * 37 % 900}", "spans": spans}
def score(i):
    return {"text": ("please " if i % 2 else "now ") + verbs[i % 4] + f" {names[i % 6]} {i}", "score": 0.9 if i % 2 else 0.1}
for kind, row in (("tag", tag), ("score", score)):
    for split, rows in (("train", range(320)), ("dev", range(320, 360)), ("test", range(360, 400))):
        with open(f"{sys.argv[1]}/{kind}_{split}.jsonl", "w") as file:
            file.writelines(json.dumps(row(i)) + "\n" for i in rows)
PYTHON
for kind in tag score; do
  labels=""
  [ $kind = tag ] && labels="labels: [O, B-NAME, I-NAME], "
  cat >"$folder/data/$kind.yaml" <<YAML
name: $kind
task: $kind
data: {${labels}train: [{adapter: jsonl, path: ${kind}_train.jsonl}], dev: [{adapter: jsonl, path: ${kind}_dev.jsonl}], test: [{adapter: jsonl, path: ${kind}_test.jsonl}]}
tokenizer: {size: 200, max_tokens: 24}
student: {layers: 1, width: 32, heads: 2, ffn_width: 64, dropout: 0.1}
train: {batch_rows: 16, threads: 1, precision: fp32}
phases:
  - {kind: distil, epochs: 4, learning_rate: 5e-3, teacher_weight: 0, gold_weight: 1}
  - {kind: qat, epochs: 1, learning_rate: 1e-3, teacher_weight: 0, gold_weight: 1}
gates: {max_drop_from_float: 1}
YAML
  "$noggin" run "$folder/data/$kind.yaml" --out "$folder/$kind" "${fixed[@]}" --json >"$folder/$kind.json" 2>"$folder/$kind.log" ||
    { tail -5 "$folder/$kind.log"; exit 1; }
done

(cd "$folder" && find . \( -name '*.ckpt' -o -name '*.nog' -o -name '*.onnx' -o -name 'parity.jsonl' -o -name '*.h5' \
  -o -name 'vocab.txt' \) | sort | xargs sha256sum) >"$folder/hashes.txt"
wc -l <"$folder/hashes.txt"
if [ $# -ge 3 ]; then
  diff "$3" "$folder/hashes.txt" && echo "the same bytes"
fi
