/**
 * The part of TensorFlow.js that the bench uses. Its own types would have to be installed wherever this repository is
 * type-checked, and the peers are hundreds of megabytes.
 */
export interface TfTensor {
  readonly shape: readonly number[];
  dataSync(): Float32Array | Int32Array | Uint8Array;
  dispose(): void;
}

/** A tensor that gradients are taken for. */
export interface TfVariable extends TfTensor {
  readonly name: string;
}

export interface TfOptimizer {
  minimize(loss: () => TfTensor, returnLoss: boolean, of: readonly TfVariable[]): TfTensor | null;
}

export interface TfModel {
  add(layer: object): void;
  setWeights(weights: readonly TfTensor[]): void;
  getWeights(): TfTensor[];
  compile(options: { optimizer: object; loss: string }): void;
  trainOnBatch(x: TfTensor, y: TfTensor): Promise<number | number[]>;
  predictOnBatch(x: TfTensor): TfTensor;
}

export interface TfLayer {
  apply(x: TfTensor): TfTensor;
  setWeights(weights: readonly TfTensor[]): void;
  readonly trainableWeights: readonly { readonly val: TfVariable }[];
}

export interface Tf {
  readonly version: Readonly<Record<string, string>>;
  ready(): Promise<void>;
  setBackend(name: string): Promise<boolean>;
  getBackend(): string;
  backend(): { readonly binding?: { readonly TF_Version?: string } };
  env(): { getAsync(flag: string): Promise<unknown> };
  tensor(values: Float32Array | Int32Array, shape: readonly number[], dtype: 'float32' | 'int32'): TfTensor;
  variable(x: TfTensor): TfVariable;
  tidy<T>(work: () => T): T;
  matMul(a: TfTensor, b: TfTensor, transposeA?: boolean, transposeB?: boolean): TfTensor;
  add(a: TfTensor, b: TfTensor | number): TfTensor;
  sub(a: TfTensor, b: TfTensor): TfTensor;
  div(a: TfTensor, b: TfTensor): TfTensor;
  sqrt(x: TfTensor): TfTensor;
  relu(x: TfTensor): TfTensor;
  mean(x: TfTensor, axis: number): TfTensor;
  moments(x: TfTensor, axis: number, keepDims: boolean): { readonly mean: TfTensor; readonly variance: TfTensor };
  gather(x: TfTensor, rows: TfTensor): TfTensor;
  oneHot(x: TfTensor, classes: number): TfTensor;
  mul(a: TfTensor, b: TfTensor | number): TfTensor;
  sum(x: TfTensor): TfTensor;
  softmax(x: TfTensor): TfTensor;
  reshape(x: TfTensor, shape: readonly number[]): TfTensor;
  transpose(x: TfTensor, order: readonly number[]): TfTensor;
  conv2d(x: TfTensor, w: TfTensor, strides: number, padding: string): TfTensor;
  maxPool(x: TfTensor, size: number, strides: number, padding: string): TfTensor;
  avgPool(x: TfTensor, size: number, strides: number, padding: string): TfTensor;
  grads(f: (...inputs: TfTensor[]) => TfTensor): (inputs: TfTensor[], dy: TfTensor) => TfTensor[];
  variableGrads(f: () => TfTensor, of: readonly TfVariable[]): { readonly grads: Readonly<Record<string, TfTensor>> };
  sequential(): TfModel;
  readonly layers: {
    embedding(options: object): object;
    simpleRNN(options: object): TfLayer;
    lstm(options: object): TfLayer;
    gru(options: object): TfLayer;
    bidirectional(options: object): TfLayer;
    conv1d(options: object): object;
    globalMaxPooling1d(): object;
    conv2d(options: object): object;
    maxPooling2d(options: object): object;
    flatten(): object;
    dense(options: object): object;
  };
  readonly losses: { softmaxCrossEntropy(labels: TfTensor, logits: TfTensor): TfTensor };
  readonly train: { adam(learningRate: number, beta1: number, beta2: number, epsilon: number): TfOptimizer };
}
