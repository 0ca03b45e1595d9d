"""A fleet of simulated devices takes an update in stages, and the power of some is cut in the middle. See README.md.

fleet.py NOGGIN NOGGIN_RUN OLD.nog NEW.nog FOLDER [--devices N] [--cuts SHARE] [--seed N]

Everything is in FOLDER: the publication, the devices' states, and done.txt with a line for each stage that is complete. The
same command goes on where it stopped. Exit code 0 if each device always had a good model and ended with the right one.
"""
import argparse
import json
import os
import random
import signal
import subprocess
import sys

STAGES = [1.0, 10.0, 100.0]


def parse():
    parser = argparse.ArgumentParser()
    for name in ("noggin", "noggin_run", "old", "new", "folder"):
        parser.add_argument(name)
    parser.add_argument("--devices", type=int, default=1000)
    parser.add_argument("--cuts", type=float, default=0.2)
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


class Fleet:
    def __init__(self, options):
        self.options = options
        self.folder = os.path.realpath(options.folder)
        self.updates = self.folder + "/updates"
        self.key = self.folder + "/key"
        self.cutter = self.folder + "/failing_calls.so"
        self.faults = []
        if not os.path.exists(self.cutter):  # a preloaded library that is missing is only a warning, and nothing is cut
            sys.exit(f"fleet: {self.cutter} is missing. Fix: run.sh makes it")
        os.makedirs(self.folder + "/devices", exist_ok=True)

    def state(self, device):
        return f"{self.folder}/devices/{device:04}"

    def publish(self, model, rollout):
        if not os.path.exists(self.key):
            subprocess.run([self.options.noggin, "key", "new", self.key, "--no-password", "--quiet"], check=True,
                           stdout=subprocess.DEVNULL)
        done = subprocess.run([self.options.noggin, "publish", model, self.updates, "--key", self.key, "--rollout",
                               str(rollout), "--json", "--quiet"], check=True, capture_output=True, text=True)
        return json.loads(done.stdout)

    def update(self, device, cut_at=0):
        """The exit code, or minus the signal that ended it; and the report."""
        environment = dict(os.environ)
        if cut_at > 0:
            environment.update(LD_PRELOAD=self.cutter, ENDURANCE_UNDER=self.state(device), ENDURANCE_AT=str(cut_at),
                               ENDURANCE_DO="kill")
        done = subprocess.run([self.options.noggin_run, "update", self.updates, self.state(device), "--key",
                               self.key + ".pub", "--device-id", f"device-{device}", "--json"], env=environment,
                              capture_output=True, text=True)
        return done.returncode, json.loads(done.stdout) if done.stdout else {"outcome": "none", "message": done.stderr}

    def answers(self, device):
        """Whether the device's model passes its self-test now; the content hash that its record names."""
        test = subprocess.run([self.options.noggin_run, self.state(device), "--self-test"], capture_output=True)
        with open(self.state(device) + "/state.json", encoding="utf-8") as file:
            current = json.load(file)["current"]
        return test.returncode == 0, current["content_hash"] if current else None

    def fault(self, device, what):
        self.faults.append(f"device {device}: {what}")

    def visit(self, device, chance, counts):
        """One device asks for an update, perhaps with a cut before."""
        if chance.random() < self.options.cuts:
            code, _ = self.update(device, chance.randint(1, 14))
            if code == -signal.SIGKILL:
                counts["cuts"] += 1
                if os.path.exists(self.state(device) + "/state.json"):
                    with open(self.state(device) + "/state.json", encoding="utf-8") as file:
                        has_model = json.load(file)["current"] is not None
                    if has_model and not self.answers(device)[0]:
                        self.fault(device, "no good model after a cut")
        code, report = self.update(device)
        counts[report["outcome"]] = counts.get(report["outcome"], 0) + 1
        counts["deltas"] += 1 if report.get("from_delta") else 0
        counts["bytes"] += report.get("read_bytes", 0)
        if code != 0:
            self.fault(device, f"exit {code}: {report['message']}")
        good, content_hash = self.answers(device)
        if not good:
            self.fault(device, "the model fails its self-test")
        return content_hash

    def stage(self, name, model, rollout):
        publication = self.publish(model, rollout)
        counts = {"cuts": 0, "deltas": 0, "bytes": 0}
        chance = random.Random(f"{self.options.seed} {name}")
        hashes = [self.visit(device, chance, counts) for device in range(self.options.devices)]
        new = sum(1 for one in hashes if one == publication["content_hash"])
        line = (f"{name:<14} serial {publication['serial']:>2}  with this model {new:>5} of {self.options.devices}  "
                f"cuts {counts['cuts']:>4}  deltas {counts['deltas']:>5}  bytes read {counts['bytes']:>11,}  "
                f"faults {len(self.faults)}")
        if self.options.cuts > 0 and counts["cuts"] == 0:
            self.faults.append("no device was cut: the library that kills them does not work here")
        return line, new


def main():
    options = parse()
    fleet = Fleet(options)
    log = fleet.folder + "/done.txt"
    done = open(log, encoding="utf-8").read().splitlines() if os.path.exists(log) else []
    stages = [("install", options.old, 100.0)] + [(f"rollout {stage:g} %", options.new, stage) for stage in STAGES]
    new = options.devices
    for number, (name, model, rollout) in enumerate(stages):
        if number < len(done):
            print(done[number] + "  (done before)")
            continue
        line, new = fleet.stage(name, model, rollout)
        print(line, flush=True)
        for fault in fleet.faults[:20]:
            print("  " + fault)
        if fleet.faults:
            return 1
        with open(log, "a", encoding="utf-8") as file:
            file.write(line + "\n")
    if new != options.devices:
        print(f"{options.devices - new} devices lack the model after the last stage")
        return 1
    print(f"all {options.devices} devices answer with the new model")
    return 0


if __name__ == "__main__":
    sys.exit(main())
