// All kernel families: their signatures, declared for the reference in each family's header.
#pragma once
#include "isa/vmath_table.h"
#include "kernels/conv/conv.h"
#include "kernels/conv/pool_pairs.h"
#include "kernels/dropout/dropout.h"
#include "kernels/elementwise/elementwise.h"
#include "kernels/embedding/embedding.h"
#include "kernels/gemm/gemm.h"
#include "kernels/norm/norm.h"
#include "kernels/optimizer/optimizer.h"
#include "kernels/pool/pool.h"
#include "kernels/recurrent/recurrent.h"
#include "kernels/softmax/softmax.h"
