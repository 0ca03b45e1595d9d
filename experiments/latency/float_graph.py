"""A BERT-like encoder in plain float operators, in the form in which PyTorch's exporter writes one and which ONNX Runtime's
transformer optimizer looks for. Random but sane weights: only the shape matters for speed."""

import numpy
import onnx
from onnx import TensorProto, helper, numpy_helper


class Graph:
    """Nodes and stored tensors, one at a time; an output is named by the caller."""

    def __init__(self, seed):
        self.nodes, self.stored, self.random = [], [], numpy.random.default_rng(seed)

    def store(self, name, values):
        self.stored.append(numpy_helper.from_array(values, name))
        return name

    def floats(self, name, *shape, mean=0.0, spread=0.02):
        return self.store(name, self.random.normal(mean, spread, shape).astype(numpy.float32))

    def number(self, name, value, kind=numpy.float32):
        return self.store(name, numpy.array(value, dtype=kind))

    def integers(self, name, values):
        return self.store(name, numpy.array(values, dtype=numpy.int64))

    def apply(self, operation, inputs, name, **attributes):
        self.nodes.append(helper.make_node(operation, inputs, [name], name=name + "/node", **attributes))
        return name


def linear(graph, x, name, inputs, outputs):
    weight = graph.floats(name + ".weight", inputs, outputs, spread=inputs**-0.5)
    bias = graph.floats(name + ".bias", outputs, spread=0.1)
    return graph.apply("Add", [graph.apply("MatMul", [x, weight], name + ".product"), bias], name)


def layer_norm(graph, x, name, width):
    gamma = graph.floats(name + ".gamma", width, mean=1.0, spread=0.2)
    beta = graph.floats(name + ".beta", width, spread=0.1)
    return graph.apply("LayerNormalization", [x, gamma, beta], name, axis=-1, epsilon=1e-12)


def embed(graph, width, vocabulary, positions):
    word = graph.floats("embeddings.word", vocabulary, width, spread=1.0)
    position = graph.floats("embeddings.position", positions, width, spread=1.0)
    shape = graph.apply("Shape", ["input_ids"], "texts.shape")
    tokens = graph.apply("Gather", [shape, graph.number("one", 1, numpy.int64)], "texts.tokens", axis=0)
    first, step = graph.number("first", 0, numpy.int64), graph.number("step", 1, numpy.int64)
    indices = graph.apply("Range", [first, tokens, step], "positions.range")
    row = graph.apply("Unsqueeze", [indices, graph.integers("axis.0", [0])], "positions.row")
    ids = graph.apply("Expand", [row, shape], "positions.ids")
    words = graph.apply("Gather", [word, "input_ids"], "embeddings.word.rows", axis=0)
    places = graph.apply("Gather", [position, ids], "embeddings.position.rows", axis=0)
    return layer_norm(graph, graph.apply("Add", [words, places], "embeddings.sum"), "embeddings.norm", width)


def additive_mask(graph):
    """0 for a key that exists, -10000 for padding: [B, 1, 1, T]."""
    inner = graph.apply("Unsqueeze", ["attention_mask", graph.integers("axis.1", [1])], "mask.inner")
    outer = graph.apply("Unsqueeze", [inner, graph.integers("axis.2", [2])], "mask.outer")
    real = graph.apply("Cast", [outer], "mask.float", to=TensorProto.FLOAT)
    padding = graph.apply("Sub", [graph.number("mask.one", 1.0), real], "mask.padding")
    return graph.apply("Mul", [padding, graph.number("mask.lowest", -10000.0)], "mask.added")


def attention(graph, x, prefix, width, heads, mask):
    head_width = width // heads
    split = graph.integers(prefix + "split", [0, 0, heads, head_width])

    def head(name, order):
        rows = graph.apply("Reshape", [linear(graph, x, prefix + name, width, width), split], prefix + name + ".split")
        return graph.apply("Transpose", [rows], prefix + name + ".heads", perm=order)

    query, key, value = head("query", [0, 2, 1, 3]), head("key", [0, 2, 3, 1]), head("value", [0, 2, 1, 3])
    scores = graph.apply("MatMul", [query, key], prefix + "products")
    scores = graph.apply("Div", [scores, graph.number(prefix + "root", head_width**0.5)], prefix + "scores")
    if mask is not None:
        scores = graph.apply("Add", [scores, mask], prefix + "masked")
    weights = graph.apply("Softmax", [scores], prefix + "weights", axis=-1)
    context = graph.apply("MatMul", [weights, value], prefix + "context.heads")
    context = graph.apply("Transpose", [context], prefix + "context.rows", perm=[0, 2, 1, 3])
    merged = graph.apply("Reshape", [context, graph.integers(prefix + "merge", [0, 0, width])], prefix + "context")
    return linear(graph, merged, prefix + "output", width, width)


def gelu(graph, x, name):
    scaled = graph.apply("Div", [x, graph.number(name + ".root", 2**0.5)], name + ".scaled")
    erf = graph.apply("Erf", [scaled], name + ".erf")
    total = graph.apply("Add", [erf, graph.number(name + ".one", 1.0)], name + ".sum")
    return graph.apply("Mul", [graph.apply("Mul", [x, total], name + ".twice"), graph.number(name + ".half", 0.5)], name)


def encoder(shape, with_mask):
    """The whole model: input_ids and, when asked for, attention_mask [B, T] -> logits [B, C]."""
    graph = Graph(7)
    x = embed(graph, shape.width, shape.vocabulary, shape.positions)
    mask = additive_mask(graph) if with_mask else None
    for i in range(shape.layers):
        prefix = f"layers.{i}."
        attended = attention(graph, x, prefix + "attention.", shape.width, shape.heads, mask)
        residual = graph.apply("Add", [attended, x], prefix + "attention.residual")
        x = layer_norm(graph, residual, prefix + "attention.norm", shape.width)
        hidden = gelu(graph, linear(graph, x, prefix + "ffn.up", shape.width, shape.ffn), prefix + "ffn.hidden")
        down = linear(graph, hidden, prefix + "ffn.down", shape.ffn, shape.width)
        x = layer_norm(graph, graph.apply("Add", [down, x], prefix + "ffn.residual"), prefix + "ffn.norm", shape.width)
    pooled = graph.apply("ReduceMean", [x], "pooled", axes=[1], keepdims=0)
    graph.apply("Identity", [linear(graph, pooled, "head.classifier", shape.width, shape.classes)], "logits")
    names = ["input_ids"] + (["attention_mask"] if with_mask else [])
    inputs = [helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "tokens"]) for name in names]
    output = helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", shape.classes])
    body = helper.make_graph(graph.nodes, "encoder", inputs, [output], graph.stored)
    model = helper.make_model(body, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model, full_check=True)
    return model
