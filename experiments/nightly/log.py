"""The demo's log as it is after some days: its first COUNT answers and their requests.
Usage: log.py DEMO OUT COUNT [RIGHT]   of the answers after the first RIGHT each is another request's: a teacher gone wrong
"""
import json
import sys

demo, out, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
right = int(sys.argv[4]) if len(sys.argv) > 4 else count
answers = [json.loads(line) for line in open(f"{demo}/output.jsonl", encoding="utf-8")][:count]
wrong = [answer.get("response") for answer in answers[right:]]
for i, answer in enumerate(answers[right:]):
    if "response" in answer:
        answer["response"] = wrong[(i + 7) % len(wrong)]
ids = {answer["custom_id"] for answer in answers}
with open(f"{out}/output.jsonl", "w", encoding="utf-8") as file:
    file.writelines(json.dumps(answer) + "\n" for answer in answers)
with open(f"{out}/requests.jsonl", "w", encoding="utf-8") as file:
    file.writelines(line for line in open(f"{demo}/requests.jsonl", encoding="utf-8") if json.loads(line)["custom_id"] in ids)
