#include "core/parallel.h"

#include <atomic>
#include <cstdlib>
#include <string>

#include "core/error.h"
#ifdef _OPENMP
#include <omp.h>
#if defined(__linux__)
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <vector>
#define SARAF_KEEPS_APART 1
#endif
#endif

namespace saraf {

namespace {
std::atomic<int> g_threads{0};
thread_local bool alone = false;
thread_local int held = -1;  // -1: no call; 0: one that has not asked yet

int default_threads() {
  const char* text = std::getenv("SARAF_THREADS");
  if (!text || !*text) return hardware_threads();
  char* end = nullptr;
  const long n = std::strtol(text, &end, 10);
  if (*end != 0 || n < 1 || n > kMaxThreads)
    throw Error("ERR_ARG", "threads",
                "expected SARAF_THREADS to be a whole number from 1 to " + std::to_string(kMaxThreads) + ", received " + text + "; unset it to use all cores");
  return (int)n;
}
}  // namespace

#if defined(SARAF_KEEPS_APART)
namespace {
// The threads of one caller's regions, kept off the processor that the caller is on. A worker that fell asleep is woken, as often
// as not, on the very processor of the thread that wakes it, and waits there for a time slice of 3 to 8 ms while another is idle.
// Only workers are bound, never the caller: its thread belongs to the user.
struct Workers {
  int caller = -1;  // its processor when `others` was made
  cpu_set_t others;
  std::vector<pid_t> ids;

  // Before a region of `count` threads.
  void keep_apart(int count) {
    ids.resize((size_t)count, 0);  // workers beyond end with this region
    const int now = sched_getcpu();
    if (now == caller) return;
    caller = now;
    CPU_ZERO(&others);
    if (now < 0 || now >= CPU_SETSIZE || sched_getaffinity(0, sizeof others, &others) != 0) return;
    CPU_CLR(now, &others);
    for (const pid_t id : ids)
      if (id != 0) bind(id);
  }
  // In the region, by thread `me` of it.
  void join(int me) {
    static thread_local const pid_t id = (pid_t)syscall(SYS_gettid);
    if (me == 0 || ids[(size_t)me] == id) return;
    ids[(size_t)me] = id;
    bind(id);
  }
  void bind(pid_t id) const {
    if (CPU_COUNT(&others) > 0) sched_setaffinity(id, sizeof others, &others);  // refused or gone: no harm
  }
};
thread_local Workers g_workers;
}  // namespace
#define SARAF_BEFORE_REGION(count) \
  Workers& workers = g_workers;    \
  workers.keep_apart((int)(count))
#define SARAF_IN_REGION() workers.join(omp_get_thread_num())
#else
#define SARAF_BEFORE_REGION(count)
#define SARAF_IN_REGION()
#endif

int hardware_threads() {
#ifdef _OPENMP
  return omp_get_num_procs();
#else
  return 1;
#endif
}

int thread_count() {
  if (alone) return 1;
  if (held > 0) return held;
  int n = g_threads.load(std::memory_order_relaxed);
  if (n == 0) {
    n = default_threads();
    g_threads.store(n, std::memory_order_relaxed);
  }
  if (held == 0) held = n;
  return n;
}

void set_thread_count(int n) { g_threads.store(n, std::memory_order_relaxed); }

HeldThreads::HeldThreads() { held = 0; }
HeldThreads::~HeldThreads() { held = -1; }

void parallel_ranges(int64_t n, int64_t grain, void* context, RangeFn fn) {
  if (n <= 0) return;
  if (grain < 1) grain = 1;
  int64_t parts = (n + grain - 1) / grain;
  const int64_t threads = thread_count();
  if (parts > threads) parts = threads;
  if (parts <= 1) {
    fn(context, 0, n, 0);
    return;
  }
#ifdef _OPENMP
  SARAF_BEFORE_REGION(parts);
#pragma omp parallel num_threads((int)parts)
  {
    SARAF_IN_REGION();
    // The runtime may grant fewer threads than asked: each then takes several parts.
    const int got = omp_get_num_threads();
    const int me = omp_get_thread_num();
    for (int64_t p = me; p < parts; p += got) fn(context, n * p / parts, n * (p + 1) / parts, (int)p);
  }
#else
  for (int64_t p = 0; p < parts; ++p) fn(context, n * p / parts, n * (p + 1) / parts, (int)p);
#endif
}

void parallel_tasks(int64_t n, void* context, RangeFn fn) {
  if (n <= 0) return;
  const int64_t threads = thread_count();
  if (n == 1 || threads == 1) {
    for (int64_t i = 0; i < n; ++i) fn(context, i, i + 1, 0);
    return;
  }
#ifdef _OPENMP
  std::atomic<int64_t> next{0};
  SARAF_BEFORE_REGION(n < threads ? n : threads);
#pragma omp parallel num_threads((int)(n < threads ? n : threads))
  {
    SARAF_IN_REGION();
    const int me = omp_get_thread_num();
    for (int64_t i; (i = next.fetch_add(1, std::memory_order_relaxed)) < n;) fn(context, i, i + 1, me);
  }
#else
  for (int64_t i = 0; i < n; ++i) fn(context, i, i + 1, 0);
#endif
}

void parallel_pair(void* context, RangeFn fn) {
  const auto one = [&](int i) {
    const bool before = alone;
    alone = true;
    fn(context, i, i + 1, i);
    alone = before;
  };
#ifdef _OPENMP
  SARAF_BEFORE_REGION(2);
#pragma omp parallel num_threads(2)
  {
    SARAF_IN_REGION();
    const int got = omp_get_num_threads();
    for (int i = omp_get_thread_num(); i < 2; i += got) one(i);
  }
#else
  one(0);
  one(1);
#endif
}

}  // namespace saraf
