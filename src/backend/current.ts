import type { Backend } from './backend.js';
import { cpuBackend } from './cpu.js';

/** The device that computes. One per process today; a model carries no device of its own. */
export function backend(): Backend {
  return cpuBackend();
}
