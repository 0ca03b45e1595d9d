"""A plain BERT in NumPy and double precision, from a written folder.

Usage: bert_oracle.py FOLDER CASES.json     cases: [{"ids": [...], "logits": [...]}, ...]
Exit 1 when a logit differs by more than the tolerance. Float32 sums of some dozen terms of size 1 err by about 1e-6; 1e-4
leaves room for depth and is far below what any wrong formula gives.
"""

import json
import math
import pathlib
import sys

import numpy
from safetensors.numpy import load_file

TOLERANCE = 1e-4


class Bert:
    def __init__(self, folder):
        self.config = json.loads((folder / "config.json").read_text())
        self.tensors = {name: value.astype(numpy.float64) for name, value in load_file(folder / "model.safetensors").items()}

    def linear(self, x, name):
        return x @ self.tensors[name + ".weight"].T + self.tensors[name + ".bias"]

    def norm(self, x, name):
        deviation = numpy.sqrt(x.var(axis=-1, keepdims=True) + self.config["layer_norm_eps"])
        return (x - x.mean(axis=-1, keepdims=True)) / deviation * self.tensors[name + ".weight"] + self.tensors[name + ".bias"]

    def attention(self, x, layer):
        heads = self.config["num_attention_heads"]
        width = x.shape[1] // heads
        context = numpy.zeros_like(x)
        query, key, value = (self.linear(x, f"{layer}.attention.self.{part}") for part in ("query", "key", "value"))
        for head in range(heads):
            columns = slice(head * width, (head + 1) * width)
            scores = query[:, columns] @ key[:, columns].T / math.sqrt(width)
            weights = numpy.exp(scores - scores.max(axis=1, keepdims=True))
            context[:, columns] = weights / weights.sum(axis=1, keepdims=True) @ value[:, columns]
        return self.linear(context, f"{layer}.attention.output.dense")

    def logits(self, ids):
        assert self.config["hidden_act"] == "gelu" and self.config["model_type"] == "bert"
        erf = numpy.vectorize(math.erf)
        x = self.tensors["embeddings.word_embeddings.weight"][ids]
        x = x + self.tensors["embeddings.token_type_embeddings.weight"][0]
        x = self.norm(x + self.tensors["embeddings.position_embeddings.weight"][: len(ids)], "embeddings.LayerNorm")
        for index in range(self.config["num_hidden_layers"]):
            layer = f"encoder.layer.{index}"
            x = self.norm(x + self.attention(x, layer), f"{layer}.attention.output.LayerNorm")
            hidden = self.linear(x, f"{layer}.intermediate.dense")
            hidden = hidden * 0.5 * (1 + erf(hidden / math.sqrt(2)))
            x = self.norm(x + self.linear(hidden, f"{layer}.output.dense"), f"{layer}.output.LayerNorm")
        pooled = x.mean(axis=0) if self.config["noggin_pooling"] == "mean" else x[0]
        return self.linear(pooled, "classifier")


def main():
    bert = Bert(pathlib.Path(sys.argv[1]))
    cases = json.loads(pathlib.Path(sys.argv[2]).read_text())
    worst = max(numpy.abs(bert.logits(case["ids"]) - case["logits"]).max() for case in cases)
    print(f"{len(cases)} texts, largest difference of a logit {worst:.2e}, allowed {TOLERANCE}")
    return 0 if worst <= TOLERANCE else 1


sys.exit(main())
