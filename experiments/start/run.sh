#!/usr/bin/env bash
# How long a fresh process waits for its first answer, and what it costs in memory: Noggin beside ONNX Runtime on the
# same model, one process each in turn, page cache warm, all hashes checked. Medians of COUNT processes each.
# Usage: bash experiments/start/run.sh [build folder, default build/release] [COUNT, default 51]
set -euo pipefail
cd "$(dirname "$0")/../.."
build="${1:-build/release}"
count="${2:-51}"

[ -f "$build/CMakeCache.txt" ] || cmake --preset release -B "$build" > /dev/null
cmake --build "$build" --target make_start_model start_noggin start_onnx > "$build/start.log" || { cat "$build/start.log"; exit 1; }
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
"$build/bin/make_start_model" "$folder"
unset NOGGIN_FORCE_ISA

for _ in 1 2 3; do  # into the page cache
  "$build/bin/start_noggin" "$folder/model.nog" > /dev/null
  "$build/bin/start_onnx" "$folder/model.onnx" > /dev/null
done
for _ in $(seq "$count"); do
  "$build/bin/start_noggin" "$folder/model.nog" >> "$folder/noggin"
  "$build/bin/start_onnx" "$folder/model.onnx" >> "$folder/onnx"
done

median() { sort -g -k "$2,$2" "$folder/$1" | awk -v column="$2" '{ value[NR] = $column } END { print value[int((NR + 1) / 2)] }'; }
size="$(stat -c %s "$folder/model.nog")"
awk -v count="$count" -v size="$size" -v onnx_size="$(stat -c %s "$folder/model.onnx")" \
  -v open="$(median noggin 1)" -v first="$(median noggin 2)" -v resident="$(median noggin 3)" -v arena="$(median noggin 4)" \
  -v onnx_open="$(median onnx 1)" -v onnx_first="$(median onnx 2)" -v onnx_resident="$(median onnx 3)" \
  -v onnx_load="$(median onnx 4)" '
  function verdict(good) { return good ? "met" : "MISSED" }
  BEGIN {
    printf "medians of %d fresh processes           Noggin  ONNX Runtime   ratio\n", count
    printf "file, MB                            %10.2f  %12.2f\n", size / 1e6, onnx_size / 1e6
    printf "load the library, ms                         -  %12.2f\n", onnx_load
    printf "open, ms                            %10.2f  %12.2f  %6.0f\n", open, onnx_open, onnx_open / open
    printf "open and first answer, ms           %10.2f  %12.2f  %6.0f\n", first, onnx_first, onnx_first / first
    printf "resident memory added, MB           %10.2f  %12.2f\n", resident / 1e6, onnx_resident / 1e6
    printf "open under 1 ms: %s; open and first answer under 2 ms: %s\n", verdict(open < 1), verdict(first < 2)
    allowed = 1.15 * size + arena
    printf "memory at most 1.15 x file + arena of %.2f MB = %.2f MB: %s\n", arena / 1e6, allowed / 1e6,
      verdict(resident <= allowed)
  }'
