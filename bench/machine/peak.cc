// The machine's fp32 peak: chains of independent fused multiply-adds in the widest vectors it has, on N threads at once.
// Usage: peak THREADS…; prints one JSON line {"1": GFLOP/s, …}. Built for this machine alone, never shipped.
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

int main(int argc, char** argv) {
  std::printf("{");
  for (int k = 1; k < argc; ++k) {
    const int n = std::atoi(argv[k]);
    double best = 0;
    for (int repeat = 0; repeat < 7; ++repeat) {
      std::atomic<int> waiting{n};
      std::vector<double> rate(n, 0.0);
      std::vector<std::thread> threads;
      for (int t = 0; t < n; ++t) threads.emplace_back([&, t] { rate[t] = one_thread(waiting, 0.05); });
      for (std::thread& t : threads) t.join();
      double total = 0;
      for (double r : rate) total += r;
      best = std::max(best, total);
    }
    std::printf("%s\"%d\":%.1f", k > 1 ? "," : "", n, best);
  }
  std::printf("}\n");
}
