import { backend } from '../../backend/current.js';
import { layers } from '../../layers/index.js';
import { StandaloneContext } from '../../layers/standalone-context.js';
import { zeros } from '../../tensor/tensor.js';
import { D002, example, matrix, product, softmax, SEVERAL, vector, type WorkedExample } from './worked-example.js';

const topic = 'Attention, normalisation, pooling';

function softmaxOf(scores: readonly number[]): number[] {
  const y = new Float32Array(scores.length);
  backend().softmaxForward(Float32Array.from(scores), y, 1, scores.length);
  return [...y];
}

function weightsOfAttention(): WorkedExample[] {
  const printed = [0.138, 0.153, 0.159, 0.184, 0.152, 0.214];
  const printedScores = [-0.14, -0.036, 0.001, 0.146, -0.047, 0.298];
  const scoresThatFollow = [-0.129, -0.012, 0.155, 0.382, 0.027, 0.025];
  const common = {
    topic,
    formula: 'softmax(Q·Kᵀ/√d)',
    latex: String.raw`\mathrm{softmax}(Q K^\top / \sqrt{d})`,
    document: D002,
    by: 'print',
    expected: printed,
    decimals: 3,
  } as const;
  return [
    example({
      ...common,
      name: 'Attention: weights of the first token',
      given: `scores ${vector(printedScores)} as printed`,
      computed: softmaxOf(printedScores),
      note: 'The softmax is right; its scores do not follow from the printed Q and K, as the next line shows.',
    }),
    example({
      ...common,
      name: 'Attention: the same from the scores that the printed Q and K give',
      given: `scores ${vector(scoresThatFollow)}`,
      computed: softmaxOf(scoresThatFollow),
      note: 'Besides, hidden units are taken for tokens.',
    }),
  ];
}

function scaledDotProduct(): WorkedExample {
  const Q = [
    [1, 0],
    [0, 1],
    [1, 1],
  ];
  const K = [
    [1, 2],
    [0, 1],
    [-1, 0],
  ];
  const V = [
    [1, 0],
    [0, 2],
    [3, 1],
  ];
  const [tokens, d] = [Q.length, 2];
  const [q, k, v] = [Q, K, V].map((rows) => Float32Array.from(rows.flat())) as [Float32Array, Float32Array, Float32Array];
  const [y, stats] = [new Float32Array(tokens * d), new Float32Array(tokens * 2)];
  const geometry = Int32Array.of(1, tokens, tokens, 1, d, d, d, d, d, 0);
  backend().attentionForward(q, k, v, null, null, null, null, y, stats, null, geometry, 1 / Math.sqrt(d), 0, 0, 0, 0);
  const columns = [0, 1].map((at) => V.map((row) => row[at] ?? 0));
  return example({
    topic,
    name: 'Scaled dot-product attention',
    formula: 'softmax(Q·Kᵀ/√d)·V',
    latex: String.raw`\mathrm{softmax}(Q K^\top / \sqrt{d})\, V`,
    document: D002,
    given: `Q = ${matrix(Q)}, K = ${matrix(K)}, V = ${matrix(V)}, d = ${d}`,
    by: 'formula',
    expected: Q.flatMap((row) => product(columns, softmax(product(K, row).map((score) => score / Math.sqrt(d))))),
    computed: [...y],
    labels: ['1, 1', '1, 2', '2, 1', '2, 2', '3, 1', '3, 2'],
    decimals: 6,
  });
}

function positions(): WorkedExample[] {
  const [T, d] = [3, 4];
  const encoded = layers.sinePositionEncoding().run([zeros([1, T, d])], new StandaloneContext({ training: false }))[0];
  /** Positions 1 and 2; the exponent of a cosine is (2i + more)/d. */
  const formula = (more: number): number[] =>
    [1, 2].flatMap((t) => [0, 1].flatMap((i) => [Math.sin(t / 10_000 ** ((2 * i) / d)), Math.cos(t / 10_000 ** ((2 * i + more) / d))]));
  const common = {
    topic,
    given: `positions t = 1 and 2, d = ${d}`,
    by: 'formula',
    computed: [...(encoded?.data() ?? [])].slice(d, 3 * d),
    labels: [1, 2].flatMap((t) => [0, 1].flatMap((i) => [`sin, t ${t}, i ${i}`, `cos, t ${t}, i ${i}`])),
  } as const;
  return [
    example({
      ...common,
      name: 'Sinusoidal positions, as the document’s numbers have them',
      formula: 'sin(t/10000^(2i/d)), cos(t/10000^(2i/d))',
      latex: String.raw`\sin(t / 10000^{2i/d}),\ \cos(t / 10000^{2i/d})`,
      document: D002,
      expected: formula(0),
      decimals: 6,
      note: 'As Vaswani et al. have them: sine and cosine of one angle.',
    }),
    example({
      ...common,
      name: 'Sinusoidal positions, as the document writes them',
      formula: 'sin(t/10000^(2i/d)), cos(t/10000^((2i + 1)/d))',
      latex: String.raw`\sin(t / 10000^{2i/d}),\ \cos(t / 10000^{(2i+1)/d})`,
      document: D002,
      expected: formula(1),
      decimals: 5,
      note: 'The exponent (2i + 1)/d of the cosine is a slip: the document’s own numbers use 2i/d, as our layer does.',
    }),
  ];
}

