"""Writes a log of OpenAI chat completions, a vocabulary and a recipe that read it.

Usage: generate.py FOLDER MEGABYTES
A row holds request and response as a logging proxy keeps them: system prompt, the user's text (no two alike), an answer
of one or two tokens with 5 to 20 candidates each, usage, ids. FOLDER gets log.jsonl, dev.jsonl and test.jsonl (200 rows
with gold each), vocab.txt, labels.txt and recipe.yaml. The same bytes for the same arguments.
"""

import json
import math
import pathlib
import random
import sys

LABELS = ["refund", "refund_status", "delivery", "delivery_time", "invoice", "password", "login", "cancel", "upgrade",
          "complaint", "address", "opening_hours", "warranty", "payment", "newsletter", "other"]
SYSTEM = ("You sort messages of customers of a web shop. Answer with exactly one of these words and nothing else: "
          + ", ".join(LABELS) + ". If a message is about several things, choose the one that the customer wants to be "
          "done first. If none fits, answer other.")
FILLERS = ["The", " The", "re", "ref", "Ref", "I", "It", " refund", "Refund", "deliver", "Delivery", "inv", "pass", "log",
           "Log", "can", "Cancel", "up", "comp", "add", "open", "war", "pay", "news", "None", "unknown", "\n", "\u00a0",
           "\u201c", "**", "Sure", "Based", "Answer", "Label", "Category", "This"]
SYLLABLES = [a + b for a in "bdfgklmnprstvz" for b in ("a", "e", "i", "o", "u", "an", "er", "is", "on", "ut")]


def tokens_of(label):
    parts = label.split("_")
    return [parts[0]] if len(parts) == 1 else [parts[0], "_" + parts[1]]


def entry(token, logprob):
    return {"token": token, "logprob": logprob, "bytes": list(token.encode())}


def token_list(rng, label):
    """The `content` of logprobs: one or two tokens, each with its most probable alternatives."""
    content = []
    count = rng.choice([5, 5, 5, 8, 10, 10, 12, 15, 20]) if "_" not in label else rng.choice([5, 5, 8, 10])
    firsts = [tokens_of(other)[0] for other in LABELS] + FILLERS
    for position, token in enumerate(tokens_of(label)):
        mass = 1.0 - 10.0 ** rng.uniform(-6, -0.4)
        others = [t for t in dict.fromkeys(firsts if position == 0 else ["", " ", "."] + FILLERS) if t != token]
        chosen, rest, tops = rng.sample(others, count - 1), 1.0 - mass, [entry(token, round(math.log(mass), 8))]
        for other in chosen:
            part = rest * rng.uniform(0.3, 0.6)
            rest -= part
            tops.append(entry(other, round(math.log(max(part, 1e-12)), 8)))
        content.append({**tops[0], "top_logprobs": tops})
    return content


def answers(rng):
    """Prepared responses, so that a large log is written fast: what differs from row to row is put in by hand."""
    made = []
    for _ in range(4096):
        label = rng.choice(LABELS)
        response = {
            "id": "chatcmpl-@ID@", "object": "chat.completion", "created": 1760000000, "model": "gpt-4o-mini-2024-07-18",
            "choices": [{"index": 0, "message": {"role": "assistant", "content": label, "refusal": None,
                                                 "annotations": []},
                         "logprobs": {"content": token_list(rng, label), "refusal": None}, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": rng.randint(120, 190), "completion_tokens": len(tokens_of(label)),
                      "total_tokens": 200, "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0}},
            "service_tier": "default", "system_fingerprint": "fp_%010x" % rng.getrandbits(40)}
        head, tail = json.dumps(response).split("@ID@")
        made.append((label, head, tail))
    return made


def words(rng):
    return ["".join(rng.choice(SYLLABLES) for _ in range(rng.choice([1, 2, 2, 2, 3, 3, 4]))) for _ in range(6000)]


def texts(rng, vocabulary):
    """Texts of 12 to 50 words, the frequent words often; a number makes each different."""
    weights = [1.0 / (rank + 10) for rank in range(len(vocabulary))]
    pool = rng.choices(vocabulary, weights, k=1 << 20)
    number = 0
    while True:
        start, count = rng.randrange(len(pool) - 60), rng.randint(12, 50)
        number += 1
        first = pool[start].capitalize()
        yield f"{first} {' '.join(pool[start + 1:start + count // 2])}, {number} " \
              f"{' '.join(pool[start + count // 2:start + count])}."


def write_vocabulary(path, vocabulary):
    """Two thirds of the words whole, the others of pieces, as a vocabulary made elsewhere has it."""
    known = [word for rank, word in enumerate(vocabulary) if rank % 3 != 2]
    characters = [chr(c) for c in range(33, 127) if not chr(c).isupper()]
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *characters, *("##" + c for c in characters if c.isalnum()),
              *known, *("##" + s for s in SYLLABLES), *SYLLABLES]
    path.write_text("\n".join(dict.fromkeys(pieces)) + "\n")


RECIPE = """\
name: ingest_speed
data:
  labels_file: labels.txt
  train:
    - {adapter: jsonl, path: log.jsonl}
  dev:
    - {adapter: jsonl, path: dev.jsonl}
  test:
    - {adapter: jsonl, path: test.jsonl}
tokenizer:
  vocabulary_file: vocab.txt
  max_tokens: 128
student: {layers: 2, width: 64, heads: 2, ffn_width: 128}
phases:
  - {kind: distil, epochs: 1, learning_rate: 1e-3}
  - {kind: qat, epochs: 0}
"""


def main():
    folder, limit = pathlib.Path(sys.argv[1]), int(float(sys.argv[2]) * 1e6)
    folder.mkdir(parents=True, exist_ok=True)
    rng = random.Random(1)
    vocabulary = list(dict.fromkeys(words(rng)))
    prepared, stream = answers(rng), texts(rng, vocabulary)
    write_vocabulary(folder / "vocab.txt", vocabulary)
    (folder / "labels.txt").write_text("\n".join(LABELS) + "\n")
    (folder / "recipe.yaml").write_text(RECIPE)
    for split in ("dev", "test"):
        with open(folder / f"{split}.jsonl", "w") as held_out:
            for i in range(200):
                held_out.write(json.dumps({"text": next(stream), "label": LABELS[i % len(LABELS)]}) + "\n")
    request = json.dumps({"model": "gpt-4o-mini", "messages": [{"role": "system", "content": SYSTEM},
                                                               {"role": "user", "content": "@TEXT@"}],
                          "temperature": 1.0, "max_tokens": 5, "logprobs": True, "top_logprobs": 20})
    before, after = request.split("@TEXT@")
    written, lines = 0, []
    with open(folder / "log.jsonl", "w") as log:
        while written < limit:
            label, head, tail = prepared[rng.randrange(len(prepared))]
            key = "%024x" % rng.getrandbits(96)
            lines.append(f'{{"id": "{key}", "time": "2026-03-01T12:00:00Z", "request": {before}{next(stream)}{after}, '
                         f'"response": {head}{key}{tail}}}\n')
            written += len(lines[-1])
            if len(lines) == 4096:
                log.write("".join(lines))
                lines.clear()
        log.write("".join(lines))


main()
