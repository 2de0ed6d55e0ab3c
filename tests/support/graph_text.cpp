#include "support/graph_text.h"

#include <fmt/format.h>

#include <cctype>
#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "model/check.h"
#include "model/tensor_proto.h"
#include "octavo/error.h"
#include "onnx/onnx-ml.pb.h"

namespace octavo::testing {
namespace {

// One line, read from left to right.
class Line {
 public:
  Line(std::string_view text, int number) : text_(text), number_(number) { skip_blanks(); }

  [[noreturn]] void fail(const std::string& what) const {
    throw Error(ErrorCode::kInvalidArgument, fmt::format("line {}: {}, at '{}' in: {}", number_,
                                                         what, text_.substr(position_), text_));
  }

  bool at_end() const { return position_ == text_.size() || text_[position_] == '#'; }
  char peek() const { return at_end() ? '\0' : text_[position_]; }

  bool accept(char expected) {
    if (peek() != expected) return false;
    ++position_;
    skip_blanks();
    return true;
  }

  void expect(char expected) {
    if (!accept(expected)) fail(fmt::format("expected '{}'", expected));
  }

  void expect_end() const {
    if (!at_end()) fail("expected the end of the line");
  }

  // If the next word is `keyword` and not the start of "keyword = ...".
  bool accept_keyword(std::string_view keyword) {
    if (text_.substr(position_, keyword.size()) != keyword) return false;
    const std::size_t after = position_ + keyword.size();
    if (after < text_.size() && text_[after] != ' ') return false;
    const std::size_t next = text_.find_first_not_of(' ', after);
    if (next != std::string_view::npos && (text_[next] == '=' || text_[next] == ',')) return false;
    position_ = after;
    skip_blanks();
    return true;
  }

  // A bare or a quoted name. `what` says in errors what was expected.
  std::string name(std::string_view what) {
    if (peek() == '"') return quoted_text();
    const std::string result = word("_./-");
    if (result.empty()) fail(fmt::format("expected {}", what));
    return result;
  }

  // A name, or empty for the placeholder of an absent tensor.
  std::string name_or_absent() {
    const bool is_quoted = peek() == '"';
    std::string result = name("a tensor's name");
    return !is_quoted && result == "_" ? std::string() : result;
  }

  std::string quoted_text() {
    expect_raw('"');
    std::string result;
    while (position_ < text_.size() && text_[position_] != '"') {
      if (text_[position_] == '\\' && position_ + 1 < text_.size()) ++position_;
      result += text_[position_++];
    }
    expect_raw('"');
    skip_blanks();
    return result;
  }

  // "-1.5", "1e-05", "inf", "-nan": as it stands.
  std::string number() {
    const std::string result = word("+-.");
    if (result.empty()) fail("expected a number");
    return result;
  }

  double to_double(const std::string& text) const {
    char* end = nullptr;
    const double value = std::strtod(text.c_str(), &end);
    if (end != text.c_str() + text.size()) fail(fmt::format("'{}' is no number", text));
    return value;
  }

  std::int64_t to_int(const std::string& text) const {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) {
      fail(fmt::format("'{}' is no integer", text));
    }
    return value;
  }

 private:
  void skip_blanks() {
    while (position_ < text_.size() && text_[position_] == ' ') ++position_;
  }

  void expect_raw(char expected) {
    if (position_ == text_.size() || text_[position_] != expected) {
      fail(fmt::format("expected '{}'", expected));
    }
    ++position_;
  }

  std::string word(std::string_view punctuation) {
    const std::size_t begin = position_;
    while (position_ < text_.size() &&
           (std::isalnum(static_cast<unsigned char>(text_[position_])) != 0 ||
            punctuation.find(text_[position_]) != std::string_view::npos)) {
      ++position_;
    }
    std::string result(text_.substr(begin, position_ - begin));
    skip_blanks();
    return result;
  }

