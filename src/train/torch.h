// libtorch's headers, precompiled: the tensors, and autograd for functions of our own.
#pragma once

#include <ATen/ATen.h>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/csrc/autograd/variable.h>
