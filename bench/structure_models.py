"""Writes networks as PyTorch's exporter lays them out, random weights: structure_models.py FOLDER.

bert.onnx, vit.onnx, resnet50.onnx, mobilenetv3.onnx, unet.onnx, lstm_classifier.onnx, each with 16 samples as .npz.
Built with onnx.helper: the exporter would need PyTorch, and its nodes are these.
"""

import sys
from pathlib import Path

import numpy as np
from onnx import TensorProto, helper

from synthetic_models import SAMPLES, Builder, attention, gelu, write_encoder


class ImageBuilder(Builder):
    """Convolutions with the BatchNormalization that trained networks have."""

    def conv(self, x, name, cin, cout, kernel=1, stride=1, groups=1, norm=True):
        fan_in = cin // groups * kernel * kernel
        shape = (cout, cin // groups, kernel, kernel)
        weight = self.constant(f"{name}_weight", (self.random.normal(size=shape) * np.sqrt(2 / fan_in)).astype(np.float32))
        inputs = [x, weight]
        if not norm:
            inputs.append(self.constant(f"{name}_bias", (0.02 * self.random.normal(size=cout)).astype(np.float32)))
        pads = [kernel // 2] * 4 if kernel < 16 else [0] * 4
        y = self.node("Conv", inputs, f"{name}_conv" if norm else name, kernel_shape=[kernel] * 2, strides=[stride] * 2,
                      group=groups, pads=pads)  # fmt: skip
        return self.norm(y, name, cout) if norm else y

    def norm(self, x, name, channels):
        values = {"scale": self.random.uniform(0.7, 1.3, channels), "shift": 0.1 * self.random.normal(size=channels),
                  "mean": 0.1 * self.random.normal(size=channels), "variance": self.random.uniform(0.7, 1.5, channels)}  # fmt: skip
        constants = [self.constant(f"{name}_{key}", value.astype(np.float32)) for key, value in values.items()]
        return self.node("BatchNormalization", [x, *constants], name)

    def relu(self, x, name):
        return self.node("Relu", [x], name)

    def classifier(self, x, width, classes):
        flat = self.node("Flatten", [self.node("GlobalAveragePool", [x], "pooled")], "flat")
        weight = self.weight("head_weight", classes, width)
        bias = self.constant("head_bias", np.zeros(classes, np.float32))
        return self.node("Gemm", [flat, weight, bias], "y", transB=1)

    def save_images(self, path, size, output):
        self.save(path, [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", 3, size, size])],
                  [helper.make_tensor_value_info("y", TensorProto.FLOAT, output)],
                  {"x": smooth_images(self.random, size)})  # fmt: skip


def smooth_images(random, size):
    coarse = random.normal(size=(SAMPLES, 3, size // 8, size // 8))
    fine = 0.3 * random.normal(size=(SAMPLES, 3, size, size))
    return (np.kron(coarse, np.ones((8, 8))) + fine).astype(np.float32)


def write_resnet50(path):
    b = ImageBuilder(seed=2)
    x = b.relu(b.conv("x", "stem", 3, 64, 7, 2), "stem_relu")
    x = b.node("MaxPool", [x], "pool", kernel_shape=[3, 3], strides=[2, 2], pads=[1] * 4)
    width = 64
    for stage, blocks in enumerate([3, 4, 6, 3]):
        for block in range(blocks):
            name, inner = f"stage{stage}_{block}", 64 << stage
            stride = 2 if stage > 0 and block == 0 else 1
            y = b.relu(b.conv(x, f"{name}_a", width, inner), f"{name}_a_relu")
            y = b.relu(b.conv(y, f"{name}_b", inner, inner, 3, stride), f"{name}_b_relu")
            y = b.conv(y, f"{name}_c", inner, 4 * inner)
            shortcut = b.conv(x, f"{name}_shortcut", width, 4 * inner, 1, stride) if block == 0 else x
            x = b.relu(b.node("Add", [y, shortcut], f"{name}_sum"), f"{name}_relu")
            width = 4 * inner
    b.classifier(x, width, 100)
    b.save_images(path, 64, ["N", 100])


def write_mobilenetv3(path):
    b = ImageBuilder(seed=3)
    x = b.node("HardSwish", [b.conv("x", "stem", 3, 16, 3, 2)], "stem_swish")
    width = 16
    # Expanded width, result, kernel, stride, squeeze and excite, hard-swish.
    blocks = [(16, 16, 3, 2, True, False), (72, 24, 3, 2, False, False), (88, 24, 3, 1, False, False),
              (96, 40, 5, 2, True, True), (240, 40, 5, 1, True, True), (120, 48, 5, 1, True, True),
              (288, 96, 5, 2, True, True), (576, 96, 5, 1, True, True)]  # fmt: skip
    for i, (wide, result, kernel, stride, squeeze, swish) in enumerate(blocks):
        name, activation = f"block{i}", "HardSwish" if swish else "Relu"
        y = b.node(activation, [b.conv(x, f"{name}_expand", width, wide)], f"{name}_expand_{activation}")
        y = b.conv(y, f"{name}_depthwise", wide, wide, kernel, stride, groups=wide)
        y = b.node(activation, [y], f"{name}_depthwise_{activation}")
        if squeeze:
            s = b.node("GlobalAveragePool", [y], f"{name}_squeeze")
            s = b.relu(b.conv(s, f"{name}_reduce", wide, wide // 4, norm=False), f"{name}_reduce_relu")
            s = b.conv(s, f"{name}_restore", wide // 4, wide, norm=False)
            y = b.node("Mul", [y, b.node("HardSigmoid", [s], f"{name}_gate", alpha=1 / 6, beta=0.5)], f"{name}_excite")
        y = b.conv(y, f"{name}_project", wide, result)
        x = b.node("Add", [x, y], f"{name}_sum") if stride == 1 and width == result else y
        width = result
    x = b.node("HardSwish", [b.conv(x, "last", width, 576)], "last_swish")
    b.classifier(x, 576, 100)
    b.save_images(path, 96, ["N", 100])


def write_unet(path):
    b = ImageBuilder(seed=4)

    def double(x, name, cin, cout):
        x = b.relu(b.conv(x, f"{name}_a", cin, cout, 3), f"{name}_a_relu")
        return b.relu(b.conv(x, f"{name}_b", cout, cout, 3), f"{name}_b_relu")

    skips, x, width = [], "x", 3
    for level in range(3):
        x = double(x, f"down{level}", width, 16 << level)
        width = 16 << level
        skips.append((x, width))
        x = b.node("MaxPool", [x], f"pool{level}", kernel_shape=[2, 2], strides=[2, 2])
    x, width = double(x, "middle", width, 2 * width), 2 * width
    for level, (skip, half) in reversed(list(enumerate(skips))):
        weight = b.constant(f"up{level}_weight", (b.random.normal(size=(width, half, 2, 2)) / np.sqrt(width)).astype(np.float32))
        x = b.node("ConvTranspose", [x, weight], f"up{level}", kernel_shape=[2, 2], strides=[2, 2])
        x = double(b.node("Concat", [skip, x], f"join{level}", axis=1), f"merge{level}", 2 * half, half)
        width = half
    b.conv(x, "y", width, 4, norm=False)
    b.save_images(path, 64, ["N", 4, 64, 64])


def write_vit(path, width=192, heads=3, layers=6, size=64):
    b = ImageBuilder(seed=5)
    b.constant("heads", np.array([0, 0, heads, width // heads], np.int64))
    b.constant("joined", np.array([0, 0, width], np.int64))
    for name, value in [("root", (width // heads) ** -0.5), ("half_root", 0.5**0.5), ("one", 1), ("half", 0.5)]:
        b.constant(name, np.float32(value))
    b.constant("flat", np.array([0, width, -1], np.int64))
    patches = b.conv("x", "patches", 3, width, 16, 16, norm=False)
    x = b.node("Transpose", [b.node("Reshape", [patches, "flat"], "rows")], "tokens", perm=[0, 2, 1])
    positions = b.constant("positions", (0.2 * b.random.normal(size=(1, (size // 16) ** 2, width))).astype(np.float32))
    x = b.node("Add", [x, positions], "placed")
    for layer in range(layers):
        name = f"layer{layer}"
        x = b.node("Add", [x, attention(b, b.normalized(x, f"{name}_norm", width), name, width, heads)], f"{name}_sum")
        up = gelu(b, b.linear(b.normalized(x, f"{name}_norm2", width), f"{name}_up", width, 4 * width), f"{name}_gelu")
        x = b.node("Add", [x, b.linear(up, f"{name}_down", 4 * width, width)], f"{name}_sum2")
    mean = b.node("ReduceMean", [b.normalized(x, "last_norm", width)], "mean", axes=[1], keepdims=0)
    b.linear(mean, "y", width, 100)
    b.save_images(path, size, ["N", 100])


def write_lstm_classifier(path, width=64, hidden=128, steps=20):
    b = Builder(seed=6)
    for name, shape in [("w", (1, 4 * hidden, width)), ("r", (1, 4 * hidden, hidden)), ("b", (1, 8 * hidden))]:
        b.constant(name, (b.random.normal(size=shape) / np.sqrt(hidden)).astype(np.float32))
    turned = b.node("Transpose", ["x"], "turned", perm=[1, 0, 2])
    states = b.node("LSTM", [turned, "w", "r", "b"], "states", hidden_size=hidden)
    b.constant("last", np.array(steps - 1, np.int64))
    b.constant("direction", np.array(0, np.int64))
    last = b.node("Gather", [b.node("Gather", [states, "last"], "last_state", axis=0), "direction"], "state", axis=0)
    hidden_layer = b.node("Relu", [b.linear(last, "hidden", hidden, 64)], "hidden_relu")
    b.linear(hidden_layer, "y", 64, 10)
    b.save(path, [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", steps, width])],
           [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["N", 10])],
           {"x": b.random.normal(size=(SAMPLES, steps, width)).astype(np.float32)})  # fmt: skip


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    write_encoder(folder / "bert.onnx")
    write_vit(folder / "vit.onnx")
    write_resnet50(folder / "resnet50.onnx")
    write_mobilenetv3(folder / "mobilenetv3.onnx")
    write_unet(folder / "unet.onnx")
    write_lstm_classifier(folder / "lstm_classifier.onnx")
