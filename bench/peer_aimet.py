"""Quantizes a model with aimet-onnx: 8 bits, its own defaults, exported in Q/DQ form. Variants: min_max, tf_enhanced."""

import onnx
from aimet_onnx.quantsim import QuantizationSimModel
from peer import report


def quantize(model, feeds, output, variant):
    simulation = QuantizationSimModel(onnx.load(model), param_type="int8", activation_type="int8", quant_scheme=variant)
    simulation.compute_encodings(feeds)
    onnx.save(simulation.to_onnx_qdq(export_int32_bias=True, prequantize_constants=True), output)


if __name__ == "__main__":
    report(quantize)
