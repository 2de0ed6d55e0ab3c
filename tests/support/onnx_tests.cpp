#include "support/onnx_tests.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>

#include "model/tensor_proto.h"
#include "octavo/error.h"
#include "onnx/onnx-ml.pb.h"
#include "support/paths.h"

namespace octavo::testing {

namespace fs = std::filesystem;

std::vector<fs::path> onnx_test_folders(std::string_view suite) {
  const fs::path root = source_dir() / ".deps/onnx_tests/onnx/backend/test/data" / suite;
  std::vector<fs::path> folders;
  if (!fs::is_directory(root)) return folders;
  for (const auto& entry : fs::directory_iterator(root)) folders.push_back(entry.path());
  std::sort(folders.begin(), folders.end());
  return folders;
}

std::vector<Tensor> onnx_test_tensors(const fs::path& folder, std::string_view what) {
  std::vector<Tensor> tensors;
  const auto file = [&](std::size_t i) {
    return folder / "test_data_set_0" / fmt::format("{}_{}.pb", what, i);
  };
  while (fs::exists(file(tensors.size()))) {
    const fs::path path = file(tensors.size());
    onnx::TensorProto proto;
    std::ifstream stream(path, std::ios::binary);
    if (!proto.ParseFromIstream(&stream)) {
      throw Error(ErrorCode::kInvalidFile, path.string() + ": not a tensor");
    }
    tensors.push_back(tensor_from_proto(proto, path.string()));
  }
  return tensors;
}

}  // namespace octavo::testing
