import type { SuiteName } from './suites/index.js';
import corpora from './shapes/ingest.json' with { type: 'json' };

/**
 * What saraf is to reach against its peers, by suite and shapes (names with * for any letters). A ratio is the peer's median over
 * ours, each at its best number of threads. Where a share of the peak stands beside a ratio, either will do: nearer to the peak
 * than that no ratio is left to gain.
 */
export interface Goal {
  readonly what: string;
  readonly suite: SuiteName;
  readonly shapes: readonly string[];
  /** Over the fastest peer in float32; it counts only where one of `named` was measured, who were the fastest before. */
  readonly peer?: number;
  readonly named?: readonly string[];
  /** In place of the fastest of all: these alone. */
  readonly against?: readonly string[];
  readonly percentOfPeak?: number;
  /** Over TensorFlow.js on the TensorFlow C library. */
  readonly tfjsNode?: number;
  /** Over the fastest peer that is no bare library. */
  readonly frameworks?: number;
  /** Milliseconds at most. */
  readonly atMostMs?: number;
  /** Error of a fast variant at most, as a multiple of the direct kernel's. */
  readonly atMostError?: number;
  /** Who has to reach it, if not the usual contender. */
  readonly own?: string;
}

const ONEDNN = ['onednn'];
const LIBRARIES = ['onednn', 'torch'];
const LOOPS = ['onednn', 'jax'];
const FRAMEWORKS = ['tensorflow', 'torch'];
const SIZES = ['hate', 'news', 'b128'] as const;
const ALL_SIZES = ['nusax', ...SIZES] as const;
const CELLS = ['rnn', 'lstm', 'gru', 'birnn', 'bilstm', 'bigru'] as const;

const layer = (sizes: readonly string[], cells: readonly string[], pass: string): string[] =>
  sizes.flatMap((size) => cells.map((cell) => `${size}-${cell}-${pass}`));

const conv = (sides: readonly string[], pass: string): string[] => sides.map((side) => `${side}-${pass}`);
const FIRST = ['32x32x3-32-k3', '32x32x3-128-k3'];
const WIDE = ['16x16x32-64-k3', '8x8x64-128-k3', '16x16x128-256-k3', '8x8x256-512-k3'];
const EVEN = ['32x32x3-32-k2', '32x32x3-32-k4'];

