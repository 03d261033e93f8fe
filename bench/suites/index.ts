import { nusaxBilstmInfer, nusaxBilstmTrain } from './nusax-bilstm.js';

/** Every suite by name, in the order of the report. */
export const suites = {
  'nusax-bilstm-train': nusaxBilstmTrain,
  'nusax-bilstm-infer': nusaxBilstmInfer,
} as const;

export type SuiteName = keyof typeof suites;
export type InputsOf<Name extends SuiteName> = ReturnType<(typeof suites)[Name]['inputs']>;

export const suiteNames = Object.keys(suites) as SuiteName[];