  std::string_view text_;
  int number_;
  std::size_t position_ = 0;
};

struct TensorType {
  int element_type = 0;
  // None: no brackets, an unknown rank.
  std::optional<onnx::TensorShapeProto> shape;
};

int parse_element_type(Line& line) {
  const std::string name = line.name("an element type");
  if (name == "string") return onnx::TensorProto::STRING;
  try {
    return to_onnx(dtype_from_name(name));
  } catch (const Error& error) {
    line.fail(error.what());
  }
}

void parse_dimension(Line& line, onnx::TensorShapeProto::Dimension& dimension) {
  if (line.accept('?')) return;
  if (std::isdigit(static_cast<unsigned char>(line.peek())) != 0) {
    dimension.set_dim_value(line.to_int(line.number()));
  } else {
    dimension.set_dim_param(line.name("a dimension"));
  }
}

TensorType parse_type(Line& line) {
  TensorType type;
  type.element_type = parse_element_type(line);
  if (!line.accept('[')) return type;
  type.shape.emplace();
  while (!line.accept(']')) {
    parse_dimension(line, *type.shape->add_dim());
    if (line.peek() != ']') line.expect(',');
  }
  return type;
}

// A tensor filled by value(index).
template <typename Value>
Tensor filled(DType dtype, const Shape& shape, Value value) {
  Tensor tensor(dtype, shape);
  for (std::size_t i = 0; i < tensor.size(); ++i) {
    traits(dtype).encode(tensor.mutable_bytes().data(), i, value());
  }
  return tensor;
}

Tensor random_tensor(Line& line, DType dtype, const Shape& shape) {
  if (traits(dtype).kind != DTypeKind::kFloat) line.fail("random() makes only float tensors");
  line.expect('(');
  std::mt19937_64 engine(static_cast<std::uint64_t>(line.to_int(line.number())));
  double low = -1;
  double high = 1;
  if (line.accept(',')) {
    low = line.to_double(line.number());
    line.expect(',');
    high = line.to_double(line.number());
  }
  line.expect(')');
  // The standard pins the engine but not its distributions.
  return filled(dtype, shape,
                [&] { return low + (high - low) * static_cast<double>(engine() >> 11) * 0x1p-53; });
}

Tensor fill_tensor(Line& line, DType dtype, const Shape& shape) {
  line.expect('(');
  const double value = line.to_double(line.number());
  line.expect(')');
  return filled(dtype, shape, [&] { return value; });
}

Tensor listed_tensor(Line& line, DType dtype, const Shape& shape, std::string text) {
  Tensor tensor(dtype, shape);
  for (std::size_t i = 0; i < tensor.size(); ++i) {
    if (i > 0) {
      if (line.at_end() || line.peek() == ')') {
        line.fail(fmt::format("{} values, expected {}", i, tensor.size()));
      }
      text = line.number();
    }
    if (dtype == DType::kInt64) {
      tensor.mutable_as<std::int64_t>()[i] = line.to_int(text);
    } else {
      traits(dtype).encode(tensor.mutable_bytes().data(), i, line.to_double(text));
    }
  }
  return tensor;
}

Tensor parse_values(Line& line, int element_type, const Shape& shape) {
  const DType dtype = dtype_from_onnx(element_type);
  if (element_count(shape) == 0) return {dtype, shape};
  std::string first = line.number();
  if (first == "random") return random_tensor(line, dtype, shape);
  if (first == "fill") return fill_tensor(line, dtype, shape);
  return listed_tensor(line, dtype, shape, std::move(first));
}

Shape known_shape(const Line& line, const TensorType& type) {
  if (!type.shape) line.fail("a constant needs a shape");
  Shape shape;
  for (const auto& dimension : type.shape->dim()) {
    if (!dimension.has_dim_value()) line.fail("a constant's dimensions are numbers");
    shape.push_back(dimension.dim_value());
  }
  return shape;
}

bool starts_number(char character) {
  return std::isdigit(static_cast<unsigned char>(character)) != 0 || character == '-' ||
         character == '+';
}

void add_to_list(Line& line, onnx::AttributeProto& attribute) {
  if (line.peek() == '"') {
    attribute.set_type(onnx::AttributeProto::STRINGS);
    attribute.add_strings(line.quoted_text());
    return;
  }
  const std::string text = line.number();
  if (text.find_first_not_of("-0123456789") == std::string::npos) {
    attribute.set_type(onnx::AttributeProto::INTS);
    attribute.add_ints(line.to_int(text));
  } else {
    attribute.set_type(onnx::AttributeProto::FLOATS);
    attribute.add_floats(static_cast<float>(line.to_double(text)));
  }
}

void parse_list(Line& line, onnx::AttributeProto& attribute) {
  attribute.set_type(onnx::AttributeProto::INTS);
  while (!line.accept(']')) {
    add_to_list(line, attribute);
    if (line.peek() != ']') line.expect(',');
  }
}

void parse_number_attribute(Line& line, const std::string& text, onnx::AttributeProto& attribute) {
  if (text.find_first_not_of("-0123456789") == std::string::npos) {
    attribute.set_type(onnx::AttributeProto::INT);
    attribute.set_i(line.to_int(text));
  } else {
    attribute.set_type(onnx::AttributeProto::FLOAT);
    attribute.set_f(static_cast<float>(line.to_double(text)));
  }
}

void parse_tensor_attribute(Line& line, onnx::AttributeProto& attribute) {
  const TensorType type = parse_type(line);
  line.expect('(');
  const Tensor tensor = parse_values(line, type.element_type, known_shape(line, type));
  line.expect(')');
  attribute.set_type(onnx::AttributeProto::TENSOR);
  *attribute.mutable_t() = tensor_to_proto(tensor, "");
}

void parse_attribute(Line& line, onnx::AttributeProto& attribute) {
  attribute.set_name(line.name("an attribute's name"));
  line.expect('=');
  if (line.accept('[')) return parse_list(line, attribute);
  if (line.peek() == '"') {
    attribute.set_type(onnx::AttributeProto::STRING);
    attribute.set_s(line.quoted_text());
    return;
  }
  if (starts_number(line.peek())) return parse_number_attribute(line, line.number(), attribute);
  parse_tensor_attribute(line, attribute);
}

void parse_operator(Line& line, onnx::NodeProto& node) {
  const std::string qualified = line.name("an operator");
  const std::size_t dot = qualified.rfind('.');
  node.set_op_type(dot == std::string::npos ? qualified : qualified.substr(dot + 1));
  if (dot != std::string::npos) node.set_domain(qualified.substr(0, dot));
}

void parse_node(Line& line, onnx::NodeProto& node) {
  do {
    node.add_output(line.name_or_absent());
  } while (line.accept(','));
  line.expect('=');
  parse_operator(line, node);
  line.expect('(');
  while (!line.accept(')')) {
    node.add_input(line.name_or_absent());
    if (line.peek() != ')') line.expect(',');
  }
  if (line.accept('{')) {
    while (!line.accept('}')) {
      parse_attribute(line, *node.add_attribute());
      if (line.peek() != '}') line.expect(',');
    }
  }
  if (line.peek() == '"') node.set_name(line.quoted_text());
}

void parse_declaration(Line& line, onnx::ValueInfoProto& info) {
  info.set_name(line.name("a tensor's name"));
  if (!line.accept(':')) return;
  const TensorType type = parse_type(line);
  auto& tensor_type = *info.mutable_type()->mutable_tensor_type();
  tensor_type.set_elem_type(type.element_type);
  if (type.shape) *tensor_type.mutable_shape() = *type.shape;
}

void parse_constant(Line& line, onnx::TensorProto& tensor) {
  const std::string name = line.name("a tensor's name");
  line.expect(':');
  const TensorType type = parse_type(line);
  line.expect('=');
  tensor = tensor_to_proto(parse_values(line, type.element_type, known_shape(line, type)), name);
}

void parse_opset(Line& line, onnx::ModelProto& model) {
  auto& import = *model.add_opset_import();
  std::string word = line.name("a version");
  if (!line.at_end()) {
    import.set_domain(std::move(word));
    word = line.number();
  }
  import.set_version(line.to_int(word));
}

onnx::GraphProto& add_body(Line& line, onnx::GraphProto& graph) {
  if (graph.node_size() == 0) line.fail("begin without a node before it");
  auto& attribute = *graph.mutable_node(graph.node_size() - 1)->add_attribute();
  attribute.set_name(line.name("an attribute's name"));
  attribute.set_type(onnx::AttributeProto::GRAPH);
  attribute.mutable_g()->set_name(attribute.name());
  return *attribute.mutable_g();
}

// The statements of one text; graphs_ is the path from the outermost graph to the current body.
class Parser {
 public:
  Parser() : graphs_{model_.mutable_graph()} { model_.mutable_graph()->set_name("graph"); }

