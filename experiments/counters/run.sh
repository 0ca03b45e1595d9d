#!/usr/bin/env bash
# What opt-in counters cost an answer, on a shipped model of one class per text.
# Usage: bash experiments/counters/run.sh MODEL.nog TEXTS [build folder, default build/release]
set -euo pipefail
model="$(realpath "$1")"
texts="$(realpath "$2")"
cd "$(dirname "$0")/../.."
build="${3:-build/release}"
cmake --build "$build" --target counters_cost > "$build/counters.log" || { cat "$build/counters.log"; exit 1; }
"$build/bin/counters_cost" "$model" < "$texts"
