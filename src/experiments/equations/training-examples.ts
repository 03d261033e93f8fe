import { ACTIVATIONS } from '../../backend/backend.js';
import { backend } from '../../backend/current.js';
import { binaryCrossentropy } from '../../losses/index.js';
import { Adam } from '../../optimizers/adam.js';
import { tensor, zeros } from '../../tensor/tensor.js';
import { D002, dot, example, SEVERAL, softmax, vector, type WorkedExample } from './worked-example.js';

const topic = 'Training';

function feedForward(): WorkedExample {
  const [weighted, bias] = [13.44, 1];
  const y = new Float32Array(1);
  backend().denseForward(Float32Array.of(weighted), Float32Array.of(1), Float32Array.of(bias), y, 1, 1, 1, ACTIVATIONS.relu);
  return example({
    topic,
    name: 'Feed-forward: output with its bias',
    formula: 'y = max(0, W·x + b)',
    latex: String.raw`y = \max(0, W x + b)`,
    document: D002,
    given: `W·x = ${weighted}, b = ${bias}`,
    by: 'print',
    expected: [13.44],
    computed: [...y],
    decimals: 2,
    note: 'The bias was left out. Its summands are not at hand, so that the sum W·x goes in as printed.',
  });
}

/** The sum over classes from logits, as our softmax layers train. */
function crossEntropy(logits: readonly number[], target: readonly number[]): number {
  const loss = new Float32Array(1);
  const probs = new Float32Array(logits.length);
  backend().softmaxCrossEntropy(Float32Array.from(logits), Float32Array.from(target), null, probs, loss, null, 1, logits.length, 1);
  return loss[0] ?? NaN;
}

function losses(): WorkedExample[] {
  const [t, p] = [
    [1, 0, 1],
    [0.9, 0.2, 0.6],
  ] as const;
  const logits = [0.2, 1.1, -0.4];
  const target = [0, 1, 0];
  const [counted, left] = [2.54, 3.54];
  const shares = [Math.exp(-counted), Math.exp(-left)];
  const rest = 1 - shares.reduce((a, b) => a + b, 0);
  return [
    example({
      topic,
      name: 'Binary cross-entropy',
      formula: '−Σ(t·log p + (1 − t)·log(1 − p))/n',
      latex: String.raw`-\tfrac{1}{n} \textstyle\sum (t \log p + (1 - t) \log(1 - p))`,
      document: SEVERAL,
      given: `t = ${vector(t)}, p = ${vector(p)}`,
      by: 'formula',
      expected: [-t.reduce<number>((sum, v, i) => sum + Math.log(v === 1 ? (p[i] ?? NaN) : 1 - (p[i] ?? NaN)), 0) / t.length],
      computed: [binaryCrossentropy().call(tensor([t]), tensor([p]))],
      decimals: 6,
    }),
    example({
      topic,
      name: 'Categorical cross-entropy',
      formula: '−Σ t·log softmax(z)',
      latex: String.raw`-\textstyle\sum t \log \mathrm{softmax}(z)`,
      document: D002,
      given: `z = ${vector(logits)}, t = ${vector(target)}`,
      by: 'formula',
      expected: [
        -dot(
          target,
          softmax(logits).map((v) => Math.log(v)),
        ),
      ],
      computed: [crossEntropy(logits, target)],
      decimals: 6,
    }),
    example({
      topic,
      name: 'Categorical cross-entropy of a target with two ones',
      formula: '−Σ t·log p',
      latex: String.raw`-\textstyle\sum t \log p`,
      document: D002,
      given: `t = (1 1 0), −log p = ${counted} and ${left} of the two classes`,
      by: 'print',
      expected: [2.54],
      computed: [crossEntropy([...shares, rest].map(Math.log), [1, 1, 0])],
      decimals: 2,
      note: 'The loss of 2.54 counts one of the two ones; both give 6.08. The probabilities are not at hand: the second one’s 3.54 is what is left of 6.08.',
    }),
  ];
}

