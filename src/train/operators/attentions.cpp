// Attention and what turns positions into angles for it. Source of the equations: the ONNX
// standard, operators Attention and RotaryEmbedding.
#include <cmath>
#include <limits>

#include "model/attributes.h"
#include "train/operators/operator.h"

namespace octavo {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// [batch, steps, heads * size] as [batch, heads, steps, size]; of four axes it is that already.
at::Tensor by_heads(const at::Tensor& x, std::int64_t heads) {
  return x.dim() == 4 ? x : x.unflatten(2, {heads, -1}).transpose(1, 2);
}

at::Tensor after_past(const at::Tensor& x, const at::Tensor& past) {
  return past.defined() ? at::cat({past, x}, 2) : x;
}

// As many heads as the queries have: each serves some of theirs.
at::Tensor shared_by(const at::Tensor& x, std::int64_t heads) {
  return x.size(1) == heads ? x : x.repeat_interleave(heads / x.size(1), 1);
}

at::Tensor added_mask(const at::Tensor& scores, const at::Tensor& mask) {
  const at::Tensor there = mask.to(scores.device());
  if (there.scalar_type() != at::kBool) return scores + there;
  return scores.masked_fill(at::logical_not(there), -kInfinity);
}

struct AttentionForm {
  std::int64_t query_heads = 0;
  std::int64_t heads = 0;  // of keys and values
  float scale = 0;         // 0: by the size of a head
  float softcap = 0;
  bool causal = false;
};

// The shares that each query gives to the keys. A query that may look at none gives none.
at::Tensor shares(const at::Tensor& scores, bool masked) {
  if (!masked) return at::softmax(scores, -1);
  const at::Tensor blind = (scores == -kInfinity).all(-1, true);
  return at::softmax(scores.masked_fill(blind, 0), -1).masked_fill(blind, 0);
}

at::Tensor attention_shares(const AttentionForm& form, at::Tensor scores, const at::Tensor& mask,
                            std::int64_t past_steps) {
  if (form.softcap != 0) scores = at::tanh(scores / form.softcap) * form.softcap;
  if (form.causal) {
    const auto truths = scores.options().dtype(at::kBool);
    scores =
        added_mask(scores, at::ones({scores.size(2), scores.size(3)}, truths).tril(past_steps));
  }
  if (mask.defined()) scores = added_mask(scores, mask);
  return shares(scores, mask.defined());
}

Values attend(const AttentionForm& form, const Values& inputs) {
  const at::Tensor queries = by_heads(inputs[0], form.query_heads);
  const at::Tensor past = input_at(inputs, 4);
  const at::Tensor keys = after_past(by_heads(inputs[1], form.heads), past);
  const at::Tensor values = after_past(by_heads(inputs[2], form.heads), input_at(inputs, 5));
  const std::int64_t heads = queries.size(1);
  const double root =
      std::sqrt(form.scale == 0 ? 1 / std::sqrt(static_cast<double>(queries.size(3))) : form.scale);
  const at::Tensor scores =
      at::matmul(queries * root, shared_by(keys, heads).transpose(2, 3) * root);
  const at::Tensor given =
      attention_shares(form, scores, input_at(inputs, 3), past.defined() ? past.size(2) : 0);
  const at::Tensor result = at::matmul(given, shared_by(values, heads));
  return {inputs[0].dim() == 4 ? result : result.transpose(1, 2).flatten(2), keys, values, scores};
}

Forward attention(const OperatorNode& node) {
  if (!input_or_empty(node.proto, 6).empty()) refuse(node, "nonpad_kv_seqlen");
  if (int_attribute(node.proto, "qk_matmul_output_mode", 0) != 0) {
    refuse(node, "qk_matmul_output_mode");
  }
  const AttentionForm form{
      int_attribute(node.proto, "q_num_heads", 0), int_attribute(node.proto, "kv_num_heads", 0),
      float_attribute(node.proto, "scale", 0), float_attribute(node.proto, "softcap", 0),
      int_attribute(node.proto, "is_causal", 0) != 0};
  return [form](const Values& inputs) { return attend(form, inputs); };
}

struct RotaryForm {
  std::int64_t heads = 0;
  std::int64_t turned = 0;  // elements of a head; 0: all
  bool interleaved = false;
};

// [batch, steps, 1, half]
at::Tensor angles(const at::Tensor& table, const at::Tensor& positions, std::int64_t half) {
  const at::Tensor chosen = positions.defined()
                                ? table.index_select(0, positions.to(table.device()).flatten())
                                      .unflatten(0, positions.sizes())
                                : table;
  return chosen.narrow(2, 0, half).unsqueeze(2);
}

Values rotate(const RotaryForm& form, const Values& inputs) {
  const at::Tensor& x = inputs[0];
  const at::Tensor heads = by_heads(x, form.heads).transpose(1, 2);  // [batch, steps, heads, size]
  const std::int64_t size = heads.size(3);
  const std::int64_t turned = form.turned == 0 ? size : form.turned;
  const at::Tensor cosine = angles(inputs[1], input_at(inputs, 3), turned / 2);
  const at::Tensor sine = angles(inputs[2], input_at(inputs, 3), turned / 2);
  // Pairs of elements are neighbours, or half a head apart.
  const std::int64_t axis = form.interleaved ? -1 : -2;
  const at::Tensor pairs = form.interleaved ? heads.narrow(3, 0, turned).unflatten(3, {-1, 2})
                                            : heads.narrow(3, 0, turned).unflatten(3, {2, -1});
  const at::Tensor real = pairs.select(axis, 0);
  const at::Tensor imaginary = pairs.select(axis, 1);
  const at::Tensor result =
      at::stack({real * cosine - imaginary * sine, real * sine + imaginary * cosine}, axis);
  const at::Tensor all = at::cat({result.flatten(3), heads.narrow(3, turned, size - turned)}, 3);
  return {x.dim() == 4 ? all.transpose(1, 2) : all.flatten(2)};
}

Forward rotary_embedding(const OperatorNode& node) {
  const RotaryForm form{int_attribute(node.proto, "num_heads", 0),
                        int_attribute(node.proto, "rotary_embedding_dim", 0),
                        int_attribute(node.proto, "interleaved", 0) != 0};
  return [form](const Values& inputs) { return rotate(form, inputs); };
}

}  // namespace

std::vector<MappedOperator> attentions_operators() {
  return {{"Attention", attention}, {"RotaryEmbedding", rotary_embedding}};
}

}  // namespace octavo
