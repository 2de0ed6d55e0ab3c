#include "cli/cli_fixture.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

#include "data/npz.h"
#include "octavo/model.h"
#include "support/graph_text.h"

namespace octavo::testing {
Tensor samples(std::int64_t count, float shift) {
  Tensor tensor(DType::kFloat32, {count, 3, 8, 8});
  float next = shift;
  for (float& value : tensor.mutable_as<float>()) {
    next = next * 1.7F + 0.31F;
    next -= static_cast<float>(static_cast<int>(next));
    value = next;
  }
  return tensor;
}

void Cli::SetUp() {
  write_model(parse_graph(kCliNetwork), folder_ / "model.onnx");
  write_npz(folder_ / "data.npz", {{"x", samples(6)}});
  const std::vector<std::int64_t> labels = {0, 1, 2, 3, 0, 1};
  write_npz(folder_ / "labelled.npz",
            {{"x", samples(6)}, {"labels", Tensor::of<std::int64_t>({6}, labels)}});
}

std::string Cli::content_of(std::string_view name) const {
  std::ifstream stream(folder_ / name, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

ProgramResult Cli::quantize(const std::string& model, const std::string& data) const {
  return run_octavo("quantize " + path(model) + " --calibration " + path(data) + " -o " +
                    path("out.onnx") + " --coverage widest --repair none");
}

void Cli::expect_failure(const ProgramResult& result, int exit_code,
                         std::initializer_list<std::string_view> parts) const {
  EXPECT_EQ(result.exit_code, exit_code) << result.errors;
  for (const std::string_view part : parts) {
    EXPECT_NE(result.errors.find(part), std::string::npos)
        << "expected \"" << part << "\" in: " << result.errors;
  }
  EXPECT_FALSE(std::filesystem::exists(folder_ / "out.onnx"));
  for (const auto& entry : std::filesystem::directory_iterator(folder_.path())) {
    EXPECT_FALSE(entry.path().string().ends_with(".tmp")) << entry.path();
  }
}

}  // namespace octavo::testing
