#!/usr/bin/env bash
# For the day a GPU is there: at most 8 minutes on a bare machine with a driver. Tests the Vulkan and the CUDA part on the
# device, verifies a model, trains on CUDA, measures texts a second, and leaves one JSON. What cannot run here is named in
# it with the reason; the exit code is 0 if nothing that ran has failed, else 5.
#   bash experiments/gpu/run.sh [--model FILE.nog] [--device NAME] [--binaries FOLDER] [--out FOLDER]
# --model     verified on `cuda,vulkan`: in its run directory, or with --data
# --data      held-out rows for --model
# --binaries  a build's bin folder that was carried along. Without it the parts that need no LibTorch are built here (about
#             two minutes on 4 cores); training, verification and LibTorch's forward then are not run
# --out       where logs and gpu.json go (default runs/gpu)
set -euo pipefail
cd "$(dirname "$0")/../.."
model="" data="" device="" binaries="" out="runs/gpu"
while [ $# -gt 0 ]; do
  case "$1" in
    --model) model="$2" ;;
    --data) data="$2" ;;
    --device) device="$2" ;;
    --binaries) binaries="$2" ;;
    --out) out="$2" ;;
    *) echo "run.sh: unknown argument '$1'. Usage: see the head of $0" >&2; exit 2 ;;
  esac
  shift 2
