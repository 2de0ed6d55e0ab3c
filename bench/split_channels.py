"""Writes what bench/channel_splitting evaluates.

    split_channels.py weights MODEL OUT EXPANSION   float weights that 8-bit codes stand for; "channel": one scale a channel
    split_channels.py range MODEL DATA              JSON: channels to add for a narrower range, by tensor
"""

import json
import sys

import numpy as np
import onnx
import onnxruntime
from onnx import numpy_helper

CODES = 127


def rounded(values, step, offset=0.0):
    return np.clip(np.floor(values / step + offset + 0.5), -CODES, CODES) * step


def with_one_scale_a_channel(weights):
    steps = np.abs(weights).reshape(len(weights), -1).max(1) / CODES
    steps = np.where(steps == 0, 1, steps).reshape(-1, *[1] * (weights.ndim - 1))
    return rounded(weights, steps)


def split(weights, expansion):
    """`weights` [outputs, inputs, ...] after the splits, rounded, the parts of each input added up again."""
    inputs = weights.shape[1]
    parts = [[weights[:, i]] for i in range(inputs)]
    for _ in range(int(np.ceil(expansion * inputs))):
        largest = max(range(inputs), key=lambda i: np.abs(parts[i][0]).max())
        # All parts of a channel are alike, up to the offsets that rounding gives them.
        count = len(parts[largest]) + 1
        parts[largest] = [weights[:, largest] / count] * count
    step = max(np.abs(part[0]).max() for part in parts) / CODES
    sums = []
    for channel in parts:
        count = len(channel)
        # (w - s/2) / 2 and (w + s/2) / 2, or as many offsets as there are parts: their sum rounds w once.
        offsets = (np.arange(count) - (count - 1) / 2) / count
        sums.append(sum(rounded(part, step, offset) for part, offset in zip(channel, offsets)))
    return np.stack(sums, axis=1)


def write_weights(source, target, expansion):
    model = onnx.load(source)
    constants = {tensor.name: tensor for tensor in model.graph.initializer}
    for node in model.graph.node:
        if node.op_type not in ("Conv", "MatMul") or len(node.input) < 2 or node.input[1] not in constants:
            continue
        tensor = constants[node.input[1]]
        weights = numpy_helper.to_array(tensor).astype(np.float64)
        weights = weights.T if node.op_type == "MatMul" else weights
        depthwise = any(attribute.name == "group" and attribute.i > 1 for attribute in node.attribute)
        if expansion == "channel":
            weights = with_one_scale_a_channel(weights)
        else:
            weights = split(weights, 0 if depthwise else float(expansion))
        weights = weights.T if node.op_type == "MatMul" else weights
        tensor.CopyFrom(numpy_helper.from_array(weights.astype(np.float32), tensor.name))
    onnx.save(model, target)


def channels_for(maxima, factor):
    """How many channels more make the largest of a tensor so much smaller."""
    limit = maxima.max() / factor
    return int(sum(np.ceil(value / limit) - 1 for value in maxima if value > limit))


def ranges(source, data):
    model = onnx.load(source)
    tensors = [node.output[0] for node in model.graph.node if node.op_type == "LayerNormalization"]
    model.graph.output.extend(onnx.ValueInfoProto(name=name) for name in tensors)
    session = onnxruntime.InferenceSession(model.SerializeToString())
    arrays = np.load(data)
    maxima = {}
    name = session.get_inputs()[0].name
    for sample in arrays[arrays.files[0]][:64]:
        for tensor, values in zip(tensors, session.run(tensors, {name: sample[None]})):
            found = np.abs(values).reshape(-1, values.shape[-1]).max(0)
            maxima[tensor] = np.maximum(maxima.get(tensor, 0), found)
    print(json.dumps([{"tensor": tensor, "channels": len(found),
                       "added": {factor: channels_for(found, factor) for factor in (2, 4, 8, 16)}}
                      for tensor, found in maxima.items()]))  # fmt: skip


if __name__ == "__main__":
    {"weights": write_weights, "range": ranges}[sys.argv[1]](*sys.argv[2:])
