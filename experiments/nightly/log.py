"""The demo's log as it is after some days: its first COUNT answers and their requests.
Usage: log.py DEMO OUT COUNT [RIGHT]   of the answers after the first RIGHT each is another request's: a teacher gone wrong
"""
import json
import sys

demo, out, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
right = int(sys.argv[4]) if len(sys.argv) > 4 else count


def parsed(line):
    try:
        return json.loads(line)
    except json.JSONDecodeError:  # the demo has a line that was cut
        return None


def lines(name):
    return open(f"{demo}/{name}", encoding="utf-8").read().splitlines()


answers = [(line, parsed(line)) for line in lines("output.jsonl")[:count]]
answered = [i for i, (_, answer) in enumerate(answers) if i >= right and answer and answer.get("response")]
responses = [answers[i][1]["response"] for i in answered]
for place, i in enumerate(answered):
    answers[i][1]["response"] = responses[(place + 7) % len(responses)]
    answers[i] = (json.dumps(answers[i][1]), answers[i][1])
ids = {answer["custom_id"] for _, answer in answers if answer}
with open(f"{out}/output.jsonl", "w", encoding="utf-8") as file:
    file.writelines(line + "\n" for line, _ in answers)
with open(f"{out}/requests.jsonl", "w", encoding="utf-8") as file:
    file.writelines(line + "\n" for line in lines("requests.jsonl") if (parsed(line) or {}).get("custom_id") in ids)
