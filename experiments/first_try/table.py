#!/usr/bin/env python3
"""Prints the results of finished runs of first_try/run.sh as a Markdown table.

Usage: python3 table.py OUT_FOLDER
"""
import json
import pathlib
import sys

ROWS = (("teacher", "teacher"), ("baseline (n-grams)", "baseline"), ("baseline (words)", "baseline"),
        ("float student", "float"), ("pruned", "pruned"), ("quantized (trainer)", "student"))


def main():
    print("| set | test rows | measure | teacher | baseline | float | pruned | student | MB | gates |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    for path in sorted(pathlib.Path(sys.argv[1]).glob("*/run/results.json")):
        results = json.loads(path.read_text())
        if results["split"] != "test" or "stale" in results:
            continue
        cells = {}
        for target in results["targets"]:
            for name, column in ROWS:
                if target["name"] == name:
                    measured = target[results["quality"]]
                    cells[column] = "{:.2f} [{:.2f}, {:.2f}]".format(
                        *(100 * measured[key] for key in ("value", "low", "high")))
            if target["name"].startswith(".nog"):
                cells["MB"] = "{:.2f}".format(target["size_bytes"] / 1e6)
        columns = [cells.get(name, "-") for name in ("teacher", "baseline", "float", "pruned", "student", "MB")]
        print("|", " | ".join([path.parts[-3], str(results["rows"]), results["quality"], *columns,
                               "passed" if results["passed"] else "failed"]), "|")


main()
