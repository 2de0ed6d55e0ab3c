// Tensors in other shapes and orders: no element changes.
#include <ATen/ExpandUtils.h>

#include <algorithm>
#include <limits>
#include <numeric>

#include "model/attributes.h"
#include "model/tensor_proto.h"
#include "train/constants.h"
#include "train/operators/operator.h"

namespace octavo {
namespace {

using Lengths = std::vector<std::int64_t>;

Forward reshape(const OperatorNode& node) {
  const bool zero_is_zero = int_attribute(node.proto, "allowzero", 0) != 0;
  return [=](const Values& inputs) -> Values {
    Lengths shape = to_ints(inputs[1]);
    for (std::size_t i = 0; i < shape.size() && !zero_is_zero; ++i) {
      if (shape[i] == 0) shape[i] = inputs[0].size(static_cast<std::int64_t>(i));
    }
    return {inputs[0].reshape(shape)};
  };
}

Forward flatten(const OperatorNode& node) {
  const std::int64_t axis = int_attribute(node.proto, "axis", 1);
  return [axis](const Values& inputs) -> Values {
    const auto sizes = inputs[0].sizes();
    std::int64_t rows = 1;
    for (std::int64_t i = 0; i < axis_of(axis, inputs[0].dim()); ++i) {
      rows *= sizes[static_cast<std::size_t>(i)];
    }
    return {inputs[0].reshape({rows, rows == 0 ? 0 : inputs[0].numel() / rows})};
  };
}

Forward transpose(const OperatorNode& node) {
  const Lengths order = ints_attribute(node.proto, "perm");
  return [order](const Values& inputs) -> Values {
    if (!order.empty()) return {inputs[0].permute(order)};
    Lengths reversed(static_cast<std::size_t>(inputs[0].dim()));
    std::iota(reversed.rbegin(), reversed.rend(), 0);
    return {inputs[0].permute(reversed)};
  };
}

Forward squeeze(const OperatorNode& node) {
  return [proto = node.proto, opset = node.opset,
          &graph = node.graph](const Values& inputs) -> Values {
    const auto axes = ints_of({proto, opset, graph}, "axes", inputs, 1);
    return {axes ? inputs[0].squeeze(*axes) : inputs[0].squeeze()};
  };
}

Forward unsqueeze(const OperatorNode& node) {
  return [proto = node.proto, opset = node.opset,
          &graph = node.graph](const Values& inputs) -> Values {
    Lengths axes = ints_of({proto, opset, graph}, "axes", inputs, 1).value_or(Lengths());
    const std::int64_t rank = inputs[0].dim() + static_cast<std::int64_t>(axes.size());
    for (std::int64_t& axis : axes) axis = axis_of(axis, rank);
    std::sort(axes.begin(), axes.end());
    at::Tensor result = inputs[0];
    for (const std::int64_t axis : axes) result = result.unsqueeze(axis);
    return {result};
  };
}

Forward expand(const OperatorNode&) {
  return [](const Values& inputs) -> Values {
    return {inputs[0].expand(at::infer_size(inputs[0].sizes(), to_ints(inputs[1])))};
  };
}

Forward tile(const OperatorNode&) {
  return [](const Values& inputs) -> Values { return {inputs[0].repeat(to_ints(inputs[1]))}; };
}

Forward shape(const OperatorNode& node) {
  const std::int64_t begin = int_attribute(node.proto, "start", 0);
  const std::int64_t end = int_attribute(node.proto, "end", std::numeric_limits<int>::max());
  return [=](const Values& inputs) -> Values {
    return {at::tensor(inputs[0].sizes(), at::kLong).slice(0, begin, end)};
  };
}

Forward size(const OperatorNode&) {
  return [](const Values& inputs) -> Values {
    return {at::scalar_tensor(inputs[0].numel(), at::kLong)};
  };
}

at::Tensor constant_of(const OperatorNode& node) {
  if (const auto* value = find_attribute(node.proto, "value")) {
    return to_torch(tensor_from_proto(value->t()));
  }
  if (const auto* value = find_attribute(node.proto, "value_float")) {
    return at::scalar_tensor(value->f(), at::kFloat);
  }
  if (const auto* value = find_attribute(node.proto, "value_int")) {
    return at::scalar_tensor(value->i(), at::kLong);
  }
  if (const auto* value = find_attribute(node.proto, "value_floats")) {
    return at::tensor(std::vector<float>(value->floats().begin(), value->floats().end()));
  }
  if (find_attribute(node.proto, "value_ints") != nullptr) {
    return at::tensor(ints_attribute(node.proto, "value_ints"), at::kLong);
  }
  refuse(node, "a Constant without numbers, or a sparse one");
}

Forward constant(const OperatorNode& node) {
  return [tensor = constant_of(node)](const Values&) -> Values { return {tensor}; };
}

Forward constant_of_shape(const OperatorNode& node) {
  const onnx::AttributeProto* value = find_attribute(node.proto, "value");
  const at::Tensor filled =
      value == nullptr ? at::zeros({1}) : to_torch(tensor_from_proto(value->t()));
  return [filled](const Values& inputs) -> Values {
    return {filled.reshape({}).expand(to_ints(inputs[0]))};
  };
}

Forward range(const OperatorNode&) {
  return [](const Values& inputs) -> Values {
    return {at::arange(inputs[0].item(), inputs[1].item(), inputs[2].item(), inputs[0].options())};
  };
}

// Above or below a diagonal, zeros on the other side of it.
Forward triangle(const OperatorNode& node) {
  const bool upper = int_attribute(node.proto, "upper", 1) != 0;
  return [=](const Values& inputs) -> Values {
    const at::Tensor diagonal = input_at(inputs, 1);
    const std::int64_t offset = diagonal.defined() ? to_ints(diagonal).at(0) : 0;
    return {upper ? inputs[0].triu(offset) : inputs[0].tril(offset)};
  };
}

Forward eye_like(const OperatorNode& node) {
  const std::int64_t offset = int_attribute(node.proto, "k", 0);
  const auto stated = static_cast<int>(int_attribute(node.proto, "dtype", 0));
  std::optional<at::ScalarType> type;
  if (stated != 0) type = torch_type(node, dtype_from_onnx(stated));
  return [=](const Values& inputs) -> Values {
    const at::Tensor ones = at::ones_like(inputs[0], inputs[0].options().dtype(type));
    return {ones.triu(offset).tril(offset)};
  };
}

// Blocks of channels become blocks of pixels.
Forward depth_to_space(const OperatorNode& node) {
  const std::int64_t block = int_attribute(node.proto, "blocksize", 1);
  const bool blocks_first = string_attribute(node.proto, "mode", "DCR") == "DCR";
  return [=](const Values& inputs) -> Values {
    const at::Tensor& x = inputs[0];
    const std::int64_t batch = x.size(0), depth = x.size(1) / (block * block);
    const std::int64_t height = x.size(2), width = x.size(3);
    const at::Tensor parts =
        blocks_first
            ? x.reshape({batch, block, block, depth, height, width}).permute({0, 3, 4, 1, 5, 2})
            : x.reshape({batch, depth, block, block, height, width}).permute({0, 1, 4, 2, 5, 3});
    return {parts.reshape({batch, depth, height * block, width * block})};
  };
}

Forward space_to_depth(const OperatorNode& node) {
  const std::int64_t block = int_attribute(node.proto, "blocksize", 1);
  return [=](const Values& inputs) -> Values {
    const at::Tensor& x = inputs[0];
    const std::int64_t height = x.size(2) / block, width = x.size(3) / block;
    return {x.reshape({x.size(0), x.size(1), height, block, width, block})
                .permute({0, 3, 5, 1, 2, 4})
                .reshape({x.size(0), x.size(1) * block * block, height, width})};
  };
}

}  // namespace

std::vector<MappedOperator> shapes_operators() {
  return {{"Constant", constant},
          {"ConstantOfShape", constant_of_shape},
          {"DepthToSpace", depth_to_space},
          {"Expand", expand},
          {"EyeLike", eye_like},
          {"Flatten", flatten},
          {"Range", range},
          {"Reshape", reshape},
          {"Shape", shape},
          {"Size", size},
          {"SpaceToDepth", space_to_depth},
          {"Squeeze", squeeze},
          {"Tile", tile},
          {"Transpose", transpose},
          {"Trilu", triangle},
          {"Unsqueeze", unsqueeze}};
}

}  // namespace octavo
