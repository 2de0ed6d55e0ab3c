"""Writes transformers with outlier channels: outlier_models.py FOLDER.

vit_outliers.onnx (normalization before each layer, as in today's language models) and
encoder_outliers.onnx (after each sum, as in BERT), random weights, each with NAME_calibration.npz and
NAME_evaluation.npz. A few channels of every LayerNormalization are 20 to 60 times as large, always
the same ones; the weights that read them are smaller by the root of that, so that these channels
count for more than others, as in trained language models (Dettmers et al. 2022, arXiv 2208.07339).
"""

import sys
from pathlib import Path

import numpy as np
import onnx
import synthetic_models
from onnx import numpy_helper

CALIBRATION, EVALUATION = 256, 64
CHANNELS = (7, 50, 101, 160)


def plant(path):
    model = onnx.load(path)
    constants = {tensor.name: tensor for tensor in model.graph.initializer}
    factors = np.linspace(20, 60, len(CHANNELS)).astype(np.float32)
    for node in model.graph.node:
        if node.op_type != "LayerNormalization":
            continue
        for name in node.input[1:]:
            values = numpy_helper.to_array(constants[name]).copy()
            values[list(CHANNELS)] *= factors
            constants[name].CopyFrom(numpy_helper.from_array(values, name))
        for reader in model.graph.node:
            if reader.op_type == "MatMul" and reader.input[0] == node.output[0]:
                values = numpy_helper.to_array(constants[reader.input[1]]).copy()
                values[list(CHANNELS)] /= np.sqrt(factors)[:, None]
                constants[reader.input[1]].CopyFrom(numpy_helper.from_array(values, reader.input[1]))
    onnx.save(model, path)


def split(path):
    arrays = dict(np.load(path.with_suffix(".npz")))
    for part, picked in [("calibration", slice(CALIBRATION)), ("evaluation", slice(CALIBRATION, None))]:
        np.savez(path.with_name(f"{path.stem}_{part}.npz"), **{name: array[picked] for name, array in arrays.items()})
    path.with_suffix(".npz").unlink()


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    synthetic_models.SAMPLES = CALIBRATION + EVALUATION
    for name, write in [("vit_outliers", synthetic_models.write_vit), ("encoder_outliers", synthetic_models.write_encoder)]:
        file = folder / f"{name}.onnx"
        write(file)
        plant(file)
        split(file)
