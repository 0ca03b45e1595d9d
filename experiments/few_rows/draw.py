#!/usr/bin/env python3
"""Draws COUNT training rows (0: all) of a log by a seeded hash of their ids; dev and test stay whole.

Usage: python3 draw.py LOG_FOLDER OUT_FOLDER COUNT SEED
"""
import json
import pathlib
import sys
import zlib


def main():
    log, out, count, seed = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
    partial = out.with_name(out.name + ".partial")
    partial.mkdir(parents=True, exist_ok=True)
    lines = (log / "train.jsonl").read_text(encoding="utf-8").splitlines()
    order = sorted(lines, key=lambda line: zlib.crc32((seed + json.loads(line)["id"]).encode()))
    (partial / "train.jsonl").write_text("\n".join(order[:count or None]) + "\n", encoding="utf-8")
    for split, name in (("val", "dev"), ("test", "test")):
        (partial / f"{name}.jsonl").write_text((log / f"{split}.jsonl").read_text(encoding="utf-8"), encoding="utf-8")
    partial.rename(out)


main()
