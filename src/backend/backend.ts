/**
 * What a device implements: storage, and one function per kernel family and pass.
 *
 * Every function is synchronous, checks its lengths again (a wrong length would be memory corruption) and writes its
 * outputs with `=`, never `+=`. `null` means "absent" or "not wanted". Floating arrays of one call share one dtype:
 * float32 runs the fast kernels, float64 the double reference (gradient checks only).
 *
 * Letters: N batch, T time, H W image, C F channels in/out, D features, U units.
 */
import type { AttentionKernels } from './attention-kernels.js';
import type { LayerKernels } from './layer-kernels.js';
import type { ConvKernels } from './conv-kernels.js';
import type { OptimizerKernels } from './optimizer-kernels.js';

export { ATTENTION, type AttentionGeometry } from './attention-kernels.js';
export { CURVES, MERGES, type CurveCode, type MergeCode, type MergeLayout, type MoveLayout } from './layer-kernels.js';
export type DType = 'float32' | 'float64' | 'int32' | 'uint8';
export type FloatType = 'float32' | 'float64';
export type HostArray = Float32Array | Float64Array | Int32Array | Uint8Array;

/** Memory on a device that JavaScript cannot read directly. */
export interface DeviceBuffer {
  readonly device: string;
  readonly dtype: DType;
  readonly length: number;
}
export type Storage = HostArray | DeviceBuffer;

/** Activations that kernels fuse; their derivative follows from the output alone. */
export const ACTIVATIONS = { linear: 0, relu: 1, sigmoid: 2, tanh: 3 } as const;
export type ActivationName = keyof typeof ACTIVATIONS;
export type ActivationCode = (typeof ACTIVATIONS)[ActivationName];
/**
 * Codes of activations in recurrent kernels that go step by step; `curves` + a code of CURVES is that curve, with its numbers.
 * `hardSigmoidKeras2` is clip(0.2x + 0.5, 0, 1), which Keras 2 meant by hard_sigmoid.
 */
export const CELL_ACTIVATIONS = { ...ACTIVATIONS, hardSigmoid: 4, softsign: 5, hardSigmoidKeras2: 6, curves: 16 } as const;

/** Element-wise operations of two equal shapes. */
export const BINARY = { add: 0, subtract: 1, multiply: 2 } as const;
export type BinaryCode = (typeof BINARY)[keyof typeof BINARY];

/**
 * How operands of products are multiplied. In bfloat16 they are rounded to 8 bits of mantissa, sums stay float32, and so does all
 * that is no product. Faster where a processor has AMX; the one thing that is exempt from "one seed, one result" between machines.
 */
export const PRECISIONS = { float32: 0, bfloat16: 1 } as const;
export type Precision = keyof typeof PRECISIONS;
export type PrecisionCode = (typeof PRECISIONS)[Precision];

/**
 * Geometry of a convolution or pooling, built once per shape:
 * [N, H, W, C, F, kh, kw, strideH, strideW, dilationH, dilationW, padTop, padLeft, OH, OW, groups]
 * (pooling: F = C, dilation = groups = 1). One-dimensional ops use H = kh = OH = 1. A convolution may add a 17th field,
 * winograd: 0 keeps it from Winograd's algorithm, which it else takes where its shape favours it (kernels/conv/winograd.h), and
 * an 18th, precision: a code of PRECISIONS.
 */
export type Geometry = Int32Array;

/**
 * What a convolution over volumes (N,D,H,W,C) has beside its geometry, which is that of N·OD images of kd·C channels (kernels/conv/depth.h):
 * [D, kd, strideD, dilationD, padFront, OD].
 */
export type DepthGeometry = Int32Array;

