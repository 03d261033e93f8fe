/**
 * The part of TensorFlow.js that the bench uses. Its own types would have to be installed wherever this repository is
 * type-checked, and the peers are 300 MB.
 */
export interface TfTensor {
  dataSync(): Float32Array | Int32Array | Uint8Array;
  dispose(): void;
}

export interface TfModel {
  add(layer: object): void;
  setWeights(weights: readonly TfTensor[]): void;
  getWeights(): TfTensor[];
  compile(options: { optimizer: object; loss: string }): void;
  trainOnBatch(x: TfTensor, y: TfTensor): Promise<number | number[]>;
  predictOnBatch(x: TfTensor): TfTensor;
}

export interface Tf {
  readonly version: Readonly<Record<string, string>>;
  ready(): Promise<void>;
  setBackend(name: string): Promise<boolean>;
  env(): { getAsync(flag: string): Promise<unknown> };
  tensor(values: Float32Array | Int32Array, shape: readonly number[], dtype: 'float32' | 'int32'): TfTensor;
  tidy<T>(work: () => T): T;
  sequential(): TfModel;
  readonly layers: {
    embedding(options: object): object;
    lstm(options: object): object;
    bidirectional(options: object): object;
    dense(options: object): object;
  };
  readonly train: { adam(learningRate: number, beta1: number, beta2: number, epsilon: number): object };
}
