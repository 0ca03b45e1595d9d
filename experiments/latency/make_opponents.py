"""The opponent's forms of a model, made with ONNX Runtime's own tools: transformer fusions, dynamic quantization, and
variations of our Q/DQ export.

Usage: make_opponents.py FOLDER     reads FOLDER/NAME.qdq.onnx of make_latency_models, writes FOLDER/NAME.*.onnx beside
Prints the operators of each file, and fails when a fusion did not happen.
"""

import collections
import logging
import pathlib
import sys

import numpy
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.transformers import optimizer
from onnxruntime.transformers.fusion_options import AttentionMaskFormat, FusionOptions

from float_graph import encoder

Shape = collections.namedtuple("Shape", "layers width heads ffn vocabulary positions classes")
MODELS = {"small": Shape(2, 128, 2, 512, 5000, 128, 64), "large": Shape(6, 384, 12, 1536, 5000, 128, 64)}  # bench_models.cpp


def report(path, **wanted):
    """Prints the operators of a file; fails when one is not there as often as it must be."""
    found = collections.Counter(node.op_type for node in onnx.load(path).graph.node)
    print(f"{path.name}: " + " ".join(f"{name} {count}" for name, count in sorted(found.items())))
    for name, count in wanted.items():
        if found[name] != count:
            sys.exit(f"{path}: {name} occurs {found[name]} times, not {count}: a fusion did not happen")


def fuse(source, target, shape, with_mask, with_norms):
    """ONNX Runtime's transformer optimizer. with_norms: also the fusions that take in the norms, which are slow on a CPU."""
    options = FusionOptions("bert")
    options.attention_mask_format = AttentionMaskFormat.MaskIndexEnd if with_mask else AttentionMaskFormat.NoMask
    if not with_norms:
        options.enable_skip_layer_norm = options.enable_bias_skip_layer_norm = options.enable_embed_layer_norm = False
    fused = optimizer.optimize_model(str(source), "bert", num_heads=shape.heads, hidden_size=shape.width, opt_level=0,
                                     optimization_options=options)
    fused.save_model_to_file(str(target))
    norms = 2 * shape.layers
    report(target, Attention=shape.layers, BiasGelu=shape.layers, Softmax=0, Erf=0,
           EmbedLayerNormalization=1 if with_norms else 0, SkipLayerNormalization=norms if with_norms else 0,
           LayerNormalization=0 if with_norms else norms + 1)


def quantize(source, target, weight_type, **wanted):
    # DefaultTensorType: its shape inference does not know its own fused operators.
    quantize_dynamic(str(source), str(target), per_channel=True, reduce_range=False, weight_type=weight_type,
                     extra_options={"DefaultTensorType": TensorProto.FLOAT})
    report(target, MatMul=wanted.pop("MatMul", 0), **wanted)


def activation_scales(model, names):
    """Steps of uint8 around 128 for the named values, from one run over random texts."""
    probe = onnx.ModelProto()
    probe.CopyFrom(model)
    probe.graph.output.extend(helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in names)
    session = onnxruntime.InferenceSession(probe.SerializeToString(), providers=["CPUExecutionProvider"])
    ids = numpy.random.default_rng(3).integers(0, 5000, (2, 32))
    feed = {value.name: ids if value.name == "input_ids" else numpy.ones_like(ids) for value in session.get_inputs()}
    return {name: numpy.float32(abs(x).max() / 127) for name, x in zip(names, session.run(names, feed))}


