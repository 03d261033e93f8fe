import type { Shape, Suite } from './suite.js';

export interface StartupInputs {
  readonly shape: Shape;
}

/** From the start of a process to its first result, 1 + 2 or the like; the note says size on disk and peak of memory. */
export const startup: Suite<Shape, StartupInputs> = {
  name: 'startup',
  title: 'From the start of a process to the first result of a tiny matrix product; size on disk and peak of memory in the note',
  shapes: [{ name: 'first-result' }],
  flops: () => 0,
  bytes: () => 0,
  inputs: (shape) => ({ shape }),
  // (1 2)·(3 4)ᵀ
  reference: () => ({ y: Float64Array.of(11) }),
  tolerance: { y: 0 },
};
