import { Layer } from './layer.js';

/**
 * One step of a recurrent network, which `layers.rnn({ cell })` takes over a sequence: a layer whose inputs are x (N,D) and the
 * states (N,·), and whose outputs are what the step gives and the new states.
 *
 * A cell of your own writes `stateSizes`, `build`, `computeOutputShape`, `forward` and `backward` of one step; it has one
 * context per step. The rnn takes a copy of it, so its constructor takes what its `getConfig` gives.
 */
export abstract class RNNCell extends Layer {
  /** Length of each state. */
  abstract readonly stateSizes: readonly number[];
}
