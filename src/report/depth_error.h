// How the error grows on its way through the quantized network.
#pragma once

#include <cstddef>
#include <map>
#include <string>

#include "octavo/dataset.h"
#include "pipeline/evidence.h"

namespace octavo {

struct DepthError {
  double sqnr_db = 0;  // of the dequantized tensor against the float network's, errors before it
                       // included; infinite: equal
  double rmse = 0;
};

// By tensor, of the plan's activations. Runs both networks, every node as written, on the first
// `samples` of `data`. Inputs of the network are left out: nothing came before them.
std::map<std::string, DepthError, std::less<>> error_along_depth(const Evidence& evidence,
                                                                 const Dataset& data,
                                                                 std::size_t samples);

}  // namespace octavo
