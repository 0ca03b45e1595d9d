#!/usr/bin/env python3
"""Is a feed-forward layer better cut to fewer neurons, or to two matrices of low rank, at the same number of weights?

Usage: python3 low_rank.py FOLDER TRAIN.jsonl DEV.jsonl [STEPS [SHARES]]
  FOLDER   a float student as `noggin export RUN --hugging-face FOLDER` writes it (lower-case ASCII texts, one class)
  STEPS    of tuning on gold afterwards (default 300; batches of 64, AdamW at 1.5e-4)
  SHARES   of the weights that are kept (default 0.75,0.5,0.25)
Needs PyTorch. Prints accuracy on dev before and after the tuning, for each share of the weights that is kept:

  neurons   those of least mean square times weight go; ffn.down is refitted to what the layer said (least squares)
  rank      W ~ U V by the SVD of W C^(1/2), C the second moments of the layer's inputs on training texts: the least
            squared error of its outputs
"""
import json
import math
import pathlib
import random
import re
import struct
import sys

import torch

TYPES = {"F32": torch.float32}


def read_tensors(path):
    data = path.read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8:8 + length])
    tensors = {}
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        begin, end = entry["data_offsets"]
        flat = torch.frombuffer(bytearray(data[8 + length + begin:8 + length + end]), dtype=TYPES[entry["dtype"]])
        tensors[name.removeprefix("bert.")] = flat.view(entry["shape"]).clone()
    return tensors


class Pieces:
    """WordPiece of lower-case ASCII."""

    def __init__(self, path):
        self.ids = {piece: i for i, piece in enumerate(path.read_text().split("\n"))}

    def encode(self, text, longest=64):
        ids = [self.ids["[CLS]"]]
        for word in re.findall(r"[a-z0-9]+|[^\sa-z0-9]", text.lower()):
            found, begin = [], 0
            while begin < len(word):
                end = len(word)
                while end > begin and ("##" if begin else "") + word[begin:end] not in self.ids:
                    end -= 1
                if end == begin:
                    found = [self.ids["[UNK]"]]
                    break
                found.append(self.ids[("##" if begin else "") + word[begin:end]])
                begin = end
            ids += found
        return ids[:longest - 1] + [self.ids["[SEP]"]]


class Encoder(torch.nn.Module):
    def __init__(self, folder):
        super().__init__()
        self.config = json.loads((folder / "config.json").read_text())
        tensors = read_tensors(folder / "model.safetensors")
        self.names = {name: name.replace(".", "_") for name in tensors}
        for name, tensor in tensors.items():
            self.register_parameter(self.names[name], torch.nn.Parameter(tensor))
        self.factors = torch.nn.ParameterDict()  # "layer.part": U and V in place of W
        self.watch = None  # called with the name of a part and what it reads of real tokens

    def of(self, name):
        return getattr(self, self.names[name])

    def linear(self, x, name):
        if name.replace(".", "_") + "_u" in self.factors:
            key = name.replace(".", "_")
            x = x @ self.factors[key + "_v"].t() @ self.factors[key + "_u"].t()
            return x + self.of(name + ".bias")
        return torch.nn.functional.linear(x, self.of(name + ".weight"), self.of(name + ".bias"))

    def norm(self, x, name):
        return torch.nn.functional.layer_norm(x, x.shape[-1:], self.of(name + ".weight"), self.of(name + ".bias"),
                                              self.config["layer_norm_eps"])

    def forward(self, ids, mask):
        heads = self.config["num_attention_heads"]
        x = self.of("embeddings.word_embeddings.weight")[ids] + \
            self.of("embeddings.position_embeddings.weight")[:ids.shape[1]] + \
            self.of("embeddings.token_type_embeddings.weight")[0]
        x = self.norm(x, "embeddings.LayerNorm")
        hidden = (1.0 - mask)[:, None, None, :] * -1e9
        for i in range(self.config["num_hidden_layers"]):
            layer = f"encoder.layer.{i}."
            split = lambda y: y.view(*y.shape[:2], heads, -1).transpose(1, 2)
            q, k, v = (split(self.linear(x, layer + "attention.self." + part)) for part in ("query", "key", "value"))
            weights = torch.softmax(q @ k.transpose(2, 3) / math.sqrt(q.shape[-1]) + hidden, -1)
            context = (weights @ v).transpose(1, 2).flatten(2)
            x = self.norm(x + self.linear(context, layer + "attention.output.dense"), layer + "attention.output.LayerNorm")
            if self.watch:
                self.watch(layer + "intermediate.dense", x[mask > 0])
            inner = torch.nn.functional.gelu(self.linear(x, layer + "intermediate.dense"))
            if self.watch:
                self.watch(layer + "output.dense", inner[mask > 0])
            x = self.norm(x + self.linear(inner, layer + "output.dense"), layer + "output.LayerNorm")
        if self.config["noggin_pooling"] == "mean":
            x = (x * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)
        else:
            x = x[:, 0]
        return torch.nn.functional.linear(x, self.of("classifier.weight"), self.of("classifier.bias"))


