"""Drives the trainer's loop and the plain one in turns on one core, and prints the table and the ratios.

Usage: compare.py SERVER LOADS CORE ROUNDS     (run.sh gives them; PYTHONPATH: where torch is)
Every round asks every contestant for a few steps, one contestant at a time, so that a change of the machine's speed meets
all of them. The figure of a step is CPU time of the whole process. A ratio is the median over rounds of the ratio within a
round; its interval is a bootstrap over rounds (95 %).
"""
import os
import random
import statistics
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
BATCH_ROWS = 32
STEPS = 8  # of one contestant in one round
WARM_UP_ROUNDS = {"real": 12, "synthetic": 2}  # oneDNN compiles a kernel for each new shape: real batches have many, synthetic one
MODELS = {"small": "3x192x384x5000", "MiniLM": "3x384x1536x5000"}  # layers x width x FFN x vocabulary, heads of 32
LOADS = ("real", "synthetic")
OURS = ("fp32", "bf16", "qat-fp32", "qat-bf16")
PLAIN = ("fp32", "bf16")


class Contestant:
    """A process that answers `MODEL LOAD ROWS MODE STEPS` with the seconds of each step."""

    def __init__(self, command, core):
        environment = dict(os.environ, OMP_NUM_THREADS="1", MKL_NUM_THREADS="1")
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment,
                                        preexec_fn=lambda: os.sched_setaffinity(0, {core}))

    def seconds(self, model, load, mode):
        print(model, load, BATCH_ROWS, mode, STEPS, file=self.process.stdin, flush=True)
        answer = self.process.stdout.readline()
        if not answer:
            sys.exit("compare.py: a contestant stopped; its message is above")
        return sum(float(value) for value in answer.split()) / STEPS


def measure(ours, plain, model, load, rounds):
    """{(side, mode): seconds a step in each round}"""
    contestants = [("noggin", ours, mode) for mode in OURS] + [("plain", plain, mode) for mode in PLAIN]
    results = {(side, mode): [] for side, _, mode in contestants}
    for number in range(WARM_UP_ROUNDS[load] + rounds):
        for side, process, mode in contestants:
            seconds = process.seconds(model, load, mode)
            if number >= WARM_UP_ROUNDS[load]:
                results[side, mode].append(seconds)
    return results


def faster(results, side, modes):
    return min(modes, key=lambda mode: statistics.median(results[side, mode]))


def ratio(numerator, denominator):
    """(median, low, high) of the quotient round by round."""
    quotients = [a / b for a, b in zip(numerator, denominator)]
    chance = random.Random(1)
    medians = sorted(statistics.median(chance.choices(quotients, k=len(quotients))) for _ in range(1000))
    return statistics.median(quotients), medians[25], medians[974]


def shown(value):
    return f"{value[0]:.2f} [{value[1]:.2f}, {value[2]:.2f}]"


def main():
    server, folder, core, rounds = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    ours = Contestant([server, "serve", folder], core)
    plain = Contestant([sys.executable, os.path.join(HERE, "plain_loop.py"), folder], core)
    loads = [load for load in LOADS if os.path.exists(f"{folder}/{load}.rows")]
    worst = {load: float("inf") for load in loads}
    qat_float, qat_packed = 0.0, 0.0
    print("| load | model | Noggin fp32 ms | bf16 ms | QAT ms | plain fp32 ms | plain bf16 ms | ratio | QAT / fp32 | QAT / bf16 |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    for load in loads:
        for name, model in MODELS.items():
            results = measure(ours, plain, model, load, rounds)
            mine, theirs = faster(results, "noggin", ("fp32", "bf16")), faster(results, "plain", PLAIN)
            quantized = results["noggin", faster(results, "noggin", ("qat-fp32", "qat-bf16"))]
            speed_up = ratio(results["plain", theirs], results["noggin", mine])
            to_float, to_packed = ratio(quantized, results["noggin", "fp32"]), ratio(quantized, results["noggin", "bf16"])
            worst[load] = min(worst[load], speed_up[0])
            qat_float, qat_packed = max(qat_float, to_float[0]), max(qat_packed, to_packed[0])
            times = [results["noggin", "fp32"], results["noggin", "bf16"], quantized,
                     results["plain", "fp32"], results["plain", "bf16"]]
            cells = [load, name] + [f"{1e3 * statistics.median(time):.2f}" for time in times]
            print("| " + " | ".join(cells + [shown(speed_up), shown(to_float), shown(to_packed)]) + " |", flush=True)
    print(f"ratio QAT step / fp32 step: {qat_float:.2f}")
    print(f"ratio QAT step / packed bf16 step: {qat_packed:.2f}")
    if "real" in loads:
        print(f"ratio real texts: {worst['real']:.2f}")
    print(f"ratio synthetic: {worst['synthetic']:.2f}")


if __name__ == "__main__":
    main()
