#!/usr/bin/env bash
# Sets up, builds and passes all tests: runtime, format and data under AddressSanitizer and UBSan first, then everything.
# Usage: bash tests/run.sh [ctest arguments for the second part, e.g. -L numerics]
set -euo pipefail
cd "$(dirname "$0")/.."

bash configs/build/setup.sh
# A fresh clone finds what another one compiled: paths relative to the checkout, whatever folder it is in.
export CCACHE_BASEDIR="$PWD" CCACHE_NOHASHDIR=1
export CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime

cmake --preset asan -DNOGGIN_BUILD_TESTS=ON
cmake --build --preset asan
ctest --preset asan --no-tests=error -LE 'layering|consumer'

cmake --preset release -DNOGGIN_BUILD_TESTS=ON
cmake --build --preset release
ctest --preset release --no-tests=error "$@"
