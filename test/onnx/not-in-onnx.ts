/** Layer cases of Keras' fixtures that cannot be written as ONNX; the test fails as soon as this is not the truth. */
export const NOT_IN_ONNX: readonly string[] = [
  // A graph keeps nothing from one run to the next.
  'layers/Bidirectional/lstm-stateful',
  'layers/GRU/after-stateful-masked-three-calls',
  'layers/GRU/after-stateful-two-calls',
  'layers/GRU/before-stateful-masked-three-calls',
  'layers/GRU/before-stateful-two-calls',
  'layers/LSTM/stateful-masked-three-calls',
  'layers/LSTM/stateful-two-calls',
  'layers/SimpleRNN/stateful-masked-three-calls',
  'layers/SimpleRNN/stateful-two-calls',
];