export const goals: readonly Goal[] = [
  // A product of one by one is all overhead.
  { what: 'cost of a call: 1 µs', suite: 'gemm', shapes: ['1x1x1'], atMostMs: 1e-3 },
  {
    what: 'error of Winograd: 8 times the direct kernel’s',
    suite: 'conv',
    shapes: [...WIDE, ...WIDE.map((name) => `relu-${name}`)].flatMap((name) => [`${name}-infer`, `${name}-train`]),
    atMostError: 8,
  },
  {
    what: 'matrix product: squares, input of an LSTM',
    suite: 'gemm',
    shapes: ['256', '1024', '2048', 'lstm-input'],
    // Within 3 % of oneDNN is a tie.
    peer: 0.97,
    named: ONEDNN,
    percentOfPeak: 90,
    tfjsNode: 1.05,
  },
  { what: 'matrix product: step of an LSTM', suite: 'gemm', shapes: ['lstm-step'], peer: 1.25, named: ONEDNN, tfjsNode: 1.15 },
  { what: 'matrix product: a convolution unrolled', suite: 'gemm', shapes: ['im2col'], peer: 1.15, named: ONEDNN, tfjsNode: 1.15 },
  { what: 'first convolution, forward', suite: 'conv', shapes: conv(FIRST, 'infer'), peer: 1.3, named: ONEDNN, tfjsNode: 3 },
  { what: 'first convolution, training', suite: 'conv', shapes: conv(FIRST, 'train'), peer: 2, named: ONEDNN, tfjsNode: 3 },
  { what: '3×3 convolution, forward', suite: 'conv', shapes: conv(WIDE, 'infer'), peer: 2, named: LIBRARIES, tfjsNode: 2.2 },
  { what: '3×3 convolution, training', suite: 'conv', shapes: conv(WIDE, 'train'), peer: 2, named: LIBRARIES, tfjsNode: 2.2 },
  { what: '2×2 and 4×4 convolution, forward', suite: 'conv', shapes: conv(EVEN, 'infer'), peer: 1.2, named: LIBRARIES, tfjsNode: 2.5 },
  { what: '2×2 and 4×4 convolution, training', suite: 'conv', shapes: conv(EVEN, 'train'), peer: 2, named: LIBRARIES, tfjsNode: 4 },
  {
    what: 'CNN 32-64-128, training step',
    suite: 'train-cnn',
    shapes: ['32-64-128'],
    peer: 2,
    named: ['tensorflow'],
    tfjsNode: 6,
  },
  { what: 'CNN 32-64-128, inference', suite: 'predict', shapes: ['cnn-32-64-128'], peer: 1.3, named: ['onnxruntime-node'], tfjsNode: 3.4 },
  { what: 'CNN 128-256-512, training step', suite: 'train-cnn', shapes: ['128-256-512'], peer: 2, named: ['tensorflow'], tfjsNode: 3.5 },
  { what: 'CNN 128-256-512, inference', suite: 'predict', shapes: ['cnn-128-256-512'], peer: 2, named: FRAMEWORKS, tfjsNode: 2.4 },
  { what: 'LSTM, NusaX, training', suite: 'recurrent', shapes: ['nusax-lstm-train'], peer: 1.5, named: ONEDNN, tfjsNode: 11 },
  {
    what: 'LSTM, training',
    suite: 'recurrent',
    shapes: layer(SIZES, ['lstm'], 'train'),
    peer: 1.3,
    percentOfPeak: 83,
    named: ONEDNN,
    tfjsNode: 11,
  },
  { what: 'LSTM, NusaX, inference', suite: 'recurrent', shapes: ['nusax-lstm-infer'], peer: 1.3, named: ONEDNN, tfjsNode: 8 },
  {
    what: 'LSTM, inference',
    suite: 'recurrent',
    shapes: layer(SIZES, ['lstm'], 'infer'),
    peer: 1.1,
    percentOfPeak: 85,
    named: ONEDNN,
    tfjsNode: 8,
  },
  {
    what: 'GRU, training',
    suite: 'recurrent',
    shapes: layer(ALL_SIZES, ['gru'], 'train'),
    peer: 1.3,
    percentOfPeak: 83,
    named: ONEDNN,
    tfjsNode: 18,
    frameworks: 2.5,
  },
  {
    what: 'GRU, inference',
    suite: 'recurrent',
    shapes: layer(ALL_SIZES, ['gru'], 'infer'),
    peer: 1.2,
    percentOfPeak: 85,
    named: ONEDNN,
    tfjsNode: 13,
  },
  { what: 'SimpleRNN, training', suite: 'recurrent', shapes: layer(ALL_SIZES, ['rnn'], 'train'), peer: 2, named: LOOPS, tfjsNode: 70 },
  { what: 'SimpleRNN, inference', suite: 'recurrent', shapes: layer(ALL_SIZES, ['rnn'], 'infer'), peer: 2, named: LOOPS, tfjsNode: 50 },
  {
    what: 'bidirectional, training',
    suite: 'recurrent',
    shapes: layer(ALL_SIZES, ['birnn', 'bilstm', 'bigru'], 'train'),
    peer: 1.3,
    percentOfPeak: 83,
    named: ONEDNN,
    tfjsNode: 13,
  },
  {
    what: 'bidirectional, inference',
    suite: 'recurrent',
    shapes: layer(ALL_SIZES, ['birnn', 'bilstm', 'bigru'], 'infer'),
    peer: 1.2,
    percentOfPeak: 85,
    named: ONEDNN,
    tfjsNode: 9,
  },
  {
    what: 'one sequence, training',
    suite: 'recurrent',
    shapes: layer(['single'], CELLS, 'train'),
    peer: 1.3,
    named: ONEDNN,
    tfjsNode: 200,
  },
  {
    what: 'one sequence, inference',
    suite: 'recurrent',
    shapes: layer(['single'], CELLS, 'infer'),
    peer: 1.3,
    named: ['onednn', 'onnxruntime-node'],
    tfjsNode: 100,
  },
  { what: 'sentiment model, training step', suite: 'train-text', shapes: ['t256'], peer: 3, named: FRAMEWORKS, tfjsNode: 40 },
  {
    what: 'the same on real lengths, masked',
    suite: 'train-text',
    shapes: ['real-lengths'],
    peer: 10,
    named: ['tensorflow'],
    against: ['tensorflow'],
    tfjsNode: 130,
  },
  {
    what: 'LSTM with attention, training step',
    suite: 'train-text',
    shapes: ['hate-attention'],
    peer: 2.5,
    named: ['tensorflow'],
    tfjsNode: 8,
  },
  { what: 'text CNN, training step', suite: 'train-text', shapes: ['news-convolution'], peer: 2, named: FRAMEWORKS, tfjsNode: 4 },
  {
    what: 'bfloat16, CNN 128-256-512, training step',
    suite: 'train-cnn',
    shapes: ['128-256-512'],
    own: 'saraf-bf16',
    peer: 1.3,
    named: ['torch-bf16'],
    against: ['torch-bf16'],
  },
  {
    what: 'bfloat16, sentiment model, training step',
    suite: 'train-text',
    shapes: ['t256'],
    own: 'saraf-bf16',
    peer: 1.3,
    named: ['torch-bf16'],
    against: ['torch-bf16'],
  },
  { what: 'Word2Vec, CBOW', suite: 'word2vec', shapes: ['cbow'], peer: 2, named: ['gensim'] },
  { what: 'Word2Vec, skip-gram', suite: 'word2vec', shapes: ['skip-gram'], peer: 2, named: ['gensim'] },
  ...corpora.flatMap((shape) =>
    shape.words !== undefined
      ? [
          {
            what: `${shape.name}, CSV to numbers: 300,000 words/s`,
            suite: 'ingest' as const,
            shapes: [shape.name],
            atMostMs: shape.words / 300,
          },
        ]
      : [],
  ),
  {
    what: 'CSV of a million rows, text and label',
    suite: 'ingest',
    shapes: ['million-rows'],
    peer: 10,
    named: ['danfojs-node'],
    against: ['danfojs-node'],
  },
];
