"""Ends trainings in every way and compares what their continuation leaves with an undisturbed run. See README.md."""
import argparse, errno, hashlib, json, os, pathlib, random, shutil, signal, socket, subprocess, sys, time

KINDS = {
    "kill": "kill -9 at a random moment",
    "killed call": "kill -9 inside a file call",
    "failed call": "a file call that fails",
    "full disk": "no space from a file call on",
    "group kill": "kill -9 of one of two processes",
}
COMPARED = ("*.ckpt", "*.nog", "*.onnx", "*.h5", "vocab.txt", "parity.jsonl")
PER_TRIAL = 5  # accidents of one run, before it may finish
SECONDS = 600  # no start lasts as long; one that does has failed

RECIPE = """name: endurance
data:
  labels: [call, mail, greet, meet]
  train: [{adapter: jsonl, path: train.jsonl}]
  dev: [{adapter: jsonl, path: dev.jsonl}]
  test: [{adapter: jsonl, path: test.jsonl}]
tokenizer: {size: 150, max_tokens: 16}
student: {layers: 2, width: 16, heads: 4, ffn_width: 32, dropout: 0.1}
train: {batch_rows: 16, threads: 1, precision: fp32, device: cpu, checkpoint_minutes: 0, ema: 0.9, group_minutes: 0.3}
phases:
  - {kind: distil, epochs: 2, learning_rate: 5e-3, teacher_weight: 0, gold_weight: 1}
  - {kind: prune, epochs: 2, removal_epochs: 1.5, heads_share: 0.5, ffn_share: 0.5, teacher_weight: 0, gold_weight: 1}
  - {kind: qat, epochs: 1, learning_rate: 1e-3, teacher_weight: 0, gold_weight: 1}
baseline: {buckets: 1024, epochs: 1}
gates: {max_drop_from_float: 1}
"""