/**
 * Geometry of a recurrent call: [N, T, D, U, flags], flags a sum of RECURRENT.
 * Steps whose mask is 0 cost nothing: the state is kept and the previous output repeated (before the first valid
 * step 0), or 0 with `zeroOutputForMask`. With `reverse` step t reads x at T-1-t of the row, masked steps included,
 * and writes y at T-1-t: y is always aligned with x in time (the layer flips it for Keras' goBackwards).
 * With `addInputGradient` a backward pass adds to dx what it else writes: the one output that is `+=`, for a second direction.
 * With `bfloat16` products are made in that precision; layers of less than 16 features or units have no such kernel.
 * With `droppedInputs` a feature that is 0 in all valid steps of a row, as dropout leaves it, costs that row nothing, and its dx is 0.
 * With `textbook`, which excludes `resetAfter`, the first gate of a GRU is how much is new instead of how much is kept.
 */
export const RECURRENT = {
  reverse: 1,
  training: 2,
  zeroOutputForMask: 4,
  resetAfter: 8,
  addInputGradient: 16,
  bfloat16: 32,
  textbook: 64,
  droppedInputs: 128,
} as const;
export type RecurrentGeometry = Int32Array;
type RecurrentName = 'simpleRnnForward' | 'simpleRnnBackward' | 'lstmForward' | 'lstmBackward' | 'gruForward' | 'gruBackward';
/** A recurrent call as a value: the name of its function, then the arguments. */
export type RecurrentArguments = { [K in RecurrentName]: readonly [K, ...Parameters<Backend[K]>] }[RecurrentName];

/** Counter-based generator: the same key and counter give the same number on every machine. */
export interface RandomKey {
  /** Two 32-bit words: [seed, stream]. */
  readonly seed: number;
  readonly stream: number;
}

export interface Backend extends AttentionKernels, ConvKernels, LayerKernels, OptimizerKernels {
  readonly name: 'cpu' | 'cuda';

  // ---- storage -------------------------------------------------------------------------------------------------
  allocate(dtype: DType, length: number): Storage;
  /** A view of [begin, end), no copy. */
  slice(x: Storage, begin: number, end: number): Storage;
  /** Values as a host array; on the CPU the storage itself. */
  read(x: Storage): HostArray;
  write(x: Storage, values: ArrayLike<number>): void;
  fill(x: Storage, value: number): void;
  copy(from: Storage, to: Storage): void;

  // ---- gemm, dense ---------------------------------------------------------------------------------------------
  /** y (M,N) = op(a)·op(b); a is (M,K) or, transposed, (K,M); b is (K,N) or (N,K). Sums in chunks of 256 over k. */
  matmul(a: Storage, b: Storage, y: Storage, M: number, N: number, K: number, ta: boolean, tb: boolean, precision?: PrecisionCode): void;
  /** y (M,U) = act(x (M,D)·w (D,U) + b (U)). */
  denseForward(
    x: Storage,
    w: Storage,
    b: Storage | null,
    y: Storage,
    M: number,
    D: number,
    U: number,
    activation: ActivationCode,
    precision?: PrecisionCode,
  ): void;
  /** dz = dy ⊙ act'(y) (workspace (M,U), may be dy itself); dw = xᵀdz, db = Σ dz, dx = dz·wᵀ. */
  denseBackward(
    x: Storage,
    w: Storage,
    y: Storage,
    dy: Storage,
    dz: Storage,
    dx: Storage | null,
    dw: Storage | null,
    db: Storage | null,
    M: number,
    D: number,
    U: number,
    activation: ActivationCode,
    precision?: PrecisionCode,
  ): void;

