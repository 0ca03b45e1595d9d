"""The opponent: a BERT classifier and its training loop in PyTorch as people write them. Padded batches, shuffled rows,
torch.nn modules, scaled_dot_product_attention, torch.optim.AdamW, clip_grad_norm_, autocast for bf16.

Answers on stdout to lines on stdin:  `MODEL LOAD PRECISION STEPS`  ->  `cpu-seconds-of-each-step...`
Usage: plain_loop.py LOADS  (the folder that `training_speed prepare` filled)
"""
import os
import sys
import time

sys.setdlopenflags(os.RTLD_LAZY | os.RTLD_LOCAL)  # the CUDA libraries of the wheel are absent: run.sh
import torch
from torch import nn
from torch.nn import functional as F

torch.set_num_threads(1)
CLASSES = 151


class Layer(nn.Module):
    def __init__(self, width, heads, ffn_width, dropout):
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(width, 3 * width)
        self.output = nn.Linear(width, width)
        self.attention_norm = nn.LayerNorm(width, eps=1e-12)
        self.up = nn.Linear(width, ffn_width)
        self.down = nn.Linear(ffn_width, width)
        self.ffn_norm = nn.LayerNorm(width, eps=1e-12)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, mask):
        batch, tokens, width = x.shape
        query, key, value = self.qkv(x).view(batch, tokens, 3, self.heads, width // self.heads).permute(2, 0, 3, 1, 4)
        context = F.scaled_dot_product_attention(query, key, value, attn_mask=mask)
        context = context.transpose(1, 2).reshape(batch, tokens, width)
        x = self.attention_norm(x + self.dropout(self.output(context)))
        return self.ffn_norm(x + self.dropout(self.down(F.gelu(self.up(x)))))


class Classifier(nn.Module):
    def __init__(self, vocabulary, layers, width, heads, ffn_width, positions, dropout=0.1):
        super().__init__()
        self.word = nn.Embedding(vocabulary, width)
        self.position = nn.Embedding(positions, width)
        self.norm = nn.LayerNorm(width, eps=1e-12)
        self.dropout = nn.Dropout(dropout)
        self.layers = nn.ModuleList(Layer(width, heads, ffn_width, dropout) for _ in range(layers))
        self.classifier = nn.Linear(width, CLASSES)
        for parameter in self.parameters():
            if parameter.dim() > 1:
                nn.init.normal_(parameter, std=0.02)

    def forward(self, ids, mask):
        positions = torch.arange(ids.shape[1])
        x = self.dropout(self.norm(self.word(ids) + self.position(positions)))
        attention_mask = None if mask.all() else mask[:, None, None, :]
        for layer in self.layers:
            x = layer(x, attention_mask)
        weights = mask.to(x.dtype).unsqueeze(2)
        pooled = (x * weights).sum(1) / weights.sum(1)
        return self.classifier(self.dropout(pooled))


def read_load(folder, name):
    """Rows of token ids, gold labels and the teacher's dense distributions."""
    ids, labels, teacher = [], [], []
    with open(f"{folder}/{name}.rows") as lines:
        for line in lines:
            label, tokens, probabilities = line.rstrip("\n").split("|")
            labels.append(int(label))
            ids.append(torch.tensor([int(token) for token in tokens.split()]))
            dense = torch.zeros(CLASSES)
            for pair in probabilities.split():
                index, probability = pair.split(":")
                dense[int(index)] = float(probability)
            teacher.append(dense)
    return ids, torch.tensor(labels), torch.stack(teacher)


class Loop:
    def __init__(self, model, load, batch_rows, precision):
        torch.manual_seed(1)
        self.model = Classifier(**model)
        decayed = [p for p in self.model.parameters() if p.dim() > 1]
        others = [p for p in self.model.parameters() if p.dim() <= 1]
        self.optimizer = torch.optim.AdamW(
            [{"params": decayed, "weight_decay": 0.01}, {"params": others, "weight_decay": 0.0}], lr=1e-4)
        self.ids, self.labels, self.teacher = load
        self.batch_rows, self.precision = batch_rows, precision
        self.order = []

    def batch(self):
        if len(self.order) < self.batch_rows:
            self.order = torch.randperm(len(self.ids)).tolist()
        rows, self.order = self.order[:self.batch_rows], self.order[self.batch_rows:]
        ids = nn.utils.rnn.pad_sequence([self.ids[row] for row in rows], batch_first=True)
        return ids, ids != 0, self.labels[rows], self.teacher[rows]

    def step(self):
        ids, mask, labels, teacher = self.batch()
        self.optimizer.zero_grad()
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=self.precision == "bf16"):
            logits = self.model(ids, mask)
        logits = logits.float()
        loss = 0.9 * F.kl_div(F.log_softmax(logits, 1), teacher, reduction="batchmean")
        loss = loss + 0.1 * F.cross_entropy(logits, labels)
        loss.backward()
        nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimizer.step()
        return loss.item()


def model_of(name):
    """LAYERSxWIDTHxFFNxVOCABULARY; heads of 32."""
    layers, width, ffn_width, vocabulary = (int(part) for part in name.split("x"))
    return dict(layers=layers, width=width, ffn_width=ffn_width, vocabulary=vocabulary, heads=width // 32, positions=64)


def main():
    loads, loops = {}, {}
    for line in sys.stdin:
        model, load, rows, precision, steps = line.split()
        if load not in loads:
            loads[load] = read_load(sys.argv[1], load)
        key = (model, load, precision)
        if key not in loops:
            loops[key] = Loop(model_of(model), loads[load], int(rows), precision)
        seconds = []
        for _ in range(int(steps)):
            start = time.process_time()
            loops[key].step()
            seconds.append(time.process_time() - start)
        print(*(f"{value:.6f}" for value in seconds), flush=True)


if __name__ == "__main__":
    main()
