"""Token ids of the `tokenizers` package, once from vocab.txt and once from tokenizer.json, against Noggin's.

Usage: tokenizers_oracle.py FOLDER CASES.json     cases: [{"text": "...", "ids": [...]}, ...]
Exit 1 when an id differs. Special tokens are not looked for in the text: there "[SEP]" is text, as it is for Noggin.
"""

import json
import pathlib
import sys

import tokenizers


def from_vocabulary(folder):
    """BERT's tokenizer put together from vocab.txt and tokenizer_config.json."""
    config = json.loads((folder / "tokenizer_config.json").read_text())
    pieces = (folder / "vocab.txt").read_text(encoding="utf-8").split("\n")[:-1]
    vocabulary = {piece: index for index, piece in enumerate(pieces)}
    tokenizer = tokenizers.Tokenizer(tokenizers.models.WordPiece(vocabulary, unk_token="[UNK]", max_input_chars_per_word=100))
    tokenizer.normalizer = tokenizers.normalizers.BertNormalizer(
        clean_text=True, handle_chinese_chars=True, lowercase=config["do_lower_case"], strip_accents=config["strip_accents"])
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = tokenizers.processors.BertProcessing(("[SEP]", vocabulary["[SEP]"]), ("[CLS]", vocabulary["[CLS]"]))
    return tokenizer


def from_json(folder):
    """tokenizer.json as it is, but that control tokens are not searched for in texts."""
    contents = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
    names = {token["content"] for token in contents["added_tokens"]}
    assert {"[CLS]", "[SEP]", "[UNK]", "[PAD]"} <= names, names
    contents["added_tokens"] = []
    return tokenizers.Tokenizer.from_str(json.dumps(contents))


def main():
    folder = pathlib.Path(sys.argv[1])
    cases = json.loads(pathlib.Path(sys.argv[2]).read_text(encoding="utf-8"))
    tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json"))
    wrong = 0
    for name, tokenizer in (("vocab.txt", from_vocabulary(folder)), ("tokenizer.json", from_json(folder))):
        for case, encoding in zip(cases, tokenizer.encode_batch([case["text"] for case in cases])):
            if encoding.ids == case["ids"]:
                continue
            wrong += 1
            if wrong <= 10:
                print(f"{name}: {case['text']!r}: theirs {encoding.ids}, ours {case['ids']}")
    print(f"{len(cases)} texts, {wrong} differences")
    return 0 if wrong == 0 else 1


sys.exit(main())