def batches(rows, size):
    for begin in range(0, len(rows), size):
        part = rows[begin:begin + size]
        longest = max(len(ids) for ids, _ in part)
        ids = torch.tensor([i + [0] * (longest - len(i)) for i, _ in part])
        mask = torch.tensor([[1.0] * len(i) + [0.0] * (longest - len(i)) for i, _ in part])
        yield ids, mask, torch.tensor([label for _, label in part])


def accuracy(model, rows):
    model.eval()
    with torch.no_grad():
        right = sum((model(ids, mask).argmax(1) == gold).sum().item() for ids, mask, gold in batches(rows, 64))
    return 100.0 * right / len(rows)


def moments(model, rows):
    sums = {}

    def watch(name, x):
        x = x.double()
        sums[name] = sums.get(name, 0) + x.t() @ x
    model.watch = watch
    with torch.no_grad():
        for ids, mask, _ in batches(rows, 64):
            model(ids, mask)
    model.watch = None
    return sums


def parts_of(model):
    for i in range(model.config["num_hidden_layers"]):
        yield f"encoder.layer.{i}.intermediate.dense", f"encoder.layer.{i}.output.dense"


def cut_neurons(model, seen, kept):
    for up, down in parts_of(model):
        moment, weight = seen[down], model.of(down + ".weight").data.double()
        score = moment.diagonal() * weight.square().sum(0)
        stay = score.topk(round(kept * len(score))).indices.sort().values
        gram = moment[stay][:, stay] + 1e-4 * moment.diagonal().mean() * torch.eye(len(stay), dtype=torch.float64)
        refitted = torch.linalg.solve(gram, moment[stay] @ weight.t()).t()
        model.of(up + ".weight").data = model.of(up + ".weight").data[stay].clone()
        model.of(up + ".bias").data = model.of(up + ".bias").data[stay].clone()
        model.of(down + ".weight").data = refitted.float()


def cut_rank(model, seen, kept):
    for name in (part for pair in parts_of(model) for part in pair):
        weight = model.of(name + ".weight").data.double()
        values, vectors = torch.linalg.eigh(seen[name])
        values = values.clamp(min=1e-8 * values.max())
        root, inverse = vectors * values.sqrt() @ vectors.t(), vectors / values.sqrt() @ vectors.t()
        u, s, v = torch.linalg.svd(weight @ root, full_matrices=False)
        rank = int(kept * weight.numel() / sum(weight.shape))
        half = s[:rank].sqrt()
        key = name.replace(".", "_")
        model.factors[key + "_u"] = torch.nn.Parameter((u[:, :rank] * half).float())
        model.factors[key + "_v"] = torch.nn.Parameter((half[:, None] * v[:rank] @ inverse).float())


def tune(model, rows, steps):
    model.train()
    order, batch = random.Random(1), 64
    optimizer = torch.optim.AdamW(model.parameters(), lr=1.5e-4, weight_decay=0.01)
    for step in range(steps):
        for group in optimizer.param_groups:
            group["lr"] = 1.5e-4 * min(1.0, (step + 1) / 20) * (1.0 - step / steps)
        ids, mask, gold = next(batches(order.sample(rows, batch), batch))
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(model(ids, mask), gold).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()


def main():
    folder, train_path, dev_path = map(pathlib.Path, sys.argv[1:4])
    steps = int(sys.argv[4]) if len(sys.argv) > 4 else 300
    shares = [float(share) for share in (sys.argv[5] if len(sys.argv) > 5 else "0.75,0.5,0.25").split(",")]
    torch.manual_seed(1)
    pieces = Pieces(folder / "vocab.txt")
    labels = {name: int(i) for i, name in json.loads((folder / "config.json").read_text())["id2label"].items()}
    train, dev = ([(pieces.encode(row["text"]), labels[row["label"]]) for row in map(json.loads, path.open())]
                  for path in (train_path, dev_path))
    whole = Encoder(folder)
    print(f"whole: {accuracy(whole, dev):.2f} % of {len(dev)} dev rows", flush=True)
    seen = moments(whole, random.Random(2).sample(train, min(len(train), 1500)))
    print("| weights kept | way | accuracy %, cut | tuned |\n|---|---|---|---|")
    for kept in shares:
        for name, cut in (("neurons", cut_neurons), ("rank", cut_rank)):
            model = Encoder(folder)
            cut(model, seen, kept)
            before = accuracy(model, dev)
            tune(model, train, steps)
            print(f"| {kept:.2f} | {name} | {before:.2f} | {accuracy(model, dev):.2f} |", flush=True)


main()
