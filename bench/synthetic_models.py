"""Writes models that no download is needed for: synthetic_models.py FOLDER.

encoder.onnx: a transformer encoder, 4 layers, width 256, 64 tokens; one_token.onnx: the same of 2
layers, width 1024, with one token at a time; lstm.onnx: a bidirectional LSTM, hidden size 128. Weights are random with the heavy tails of trained ones; each model comes with 16
samples as .npz.
"""

import sys
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

OPSET = 17
SAMPLES = 16


class Builder:
    """Collects nodes, each named after its output, and constants."""

    def __init__(self, seed):
        self.random = np.random.default_rng(seed)
        self.nodes, self.constants = [], []

    def constant(self, name, values):
        self.constants.append(numpy_helper.from_array(np.asarray(values), name))
        return name

    def weight(self, name, rows, columns):
        values = self.random.standard_t(6, size=(rows, columns)) / np.sqrt(rows)
        return self.constant(name, values.astype(np.float32))

    def node(self, op_type, inputs, output, **attributes):
        self.nodes.append(helper.make_node(op_type, inputs, [output], name=output, **attributes))
        return output

    def linear(self, x, name, rows, columns):
        product = self.node("MatMul", [x, self.weight(f"{name}_weight", rows, columns)], f"{name}_product")
        bias = self.constant(f"{name}_bias", (0.02 * self.random.normal(size=columns)).astype(np.float32))
        return self.node("Add", [product, bias], name)

    def normalized(self, x, name, width):
        scale = self.constant(f"{name}_scale", np.ones(width, np.float32))
        shift = self.constant(f"{name}_shift", np.zeros(width, np.float32))
        return self.node("LayerNormalization", [x, scale, shift], name, axis=-1)

    def save(self, path, inputs, outputs, samples):
        graph = helper.make_graph(self.nodes, path.stem, inputs, outputs, self.constants)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=8)
        onnx.checker.check_model(model, full_check=True)
        onnx.save(model, path)
        np.savez(path.with_suffix(".npz"), **samples)


def attention(b, x, name, width, heads):
    q, k, v = (
        b.node("Transpose", [b.node("Reshape", [b.linear(x, f"{name}_{part}", width, width), "heads"], f"{name}_{part}_heads")],
               f"{name}_{part}_turned", perm=[0, 2, 3, 1] if part == "k" else [0, 2, 1, 3])
        for part in "qkv"
    )  # fmt: skip
    scores = b.node("Mul", [b.node("MatMul", [q, k], f"{name}_scores"), "root"], f"{name}_scaled")
    mixed = b.node("MatMul", [b.node("Softmax", [scores], f"{name}_softmax", axis=-1), v], f"{name}_mixed")
    turned = b.node("Transpose", [mixed], f"{name}_back", perm=[0, 2, 1, 3])
    return b.linear(b.node("Reshape", [turned, "joined"], f"{name}_joined"), f"{name}_out", width, width)


def gelu(b, x, name):
    inner = b.node("Erf", [b.node("Mul", [x, "half_root"], f"{name}_inner")], f"{name}_erf")
    return b.node("Mul", [b.node("Mul", [x, b.node("Add", [inner, "one"], f"{name}_plus")], f"{name}_twice"), "half"], name)