def quantize_by_hand(source, target, shape):
    """The fused graph with scales fixed beforehand, from ONNX Runtime's own integer operators. None of its tools writes
    this (its static quantization leaves Attention in float); for information."""
    model = onnx.load(source)
    graph, nodes, quantized = model.graph, [], set()
    weights = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    products = [n for n in graph.node if n.op_type in ("MatMul", "Attention") and n.input[1] in weights]
    scales = activation_scales(model, sorted({n.input[0] for n in products}))

    def store(name, values):
        graph.initializer.append(numpy_helper.from_array(values, name))
        return name

    zero = store("activation.zero_point", numpy.array(128, numpy.uint8))
    for node in graph.node:
        if node not in products:
            nodes.append(node)
            continue
        x, w = node.input[0], node.input[1]
        if x not in quantized:
            quantized.add(x)
            nodes.append(helper.make_node("QuantizeLinear", [x, store(x + ".step", scales[x].reshape(())), zero], [x + ".q"]))
        steps = abs(weights[w]).max(axis=0) / 127
        integers = store(w + ".q", numpy.clip(numpy.rint(weights[w] / steps), -127, 127).astype(numpy.int8))
        steps, zeros = store(w + ".steps", steps), store(w + ".zeros", numpy.zeros(len(steps), numpy.int8))
        if node.op_type == "MatMul":
            inputs, attributes = [x + ".q", integers, x + ".step", steps, zero, zeros], {}
        else:
            mask = node.input[3] if len(node.input) > 3 else ""
            inputs = [x + ".q", integers, node.input[2], x + ".step", steps, mask, zero, zeros]
            attributes = {"num_heads": shape.heads}
        name = "MatMulIntegerToFloat" if node.op_type == "MatMul" else "QAttention"
        nodes.append(helper.make_node(name, inputs, node.output, domain="com.microsoft", **attributes))
    replace_nodes(graph, nodes)
    used = {name for node in nodes for name in node.input}
    kept = [numpy_helper.from_array(numpy_helper.to_array(t), t.name) for t in graph.initializer if t.name in used]
    del graph.initializer[:]
    graph.initializer.extend(kept)
    onnx.save(model, target)
    report(target, QAttention=shape.layers, MatMul=0)


def replace_nodes(graph, nodes):
    kept = [onnx.NodeProto.FromString(node.SerializeToString()) for node in nodes]  # they may live in the list cleared
    del graph.node[:]
    graph.node.extend(kept)


def float_family(folder, name, shape, with_mask):
    """Plain, fused, and fused without the norms; each quantized dynamically."""
    suffix = "" if with_mask else "-nomask"
    path = lambda variant: folder / f"{name}.{variant}{suffix}.onnx"
    onnx.save(encoder(shape, with_mask), path("float"))
    fuse(path("float"), path("float-fused"), shape, with_mask, True)
    fuse(path("float"), path("float-noskip"), shape, with_mask, False)
    quantize(path("float-fused"), path("dynamic-fused"), QuantType.QInt8, QAttention=shape.layers)
    quantize(path("float-noskip"), path("dynamic-noskip"), QuantType.QInt8, QAttention=shape.layers)
    quantize_by_hand(path("float-noskip"), path("static"), shape)
    if with_mask:
        quantize(path("float"), path("dynamic"), QuantType.QInt8, MatMul=2 * shape.layers)  # scores, weighted values
        quantize(path("float-fused"), path("dynamic-fused-u8"), QuantType.QUInt8, QAttention=shape.layers)


def with_int8_activations(model):
    """The same Q/DQ graph with int8 around 0 where it has uint8 around 128."""
    for tensor in model.graph.initializer:
        if tensor.name == "activation.zero_point":
            tensor.CopyFrom(numpy_helper.from_array(numpy.array(0, dtype=numpy.int8), tensor.name))


def without_mask(model):
    """The same Q/DQ graph for texts of one length: no mask on scores, pooling over all tokens."""
    graph = model.graph
    renamed = {node.output[0]: node.input[1] for node in graph.node if node.op_type == "Where"}
    dead = {"mask.boolean", "mask.keys", "mask.float", "pooled.mask", "pooled.real_tokens", "pooled.sum", "pooled.count"}
    nodes = []
    for node in graph.node:
        if node.output[0] in renamed or node.output[0] in dead:
            continue
        if node.output[0] == "pooled":
            node = helper.make_node("ReduceMean", ["pooled.tokens"], ["pooled"], name="pooled", axes=[1], keepdims=0)
        for i, name in enumerate(node.input):
            node.input[i] = renamed.get(name, name)
        nodes.append(node)
    replace_nodes(graph, nodes)
    graph.input.remove(next(value for value in graph.input if value.name == "attention_mask"))
    onnx.checker.check_model(model)


def qdq_family(folder, name):
    for suffix, change in (("-s8", with_int8_activations), ("-nomask", without_mask)):
        model = onnx.load(folder / f"{name}.qdq.onnx")
        change(model)
        onnx.save(model, folder / f"{name}.qdq{suffix}.onnx")
        report(folder / f"{name}.qdq{suffix}.onnx")


def main(folder):
    logging.getLogger().setLevel(logging.ERROR)
    for name, shape in MODELS.items():
        qdq_family(folder, name)
        for with_mask in (True, False):
            float_family(folder, name, shape, with_mask)


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
