import type { Storage } from './backend.js';

/** Optimizers: one fused pass over a parameter each, as Keras computes them. w and the states are updated in place. */
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
}