  // ---- convolution, pooling --------------------------------------------------------------------------------------
  /**
   * x (N,H,W,C), w (kh,kw,C/groups,F), b (F) → y (N,OH,OW,F) = act(conv + b). Padding is what geometry says, with zeros.
   * With depth x (N,D,H,W,C), w (kd,kh,kw,C/groups,F) → y (N,OD,OH,OW,F).
   */
  convForward(
    x: Storage,
    w: Storage,
    b: Storage | null,
    y: Storage,
    geometry: Geometry,
    activation: ActivationCode,
    depth?: DepthGeometry | null,
  ): void;
  /** dz as in denseBackward. dx may be null (a first layer needs none). */
  convBackward(
    x: Storage,
    w: Storage,
    y: Storage,
    dy: Storage,
    dz: Storage,
    dx: Storage | null,
    dw: Storage | null,
    db: Storage | null,
    geometry: Geometry,
    activation: ActivationCode,
    depth?: DepthGeometry | null,
  ): void;
  /**
   * Convolution and, of its output z (N,OH,OW,F), the max over disjoint 2×2 windows: y (N,⌊OH/2⌋,⌊OW/2⌋,F), taps (uint8, like y)
   * the winners. z is a workspace, undefined afterwards. Activation: linear or relu.
   */
  convPoolForward(
    x: Storage,
    w: Storage,
    b: Storage | null,
    z: Storage,
    y: Storage,
    taps: Storage,
    geometry: Geometry,
    activation: ActivationCode,
  ): void;
  /** From dy like y; dz (N,OH,OW,F) workspace (may be the z of the forward call), undefined afterwards. */
  convPoolBackward(
    x: Storage,
    w: Storage,
    y: Storage,
    taps: Storage,
    dy: Storage,
    dz: Storage,
    dx: Storage | null,
    dw: Storage | null,
    db: Storage | null,
    geometry: Geometry,
    activation: ActivationCode,
  ): void;
  /** y = max over the window; argmax (int32, like y) keeps the tap kh·kw index of the first maximum. Padding never wins. */
  maxPoolForward(x: Storage, y: Storage, argmax: Storage, geometry: Geometry): void;
  maxPoolBackward(dy: Storage, argmax: Storage, dx: Storage, geometry: Geometry): void;
  /** y = mean over the window's real cells (padding does not count). */
  averagePoolForward(x: Storage, y: Storage, geometry: Geometry): void;
  averagePoolBackward(dy: Storage, dx: Storage, geometry: Geometry): void;

  /** y (N,C) = the mean over the cells of x (N,cells,C); with mask (N,cells) over the valid ones: 0/0 where there is none. */
  globalAverageForward(x: Storage, mask: Storage | null, y: Storage, N: number, cells: number, C: number): void;
  globalAverageBackward(dy: Storage, mask: Storage | null, dx: Storage, N: number, cells: number, C: number): void;
  /** y (N,C) = the largest of the cells of x (N,cells,C). */
  globalMaxForward(x: Storage, y: Storage, N: number, cells: number, C: number): void;
  /** Equal maxima share the gradient evenly. */
  globalMaxBackward(x: Storage, y: Storage, dy: Storage, dx: Storage, N: number, cells: number, C: number): void;

  // ---- element-wise ------------------------------------------------------------------------------------------------
  activationForward(x: Storage, y: Storage, activation: ActivationCode): void;
  /** dx = dy ⊙ act'(y). dx may be dy. */
  activationBackward(y: Storage, dy: Storage, dx: Storage, activation: ActivationCode): void;
  /** y = a op b, element by element; y may be a or b. */
  binary(a: Storage, b: Storage, y: Storage, op: BinaryCode): void;
  /** y = x·factor + offset; y may be x. */
  affine(x: Storage, y: Storage, factor: number, offset: number): void;
  /** y (float) = x (uint8) · factor: images stay bytes until a batch needs them. */
  bytesToFloat(x: Storage, y: Storage, factor: number): void;
  /** Rows of x (…, cols) named by index, one after the other; any dtype of x, y alike. */
  gatherRows(x: Storage, index: Storage, y: Storage, cols: number): void;

  // ---- softmax, cross-entropy ------------------------------------------------------------------------------------
  softmaxForward(x: Storage, y: Storage, rows: number, cols: number): void;
  softmaxBackward(y: Storage, dy: Storage, dx: Storage, rows: number, cols: number): void;
  /**
   * From logits, fused and without clipping: probs = softmax(z), loss[row] = weight·−Σ t·log p, dz = weight·scale·(p·Σt − t).
   * `target` int32 (rows) class numbers, or float (rows,cols) one-hot / soft. `weight` (rows) or null (all 1). dz or loss may be null.
   */
  softmaxCrossEntropy(
    z: Storage,
    target: Storage,
    weight: Storage | null,
    probs: Storage,
    loss: Storage | null,
    dz: Storage | null,
    rows: number,
    cols: number,
    scale: number,
  ): void;

