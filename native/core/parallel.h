// Thread pool: OpenMP's. Work is always cut by shape; threads only decide who does which piece, never what is summed.
#pragma once
#include <cstdint>

namespace saraf {

constexpr int kMaxThreads = 1024;  // twice the largest machine; more than a process may have ends it within the OpenMP runtime

int thread_count();          // threads that a kernel may use. Throws ERR_ARG if the default is asked for and SARAF_THREADS is no such number
void set_thread_count(int);  // 1 … kMaxThreads; 0 = default (SARAF_THREADS, else the number of usable cores)
int hardware_threads();

// One kernel call, from its begin to its end: thread_count() stays in the calling thread what it was when first asked, whatever other
// threads of the process set meanwhile. Kernels get scratch for that many threads before they start them.
class HeldThreads {
 public:
  HeldThreads();
  ~HeldThreads();
  HeldThreads(const HeldThreads&) = delete;
  HeldThreads& operator=(const HeldThreads&) = delete;
};

using RangeFn = void (*)(void* context, int64_t begin, int64_t end, int thread);

// Calls fn on contiguous ranges that cover [0, n); at most thread_count() of them, each of at least `grain` items.
// fn must not throw. Runs in the calling thread when one range suffices. `thread` is in [0, thread_count()).
void parallel_ranges(int64_t n, int64_t grain, void* context, RangeFn fn);

// Calls fn(context, i, i+1, thread) for i in [0, n), one task at a time, taken dynamically: for tasks of unequal cost.
void parallel_tasks(int64_t n, void* context, RangeFn fn);

// Calls fn(context, i, i+1, i) for i = 0 and 1 at once, each in a thread that thread_count() then tells to stay alone. Everything that
// fn starts runs in its thread.
void parallel_pair(void* context, RangeFn fn);

namespace {
// Lambda forms. Internal linkage: instantiated per instruction set, never merged.
template <class F>
void parallel_for(int64_t n, int64_t grain, F&& body) {
  parallel_ranges(n, grain, (void*)&body,
                  [](void* c, int64_t b, int64_t e, int t) { (*static_cast<decltype(&body)>(c))(b, e, t); });
}
template <class F>
void parallel_each(int64_t n, F&& body) {
  parallel_tasks(n, (void*)&body,
                 [](void* c, int64_t b, int64_t, int t) { (*static_cast<decltype(&body)>(c))(b, t); });
}
template <class F>
void parallel_both(F&& body) {
  parallel_pair((void*)&body, [](void* c, int64_t i, int64_t, int) { (*static_cast<decltype(&body)>(c))((int)i); });
}
}  // namespace

}  // namespace saraf
