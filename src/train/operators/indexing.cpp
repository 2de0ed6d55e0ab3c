// Elements looked up by indices. ONNX counts from the end for negative ones.
#include "model/attributes.h"
#include "train/operators/operator.h"

namespace octavo {
namespace {

using Lengths = std::vector<std::int64_t>;

at::Tensor from_the_end(const at::Tensor& positions, std::int64_t length) {
  const at::Tensor whole = positions.to(at::kLong);
  return at::where(whole < 0, whole + length, whole);
}

Forward gather(const OperatorNode& node) {
  const std::int64_t stated = int_attribute(node.proto, "axis", 0);
  return [=](const Values& inputs) -> Values {
    const at::Tensor& x = inputs[0];
    const std::int64_t axis = axis_of(stated, x.dim());
    const at::Tensor positions = from_the_end(inputs[1], x.size(axis)).to(x.device());
    Lengths shape(x.sizes().begin(), x.sizes().begin() + axis);
    shape.insert(shape.end(), positions.sizes().begin(), positions.sizes().end());
    shape.insert(shape.end(), x.sizes().begin() + axis + 1, x.sizes().end());
    return {x.index_select(axis, positions.flatten()).reshape(shape)};
  };
}

Forward gather_elements(const OperatorNode& node) {
  const std::int64_t axis = int_attribute(node.proto, "axis", 0);
  return [=](const Values& inputs) -> Values {
    const at::Tensor positions = from_the_end(inputs[1], inputs[0].size(axis));
    return {inputs[0].gather(axis, positions.to(inputs[0].device()))};
  };
}

std::int64_t product_of(at::IntArrayRef lengths) {
  std::int64_t product = 1;
  for (const std::int64_t length : lengths) product *= length;
  return product;
}

// Where an element, or a slice, lies among all of the first axes flattened: `tuples` [..., k] holds
// k indices of each, one for every axis of `lengths`.
at::Tensor flat_positions(const at::Tensor& tuples, at::IntArrayRef lengths) {
  at::Tensor flat = at::zeros({}, tuples.options().dtype(at::kLong));
  for (std::size_t i = 0; i < lengths.size(); ++i) {
    const at::Tensor index = tuples.select(-1, static_cast<std::int64_t>(i));
    flat = flat * lengths[i] + from_the_end(index, lengths[i]);
  }
  return flat;
}

Forward gather_nd(const OperatorNode& node) {
  const auto batch_axes = static_cast<std::size_t>(int_attribute(node.proto, "batch_dims", 0));
  return [=](const Values& inputs) -> Values {
    const at::Tensor& x = inputs[0];
    const at::Tensor tuples = inputs[1].to(x.device());
    const auto indexed = static_cast<std::size_t>(tuples.size(-1));
    const at::IntArrayRef batch = x.sizes().slice(0, batch_axes);
    const at::IntArrayRef lengths = x.sizes().slice(batch_axes, indexed);
    const at::IntArrayRef rest = x.sizes().slice(batch_axes + indexed);
    const std::int64_t batches = product_of(batch);
    const std::int64_t stride = product_of(lengths);
    const at::Tensor first = at::arange(batches, tuples.options().dtype(at::kLong)) * stride;
    const at::Tensor positions = flat_positions(tuples, lengths).reshape({batches, -1});
    const at::Tensor rows = (positions + first.unsqueeze(1)).flatten();
    Lengths slices{batches * stride};
    slices.insert(slices.end(), rest.begin(), rest.end());
    Lengths shape(tuples.sizes().begin(), tuples.sizes().end() - 1);
    shape.insert(shape.end(), rest.begin(), rest.end());
    return {x.reshape(slices).index_select(0, rows).reshape(shape)};
  };
}

}  // namespace

std::vector<MappedOperator> indexing_operators() {
  return {{"Gather", gather}, {"GatherElements", gather_elements}, {"GatherND", gather_nd}};
}

}  // namespace octavo