  // ---- embedding, dropout, random ----------------------------------------------------------------------------------
  /** y (count,D) = table (V,D) rows by ids (count). An id outside [0,V) throws ERR_DATA naming position and id. */
  embeddingForward(ids: Storage, table: Storage, y: Storage, V: number, D: number): void;
  /** dtable (V,D) = sum of dy rows per id, in ascending position; rows that do not occur are 0. */
  embeddingBackward(ids: Storage, dy: Storage, dtable: Storage, V: number, D: number): void;
  /** y = x/(1−rate) where kept, else 0. Element i is kept by the draw (key, counter, i); backward is the same call on dy. y may be x. */
  dropout(x: Storage, y: Storage, rate: number, seed: number, stream: number, counter: number): void;
  /** Uniform in [low, high): draw i of (seed, stream). */
  randomUniform(y: Storage, low: number, high: number, seed: number, stream: number): void;
  /** Normal; with `truncated` redrawn values beyond two standard deviations (by inverse distribution function, no loop). Counter 0 unless told. */
  randomNormal(y: Storage, mean: number, stddev: number, truncated: boolean, seed: number, stream: number, counter?: number): void;

  // ---- word vectors ------------------------------------------------------------------------------------------------
  /**
   * Word2Vec with negative sampling over a piece of text: `words` (n) ids in [0,V), `ends` the ascending ends of its sentences, which
   * contexts do not cross. A word stays where its draw is at most `keep` (V); `chance` and `alias` (V) are the alias table of the words
   * to compare with (all three uint32 in int32). Tables `input` and `output` (V,columns) in two halves (embeddings/tables.ts), columns a multiple of 16, the padding 0. The rate goes
   * from `firstRate` to `lastRate` linearly with the position of a word among `total`; null: the tables stay. Windows, pairs and (where
   * wanted) loss are added to `totals` (3, float64). Within a `batch` of windows every score is as old as its beginning. The same bits for any
   * thread count.
   */
  word2vec(
    cbow: boolean,
    words: Storage,
    ends: Storage,
    keep: Storage,
    chance: Storage,
    alias: Storage,
    input: Storage,
    output: Storage,
    columns: number,
    window: number,
    negative: number,
    seed: number,
    epoch: number,
    position: number,
    total: number,
    firstRate: number | null,
    lastRate: number | null,
    totals: Storage,
    wantsLoss: boolean,
    batch: number,
  ): void;

