"""Writes a transformer of over 3 GB with external data, random weights, always the same, and beside it two samples to
calibrate on: large_model.py FILE.onnx."""

import sys
from pathlib import Path

import numpy as np
from onnx import TensorProto, helper

WIDTH, HIDDEN, LAYERS = 2048, 8192, 16
SHAPES = {"q": (WIDTH, WIDTH), "k": (WIDTH, WIDTH), "v": (WIDTH, WIDTH), "o": (WIDTH, WIDTH),
          "up": (WIDTH, HIDDEN), "down": (HIDDEN, WIDTH)}  # fmt: skip


def external(name, shape, offset):
    tensor = TensorProto(name=name, data_type=TensorProto.FLOAT, dims=shape, data_location=TensorProto.EXTERNAL)
    length = 4 * shape[0] * shape[1]
    for key, value in {"location": "large.onnx.data", "offset": str(offset), "length": str(length)}.items():
        tensor.external_data.add(key=key, value=value)
    return tensor, length


def layer_nodes(i, x):
    def node(op_type, inputs, output, **attributes):
        return helper.make_node(op_type, inputs, [f"{i}_{output}"], name=f"{i}_{output}", **attributes)

    name = lambda text: f"{i}_{text}"  # noqa: E731
    return [
        *(node("MatMul", [x, name(f"{w}_weight")], w) for w in "qkv"),
        node("Transpose", [name("k")], "k_transposed", perm=[0, 2, 1]),
        node("MatMul", [name("q"), name("k_transposed")], "scores"),
        node("Softmax", [name("scores")], "attention", axis=-1),
        node("MatMul", [name("attention"), name("v")], "context"),
        node("MatMul", [name("context"), name("o_weight")], "o"),
        node("Add", [x, name("o")], "residual"),
        node("MatMul", [name("residual"), name("up_weight")], "up"),
        node("Relu", [name("up")], "relu"),
        node("MatMul", [name("relu"), name("down_weight")], "down"),
        node("Add", [name("residual"), name("down")], "result"),
    ]


def generate(path):
    random = np.random.default_rng(1)
    nodes, tensors, offset, x = [], [], 0, "x"
    with open(path.with_suffix(".onnx.data"), "wb") as data:
        for i in range(LAYERS):
            for w, shape in SHAPES.items():
                tensor, length = external(f"{i}_{w}_weight", shape, offset)
                values = random.standard_normal(shape, dtype=np.float32) * np.float32(0.1 / np.sqrt(shape[0]))
                values.tofile(data)
                tensors.append(tensor)
                offset += length
            nodes += layer_nodes(i, x)
            x = f"{i}_result"
    shape = ["N", "T", WIDTH]
    graph = helper.make_graph(nodes, "large", [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
                              [helper.make_tensor_value_info(x, TensorProto.FLOAT, shape)], tensors)  # fmt: skip
    path.write_bytes(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8).SerializeToString())
    np.savez(path.with_suffix(".npz"), x=random.standard_normal((2, 16, WIDTH), dtype=np.float32))
    return offset


if __name__ == "__main__":
    print(generate(Path(sys.argv[1])))
