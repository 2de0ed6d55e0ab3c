#include "train/node_test_exceptions.h"

namespace octavo::testing {
namespace {

constexpr NodeTestException kExceptions[] = {
    {"_float16", "octavo-train does not map none", ""},
};

}  // namespace

std::span<const NodeTestException> node_test_exceptions() { return kExceptions; }

}  // namespace octavo::testing