  // ---- recurrent: one call per layer per pass, gates as Keras orders them ------------------------------------------
  // The optional arguments of each, for other activations than tanh with sigmoid gates and for recurrent dropout: `activations`, a
  // Float64Array of [code of CELL_ACTIVATIONS, a, b, c, d] for the activation and, where there are gates, for theirs; `recurrentKept`
  // (N,U), what the state is multiplied with before its product; `pre` (N,T,U), which keeps what the activation was given. Such a call goes step by step.
  /**
   * SimpleRNN: h = act(((Σ x·w) + b) + Σ h₋₁·u). x (N,T,D), w (D,U), u (U,U), b (U), h0 (N,U) or null (zeros), mask uint8 (N,T)
   * or null → y (N,T,U), hT (N,U).
   */
  simpleRnnForward(
    x: Storage,
    w: Storage,
    u: Storage,
    b: Storage | null,
    h0: Storage | null,
    mask: Storage | null,
    y: Storage,
    hT: Storage,
    geometry: RecurrentGeometry,
    activation: ActivationCode,
    activations?: Storage | null,
    recurrentKept?: Storage | null,
    pre?: Storage | null,
  ): void;
  /**
   * dy (N,T,U) or null, dhT (N,U) or null: at least one. dz (N,T,U) workspace. Gradients wanted are not null.
   * dx is 0 on masked steps.
   */
  simpleRnnBackward(
    x: Storage,
    w: Storage,
    u: Storage,
    h0: Storage | null,
    mask: Storage | null,
    y: Storage,
    dy: Storage | null,
    dhT: Storage | null,
    dz: Storage,
    dx: Storage | null,
    dw: Storage | null,
    du: Storage | null,
    db: Storage | null,
    dh0: Storage | null,
    geometry: RecurrentGeometry,
    activation: ActivationCode,
    activations?: Storage | null,
    recurrentKept?: Storage | null,
    pre?: Storage | null,
  ): void;
  /**
   * LSTM, gates i f c o: w (D,4U), u (U,4U), b (4U). `gates` (N,T,4U) and `cells` (N,T,U) keep what backward needs
   * (gates after activation, c after each step); both are needed in training and may be null in inference.
   */
  lstmForward(
    x: Storage,
    w: Storage,
    u: Storage,
    b: Storage | null,
    h0: Storage | null,
    c0: Storage | null,
    mask: Storage | null,
    y: Storage,
    hT: Storage,
    cT: Storage,
    gates: Storage | null,
    cells: Storage | null,
    geometry: RecurrentGeometry,
    activations?: Storage | null,
    recurrentKept?: Storage | null,
  ): void;
  /** `gates` is overwritten by the gradients dz (N,T,4U). */
  lstmBackward(
    x: Storage,
    w: Storage,
    u: Storage,
    h0: Storage | null,
    c0: Storage | null,
    mask: Storage | null,
    y: Storage,
    gates: Storage,
    cells: Storage,
    dy: Storage | null,
    dhT: Storage | null,
    dcT: Storage | null,
    dx: Storage | null,
    dw: Storage | null,
    du: Storage | null,
    db: Storage | null,
    dh0: Storage | null,
    dc0: Storage | null,
    geometry: RecurrentGeometry,
    activations?: Storage | null,
    recurrentKept?: Storage | null,
  ): void;
  /**
   * GRU, gates z r h, h = z⊙h₋₁ + (1−z)⊙h̃; z = σ(pre), or σ(−pre) with textbook. w (D,3U), u (U,3U); b (2,3U) with resetAfter
   * (row 0 input, row 1 recurrent), else (3U).
   * `gates` (N,T,4U): z, r, h̃ after activation, and with resetAfter the recurrent part of h̃ before the reset (else r⊙h₋₁).
   */
  gruForward(
    x: Storage,
    w: Storage,
    u: Storage,
    b: Storage | null,
    h0: Storage | null,
    mask: Storage | null,
    y: Storage,
    hT: Storage,
    gates: Storage | null,
    geometry: RecurrentGeometry,
    activations?: Storage | null,
    recurrentKept?: Storage | null,
  ): void;
  /** `gates` is overwritten. */
  gruBackward(
    x: Storage,
    w: Storage,
    u: Storage,
    h0: Storage | null,
    mask: Storage | null,
    y: Storage,
    gates: Storage,
    dy: Storage | null,
    dhT: Storage | null,
    dx: Storage | null,
    dw: Storage | null,
    du: Storage | null,
    db: Storage | null,
    dh0: Storage | null,
    geometry: RecurrentGeometry,
    activations?: Storage | null,
    recurrentKept?: Storage | null,
  ): void;
  /** Two recurrent calls, at once where that pays; the second one may add to the `dx` that the first one writes. Same values as one by one. */
  recurrentBoth(first: RecurrentArguments, second: RecurrentArguments): void;

  // ---- normalisation -------------------------------------------------------------------------------------------------
  /** y = (x−mean)/√(var+ε)·gamma + beta over the last axis; mean, rstd (rows) are kept for backward. gamma, beta (cols) or null. */
  layerNormForward(
    x: Storage,
    gamma: Storage | null,
    beta: Storage | null,
    y: Storage,
    mean: Storage,
    rstd: Storage,
    rows: number,
    cols: number,
    epsilon: number,
  ): void;
  layerNormBackward(
    x: Storage,
    gamma: Storage | null,
    mean: Storage,
    rstd: Storage,
    dy: Storage,
    dx: Storage | null,
    dgamma: Storage | null,
    dbeta: Storage | null,
    rows: number,
    cols: number,
  ): void;
}
