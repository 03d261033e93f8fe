import { attentionExamples } from './attention-examples.js';
import { recurrentExamples } from './recurrent-examples.js';
import { scoreExamples } from './score-examples.js';
import { trainingExamples } from './training-examples.js';
import { D002, D003, type EquationFinding, type WorkedExample } from './worked-example.js';

/**
 * The documents' formulas with the numbers that stand beside them, computed by our kernels and metrics. Where a document prints no
 * numbers, the formula is evaluated in double precision on numbers of our own.
 *
 * Example: workedExamples().filter((x) => x.differ.length > 0).map((x) => x.note)
 */
export function workedExamples(): WorkedExample[] {
  return [...recurrentExamples(), ...attentionExamples(), ...trainingExamples(), ...scoreExamples()];
}

/** What else does not follow from what is printed beside it; the weights or inputs to compute it again are not at hand in full. */
export const equationFindings: readonly EquationFinding[] = [
  { document: D002, text: 'Time steps are taken along the dimensions of the embedding, and attention then takes hidden units for tokens.' },
  {
    document: D002,
    text: 'The output gate o₁ is printed as .931 .196 .690 .892 .690 .832; its printed weights give .646 .668 .250 .214 .622 .168. These weights are not at hand, so o₁ itself cannot be computed again here; h₁ is worked from both.',
  },
  {
    document: D002,
    text: 'The attention scores do not follow from the printed Q and K, which give −.129 −.012 .155 .382 .027 .025. Q and K themselves are not at hand; both softmaxes are worked above.',
  },
  {
    document: D002,
    text: 'The target has two ones; the loss of 2.54 counts one of them, both give 6.08. The probabilities are not at hand, only these two sums.',
  },
  { document: D002, text: 'The output of the feed-forward part, 13.44, leaves out its bias: 14.44. Its summands are not at hand.' },
  {
    document: D002,
    text: 'Layer normalisation is written with d − 1 and without ε; the numbers divide by d, over tokens instead of features.',
  },
  {
    document: D002,
    text: 'Sinusoidal positions: the formula has the exponent (2i + 1)/d in the cosine, the numbers use 2i/d, as Vaswani et al. and our layer do.',
  },
  { document: D003, text: 'Formula 2.15 writes a bidirectional LSTM as a network of σ alone, with h_t on both sides.' },
];
