"""Quantizes a model with aimet-onnx's AdaRound: 4-bit weights a channel, 8-bit activations, exported in Q/DQ form.

The variant is the number of iterations a layer."""

import onnx
from aimet_onnx import QuantizationSimModel, apply_adaround
from aimet_onnx.batch_norm_fold import fold_all_batch_norms_to_weight
from peer import report


def quantize(model, feeds, output, variant):
    loaded = onnx.load(model)
    fold_all_batch_norms_to_weight(loaded)
    simulation = QuantizationSimModel(loaded, param_type="int4", activation_type="int8", quant_scheme="min_max",
                                      config_file="default", providers=["CPUExecutionProvider"])  # fmt: skip
    if variant != "nearest":
        apply_adaround(simulation, feeds, num_iterations=int(variant))
    simulation.compute_encodings(feeds)
    onnx.save(simulation.to_onnx_qdq(export_int32_bias=True, prequantize_constants=True), output)


if __name__ == "__main__":
    report(quantize)
