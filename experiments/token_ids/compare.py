"""Counts the texts of a folder of data sets for which Noggin and the `tokenizers` package give other ids.

Usage: compare.py TOKEN_IDS FOLDER DATA     TOKEN_IDS: the program beside this; FOLDER: a Hugging Face folder; DATA: data sets
A text is each different string in a JSON file and each different line of another one. Both sides take control tokens in a
text as text, and cut nothing. Exit 1 when an id differs.
"""

import collections
import json
import pathlib
import subprocess
import sys

import tokenizers


def strings_of(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from strings_of(item)
    elif isinstance(value, dict):
        for item in value.values():
            yield from strings_of(item)


def texts_of(path):
    content = path.read_text(encoding="utf-8", errors="replace")
    if path.suffix == ".json":
        yield from strings_of(json.loads(content))
    elif path.suffix == ".jsonl":
        for line in content.splitlines():
            yield from strings_of(json.loads(line))
    else:
        yield from content.splitlines()


def theirs_of(folder, texts):
    contents = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
    contents.update(added_tokens=[], truncation=None, padding=None)
    tokenizer = tokenizers.Tokenizer.from_str(json.dumps(contents))
    return [encoding.ids for encoding in tokenizer.encode_batch(texts)]


def ours_of(program, folder, texts):
    lines = "".join(json.dumps(text) + "\n" for text in texts)
    answer = subprocess.run([program, folder], input=lines, capture_output=True, text=True, check=True).stdout
    return [json.loads(line) for line in answer.splitlines()]


def main():
    program, folder, data = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
    sets = collections.defaultdict(dict)  # a dict keeps the order and drops repeats
    for path in sorted(path for path in data.rglob("*") if path.is_file()):
        try:
            sets[path.relative_to(data).parts[0]].update(dict.fromkeys(texts_of(path)))
        except ValueError as error:
            print(f"{path.relative_to(data)} is left out: {error}")
    wrong = 0
    print("data set | texts | tokens | texts with other ids")
    for name, texts in sets.items():
        texts = [text for text in texts if not any(0xD800 <= ord(c) <= 0xDFFF for c in text)]  # half characters are no text
        theirs, ours = theirs_of(folder, texts), ours_of(program, folder, texts)
        assert len(theirs) == len(ours) == len(texts)
        differing = [text for text, a, b in zip(texts, theirs, ours) if a != b]
        for text in differing[:5]:
            print(f"  {text!r}")
        print(f"{name} | {len(texts)} | {sum(map(len, ours))} | {len(differing)}")
        wrong += len(differing)
    return 0 if wrong == 0 else 1


sys.exit(main())
