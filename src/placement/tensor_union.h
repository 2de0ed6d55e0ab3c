// Sets of tensors that belong together, as a forest over their names.
#pragma once

#include <string_view>
#include <unordered_map>

namespace octavo {

// The names must outlive it.
class TensorUnion {
 public:
  // The same for all tensors of a set; a tensor that was never joined is a set alone.
  std::string_view root(std::string_view tensor) {
    const auto found = parents_.find(tensor);
    if (found == parents_.end()) return tensor;
    return found->second = root(found->second);
  }
  void join(std::string_view first, std::string_view second) {
    const std::string_view a = root(first);
    const std::string_view b = root(second);
    if (a != b) parents_[b] = a;
  }

 private:
  std::unordered_map<std::string_view, std::string_view> parents_;
};

}  // namespace octavo
