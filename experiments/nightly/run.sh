#!/usr/bin/env bash
# Nights of `noggin nightly` on the built-in demo: the first ships, a second with more rows ships or is held back by the
# comparison, a third without new rows does nothing, a fourth whose new rows are wrong is held back (exit 5), and a fifth
# is killed again and again and ends as if nothing had happened.
# Usage: bash experiments/nightly/run.sh [folder, default runs/nightly]; remove the folder to begin anew.
set -uo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
cd "$here/../.."
folder="${1:-runs/nightly}"
noggin="${NOGGIN:-build/release/bin/noggin}"
demo="$folder/demo" shipped="$folder/shipped"
[ -f "$demo/recipe.yaml" ] || "$noggin" init --demo "$demo" >/dev/null || exit
mkdir -p "$folder/log"
log() { python3 "$here/log.py" "$demo" "$folder/log" "$@"; }

nightly=("$noggin" nightly configs/nightly/demo.yaml "data.root=$folder"
  "data.train=[{path: $folder/log/output.jsonl, requests: $folder/log/requests.jsonl}]" --shipped "$shipped" --quiet)

night() {  # NAME: one night, its exit code and its line for the chat
  "${nightly[@]}" >"$folder/$1.txt" 2>"$folder/$1.log"
  local code=$?
  echo "$1: exit $code: $(head -1 "$folder/$1.txt")"
  return $code
}

log 4000
night first
log 6000
night more_rows
night nothing_new
log 7000 2000
night wrong_rows
log 8000
for second in 2 7 15; do
  timeout -s KILL "$second" "${nightly[@]}" >/dev/null 2>&1
  echo "killed after $second s: $("$noggin" inspect "$shipped/current/model.nog" --json >/dev/null && echo 'the shipped model is whole')"
done
night after_kills
ls -l "$shipped" | sed 's/.*current/current/;t;d'
