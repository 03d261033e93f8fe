import { cnnReferenceInfer } from './reference/cnn.js';
import { referenceInfer } from './reference/train-text.js';
import { cnnBytes, cnnFlops, cnnInputs, cnnShapes, type CnnInputs, type CnnShape } from './train-cnn.js';
import { textBytes, textFlops, textInputs, textShapes, type TextInputs, type TextShape } from './train-text.js';
import type { Suite } from './suite.js';

export type PredictShape = ({ readonly model: 'cnn' } & CnnShape) | ({ readonly model: 'text' } & TextShape);
export type PredictInputs = { readonly model: 'cnn'; readonly inputs: CnnInputs } | { readonly model: 'text'; readonly inputs: TextInputs };

// The image classifiers of train-cnn and the sentiment models of train-text, one batch through each.
const shapes: readonly PredictShape[] = [
  ...textShapes
    .filter((s) => !s.attention && s.kernel === undefined)
    .map((s): PredictShape => ({ ...s, model: 'text', name: `text-${s.name}` })),
  ...cnnShapes.map((s): PredictShape => ({ ...s, model: 'cnn', name: `cnn-${s.name}` })),
];

export const predict: Suite<PredictShape, PredictInputs> = {
  name: 'predict',
  title: 'One batch through the models of train-text and train-cnn, to probabilities',
  shapes,
  flops: (shape) => (shape.model === 'cnn' ? cnnFlops(shape) : textFlops(shape)),
  bytes: (shape) => (shape.model === 'cnn' ? cnnBytes(shape) : textBytes(shape)),
  inputs: (shape) => (shape.model === 'cnn' ? { model: 'cnn', inputs: cnnInputs(shape) } : { model: 'text', inputs: textInputs(shape) }),
  reference: (given) => (given.model === 'cnn' ? cnnReferenceInfer(given.inputs) : referenceInfer(given.inputs)),
  tolerance: { probabilities: 2e-5 },
};