function adam(): WorkedExample[] {
  const [learningRate, beta1, beta2, epsilon] = [1e-4, 0.9, 0.99, 1e-9];
  const gradients = [2.5, -1];
  const optimizer = new Adam({ learningRate, beta1, beta2, epsilon });
  const value = zeros([1]);
  const steps = gradients.map((g) => {
    const before = value.data()[0] ?? NaN;
    optimizer.apply([{ value, gradient: tensor([g]) }]);
    return (before - (value.data()[0] ?? NaN)) / learningRate;
  });
  let [m, v] = [0, 0];
  const expected = gradients.map((g, i) => {
    [m, v] = [beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g * g];
    return m / (1 - beta1 ** (i + 1)) / (Math.sqrt(v / (1 - beta2 ** (i + 1))) + epsilon);
  });
  const common = { topic, document: D002 } as const;
  return [
    example({
      ...common,
      name: 'Adam: two steps with bias correction, in learning rates',
      formula: 'm̂/(√v̂ + ε), m̂ = m/(1 − β₁ᵗ), v̂ = v/(1 − β₂ᵗ)',
      latex: String.raw`\hat{m} / (\sqrt{\hat{v}} + \varepsilon),\ \hat{m} = m / (1 - \beta_1^t),\ \hat{v} = v / (1 - \beta_2^t)`,
      given: `g = ${gradients.join(' and then ').replace('-', '−')}, β₁ = ${beta1}, β₂ = ${beta2}, ε = ${epsilon}`,
      by: 'formula',
      expected,
      computed: steps,
      decimals: 5,
    }),
    example({
      ...common,
      name: 'Adam: length of the first step',
      formula: 'lr·m̂/(√v̂ + ε)',
      latex: String.raw`\mathit{lr}\, \hat{m} / (\sqrt{\hat{v}} + \varepsilon)`,
      given: `lr = ${learningRate}, g = ${gradients[0]}, t = 1`,
      by: 'print',
      expected: [0.1],
      computed: [(steps[0] ?? NaN) * learningRate],
      decimals: 5,
      note: 'Bias correction makes the first step lr·g/|g|: never longer than lr, whatever the gradient.',
    }),
  ];
}

function dropout(): WorkedExample[] {
  const rate = 0.4;
  const draws = 1_000_000;
  const x = 2;
  const inverted = new Float32Array(draws);
  backend().dropout(new Float32Array(draws).fill(x), inverted, rate, 1, 0, 0);
  // The same mask without the scale; and what each form makes of x at inference.
  const classic = new Float32Array(draws);
  backend().affine(inverted, classic, 1 - rate, 0);
  const scaled = new Float32Array(1);
  backend().affine(Float32Array.of(x), scaled, 1 - rate, 0);
  const mean = (values: Float32Array): number => values.reduce((a, b) => a + b, 0) / values.length;
  const extremes = (values: Float32Array): [number, number] => [
    values.reduce((a, b) => Math.min(a, b)),
    values.reduce((a, b) => Math.max(a, b)),
  ];
  const common = { topic, document: SEVERAL, given: `x = ${x}, rate = ${rate}`, by: 'formula' } as const;
  const means = {
    ...common,
    given: `${common.given}, ${draws.toLocaleString('en')} draws of one mask for both forms`,
    labels: ['in training', 'at inference'],
    decimals: 2,
  } as const;
  return [
    example({
      ...common,
      name: 'Dropout, inverted: a value in training and at inference',
      formula: 'training: x/(1 − rate) where kept, else 0; inference: x',
      latex: String.raw`x\, m / (1 - r),\ m \in \{0, 1\};\ \mathrm{inference:}\ x`,
      expected: [0, x / (1 - rate), x],
      computed: [...extremes(inverted), x],
      labels: ['dropped', 'kept', 'at inference'],
      decimals: 6,
      note: 'The default here and in Keras: inference needs to know nothing of the rate.',
    }),
    example({
      ...common,
      name: 'Dropout, classic: a value in training and at inference',
      formula: 'training: x where kept, else 0; inference: x·(1 − rate)',
      latex: String.raw`x\, m,\ m \in \{0, 1\};\ \mathrm{inference:}\ x (1 - r)`,
      expected: [0, x, x * (1 - rate)],
      computed: [...extremes(classic), scaled[0] ?? NaN],
      labels: ['dropped', 'kept', 'at inference'],
      decimals: 6,
    }),
    example({
      ...means,
      name: 'Dropout, inverted: the mean stays',
      formula: 'mean of x·m/(1 − rate) = x',
      latex: String.raw`E[x\, m / (1 - r)] = x`,
      expected: [x, x],
      computed: [mean(inverted), x],
    }),
    example({
      ...means,
      name: 'Dropout, classic: the mean is that of inference',
      formula: 'mean of x·m = x·(1 − rate)',
      latex: String.raw`E[x\, m] = x (1 - r)`,
      expected: [x * (1 - rate), x * (1 - rate)],
      computed: [mean(classic), scaled[0] ?? NaN],
    }),
  ];
}

/** Losses, the optimizer and dropout. */
export const trainingExamples = (): WorkedExample[] => [feedForward(), ...losses(), ...adam(), ...dropout()];
