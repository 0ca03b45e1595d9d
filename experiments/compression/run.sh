#!/usr/bin/env bash
# How good is the best file of each size? The frontier of CLINC150 from 0.3 to 10 MB, on dev: students of an encoder in
# several shapes, the static student and the linear model, all by one command. Resumes where it stopped.
# Usage: bash experiments/compression/run.sh DATA_FOLDER ENCODER OUT_FOLDER [key=value...]
#   DATA_FOLDER  holds teacher_logs/clinc150/
#   ENCODER      a pretrained encoder as a Hugging Face folder: width 384, 6 layers
#   OUT_FOLDER   becomes the folder of the search: frontier.md, frontier.csv, frontier.svg, trials.jsonl
# COMPRESSION_SIZES="1,2,5" takes other sizes.
set -euo pipefail
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
noggin="${NOGGIN:-$root/build/release/bin/noggin}"
data="$1" encoder="$2" out="$3"
shift 3
# All layers: which of them stay is what is searched.
"$noggin" compress "$root/configs/clinc150_budget.yaml" "data.root=$data" "init.folder=$encoder" \
  "$@" --frontier="${COMPRESSION_SIZES:-0.3,0.5,0.8,1.2,2,3.2,5,10}" --out "$out"
