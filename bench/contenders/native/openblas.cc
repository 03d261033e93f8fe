// OpenBLAS as a contender: the matrix product.
#include <cblas.h>

#include "peer.h"

// Not in every header that calls itself cblas.h; the library has them all the same.
extern "C" char* openblas_get_config(void);
extern "C" char* openblas_get_corename(void);
extern "C" void openblas_set_num_threads(int);

static peer::Job gemm(const peer::Json& inputs) {
  const peer::Json& shape = inputs["shape"];
  const int M = static_cast<int>(shape["M"].number()), N = static_cast<int>(shape["N"].number()), K = static_cast<int>(shape["K"].number());
  const auto a = std::make_shared<peer::Floats>(peer::floats(inputs["a"])), b = std::make_shared<peer::Floats>(peer::floats(inputs["b"]));
  const auto y = std::make_shared<peer::Floats>(static_cast<size_t>(M) * N);
  peer::Job job;
  job.run = [=] {
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, M, N, K, 1, a->data(), K, b->data(), N, 0, y->data(), N);
  };
  job.run();
  job.outputs["y"] = *y;
  return job;
}

int main() {
  return peer::serve({
      [](int threads) {
        openblas_set_num_threads(threads);
        return std::string(openblas_get_config()) + " " + openblas_get_corename();
      },
      [](const std::string& suite, const peer::Json& inputs) {
        if (suite != "gemm") throw peer::Unavailable("it has no such operation");
        return gemm(inputs);
      },
  });
}