def write_inputs(folder, rows):
    folder.mkdir(parents=True, exist_ok=True)
    names, labels = "anna ben carla david erin frank".split(), "call mail greet meet".split()
    for split, numbers in (("train", range(rows)), ("dev", range(rows, rows + 30)), ("test", range(rows + 30, rows + 60))):
        lines = [{"text": f"please {labels[i % 4]} {names[i * 7 % 6]} on {100 + i * 37 % 900}", "label": labels[i % 4]}
                 for i in numbers]
        (folder / f"{split}.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    (folder / "recipe.yaml").write_text(RECIPE)


class Endurance:
    def __init__(self, noggin, folder, seed, rows):
        self.noggin, self.folder, self.seed = noggin, pathlib.Path(folder), seed
        self.run = self.folder / "run"  # one path for all runs: models name the hash of a report that names it
        self.found = self.folder / "found.jsonl"
        write_inputs(self.folder / "inputs", rows)

    # --- starting the program -----------------------------------------------------------------------------------------

    def start(self, verb, extra=None, log="last.log"):
        for old in self.folder.glob("*.log") if log == "last.log" else ():
            old.unlink()
        environment = {**os.environ, "OMP_NUM_THREADS": "1", **(extra or {})}
        command = [self.noggin, verb, str(self.folder / "inputs/recipe.yaml"), "--out", str(self.run)]
        with open(self.folder / log, "w") as output:
            return subprocess.Popen(command, env=environment, stdout=output, stderr=subprocess.STDOUT)

    def finish(self, verb="run", extra=None):
        return self.start(verb, extra).wait(timeout=SECONDS)

    def interposed(self, **settings):
        return {"LD_PRELOAD": str(self.folder / "failing_calls.so"), "ENDURANCE_UNDER": str(self.run),
                **{"ENDURANCE_" + name: str(value) for name, value in settings.items()}}

    def group(self, verb="train"):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        return [self.start(verb, {"RANK": str(rank), "WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1",
                                  "MASTER_PORT": str(port)}, f"rank{rank}.log") for rank in range(2)]

    def hashes(self):
        files = sorted(file for pattern in COMPARED for file in self.run.rglob(pattern))
        return {str(file.relative_to(self.run)): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}

    # --- what an undisturbed run leaves -------------------------------------------------------------------------------

    def reference(self, group):
        path = self.folder / ("reference_group.json" if group else "reference.json")
        if not path.exists():
            shutil.rmtree(self.run, ignore_errors=True)
            began = time.monotonic()
            count = self.folder / "count"
            if group:
                assert self.finish("ingest") == 0, self.log()
                codes = [process.wait(timeout=SECONDS) for process in self.group()]
                assert codes == [0, 0], self.log()
            else:
                assert self.finish("run", self.interposed(COUNT=count)) == 0, self.log()
            text = {"hashes": self.hashes(), "seconds": time.monotonic() - began,
                    "calls": int(count.read_text()) if count.exists() else 0}
            path.write_text(json.dumps(text))
        return json.loads(path.read_text())

    def log(self):
        return "".join(log.read_text(errors="replace") for log in sorted(self.folder.glob("*.log")))

    # --- accidents: each returns (delivered, survived) ----------------------------------------------------------------

    def kill(self, chance, reference):
        process = self.start("run")
        try:
            process.wait(timeout=chance.uniform(0.0, reference["seconds"]))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            return True, True
        return False, process.returncode == 0

    def killed_call(self, chance, reference):
        at = chance.randint(1, reference["calls"])
        code = self.finish("run", self.interposed(AT=at, DO="kill"))
        return code == -signal.SIGKILL, code in (-signal.SIGKILL, 0)

    # Fails with a message and a code of its own, or goes on to success: never by a signal.
    def failed_call(self, chance, reference, lasts=0):
        at = chance.randint(1, reference["calls"])
        error = errno.ENOSPC if lasts else chance.choice([errno.EIO, errno.ENOSPC, errno.EDQUOT, errno.EACCES])
        count = self.folder / "count"
        code = self.finish("run", self.interposed(AT=at, DO=error, LASTS=lasts, COUNT=count))
        delivered = count.exists() and int(count.read_text()) >= at
        told = code in (1, 3, 4, 6) and "noggin: " in self.log()
        return delivered, code == 0 or told

    def full_disk(self, chance, reference):
        return self.failed_call(chance, reference, lasts=1)

    # The other process ends by itself and names the dead one.
    def group_kill(self, chance, reference):
        processes = self.group()
        victim = chance.randrange(2)
        try:
            processes[victim].wait(timeout=chance.uniform(0.0, reference["seconds"]))
        except subprocess.TimeoutExpired:
            processes[victim].kill()
            processes[victim].wait()
            code = processes[1 - victim].wait(timeout=SECONDS)
            return True, code in (0, 1)
        return False, processes[1 - victim].wait(timeout=SECONDS) == processes[victim].returncode == 0

    # --- trials -------------------------------------------------------------------------------------------------------

    def trial(self, kind, number, wanted):
        group = kind == "group kill"
        reference = self.reference(group)
        chance = random.Random(f"{self.seed} {kind} {number}")
        shutil.rmtree(self.run, ignore_errors=True)
        if group:
            assert self.finish("ingest") == 0, self.log()
        tried = survived = 0
        problems = []
        for _ in range(2 * PER_TRIAL):
            if tried == min(wanted, PER_TRIAL):
                break
            delivered, right = getattr(self, kind.replace(" ", "_"))(chance, reference)
            tried += delivered
            survived += delivered and right
            if not right:
                problems.append(self.log()[-2000:])
            if not delivered:  # the run has finished: nothing is left to disturb
                break
        codes = [process.wait(timeout=SECONDS) for process in self.group()] if group else [self.finish()]
        now = self.hashes()
        differing = sorted(name for name in reference["hashes"].keys() | now.keys()
                           if reference["hashes"].get(name) != now.get(name))
        if any(codes):
            problems.append(f"exit codes {codes} at the end: {self.log()[-2000:]}")
        equal = 0 if differing or any(codes) else tried
        return {"kind": kind, "tried": tried, "survived": survived if not any(codes) else 0, "equal": equal,
                "differing": differing, "problems": problems}

    def done(self, kind):
        lines = self.found.read_text().splitlines() if self.found.exists() else []
        return [found for found in map(json.loads, lines) if found["kind"] == kind]

    def all_trials(self, kind, wanted):
        empty = 0
        while (tried := sum(found["tried"] for found in self.done(kind))) < wanted and empty < 20:
            found = self.trial(kind, len(self.done(kind)), wanted - tried)
            empty = 0 if found["tried"] else empty + 1
            with open(self.found, "a") as file:
                file.write(json.dumps(found) + "\n")
            for problem in found["problems"] + found["differing"]:
                print(f"{kind}: {problem}", file=sys.stderr)
        return self.done(kind)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("noggin")
    parser.add_argument("folder")
    defaults = {"kill": 200, "killed call": 200, "failed call": 200, "full disk": 40, "group kill": 50}
    options = {"kill": "kills", "killed call": "killed-calls", "failed call": "failed-calls",
               "full disk": "full-disks", "group kill": "group-kills"}
    for kind, option in options.items():
        parser.add_argument("--" + option, type=int, default=defaults[kind], dest=kind.replace(" ", "_"))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rows", type=int, default=200)
    given = parser.parse_args()
    endurance = Endurance(given.noggin, given.folder, given.seed, given.rows)
    whole = True
    print(f"{'':34}  tried  survived  equal")
    for kind, meaning in KINDS.items():
        wanted = getattr(given, kind.replace(" ", "_"))
        if wanted == 0:
            continue
        found = endurance.all_trials(kind, wanted)
        tried, survived, equal = (sum(one[figure] for one in found) for figure in ("tried", "survived", "equal"))
        print(f"{meaning:34}  {tried:5}  {survived:8}  {equal:5}", flush=True)
        whole = whole and tried >= wanted and survived == tried and equal == tried
    return 0 if whole else 1


if __name__ == "__main__":
    sys.exit(main())