function normalisation(): WorkedExample[] {
  const x = [0.6, 1.9, 0.8, 2.3, 1.3, 2];
  const mean = x.reduce((a, b) => a + b, 0) / x.length;
  const squares = x.reduce((a, b) => a + (b - mean) ** 2, 0);
  const epsilon = 1e-3;
  const y = new Float32Array(x.length);
  backend().layerNormForward(Float32Array.from(x), null, null, y, new Float32Array(1), new Float32Array(1), 1, x.length, epsilon);
  const common = { topic, given: `x = ${vector(x)}, ε = ${epsilon}`, by: 'formula', computed: [...y] } as const;
  return [
    example({
      ...common,
      name: 'Layer normalisation as in Keras',
      formula: '(x − mean)/√(Σ(x − mean)²/d + ε)',
      latex: String.raw`(x - \mu) / \sqrt{\textstyle\sum (x - \mu)^2 / d + \varepsilon}`,
      document: 'Keras',
      expected: x.map((v) => (v - mean) / Math.sqrt(squares / x.length + epsilon)),
      decimals: 5,
    }),
    example({
      ...common,
      name: 'Layer normalisation as the document writes it',
      formula: '(x − mean)/√(Σ(x − mean)²/(d − 1))',
      latex: String.raw`(x - \mu) / \sqrt{\textstyle\sum (x - \mu)^2 / (d - 1)}`,
      document: D002,
      expected: x.map((v) => (v - mean) / Math.sqrt(squares / (x.length - 1))),
      decimals: 3,
      note: 'The document divides by d − 1 and has no ε; its own numbers divide by d, over tokens instead of features.',
    }),
  ];
}

function averagePooling(): WorkedExample[] {
  const side = 4;
  const image = Array.from({ length: side }, (_, row) => Array.from({ length: side }, (_, at) => row * side + at + 1));
  const pooled = new Float32Array(4);
  const geometry = Int32Array.of(1, side, side, 1, 1, 2, 2, 2, 2, 1, 1, 0, 0, 2, 2, 1);
  backend().averagePoolForward(Float32Array.from(image.flat()), pooled, geometry);
  const tokens = [
    [0.2, -1, 3],
    [0.6, 0.5, -2],
  ];
  const features = tokens[0]?.length ?? 0;
  const mean = new Float32Array(features);
  backend().globalAverageForward(Float32Array.from(tokens.flat()), null, mean, 1, tokens.length, features);
  const common = { topic, by: 'formula', decimals: 6 } as const;
  const at = (row: number, column: number): number => image[row]?.[column] ?? NaN;
  return [
    example({
      ...common,
      name: 'Average pooling of an image',
      formula: 'y = Σ x/(2·2) over windows of 2×2',
      latex: String.raw`y = \tfrac{1}{4} \textstyle\sum_{2 \times 2} x`,
      document: SEVERAL,
      given: `x, 4×4: ${matrix(image)}`,
      expected: [0, 2].flatMap((r) => [0, 2].map((c) => (at(r, c) + at(r, c + 1) + at(r + 1, c) + at(r + 1, c + 1)) / 4)),
      computed: [...pooled],
    }),
    example({
      ...common,
      name: 'Average pooling over tokens',
      formula: 'y = Σ x_t/T',
      latex: String.raw`y = \tfrac{1}{T} \textstyle\sum_t x_t`,
      document: D002,
      given: `x₁, x₂ = ${matrix(tokens)}`,
      expected: Array.from({ length: features }, (_, f) => tokens.reduce((total, row) => total + (row[f] ?? 0), 0) / tokens.length),
      computed: [...mean],
    }),
  ];
}

/** Attention with its softmax, sinusoidal positions, layer normalisation, average pooling. */
export const attentionExamples = (): WorkedExample[] => [
  ...weightsOfAttention(),
  scaledDotProduct(),
  ...positions(),
  ...normalisation(),
  ...averagePooling(),
];