  void statement(Line line) {
    onnx::GraphProto& graph = *graphs_.back();
    if (line.at_end()) return;
    if (line.accept_keyword("end")) {
      if (graphs_.size() == 1) line.fail("end without begin");
      graphs_.pop_back();
    } else if (line.accept_keyword("begin")) {
      graphs_.push_back(&add_body(line, graph));
    } else if (line.accept_keyword("opset")) {
      parse_opset(line, model_);
    } else if (line.accept_keyword("input")) {
      parse_declaration(line, *graph.add_input());
    } else if (line.accept_keyword("output")) {
      parse_declaration(line, *graph.add_output());
    } else if (line.accept_keyword("value")) {
      parse_declaration(line, *graph.add_value_info());
    } else if (line.accept_keyword("const")) {
      parse_constant(line, *graph.add_initializer());
    } else {
      parse_node(line, *graph.add_node());
    }
    line.expect_end();
  }

  Model finish(const Line& last) {
    if (graphs_.size() > 1) last.fail("begin without end");
    constexpr int kIrOfOpset21 = 10;
    constexpr int kIr = 8;
    model_.set_ir_version(kIr);
    for (const auto& import : model_.opset_import()) {
      if (import.domain().empty() && import.version() >= 21) model_.set_ir_version(kIrOfOpset21);
    }
    return Model(std::move(model_));
  }

 private:
  onnx::ModelProto model_;
  std::vector<onnx::GraphProto*> graphs_;
};

}  // namespace

Model parse_broken_graph(std::string_view text) {
  Parser parser;
  int number = 0;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    parser.statement(Line(line, ++number));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
  }
  return parser.finish(Line("", number));
}

Model parse_graph(std::string_view text) {
  Model model = parse_broken_graph(text);
  check_model(model, "graph text");
  return model;
}

}  // namespace octavo::testing
