"""The table of run.sh. Usage: table.py OUT SPLIT"""
import glob
import json
import os
import sys
from collections import defaultdict

out, split = sys.argv[1], sys.argv[2]
rows = defaultdict(list)
for path in glob.glob(f"{out}/new-*/{split}.json"):
    _, seed, weight = os.path.basename(os.path.dirname(path)).split("-")
    result = json.load(open(path))
    measure = next(m for m in result["measures"] if m["primary"])
    paired = result["paired"]
    rows[float(weight)].append((int(seed), measure["old"], measure["new"], paired["mended"], paired["broken"], paired["rows"]))
print(f"| keep_weight | seeds | old % | new % | mended | broken | broken per mended | broken % of rows ({split}) |")
print("|---|---|---|---|---|---|---|---|")
for weight in sorted(rows):
    runs = sorted(rows[weight])
    mean = lambda i: sum(run[i] for run in runs) / len(runs)
    each = " ".join(f"{run[4] / max(run[3], 1):.3f}" for run in runs)
    print(f"| {weight:g} | {len(runs)} | {100 * mean(1):.2f} | {100 * mean(2):.2f} | {mean(3):.1f} | {mean(4):.1f} | "
          f"{mean(4) / max(mean(3), 1):.3f} ({each}) | {100 * mean(4) / mean(5):.2f} |")
