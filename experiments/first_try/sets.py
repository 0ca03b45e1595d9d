#!/usr/bin/env python3
"""Writes the logs of the first-try experiment: one folder per set with train, dev and test files.

Usage: python3 sets.py DATA_FOLDER OUT_FOLDER

DATA_FOLDER holds teacher_logs/ and datasets/. A row is kept or left out by the CRC-32 of its id, so that a smaller draw
is part of every larger one, and the same on every machine.
"""
import json
import pathlib
import sys
import zlib


def rows_of(path):
    with open(path, encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def write(folder, name, rows):
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / f"{name}.jsonl", "w", encoding="utf-8") as file:
        for row in rows:
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


def draw(rows, count):
    return sorted(rows, key=lambda row: zlib.crc32(row["id"].encode()))[:count]


def write_set(out, name, train, dev, test):
    for split, rows in (("train", train), ("dev", dev), ("test", test)):
        write(out / name, split, rows)


def main():
    data, out = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    logs = data / "teacher_logs"

    clinc = [rows_of(logs / "clinc150" / f"{split}.jsonl") for split in ("train", "val", "test")]
    train, dev, test = clinc
    write_set(out, "clinc", train, dev, test)
    for count in (2000, 5000):
        write_set(out, f"clinc_{count}", draw(train, count), dev, test)
    domains = json.loads((data / "datasets/clinc150/domains.json").read_text())
    for domain in ("banking", "travel"):
        write_set(out, f"clinc_{domain}",
                  *([row for row in rows if row["label"] in domains[domain]] for rows in clinc))
    uneven = {text for text, _ in json.loads((data / "datasets/clinc150/data_imbalanced.json").read_text())["train"]}
    write_set(out, "clinc_uneven", [row for row in train if row["text"] in uneven or row["label"] == "oos"], dev, test)

    snips = [rows_of(logs / "snips" / f"{split}.jsonl") for split in ("train", "val", "test")]
    write_set(out, "snips", *snips)
    write_set(out, "snips_tenth", draw(snips[0], len(snips[0]) // 10), *snips[1:])
    write_set(out, "presidio", *(rows_of(logs / "presidio" / f"{split}.jsonl") for split in ("train", "val", "test")))


main()
