import type { Storage } from './backend.js';

/**
 * What training does to a weight. Optimizers: one fused pass over a parameter each, as Keras computes them; w and the states are
 * updated in place. Penalties and lengths: sums in double and in ascending order.
 */
export interface OptimizerKernels {
  /** velocity null: w −= lr·g. Else m = μm − lr·g; w += m, or with Nesterov w += μm − lr·g. */
  sgd(w: Storage, g: Storage, velocity: Storage | null, learningRate: number, momentum: number, nesterov: boolean): void;
  /** α = lr·√(1−β₂ᵗ)/(1−β₁ᵗ) is computed by the caller; w −= α·m/(√v+ε). */
  adam(w: Storage, g: Storage, m: Storage, v: Storage, alpha: number, beta1: number, beta2: number, epsilon: number): void;
  /** Adam with h = max(h, v) in the place of v. */
  amsgrad(w: Storage, g: Storage, m: Storage, v: Storage, h: Storage, alpha: number, beta1: number, beta2: number, epsilon: number): void;
  /** u = max(β₂u, |g|); w −= rate·m/(u+ε), rate = lr/(1−β₁ᵗ). */
  adamax(w: Storage, g: Storage, m: Storage, u: Storage, rate: number, beta1: number, beta2: number, epsilon: number): void;
  /** w −= (momentumRate·m + gradientRate·g)/(√(v·correction)+ε). */
  nadam(
    w: Storage,
    g: Storage,
    m: Storage,
    v: Storage,
    momentumRate: number,
    gradientRate: number,
    beta1: number,
    beta2: number,
    correction: number,
    epsilon: number,
  ): void;
  /** v = mean of g²; a (or null) = mean of g; s = lr·g/√(v−a²+ε); with m (or null) m = μm + s, w −= m, else w −= s. */
  rmsprop(
    w: Storage,
    g: Storage,
    v: Storage,
    m: Storage | null,
    a: Storage | null,
    rate: number,
    rho: number,
    momentum: number,
    epsilon: number,
  ): void;
  /** a += g²; w −= lr·g/√(a+ε). */
  adagrad(w: Storage, g: Storage, a: Storage, rate: number, epsilon: number): void;
  /** a = mean of g²; q = √(d+ε)·g/√(a+ε); d = mean of q²; w −= lr·q. */
  adadelta(w: Storage, g: Storage, a: Storage, d: Storage, rate: number, rho: number, epsilon: number): void;
  /** w −= lr·sign(β₁m + (1−β₁)g); m = β₂m + (1−β₂)g. */
  lion(w: Storage, g: Storage, m: Storage, rate: number, beta1: number, beta2: number): void;
  /** Follow the regularised leader: accumulator a, linear l; power = −learningRatePower. */
  ftrl(
    w: Storage,
    g: Storage,
    a: Storage,
    l: Storage,
    rate: number,
    power: number,
    l1: number,
    twiceL2: number,
    twiceShrinkage: number,
  ): void;
  /** a += (w − a)·rate: a moving average of w; rate 1 copies. */
  movingAverage(w: Storage, a: Storage, rate: number): void;
  /** sums = [Σ|w|, Σw²]. */
  penaltySums(w: Storage, sums: Float64Array): void;
  /** g += l1·sign(w) + twiceL2·w. */
  penaltyGradient(w: Storage, g: Storage, l1: number, twiceL2: number): void;
  /**
   * Brings each vector's norm to (rate·clip(norm, least, most) + (1−rate)·norm), over 1e-7 + norm. Value i belongs to vector `of[i]`, or
   * to i % norms.length where `of` is null; `norms` is room for a number per vector.
   */
  bringToLengths(w: Storage, of: Int32Array | null, norms: Float64Array, least: number, most: number, rate: number): void;
}
