#!/usr/bin/env bash
# Sets up, builds and passes all tests: runtime, format and data under AddressSanitizer and UBSan first, then everything.
# Usage: bash tests/run.sh [ctest arguments for the second part, e.g. -L numerics]
set -euo pipefail
cd "$(dirname "$0")/.."

bash configs/build/setup.sh

cmake --preset asan -DNOGGIN_BUILD_TESTS=ON
cmake --build --preset asan --parallel "$(nproc)"
ctest --preset asan --parallel "$(nproc)" --no-tests=error -LE 'layering|consumer'

# Where there is a CUDA compiler (12 or newer: C++20), the CUDA backend is built too; without a GPU its runs are skipped.
cuda=OFF
if nvcc --version 2>/dev/null | grep -qE 'release (1[2-9]|[2-9][0-9])\.'; then cuda=ON; fi
cmake --preset release -DNOGGIN_BUILD_TESTS=ON -DNOGGIN_WITH_CUDA=$cuda
cmake --build --preset release --parallel "$(nproc)"
ctest --preset release --parallel "$(nproc)" --no-tests=error "$@"
