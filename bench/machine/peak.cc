// The machine's limits on N threads at once: fp32 peak by chains of independent fused multiply-adds in the widest vectors it
// has, the same of bf16 products where it has them, reading from memory and from the second level of cache, and the cost of
// starting threads and waiting for them.
// Usage: peak THREADS…; prints one JSON line {"1": {"fp32Gflops", "bf16VectorGflops", "bf16TileGflops", "readGBs", "readL2GBs",
// "forkJoinUs"}, …}, −1 for what there is not. peak burst THREADS…: {"1": GFLOP/s, …}, fp32 alone and short. Built for this
// machine alone, never shipped.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <thread>
#include <vector>

#if defined(__AVX512BF16__) || defined(__AMX_BF16__)
#include <immintrin.h>
#endif
#if defined(__AMX_BF16__) && defined(__linux__)
#include <sys/syscall.h>
#include <unistd.h>
#endif

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

static void all_here(std::atomic<int>& waiting) {
  waiting.fetch_sub(1);
  while (waiting.load() > 0) {
  }
}

// Two products of bf16 a lane, added in float32. Negative: this CPU has no such instruction.
static double bf16_vectors(std::atomic<int>& waiting, double duration) {
#if defined(__AVX512BF16__)
  __m512 a[kChains];
  for (__m512& v : a) v = _mm512_set1_ps(1e-4f);
  __m512bh x = (__m512bh)_mm512_set1_epi16(0x3f00), y = (__m512bh)_mm512_set1_epi16(0x3e00);
  __asm__ volatile("" : "+v"(x), "+v"(y));
  all_here(waiting);
  const double start = seconds();
  double now = start;
  long rounds = 0;
  do {
    for (int k = 0; k < 20000; ++k) {
#pragma GCC unroll 12
      for (int i = 0; i < kChains; ++i) a[i] = _mm512_dpbf16_ps(a[i], x, y);
      __asm__ volatile("" : "+r"(k));
    }
    rounds += 20000;
    now = seconds();
  } while (now - start < duration);
  for (int i = 1; i < kChains; ++i) a[0] = _mm512_add_ps(a[0], a[i]);
  sink = _mm512_cvtss_f32(a[0]);
  return rounds * (2.0 * 2 * kLanes * kChains) / (now - start) / 1e9;
#else
  (void)waiting, (void)duration;
  return -1;
#endif
}

// Tiles of 16 × 32 bf16 times 32 × 16, four sums at once. The system has to be asked for them first.
static double bf16_tiles(std::atomic<int>& waiting, double duration) {
#if defined(__AMX_BF16__) && defined(__linux__)
  constexpr long kRequest = 0x1023, kTileData = 18;
  if (syscall(SYS_arch_prctl, kRequest, kTileData) != 0) return -1;
  struct alignas(64) {
    unsigned char palette = 1, start = 0, reserved[14] = {};
    unsigned short columns[16] = {64, 64, 64, 64, 64, 64, 64, 64};
    unsigned char rows[16] = {16, 16, 16, 16, 16, 16, 16, 16};
  } shape;
  _tile_loadconfig(&shape);
  alignas(64) static const char zeros[16 * 64] = {};
  _tile_zero(0);
  _tile_zero(1);
  _tile_zero(2);
  _tile_zero(3);
  _tile_loadd(4, zeros, 64);
  _tile_loadd(5, zeros, 64);
  _tile_loadd(6, zeros, 64);
  _tile_loadd(7, zeros, 64);
  all_here(waiting);
  const double start = seconds();
  double now = start;
  long rounds = 0;
  do {
    for (int k = 0; k < 2000; ++k) {
      _tile_dpbf16ps(0, 4, 6);
      _tile_dpbf16ps(1, 4, 7);
      _tile_dpbf16ps(2, 5, 6);
      _tile_dpbf16ps(3, 5, 7);
    }
    rounds += 2000;
    now = seconds();
  } while (now - start < duration);
  _tile_release();
  return rounds * (4 * 2.0 * 16 * 16 * 32) / (now - start) / 1e9;
#else
  (void)waiting, (void)duration;
  return -1;
#endif
}

// GB/s that one thread reads of a piece that stays in its second level of cache.
static double read_l2_gbs(std::atomic<int>& waiting, double duration) {
  const std::vector<float> data(size_t{256} << 8, 1.0f);
  Vector sum[8] = {};
  all_here(waiting);
  const double start = seconds();
  double now = start;
  long rounds = 0;
  do {
    for (int k = 0; k < 20; ++k) {
      for (size_t i = 0; i < data.size(); i += 8 * kLanes) {
        for (int j = 0; j < 8; ++j) {
          Vector v;
          std::memcpy(&v, data.data() + i + j * kLanes, sizeof v);
          sum[j] += v;
        }
      }
      __asm__ volatile("" ::: "memory");
    }
    rounds += 20;
    now = seconds();
  } while (now - start < duration);
  for (int j = 1; j < 8; ++j) sum[0] += sum[j];
  sink = sum[0][0];
  return rounds * (data.size() * sizeof(float)) / (now - start) / 1e9;
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
  double best = -1;
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

typedef std::atomic<int>& Waiting;

// Beside a shape that is timed: long enough to see the clock's speed, short enough to be done twice for each.
static int burst(int argc, char** argv) {
  std::printf("{");
  for (int k = 2; k < argc; ++k) {
    const int n = std::atoi(argv[k]);
    std::printf("%s\"%d\":%.1f", k > 2 ? "," : "", n, together(n, 3, [](int, Waiting waiting) { return one_thread(waiting, 0.01); }));
  }
  std::printf("}\n");
  return 0;
}

int main(int argc, char** argv) {
  if (argc > 1 && std::strcmp(argv[1], "burst") == 0) return burst(argc, argv);
  const std::vector<float> data(size_t{64} << 20, 1.0f);
  std::printf("{");
  for (int k = 1; k < argc; ++k) {
    const int n = std::atoi(argv[k]);
    const double peak = together(n, 7, [](int, Waiting waiting) { return one_thread(waiting, 0.05); });
    const double vectors = together(n, 5, [](int, Waiting waiting) { return bf16_vectors(waiting, 0.03); });
    const double tiles = together(n, 5, [](int, Waiting waiting) { return bf16_tiles(waiting, 0.03); });
    const double level2 = together(n, 5, [](int, Waiting waiting) { return read_l2_gbs(waiting, 0.02); });
    const size_t part = data.size() / n;
    const double read = together(n, 5, [&](int t, Waiting waiting) { return read_gbs(data, t * part, (t + 1) * part, waiting); });
    std::printf(
        "%s\"%d\":{\"fp32Gflops\":%.1f,\"bf16VectorGflops\":%.1f,\"bf16TileGflops\":%.1f,\"readGBs\":%.1f,\"readL2GBs\":%.1f,"
        "\"forkJoinUs\":%.2f}",
        k > 1 ? "," : "", n, peak, vectors, tiles, read, level2, fork_join_us(n));
  }
  std::printf("}\n");
}
