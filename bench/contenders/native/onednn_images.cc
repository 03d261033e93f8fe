// oneDNN's convolution and pooling. Each is made twice, in the layout that images come in and in the blocked one that it
// prefers, and the faster is kept.
#include "onednn.h"

namespace onednn {

struct Padding {
  Dims before, after;
};

/** Keras' `same`: what is missing is shared out, the odd one behind. */
static Padding same(int64_t H, int64_t O, int64_t k, int64_t s) {
  const int64_t total = std::max<int64_t>((O - 1) * s + k - H, 0), before = total / 2;
  return {{before, before}, {total - before, total - before}};
}

static peer::Job convolution(const peer::Json& inputs, bool blocked) {
  using dnnl::algorithm;
  const peer::Json& shape = inputs["shape"];
  const int64_t N = whole(shape, "N"), H = whole(shape, "H"), C = whole(shape, "C"), F = whole(shape, "F"), k = whole(shape, "k"),
                s = whole(shape, "s"), O = (H + s - 1) / s;
  const auto [before, after] = same(H, O, k, s);
  const Dims strides = {s, s};
  const Layout x = layout({N, C, H, H}, Tag::nhwc), y = layout({N, F, O, O}, Tag::nhwc), w = layout({F, C, k, k}, Tag::hwio),
               b = layout({F}, Tag::a);
  const Layout x_any = blocked ? layout({N, C, H, H}, Tag::any) : x, y_any = blocked ? layout({N, F, O, O}, Tag::any) : y,
               w_any = layout({F, C, k, k}, Tag::any);
  const bool training = !inputs["dy"].is_null();
  const memory image = put(peer::floats(inputs["x"]["values"]), x), kernel = put(peer::floats(inputs["weights"].items()[0]["values"]), w),
               bias = put(peer::floats(inputs["weights"].items()[1]["values"]), b);

  const auto forward = describe<dnnl::convolution_forward>(
      training ? dnnl::prop_kind::forward_training : dnnl::prop_kind::forward_inference, algorithm::convolution_auto, x_any, w_any, b, y_any,
      strides, before, after);
  const memory out = zeros(forward.dst_desc());
  const Arguments given = {{DNNL_ARG_SRC, as(image, forward.src_desc())},
                           {DNNL_ARG_WEIGHTS, as(kernel, forward.weights_desc())},
                           {DNNL_ARG_BIAS, bias},
                           {DNNL_ARG_DST, out}};
  const dnnl::convolution_forward fwd(forward);
  peer::Job job;
  job.note = std::string(blocked ? "blocked layout, " : "NHWC, ") + forward.impl_info_str();
  if (!training) {
    job.run = [=] {
      fwd.execute(stream(), given);
      stream().wait();
    };
    job.run();
    job.outputs["y"] = get(out, y);
    return job;
  }

  const auto data_how = describe_backward<dnnl::convolution_backward_data>(forward, algorithm::convolution_direct, x_any, w_any, y_any,
                                                                           strides, before, after);
  const auto weights_how = describe_backward<dnnl::convolution_backward_weights>(forward, algorithm::convolution_direct, x_any, w_any, b,
                                                                                 y_any, strides, before, after);
  const memory dy = put(peer::floats(inputs["dy"]["values"]), y);
  const memory dx = zeros(data_how.diff_src_desc()), dw = zeros(weights_how.diff_weights_desc()), db = zeros(b);
  const Arguments for_data = {{DNNL_ARG_DIFF_DST, as(dy, data_how.diff_dst_desc())},
                              {DNNL_ARG_WEIGHTS, as(kernel, data_how.weights_desc())},
                              {DNNL_ARG_DIFF_SRC, dx}};
  const Arguments for_weights = {{DNNL_ARG_DIFF_DST, as(dy, weights_how.diff_dst_desc())},
                                 {DNNL_ARG_SRC, as(image, weights_how.src_desc())},
                                 {DNNL_ARG_DIFF_WEIGHTS, dw},
                                 {DNNL_ARG_DIFF_BIAS, db}};
  const dnnl::convolution_backward_data bwd_data(data_how);
  const dnnl::convolution_backward_weights bwd_weights(weights_how);
  job.run = [=] {
    fwd.execute(stream(), given);
    bwd_data.execute(stream(), for_data);
    bwd_weights.execute(stream(), for_weights);
    stream().wait();
  };
  job.run();
  job.outputs["dx"] = get(dx, x);
  job.outputs["dw"] = get(dw, w);
  job.outputs["db"] = get(db, b);
  job.note += std::string(" | ") + data_how.impl_info_str() + " | " + weights_how.impl_info_str();
  return job;
}

static peer::Job pooling(const peer::Json& inputs, Tag held) {
#if DNNL_VERSION_MAJOR >= 3
  typedef dnnl::pooling_forward Forward;
  typedef dnnl::pooling_backward Backward;
#else
  // The first form has no dilation, the second takes what version 3 takes.
  typedef dnnl::pooling_v2_forward Forward;
  typedef dnnl::pooling_v2_backward Backward;
#endif
  const peer::Json& shape = inputs["shape"];
  const int64_t N = whole(shape, "N"), H = whole(shape, "H"), C = whole(shape, "C"), k = whole(shape, "k"), O = (H - k) / k + 1;
  const auto algorithm =
      shape["kind"].text() == "max" ? dnnl::algorithm::pooling_max : dnnl::algorithm::pooling_avg_exclude_padding;
  const Dims window = {k, k}, none = {0, 0};
  const Layout x = layout({N, C, H, H}, Tag::nhwc), y = layout({N, C, O, O}, Tag::nhwc), x_held = layout({N, C, H, H}, held),
               y_held = layout({N, C, O, O}, held);
  const bool training = !inputs["dy"].is_null();
  const auto how = describe<Forward>(training ? dnnl::prop_kind::forward_training : dnnl::prop_kind::forward_inference, algorithm, x_held,
                                     y_held, window, window, none, none, none);
  const memory image = as(put(peer::floats(inputs["x"]["values"]), x), x_held), out = zeros(y_held);
  const memory workspace = zeros(how.workspace_desc());
  const Arguments given = {{DNNL_ARG_SRC, image}, {DNNL_ARG_DST, out}, {DNNL_ARG_WORKSPACE, workspace}};
  const Forward fwd(how);
  peer::Job job;
  job.note = std::string(held == Tag::nhwc ? "NHWC, " : "blocked layout, ") + how.impl_info_str();
  if (!training) {
    job.run = [=] {
      fwd.execute(stream(), given);
      stream().wait();
    };
    job.run();
    job.outputs["y"] = get(out, y);
    return job;
  }
  const auto back_how = describe_backward<Backward>(how, algorithm, x_held, y_held, window, window, none, none, none);
  const memory dy = as(put(peer::floats(inputs["dy"]["values"]), y), y_held), dx = zeros(x_held);
  const Arguments back = {{DNNL_ARG_DIFF_DST, dy}, {DNNL_ARG_DIFF_SRC, dx}, {DNNL_ARG_WORKSPACE, workspace}};
  const Backward bwd(back_how);
  job.run = [=] {
    fwd.execute(stream(), given);
    bwd.execute(stream(), back);
    stream().wait();
  };
  job.run();
  job.outputs["dx"] = get(dx, x);
  return job;
}

peer::Job conv(const peer::Json& inputs) { return peer::best_of({convolution(inputs, false), convolution(inputs, true)}); }
peer::Job pool(const peer::Json& inputs) { return peer::best_of({pooling(inputs, Tag::nhwc), pooling(inputs, Tag::nChw16c)}); }

}  // namespace onednn
