// ---- errors, tensors, seeds, threads ----
export { SarafError, type ErrorCode } from './errors.js';
export { Tensor, tensor, zeros, type NestedNumbers, type Shape } from './tensor/tensor.js';
export { Philox } from './tensor/random.js';
export { getSeed, setSeed } from './initializers/seed.js';
export { getThreads, setThreads } from './backend/threads.js';
export type { DType, FloatType } from './backend/backend.js';

// ---- initializers ----
export {
  getInitializer,
  initializers,
  registerInitializer,
  type Initializer,
  type InitializerConfig,
  type InitializerName,
  type InitializerOption,
} from './initializers/index.js';

// ---- layers ----
export * from './layers/index.js';
export { gradcheck, type GradcheckEntry, type GradcheckOptions, type GradcheckResult } from './layers/gradcheck.js';
