// oneDNN's recurrent primitives. Time-major, as it wants them; the way there and back is outside the timing.
#include "onednn.h"

namespace onednn {

struct Sizes {
  int64_t N, T, D, U, G, directions;
  /** Rows of bias: a GRU that resets after the product has one more, for the recurrent part of its last gate. */
  int64_t B;
};

/** The layouts of one layer: as they come, and as the primitive may choose them. */
struct Layouts {
  Layout x, y, state, w, u, b, w_any, u_any;
  dnnl::rnn_direction direction;

  explicit Layouts(const Sizes& s)
      : x(layout({s.T, s.N, s.D}, Tag::tnc)),
        y(layout({s.T, s.N, s.directions * s.U}, Tag::tnc)),
        state(layout({1, s.directions, s.N, s.U}, Tag::ldnc)),
        w(layout({1, s.directions, s.D, s.G, s.U}, Tag::ldigo)),
        u(layout({1, s.directions, s.U, s.G, s.U}, Tag::ldigo)),
        b(layout({1, s.directions, s.B, s.U}, Tag::ldgo)),
        w_any(layout({1, s.directions, s.D, s.G, s.U}, Tag::any)),
        u_any(layout({1, s.directions, s.U, s.G, s.U}, Tag::any)),
        direction(s.directions == 2 ? dnnl::rnn_direction::bidirectional_concat : dnnl::rnn_direction::unidirectional_left2right) {}
};

struct Lstm {
  typedef dnnl::lstm_forward Forward;
  typedef dnnl::lstm_backward Backward;
  static constexpr bool has_cell_state = true;
  static Forward::primitive_desc forward(dnnl::prop_kind kind, const Layouts& l) {
    return describe<Forward>(kind, l.direction, l.x, l.state, l.state, l.w_any, l.u_any, l.b, l.y, l.state, l.state);
  }
  static Backward::primitive_desc backward(const Layouts& l, const Forward::primitive_desc& hint) {
    return describe_backward<Backward>(hint, dnnl::prop_kind::backward, l.direction, l.x, l.state, l.state, l.w_any, l.u_any, l.b, l.y,
                                       l.state, l.state, l.x, l.state, l.state, l.w_any, l.u_any, l.b, l.y, l.state, l.state);
  }
};

struct Gru {
  typedef dnnl::lbr_gru_forward Forward;
  typedef dnnl::lbr_gru_backward Backward;
  static constexpr bool has_cell_state = false;
  static Forward::primitive_desc forward(dnnl::prop_kind kind, const Layouts& l) {
    return describe<Forward>(kind, l.direction, l.x, l.state, l.w_any, l.u_any, l.b, l.y, l.state);
  }
  static Backward::primitive_desc backward(const Layouts& l, const Forward::primitive_desc& hint) {
    return describe_backward<Backward>(hint, dnnl::prop_kind::backward, l.direction, l.x, l.state, l.w_any, l.u_any, l.b, l.y, l.state,
                                       l.x, l.state, l.w_any, l.u_any, l.b, l.y, l.state);
  }
};

struct Rnn {
  typedef dnnl::vanilla_rnn_forward Forward;
  typedef dnnl::vanilla_rnn_backward Backward;
  static constexpr bool has_cell_state = false;
  static Forward::primitive_desc forward(dnnl::prop_kind kind, const Layouts& l) {
    return describe<Forward>(kind, dnnl::algorithm::eltwise_tanh, l.direction, l.x, l.state, l.w_any, l.u_any, l.b, l.y, l.state);
  }
  static Backward::primitive_desc backward(const Layouts& l, const Forward::primitive_desc& hint) {
    return describe_backward<Backward>(hint, dnnl::prop_kind::backward, dnnl::algorithm::eltwise_tanh, l.direction, l.x, l.state, l.w_any,
                                       l.u_any, l.b, l.y, l.state, l.x, l.state, l.w_any, l.u_any, l.b, l.y, l.state);
  }
};

/** (a,b,width) to (b,a,width). */
static peer::Floats swapped(const peer::Floats& from, int64_t a, int64_t b) {
  const int64_t width = static_cast<int64_t>(from.size()) / (a * b);
  peer::Floats to(from.size());
  for (int64_t i = 0; i < a; ++i)
    for (int64_t j = 0; j < b; ++j) std::copy_n(&from[(i * b + j) * width], width, &to[(j * a + i) * width]);
  return to;
}

/** Keras' GRU bias (2,3U) as this one's four rows: both parts of z and r in one, those of h apart. */
static peer::Floats gru_bias(const peer::Floats& keras, int64_t U) {
  peer::Floats bias(keras.begin(), keras.begin() + 3 * U);
  for (int64_t i = 0; i < 2 * U; ++i) bias[i] += keras[3 * U + i];
  bias.insert(bias.end(), keras.begin() + 5 * U, keras.end());
  return bias;
}
/** And its gradient back: z and r have the same one in both rows. */
static peer::Floats gru_bias_gradient(const peer::Floats& own, int64_t U) {
  peer::Floats keras(own.begin(), own.begin() + 3 * U);
  keras.insert(keras.end(), own.begin(), own.begin() + 2 * U);
  keras.insert(keras.end(), own.begin() + 3 * U, own.end());
  return keras;
}

/** Weight `at` of both directions behind each other. */
static peer::Floats both(const peer::Json& inputs, size_t at, const std::function<peer::Floats(const peer::Floats&)>& change = nullptr) {
  peer::Floats all;
  const auto& weights = inputs["weights"].items();
  for (size_t i = at; i < weights.size(); i += 3) {
    const peer::Floats one = peer::floats(weights[i]["values"]);
    const peer::Floats changed = change ? change(one) : one;
    all.insert(all.end(), changed.begin(), changed.end());
  }
  return all;
}

template <class Cell>
static peer::Job run(const peer::Json& inputs, const Sizes& s) {
  const Layouts l(s);
  const bool training = !inputs["dy"].is_null(), is_gru = s.B > s.G;
  const auto convert = [&](const peer::Floats& b) { return is_gru ? gru_bias(b, s.U) : b; };
  const memory x = put(swapped(peer::floats(inputs["x"]["values"]), s.N, s.T), l.x), w = put(both(inputs, 0), l.w),
               u = put(both(inputs, 1), l.u), b = put(both(inputs, 2, convert), l.b), y = zeros(l.y);
  const auto forward = Cell::forward(training ? dnnl::prop_kind::forward_training : dnnl::prop_kind::forward_inference, l);
  // The initial state is given though it is zero: without one, versions 2.6 and 3.13 return a wrong gradient of the recurrent
  // weights in one direction.
  const auto state = [&] { return zeros(l.state); };
  const memory h_first = state(), h_last = state(), c_first = state(), c_last = state();
  Arguments given = {{DNNL_ARG_SRC_LAYER, x},
                     {DNNL_ARG_SRC_ITER, h_first},
                     {DNNL_ARG_WEIGHTS_LAYER, as(w, forward.weights_layer_desc())},
                     {DNNL_ARG_WEIGHTS_ITER, as(u, forward.weights_iter_desc())},
                     {DNNL_ARG_BIAS, b},
                     {DNNL_ARG_DST_LAYER, y},
                     {DNNL_ARG_DST_ITER, h_last}};
  if (Cell::has_cell_state) given[DNNL_ARG_SRC_ITER_C] = c_first, given[DNNL_ARG_DST_ITER_C] = c_last;
  const typename Cell::Forward fwd(forward);
  peer::Job job;
  job.note = forward.impl_info_str();
  if (!training) {
    job.run = [=] {
      fwd.execute(stream(), given);
      stream().wait();
    };
    job.run();
    job.outputs["y"] = swapped(get(y, l.y), s.T, s.N);
    return job;
  }

  const memory workspace = zeros(forward.workspace_desc());
  given[DNNL_ARG_WORKSPACE] = workspace;
  const auto backward = Cell::backward(l, forward);
  const memory dy = put(swapped(peer::floats(inputs["dy"]["values"]), s.N, s.T), l.y), dx = zeros(l.x),
               dw = zeros(backward.diff_weights_layer_desc()), du = zeros(backward.diff_weights_iter_desc()), db = zeros(l.b);
  Arguments back = given;
  back[DNNL_ARG_WEIGHTS_LAYER] = as(w, backward.weights_layer_desc());
  back[DNNL_ARG_WEIGHTS_ITER] = as(u, backward.weights_iter_desc());
  back[DNNL_ARG_DIFF_SRC_LAYER] = dx;
  back[DNNL_ARG_DIFF_SRC_ITER] = state();
  back[DNNL_ARG_DIFF_WEIGHTS_LAYER] = dw;
  back[DNNL_ARG_DIFF_WEIGHTS_ITER] = du;
  back[DNNL_ARG_DIFF_BIAS] = db;
  back[DNNL_ARG_DIFF_DST_LAYER] = dy;
  back[DNNL_ARG_DIFF_DST_ITER] = state();
  if (Cell::has_cell_state) back[DNNL_ARG_DIFF_SRC_ITER_C] = state(), back[DNNL_ARG_DIFF_DST_ITER_C] = state();
  const typename Cell::Backward bwd(backward);
  job.run = [=] {
    // It adds to these.
    clear(dw), clear(du), clear(db);
    fwd.execute(stream(), given);
    bwd.execute(stream(), back);
    stream().wait();
  };
  job.run();

  job.outputs["dx"] = swapped(get(dx, l.x), s.T, s.N);
  const peer::Floats all[] = {get(dw, l.w), get(du, l.u), get(db, l.b)};
  const auto& weights = inputs["weights"].items();
  for (size_t i = 0; i < weights.size(); ++i) {
    const peer::Floats& from = all[i % 3];
    const size_t one = from.size() / s.directions, direction = i / 3;
    const peer::Floats own(from.begin() + direction * one, from.begin() + (direction + 1) * one);
    job.outputs["d" + weights[i]["name"].text()] = i % 3 == 2 && is_gru ? gru_bias_gradient(own, s.U) : own;
  }
  job.note += std::string(" | ") + backward.impl_info_str();
  return job;
}

peer::Job recurrent(const peer::Json& inputs) {
  const peer::Json& shape = inputs["shape"];
  const std::string cell = shape["cell"].text();
  const int64_t G = cell == "lstm" ? 4 : cell == "gru" ? 3 : 1;
  const Sizes sizes = {whole(shape, "N"), whole(shape, "T"), whole(shape, "D"), whole(shape, "U"), G, shape["bidirectional"].truth() ? 2 : 1,
                       cell == "gru" ? 4 : G};
  return cell == "lstm" ? run<Lstm>(inputs, sizes) : cell == "gru" ? run<Gru>(inputs, sizes) : run<Rnn>(inputs, sizes);
}

}  // namespace onednn
