// The machine's limits on N threads at once: fp32 peak by chains of independent fused multiply-adds in the widest vectors it
// has, reading from memory, and the cost of starting threads and waiting for them.
// Usage: peak THREADS…; prints one JSON line {"1": {"fp32Gflops", "readGBs", "forkJoinUs"}, …}. Built for this machine alone,
// never shipped.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <thread>
#include <vector>

#if defined(__AVX512F__)
constexpr int kBytes = 64;
#elif defined(__AVX__)
constexpr int kBytes = 32;
#else
constexpr int kBytes = 16;
#endif
typedef float Vector __attribute__((vector_size(kBytes)));
constexpr int kLanes = kBytes / 4;
constexpr int kChains = 12;  // more than latency times units asks for, few enough for 16 registers

static volatile float sink;

static double seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

static double one_thread(std::atomic<int>& waiting, double duration) {
  Vector a[kChains], x, y;
  for (int l = 0; l < kLanes; ++l) x[l] = 0.999f, y[l] = 1e-4f;
  for (Vector& v : a) v = y;
  // Unknown to the compiler, so that they stay in registers.
#if defined(__x86_64__)
  __asm__ volatile("" : "+v"(x), "+v"(y));
#elif defined(__aarch64__)
  __asm__ volatile("" : "+w"(x), "+w"(y));
#endif
  waiting.fetch_sub(1);
  while (waiting.load() > 0) {
  }
  const double start = seconds();
  double now = start;
  long rounds = 0;
  do {
    for (int k = 0; k < 20000; ++k) {
#pragma GCC unroll 12
      for (int i = 0; i < kChains; ++i) a[i] = a[i] * x + y;
      __asm__ volatile("" : "+r"(k));
    }
    rounds += 20000;
    now = seconds();
  } while (now - start < duration);
  Vector sum = a[0];
  for (int i = 1; i < kChains; ++i) sum += a[i];
  sink = sum[0];
  return rounds * (2.0 * kChains * kLanes) / (now - start) / 1e9;
}

// GB/s that one thread reads out of its part of an array too large for any cache.
static double read_gbs(const std::vector<float>& data, size_t begin, size_t end, std::atomic<int>& waiting) {
  waiting.fetch_sub(1);
  while (waiting.load() > 0) {
  }
  const double start = seconds();
  Vector sum[8] = {};
  for (size_t i = begin; i + 8 * kLanes <= end; i += 8 * kLanes) {
    for (int j = 0; j < 8; ++j) {
      Vector v;
      std::memcpy(&v, data.data() + i + j * kLanes, sizeof v);
      sum[j] += v;
    }
  }
  const double taken = seconds() - start;
  for (int j = 1; j < 8; ++j) sum[0] += sum[j];
  sink = sum[0][0];
  return (end - begin) * sizeof(float) / taken / 1e9;
}

// Microseconds for n threads to start on nothing and to be waited for; the median of many.
static double fork_join_us(int n) {
#if defined(_OPENMP)
  std::vector<double> times(2001);
  for (double& t : times) {
    const double start = seconds();
#pragma omp parallel num_threads(n)
    { __asm__ volatile("" ::: "memory"); }
    t = (seconds() - start) * 1e6;
  }
  std::nth_element(times.begin(), times.begin() + times.size() / 2, times.end());
  return times[times.size() / 2];
#else
  (void)n;
  return -1;
#endif
}

// Runs `work(thread, waiting)` on n threads at once; the sum of what they return, the best of a few times.
template <class Work>
static double together(int n, int repeats, Work work) {
  double best = 0;
  for (int repeat = 0; repeat < repeats; ++repeat) {
    std::atomic<int> waiting{n};
    std::vector<double> rate(n, 0.0);
    std::vector<std::thread> threads;
    for (int t = 0; t < n; ++t) threads.emplace_back([&, t] { rate[t] = work(t, waiting); });
    for (std::thread& t : threads) t.join();
    double total = 0;
    for (double r : rate) total += r;
    best = std::max(best, total);
  }
  return best;
}

int main(int argc, char** argv) {
  const std::vector<float> data(size_t{64} << 20, 1.0f);
  std::printf("{");
  for (int k = 1; k < argc; ++k) {
    const int n = std::atoi(argv[k]);
    const double peak = together(n, 7, [](int, std::atomic<int>& waiting) { return one_thread(waiting, 0.05); });
    const size_t part = data.size() / n;
    const double read =
        together(n, 5, [&](int t, std::atomic<int>& waiting) { return read_gbs(data, t * part, (t + 1) * part, waiting); });
    std::printf("%s\"%d\":{\"fp32Gflops\":%.1f,\"readGBs\":%.1f,\"forkJoinUs\":%.2f}", k > 1 ? "," : "", n, peak, read,
                fork_join_us(n));
  }
  std::printf("}\n");
}
