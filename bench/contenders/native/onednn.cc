// oneDNN as a contender: its bare primitives, operands in the layouts that it asks for. Reordering into them and back is
// outside the timing, since its users keep them so.
#include "onednn.h"

#if defined(_OPENMP)
#include <omp.h>
#endif

namespace onednn {

static peer::Job product(const peer::Json& inputs, bool packed) {
  const peer::Json& shape = inputs["shape"];
  const int64_t M = whole(shape, "M"), N = whole(shape, "N"), K = whole(shape, "K");
  const Layout a = layout({M, K}, Tag::ab), b = layout({K, N}, Tag::ab), y = layout({M, N}, Tag::ab);
  const auto how = describe<dnnl::matmul>(a, packed ? layout({K, N}, Tag::any) : b, y);
  const memory out = zeros(y);
  const Arguments arguments = {{DNNL_ARG_SRC, put(peer::floats(inputs["a"]), a)},
                               {DNNL_ARG_WEIGHTS, as(put(peer::floats(inputs["b"]), b), how.weights_desc())},
                               {DNNL_ARG_DST, out}};
  const dnnl::matmul matmul(how);
  peer::Job job;
  job.run = [=] {
    matmul.execute(stream(), arguments);
    stream().wait();
  };
  job.run();
  job.outputs["y"] = get(out, y);
  job.note = std::string(packed ? "packed weights, " : "plain weights, ") + how.impl_info_str();
  return job;
}

static peer::Job prepare(const std::string& suite, const peer::Json& inputs) {
  if (suite == "gemm") return peer::best_of({product(inputs, false), product(inputs, true)});
  if (suite == "conv") return conv(inputs);
  if (suite == "pool") return pool(inputs);
  if (suite == "recurrent") return recurrent(inputs);
  throw peer::Unavailable("it has no such operation");
}

static std::string load(int threads) {
#if defined(_OPENMP)
  omp_set_num_threads(threads);
#else
  (void)threads;
#endif
  const dnnl_version_t* v = dnnl_version();
  char text[80];
  std::snprintf(text, sizeof text, "oneDNN %d.%d.%d, instruction set %#x", v->major, v->minor, v->patch,
                static_cast<unsigned>(dnnl::get_effective_cpu_isa()));
  return text;
}

}  // namespace onednn

int main() { return peer::serve({onednn::load, onednn::prepare}); }
