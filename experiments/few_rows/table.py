#!/usr/bin/env python3
"""Prints the results of finished runs of few_rows/run.sh as a Markdown table.

Usage: python3 table.py OUT_FOLDER RUN

RUN: "run", or "run-without-layers", of which the student is the static one.

Of rows with an intent ("in scope") on test, for each candidate; which one dev chose, by its main measure; and how far
that one is below the best by test.
"""
import json
import pathlib
import sys

NAMES = {"baseline (n-grams)": "linear", "static student": "static", "quantized (trainer)": "student"}


def figures(results, measure):
    return {NAMES[target["name"]]: 100 * target[measure]["value"]
            for target in results["targets"] if target["name"] in NAMES}


def main():
    out, run = pathlib.Path(sys.argv[1]), sys.argv[2]
    if run != "run":
        NAMES["quantized (trainer)"] = "static"
    print("| rows | seed | linear | static | student | dev chose | below the best by test |")
    print("|---|---|---|---|---|---|---|")
    folders = [path.parent for path in out.glob(f"*/{run}.dev.json")]
    for folder in sorted(folders, key=lambda path: (int(path.name.split("-")[0]) or 10**9, path.name)):
        count, _, seed = folder.name.split("-")
        dev = json.loads((folder / f"{run}.dev.json").read_text())
        test = json.loads((folder / run / "results.json").read_text())
        if test["split"] != "test" or "stale" in test:
            continue
        on_dev, on_test = figures(dev, dev["quality"]), figures(test, test["quality"])
        in_scope = figures(test, "in_scope_accuracy")
        chosen = max(on_dev, key=on_dev.get)
        cells = ["{:.2f}".format(in_scope[name]) if name in in_scope else "-" for name in ("linear", "static", "student")]
        print("|", " | ".join([count if count != "0" else "all", seed, *cells, chosen,
                               "{:.2f}".format(max(on_test.values()) - on_test[chosen])]), "|")


main()
