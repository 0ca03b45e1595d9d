#!/usr/bin/env bash
# Texts per second on this machine's GPU, beside LibTorch on the same GPU; the table goes to standard output.
# Needs nvcc 12 or newer to build, and an NVIDIA GPU with its driver to run; refuses with exit code 3 without a GPU.
# Usage: bash experiments/gpu_throughput/run.sh [build folder, default build/gpu]
set -euo pipefail
cd "$(dirname "$0")/../.."
build="${1:-build/gpu}"

bash configs/build/setup.sh --without-test-oracles >&2
cmake -S . -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DNOGGIN_BUILD_TESTS=OFF -DNOGGIN_WITH_CUDA=ON >&2
cmake --build "$build" --target gpu_throughput >&2
command -v nvidia-smi >/dev/null && nvidia-smi --query-gpu=name,driver_version --format=csv,noheader
"$build/bin/gpu_throughput"
