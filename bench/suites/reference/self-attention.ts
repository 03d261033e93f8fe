import { dense, denseBackward } from './dense.js';

/** N batch, T time, U features, and per head as many features of queries, keys and values. */
export interface AttentionSizes {
  readonly N: number;
  readonly T: number;
  readonly U: number;
  readonly heads: number;
  readonly keyDim: number;
}

/**
 * Multi-head self-attention from its formula, in double: softmax(q·kᵀ/√keyDim)·v per head, and a last product.
 *
 * Shapes: x (N,T,U) → (N,T,U); weights are kernel and bias of query, key, value (U, heads·keyDim) and output (heads·keyDim, U).
 * Source: Vaswani et al. 2017.
 */
export class ReferenceSelfAttention {
  private x: Float64Array = new Float64Array(0);
  private projected: readonly Float64Array[] = [];
  /** (N,heads,T,T) */
  private shares = new Float64Array(0);
  private mixed: Float64Array = new Float64Array(0);
  private readonly rows: number;
  private readonly width: number;

  constructor(
    private readonly weights: readonly Float64Array[],
    private readonly sizes: AttentionSizes,
  ) {
    this.rows = sizes.N * sizes.T;
    this.width = sizes.heads * sizes.keyDim;
  }

  private weight(i: number): Float64Array {
    return this.weights[i] as Float64Array;
  }

  /** Calls back with the first element of a head's row in (N,T,heads,keyDim), and of its shares. */
  private eachQuery(visit: (query: number, key: (s: number) => number, share: number) => void): void {
    const { N, T, heads, keyDim } = this.sizes;
    for (let n = 0; n < N; n++)
      for (let head = 0; head < heads; head++) {
        const at = (t: number): number => (n * T + t) * this.width + head * keyDim;
        for (let t = 0; t < T; t++) visit(at(t), at, ((n * heads + head) * T + t) * T);
      }
  }

  forward(x: Float64Array): Float64Array {
    const { N, T, U, heads, keyDim } = this.sizes;
    this.x = x;
    this.projected = [0, 1, 2].map((i) => dense(x, this.weight(2 * i), this.weight(2 * i + 1), this.rows, U, this.width));
    const [q, k, v] = this.projected as [Float64Array, Float64Array, Float64Array];
    this.shares = new Float64Array(N * heads * T * T);
    this.mixed = new Float64Array(this.rows * this.width);
    this.eachQuery((query, key, share) => {
      const row = this.shares.subarray(share, share + T);
      let top = Number.NEGATIVE_INFINITY;
      for (let s = 0; s < T; s++) {
        let sum = 0;
        for (let j = 0; j < keyDim; j++) sum += (q[query + j] as number) * (k[key(s) + j] as number);
        row[s] = sum / Math.sqrt(keyDim);
        top = Math.max(top, row[s] as number);
      }
      let total = 0;
      for (let s = 0; s < T; s++) total += row[s] = Math.exp((row[s] as number) - top);
      for (let s = 0; s < T; s++) {
        const p = (row[s] as number) / total;
        row[s] = p;
        for (let j = 0; j < keyDim; j++) (this.mixed[query + j] as number) += p * (v[key(s) + j] as number);
      }
    });
    return dense(this.mixed, this.weight(6), this.weight(7), this.rows, this.width, U);
  }

  /** Of dy (N,T,U): the gradient of x, and those of the weights in their order. */
  backward(dy: Float64Array): { readonly dx: Float64Array; readonly weights: readonly Float64Array[] } {
    const { T, U, keyDim } = this.sizes;
    const [q, k, v] = this.projected as [Float64Array, Float64Array, Float64Array];
    const last = denseBackward(this.mixed, this.weight(6), dy, this.rows, this.width, U);
    const parts = [0, 1, 2].map(() => new Float64Array(this.rows * this.width));
    const [dq, dk, dv] = parts as [Float64Array, Float64Array, Float64Array];
    const dShare = new Float64Array(T);
    this.eachQuery((query, key, share) => {
      let mean = 0;
      for (let s = 0; s < T; s++) {
        const p = this.shares[share + s] as number;
        let sum = 0;
        for (let j = 0; j < keyDim; j++) {
          const d = last.dx[query + j] as number;
          sum += d * (v[key(s) + j] as number);
          (dv[key(s) + j] as number) += p * d;
        }
        dShare[s] = sum;
        mean += p * sum;
      }
      for (let s = 0; s < T; s++) {
        const d = ((this.shares[share + s] as number) * ((dShare[s] as number) - mean)) / Math.sqrt(keyDim);
        for (let j = 0; j < keyDim; j++) {
          (dq[query + j] as number) += d * (k[key(s) + j] as number);
          (dk[key(s) + j] as number) += d * (q[query + j] as number);
        }
      }
    });
    const dx = new Float64Array(this.x.length);
    const weights = parts.flatMap((part, i) => {
      const g = denseBackward(this.x, this.weight(2 * i), part, this.rows, U, this.width);
      g.dx.forEach((value, at) => ((dx[at] as number) += value));
      return [g.dw, g.db];
    });
    return { dx, weights: [...weights, last.dw, last.db] };
  }
}
