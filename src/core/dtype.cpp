#include "octavo/dtype.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include "core/dtypes/bfloat16.h"
#include "core/dtypes/boolean.h"
#include "core/dtypes/float16.h"
#include "core/dtypes/float32.h"
#include "core/dtypes/float64.h"
#include "core/dtypes/float8e4m3.h"
#include "core/dtypes/float8e5m2.h"
#include "core/dtypes/int16.h"
#include "core/dtypes/int32.h"
#include "core/dtypes/int4.h"
#include "core/dtypes/int64.h"
#include "core/dtypes/int8.h"
#include "core/dtypes/uint16.h"
#include "core/dtypes/uint32.h"
#include "core/dtypes/uint4.h"
#include "core/dtypes/uint64.h"
#include "core/dtypes/uint8.h"
#include "octavo/error.h"

namespace octavo {
namespace {

constexpr auto kAllDTypes = std::to_array<DTypeTraits>({
#define OCTAVO_DTYPE(type) dtypes::type,
#include "core/dtypes/dtype_list.inc"
#undef OCTAVO_DTYPE
});
static_assert(std::ranges::is_sorted(kAllDTypes, {}, &DTypeTraits::dtype));

const DTypeTraits* find_traits(DType dtype) {
  const auto* found = std::ranges::lower_bound(kAllDTypes, dtype, {}, &DTypeTraits::dtype);
  return found != kAllDTypes.end() && found->dtype == dtype ? found : nullptr;
}

}  // namespace

const DTypeTraits& traits(DType dtype) {
  if (const DTypeTraits* found = find_traits(dtype)) return *found;
  throw Error(ErrorCode::kUnsupported,
              fmt::format("ONNX data type {} has no numeric elements", to_onnx(dtype)));
}

std::span<const DTypeTraits> all_dtypes() { return kAllDTypes; }

DType dtype_from_name(std::string_view name) {
  const auto* found = std::ranges::find(kAllDTypes, name, &DTypeTraits::name);
  if (found != kAllDTypes.end()) return found->dtype;
  std::vector<std::string_view> known;
  known.reserve(kAllDTypes.size());
  for (const DTypeTraits& type : kAllDTypes) known.push_back(type.name);
  throw Error(
      ErrorCode::kInvalidArgument,
      fmt::format("unknown data type \"{}\"; expected one of {}", name, fmt::join(known, ", ")));
}

DType dtype_from_onnx(int data_type) {
  const auto dtype = static_cast<DType>(data_type);
  const bool is_known =
      to_onnx(dtype) == data_type && (dtype == DType::kString || find_traits(dtype) != nullptr);
  if (is_known) return dtype;
  throw Error(ErrorCode::kUnsupported,
              fmt::format("ONNX data type {} is not one that Octavo knows", data_type));
}

}  // namespace octavo
