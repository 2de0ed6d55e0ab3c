// Elements looked up, and written, by indices. ONNX counts from the end for negative ones.
#include <string>

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

// A tensor as rows of what lies at one tuple of indices, after `batch_axes` that all tuples share.
struct Rows {
  std::int64_t batches = 1;
  std::int64_t rows = 1;  // of a batch
  at::IntArrayRef indexed;
  at::IntArrayRef rest;

  Rows(const at::Tensor& x, const at::Tensor& tuples, std::size_t batch_axes)
      : batches(product_of(x.sizes().slice(0, batch_axes))),
        indexed(x.sizes().slice(batch_axes, static_cast<std::size_t>(tuples.size(-1)))),
        rest(x.sizes().slice(batch_axes + indexed.size())) {
    rows = product_of(indexed);
  }
  // [count, rest...]
  at::Tensor of(const at::Tensor& tensor, std::int64_t count) const {
    return tensor.reshape(followed_by_rest({count}));
  }
  Lengths followed_by_rest(Lengths first) const {
    first.insert(first.end(), rest.begin(), rest.end());
    return first;
  }
};

Forward gather_nd(const OperatorNode& node) {
  const auto batch_axes = static_cast<std::size_t>(int_attribute(node.proto, "batch_dims", 0));
  return [=](const Values& inputs) -> Values {
    const at::Tensor& x = inputs[0];
    const at::Tensor tuples = inputs[1].to(x.device());
    const Rows form(x, tuples, batch_axes);
    const auto whole = tuples.options().dtype(at::kLong);
    const at::Tensor first = at::arange(form.batches, whole).unsqueeze(1) * form.rows;
    const at::Tensor positions = flat_positions(tuples, form.indexed).reshape({form.batches, -1});
    const at::Tensor found =
        form.of(x, form.batches * form.rows).index_select(0, (positions + first).flatten());
    const auto sizes = tuples.sizes();
    return {found.reshape(form.followed_by_rest({sizes.begin(), sizes.end() - 1}))};
  };
}

// What becomes of an element that is written to: libtorch's word for it, empty for the new value.
std::string reduction_of(const OperatorNode& node) {
  const std::string word = string_attribute(node.proto, "reduction", "none");
  if (word == "none") return "";
  if (word == "add") return "sum";
  if (word == "mul") return "prod";
  if (word == "max" || word == "min") return "a" + word;
  refuse(node, "reduction " + word);
}

Forward scatter_elements(const OperatorNode& node) {
  const std::int64_t axis = int_attribute(node.proto, "axis", 0);
  const std::string reduction = reduction_of(node);
  return [=](const Values& inputs) -> Values {
    const Values there = on_one_device(inputs);
    const at::Tensor& x = there[0];
    const at::Tensor positions = from_the_end(there[1], x.size(axis));
    const at::Tensor updates = there[2].to(x.scalar_type());  // mixed precision makes them differ
    if (reduction.empty()) return {at::scatter(x, axis, positions, updates)};
    if (reduction == "sum") return {at::scatter_add(x, axis, positions, updates)};
    return {at::scatter_reduce(x, axis, positions, updates, reduction)};
  };
}

at::Tensor written(const at::Tensor& rows, const at::Tensor& positions, const at::Tensor& updates,
                   const std::string& reduction) {
  if (reduction.empty()) return at::index_copy(rows, 0, positions, updates);
  if (reduction == "sum") return at::index_add(rows, 0, positions, updates);
  return at::index_reduce(rows, 0, positions, updates, reduction);
}

Forward scatter_nd(const OperatorNode& node) {
  const std::string reduction = reduction_of(node);
  return [=](const Values& inputs) -> Values {
    const Values there = on_one_device(inputs);
    const at::Tensor& x = there[0];
    const Rows form(x, there[1], 0);
    const at::Tensor positions = flat_positions(there[1], form.indexed).flatten();
    const at::Tensor updates = form.of(there[2].to(x.scalar_type()), positions.numel());
    return {written(form.of(x, form.rows), positions, updates, reduction).reshape(x.sizes())};
  };
}

// Where a condition holds along an axis, or in all of x as one row.
Forward compress(const OperatorNode& node) {
  const bool flattens = find_attribute(node.proto, "axis") == nullptr;
  const std::int64_t axis = int_attribute(node.proto, "axis", 0);
  return [=](const Values& inputs) -> Values {
    const at::Tensor x = flattens ? inputs[0].flatten() : inputs[0];
    return {x.index_select(axis, at::nonzero(inputs[1].to(x.device())).flatten())};
  };
}

Forward non_zero(const OperatorNode&) {
  return [](const Values& inputs) -> Values { return {at::nonzero(inputs[0]).t()}; };
}

Forward one_hot(const OperatorNode& node) {
  const std::int64_t stated = int_attribute(node.proto, "axis", -1);
  return [=](const Values& inputs) -> Values {
    const std::int64_t depth = to_ints(inputs[1]).at(0);
    const Values there = on_one_device({inputs[0], inputs[2]});
    const std::int64_t axis = axis_of(stated, there[0].dim() + 1);
    const at::Tensor positions = from_the_end(there[0], depth).unsqueeze(axis);
    Lengths shape(static_cast<std::size_t>(positions.dim()), 1);
    shape[static_cast<std::size_t>(axis)] = depth;
    const at::Tensor classes = at::arange(depth, positions.options()).reshape(shape);
    return {at::where(positions == classes, there[1][1], there[1][0])};
  };
}

}  // namespace

std::vector<MappedOperator> indexing_operators() {
  return {{"Compress", compress},
          {"Gather", gather},
          {"GatherElements", gather_elements},
          {"GatherND", gather_nd},
          {"NonZero", non_zero},
          {"OneHot", one_hot},
          {"Scatter", scatter_elements},
          {"ScatterElements", scatter_elements},
          {"ScatterND", scatter_nd}};
}

}  // namespace octavo
