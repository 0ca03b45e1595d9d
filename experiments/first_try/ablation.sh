#!/usr/bin/env bash
# What does the float student of a first try lose, and where? Trains the first phase alone, once as `noggin init --from`
# writes it and once for each change of one thing, and measures on dev. Test is not read. Resumes where it stopped.
# Usage: bash experiments/first_try/ablation.sh OUT_FOLDER ENCODER [SET...]
#   OUT_FOLDER  of run.sh, which makes the sets
#   SET         default: clinc_2000 snips_tenth presidio
# ABLATIONS="as_written gold_only ..." takes some of the changes; STEPS=600 shortens the phase to so many steps;
# FIRST_TRY_KEYS="train.threads=1 ..." adds keys to every run.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
noggin="${NOGGIN:-$here/../../build/release/bin/noggin}"
out="$1" encoder="$2"
shift 2
sets=("$@")
[ "${#sets[@]}" -gt 0 ] || sets=(clinc_2000 snips_tenth presidio)
read -r -a keys <<<"${FIRST_TRY_KEYS:-}"
read -r -a changes <<<"${ABLATIONS:-as_written gold_only teacher_only mostly_teacher faster slower slowest longer all_pieces many_pieces swaps all_swaps many_swaps layers_4 layers_3 no_dropout no_average}"

for change in "${changes[@]}"; do
  for set in "${sets[@]}"; do
    logs=("$out/sets/$set/train.jsonl" "$out/sets/$set/dev.jsonl" "$out/sets/$set/test.jsonl")
    folder="$out/ablation/$set"
    [ -f "$folder/recipe.yaml" ] || "$noggin" init --from "${logs[@]}" --start "$encoder" --budget-mb 5 "$folder"
    # Of the recipe's first phase.
    steps="$(sed -n 's/^    min_steps: *\([0-9]*\).*/\1/p' "$folder/recipe.yaml" | head -1)"
    name="$change${STEPS:+-$STEPS}" epochs=3
    [ -z "${STEPS:-}" ] || { steps="$STEPS" epochs=1; }
    rate=0.0002 teacher=0.5 gold=0.5 dropout=0.05 swaps="" more=()
    all=(tokenizer.trim=false tokenizer.fill=false tokenizer.size=30522 student.embedding_width=0)
    many=(tokenizer.size=15000 student.embedding_width=128)
    some=", span_swap: 0.5, word_swap: 0.3, digit_swap: 0.5"
    case "$change" in
      as_written) ;;
      gold_only) teacher=0 gold=1 ;;
      teacher_only) teacher=1 gold=0 ;;
      mostly_teacher) teacher=0.8 gold=0.2 ;;
      faster) rate=0.0004 ;;
      slower) rate=0.0001 ;;
      slowest) rate=0.00005 ;;
      longer) steps=$((2 * steps)) epochs=$((2 * epochs)) ;;
      all_pieces) more=("${all[@]}") ;;
      many_pieces) more=("${many[@]}") ;;
      swaps) swaps="$some" ;;
      all_swaps) swaps="$some" more=("${all[@]}") ;;
      many_swaps) swaps="$some" more=("${many[@]}") ;;
      layers_4) rate=0.0003 more=("init.keep_layers=[0, 1, 3, 5]") ;;
      layers_3) rate=0.0004 more=("init.keep_layers=[0, 2, 4]") ;;
      no_dropout) dropout=0 ;;
      no_average) more=(train.ema=0) ;;
      *) echo "no change is called $change" >&2 && exit 2 ;;
    esac
    phase="{kind: distil, epochs: $epochs, min_steps: $steps, patience: 8, learning_rate: $rate,"
    phase+=" teacher_weight: $teacher, gold_weight: $gold, word_dropout: $dropout$swaps}"
    [ -f "$folder/$name/train.json" ] || {
      "$noggin" train "$folder/recipe.yaml" "phases=[$phase]" budget.size_mb=0 "${more[@]}" "${keys[@]}" \
        --out "$folder/$name" --json >"$folder/train.json.partial"
      mv "$folder/train.json.partial" "$folder/$name/train.json"
    }
  done
done
