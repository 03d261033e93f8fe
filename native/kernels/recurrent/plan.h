// Which steps a recurrent call really takes: the valid steps of each row, compacted.
#pragma once
#include <cstdint>

#include "core/shape.h"

namespace saraf {

struct RecurrentPlan {
  int64_t N, T, steps;   // steps: valid ones in all rows
  bool dense;            // every step is valid
  const int32_t* count;  // (N) valid steps of a row
  const int32_t* time;   // (N,T) time of a row's s-th valid step in processing order; count[n] entries are set
  const int32_t* order;  // (N) rows, most steps first, equal ones by number
  // Valid steps ordered by row, then time: (steps) n·T+t, and the same of the valid step processed before it, or -1-n.
  const int32_t* at;
  const int32_t* before;
};

// Lives in the scratch slot kRecurrentIndex until the next plan. Throws ERR_MEMORY.
RecurrentPlan plan_recurrent(const RecurrentShape& shape, const uint8_t* mask, bool backward);

}  // namespace saraf
