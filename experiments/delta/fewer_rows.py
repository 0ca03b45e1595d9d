"""fewer_rows.py FOLDER: leaves the first two thirds of the demo's logged answers and their requests, as a log looks one night
earlier."""
import json
import sys


def lines(name):
    with open(sys.argv[1] + "/" + name, encoding="utf-8") as file:
        return file.readlines()


def custom_id(line):
    try:
        return json.loads(line)["custom_id"]
    except json.JSONDecodeError:  # the demo has a line that was cut
        return None


answers = lines("output.jsonl")
answers = answers[: len(answers) * 2 // 3]
ids = {custom_id(line) for line in answers}
kept = {"output.jsonl": answers, "requests.jsonl": [line for line in lines("requests.jsonl") if custom_id(line) in ids]}
for name, rows in kept.items():
    with open(sys.argv[1] + "/" + name, "w", encoding="utf-8") as file:
        file.writelines(rows)
