#!/usr/bin/env bash
# Installs everything that building and testing Noggin needs. Idempotent: a second run only checks.
#   - Debian packages, by name (needs root; otherwise prints what is missing and how to get it, exit 1)
#   - LibTorch from the torch wheel, and the wheels that tests use as oracles, into a cache folder outside the checkout:
#     $NOGGIN_CACHE, else $XDG_CACHE_HOME/noggin, else ~/.cache/noggin
# Usage: bash configs/build/setup.sh [--without-test-oracles]
set -euo pipefail

cache="${NOGGIN_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/noggin}"
with_oracles=1
for argument in "$@"; do
  case "$argument" in
    --without-test-oracles) with_oracles=0 ;;
    *) echo "setup.sh: unknown argument '$argument'. Usage: setup.sh [--without-test-oracles]" >&2; exit 2 ;;
  esac
done

packages=(
  build-essential cmake ninja-build ccache pkg-config git ca-certificates python3 python3-pip
  g++-aarch64-linux-gnu qemu-user-static
  libonnx-dev libprotobuf-dev protobuf-compiler libhdf5-dev libeigen3-dev
  libboost-program-options-dev libyaml-cpp-dev libsimdjson-dev libfmt-dev nlohmann-json3-dev
  libsodium-dev minisign zlib1g-dev libzstd-dev libbz2-dev liblzma-dev libgloo-dev libxxhash-dev libutf8proc-dev libgtest-dev libgmock-dev
  libvulkan-dev glslang-tools spirv-tools mesa-vulkan-drivers vulkan-validationlayers  # a GPU in software, too
)

# pip may come from the distribution or from another Python on the PATH; either can fetch wheels.
python_with_pip() {
  for candidate in python3 /usr/bin/python3; do
    if command -v "$candidate" >/dev/null && "$candidate" -m pip --version >/dev/null 2>&1; then
      echo "$candidate"; return 0
    fi
  done
  return 1
}

missing=()
for package in "${packages[@]}"; do
  # A working pip replaces the distribution's python packages.
  case "$package" in python3|python3-pip) python_with_pip >/dev/null && continue ;; esac
  dpkg-query -W -f '${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed || missing+=("$package")
done
if [ "${#missing[@]}" -gt 0 ]; then
  if [ "$(id -u)" -ne 0 ]; then
    echo "setup.sh: these packages are missing and only root can install them:" >&2
    printf '  %s\n' "${missing[@]}" >&2
    echo "Fix: sudo apt-get install ${missing[*]}" >&2
    exit 1
  fi
  echo "setup: installing ${#missing[@]} Debian packages" >&2
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi

# install_wheels FOLDER REQUIREMENT...: fetches wheels into cache/FOLDER once; a folder appears whole or not at all.
install_wheels() {
  local folder="$cache/$1"; shift
  local wanted="$*"
  if [ -f "$folder/.complete" ] && [ "$(cat "$folder/.complete")" = "$wanted" ]; then return; fi
  echo "setup: fetching $wanted" >&2
  rm -rf "$folder" "$folder.partial"
  mkdir -p "$folder.partial"
  "$(python_with_pip)" -m pip install --quiet --no-deps --no-compile --target "$folder.partial" "$@" >&2
  echo "$wanted" >"$folder.partial/.complete"
  mv "$folder.partial" "$folder"
}

# The CPU part of the CUDA build needs these two small CUDA libraries even where there is no GPU.
install_wheels libtorch-2.11.0 torch==2.11.0 nvidia-cuda-runtime==13.0.96 nvidia-cuda-cupti==13.0.85
if [ "$with_oracles" -eq 1 ]; then
  install_wheels onnxruntime-1.31.1 onnxruntime==1.31.1
  install_wheels clang-format-18 clang-format==18.1.8  # formats the sources; tests check that
  install_wheels hugging-face-1 tokenizers==0.23.3 safetensors==0.8.0 numpy==2.4.6
  install_wheels scipy-1 scipy==1.16.3 numpy==2.4.6
  install_wheels tensorboard-2 tensorboard==2.21.0 protobuf==7.36.2 absl-py==2.3.1 six==1.17.0 numpy==2.4.6
fi
echo "setup: ready (cache $cache)" >&2
