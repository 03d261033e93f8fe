// All kernel families: their signatures, declared for the reference in each family's header.
#pragma once
#include "isa/vmath_table.h"
#include "kernels/elementwise/elementwise.h"
#include "kernels/gemm/gemm.h"