done
mkdir -p "$out"
rm -f "$out"/*.json "$out"/*.log "$out"/*.part
started=$(date +%s)

# part NAME SECONDS COMMAND...: runs it within the time, and within the 8 minutes of all; its output goes to NAME.log, exit
# code and seconds to NAME.part.
part() {
  local name="$1" limit="$2" begun code=0 left
  shift 2
  begun=$(date +%s)
  left=$((started + 470 - begun))
  if [ "$left" -lt 10 ]; then not_run "$name" "the 8 minutes were over"; return; fi
  [ "$limit" -gt "$left" ] && limit="$left"
  echo "gpu: $name" >&2
  timeout "$limit" "$@" >"$out/$name.log" 2>&1 || code=$?
  echo "ran $code $(($(date +%s) - begun)) $limit" >"$out/$name.part"
}
not_run() { echo "gpu: $1: not run: $2" >&2; echo "not_run $2" >"$out/$1.part"; }

# --- binaries --------------------------------------------------------------------------------------------------------
if [ -z "$binaries" ]; then
  build=build/gpu
  cuda=OFF
  command -v nvcc >/dev/null && cuda=ON
  targets=(test_runtime_gpu_vulkan vulkan_throughput noggin-run)
  [ "$cuda" = ON ] && targets+=(test_runtime_gpu_cuda)
  # Debian packages that the build needs; without root it says what it misses.
  [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null && part packages 90 apt-get install -y --no-install-recommends \
    build-essential cmake ninja-build libxxhash-dev libgtest-dev libgmock-dev libvulkan-dev libvulkan1 glslang-tools
  part build 240 bash -c "cmake -S . -B $build -G Ninja -DCMAKE_BUILD_TYPE=Release -DNOGGIN_RUNTIME_ONLY=ON \
    -DNOGGIN_WITH_VULKAN=ON -DNOGGIN_WITH_CUDA=$cuda && \
    cmake --build $build --target ${targets[*]}"
  binaries="$build/bin"
fi
has() { [ -x "$binaries/$1" ]; }
nvidia=""
command -v nvidia-smi >/dev/null && nvidia="$(nvidia-smi --query-gpu=name,driver_version --format=csv,noheader 2>/dev/null | head -1)" || true

# --- the devices' own tests ------------------------------------------------------------------------------------------
if has test_runtime_gpu_vulkan; then
  part vulkan_tests 120 "$binaries/test_runtime_gpu_vulkan" --gtest_output="json:$out/vulkan_tests.json"
else not_run vulkan_tests "$binaries has no test_runtime_gpu_vulkan"; fi
if [ -z "$nvidia" ]; then not_run cuda_tests "this machine has no NVIDIA driver"
elif has test_runtime_gpu_cuda; then
  part cuda_tests 60 "$binaries/test_runtime_gpu_cuda" --gtest_output="json:$out/cuda_tests.json"
else not_run cuda_tests "$binaries has no test_runtime_gpu_cuda: it needs nvcc"; fi

# --- a whole test set ------------------------------------------------------------------------------------------------
targets=vulkan
[ -n "$nvidia" ] && has test_runtime_gpu_cuda && targets=cuda,vulkan
if [ -z "$model" ]; then not_run verify "no --model was given"
elif ! has noggin; then not_run verify "$binaries has no noggin: it needs LibTorch"
else part verify 120 "$binaries/noggin" verify "$model" ${data:+--data "$data"} --targets "$targets" --json; fi

# --- training on CUDA: distil, prune, qat; the exported file against the trainer's forward -----------------------------
if [ -z "$nvidia" ]; then not_run train "this machine has no NVIDIA driver"
elif ! has noggin; then not_run train "$binaries has no noggin: it needs LibTorch"
else
  rm -rf "$out/demo" "$out/trained"
  part train 120 bash -c "'$binaries/noggin' init --demo '$out/demo' && \
    '$binaries/noggin' run '$out/demo/recipe.yaml' --out '$out/trained' train.device=cuda"
  [ -f "$out/trained/export/model.nog" ] &&
    part train_verify 60 "$binaries/noggin" verify "$out/trained/export/model.nog" --json
fi

# --- texts a second --------------------------------------------------------------------------------------------------
if has vulkan_throughput; then
  small=()
  # A device in software takes minutes for large batches.
  "$binaries/noggin-run" tests/golden/v1_tiny.nog --info 2>/dev/null | grep -A1 "^GPUs" | grep -q ", software" && small=(--small)
  part vulkan_throughput 90 "$binaries/vulkan_throughput" --seconds 1 ${device:+--device "$device"} "${small[@]}"
else not_run vulkan_throughput "$binaries has no vulkan_throughput"; fi
if [ -z "$nvidia" ]; then not_run cuda_throughput "this machine has no NVIDIA driver"
elif has gpu_throughput; then part cuda_throughput 90 "$binaries/gpu_throughput"
else not_run cuda_throughput "$binaries has no gpu_throughput: it needs nvcc and LibTorch"; fi

# --- one JSON --------------------------------------------------------------------------------------------------------
NVIDIA="$nvidia" SECONDS_TAKEN=$(($(date +%s) - started)) python3 - "$out" <<'EOF'
import json, os, pathlib, subprocess, sys
out = pathlib.Path(sys.argv[1])

def result(name):
    """What the part printed or wrote as JSON; else the end of its output."""
    log = (out / f"{name}.log").read_text(errors="replace")
    written = out / f"{name}.json"
    if written.exists():
        tests = json.loads(written.read_text())
        cases = [case for suite in tests["testsuites"] for case in suite["testsuite"]]
        return {"tests": tests["tests"], "failures": tests["failures"],
                "skipped": [case["name"] for case in cases if case.get("result") == "SKIPPED"]}
    for start in "[{":
        place = log.find("\n" + start) + 1 if not log.startswith(start) else 0
        try:
            return json.loads(log[place:])
        except ValueError:
            pass
    return log[-2000:]

report = {"seconds": int(os.environ["SECONDS_TAKEN"]), "nvidia": os.environ["NVIDIA"] or None, "parts": {}}
for path in sorted(out.glob("*.part"), key=lambda p: p.stat().st_mtime):
    kind, *rest = path.read_text().split(maxsplit=1)
    if kind == "not_run":
        report["parts"][path.stem] = {"ran": False, "why_not": rest[0].strip()}
        continue
    code, seconds, limit = map(int, rest[0].split())
    part = {"ran": True, "passed": code == 0, "seconds": seconds, "result": result(path.stem)}
    if code == 124:
        part["stopped_after"] = limit
    report["parts"][path.stem] = part
report["passed"] = all(part.get("passed", True) for part in report["parts"].values())
(out / "gpu.json").write_text(json.dumps(report, indent=1) + "\n")
print(json.dumps(report, indent=1))
sys.exit(0 if report["passed"] else 5)
EOF