def write_encoder(path, layers=4, width=256, wide=1024, heads=4, vocabulary=4000, tokens=64):
    b = Builder(seed=0)
    b.constant("heads", np.array([0, 0, heads, width // heads], np.int64))
    b.constant("joined", np.array([0, 0, width], np.int64))
    for name, value in [("root", (width // heads) ** -0.5), ("half_root", 0.5**0.5), ("one", 1), ("half", 0.5)]:
        b.constant(name, np.float32(value))
    table = b.constant("embedding", b.random.normal(size=(vocabulary, width)).astype(np.float32))
    x = b.node("Gather", [table, "ids"], "embedded")
    for layer in range(layers):
        name = f"layer{layer}"
        x = b.normalized(b.node("Add", [x, attention(b, x, name, width, heads)], f"{name}_sum"), f"{name}_norm", width)
        up = gelu(b, b.linear(x, f"{name}_up", width, wide), f"{name}_gelu")
        down = b.linear(up, f"{name}_down", wide, width)
        x = b.normalized(b.node("Add", [x, down], f"{name}_sum2"), f"{name}_norm2", width)
    b.linear(x, "y", width, 64)
    b.save(path, [helper.make_tensor_value_info("ids", TensorProto.INT64, ["N", tokens])],
           [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["N", tokens, 64])],
           {"ids": b.random.integers(0, vocabulary, (SAMPLES, tokens))})  # fmt: skip


def patches(b, x, width, size):
    fan_in = 3 * size * size
    weight = (b.random.normal(size=(width, 3, size, size)) * np.sqrt(2 / fan_in)).astype(np.float32)
    bias = (0.02 * b.random.normal(size=width)).astype(np.float32)
    inputs = [x, b.constant("patches_weight", weight), b.constant("patches_bias", bias)]
    return b.node("Conv", inputs, "patches", kernel_shape=[size] * 2, strides=[size] * 2, group=1, pads=[0] * 4)


def smooth_images(random, size):
    coarse = random.normal(size=(SAMPLES, 3, size // 8, size // 8))
    fine = 0.3 * random.normal(size=(SAMPLES, 3, size, size))
    return (np.kron(coarse, np.ones((8, 8))) + fine).astype(np.float32)


def write_vit(path, width=192, heads=3, layers=6, size=64, patch=16):
    b = Builder(seed=5)
    b.constant("heads", np.array([0, 0, heads, width // heads], np.int64))
    b.constant("joined", np.array([0, 0, width], np.int64))
    for name, value in [("root", (width // heads) ** -0.5), ("half_root", 0.5**0.5), ("one", 1), ("half", 0.5)]:
        b.constant(name, np.float32(value))
    b.constant("flat", np.array([0, width, -1], np.int64))
    rows = b.node("Reshape", [patches(b, "x", width, patch), "flat"], "rows")
    x = b.node("Transpose", [rows], "tokens", perm=[0, 2, 1])
    positions = b.constant("positions", (0.2 * b.random.normal(size=(1, (size // patch) ** 2, width))).astype(np.float32))
    x = b.node("Add", [x, positions], "placed")
    for layer in range(layers):
        name = f"layer{layer}"
        x = b.node("Add", [x, attention(b, b.normalized(x, f"{name}_norm", width), name, width, heads)], f"{name}_sum")
        up = gelu(b, b.linear(b.normalized(x, f"{name}_norm2", width), f"{name}_up", width, 4 * width), f"{name}_gelu")
        x = b.node("Add", [x, b.linear(up, f"{name}_down", 4 * width, width)], f"{name}_sum2")
    mean = b.node("ReduceMean", [b.normalized(x, "last_norm", width)], "mean", axes=[1], keepdims=0)
    b.linear(mean, "y", width, 100)
    b.save(path, [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", 3, size, size])],
           [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["N", 100])], {"x": smooth_images(b.random, size)})  # fmt: skip


def write_lstm(path, width=64, hidden=128, steps=20):
    b = Builder(seed=1)
    for name, shape in [("w", (2, 4 * hidden, width)), ("r", (2, 4 * hidden, hidden)), ("b", (2, 8 * hidden))]:
        b.constant(name, (b.random.normal(size=shape) / np.sqrt(hidden)).astype(np.float32))
    turned = b.node("Transpose", ["x"], "turned", perm=[1, 0, 2])
    hidden_states = b.node("LSTM", [turned, "w", "r", "b"], "states", hidden_size=hidden, direction="bidirectional")
    b.node("Transpose", [hidden_states], "y", perm=[2, 0, 1, 3])
    b.save(path, [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", steps, width])],
           [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["N", steps, 2, hidden])],
           {"x": b.random.normal(size=(SAMPLES, steps, width)).astype(np.float32)})  # fmt: skip


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    write_encoder(folder / "encoder.onnx")
    write_encoder(folder / "one_token.onnx", layers=2, width=1024, wide=4096, heads=16, vocabulary=1000, tokens=1)
    write_lstm(folder / "lstm.onnx")
