import { backend } from '../../backend/current.js';
import { loadAddon } from '../../backend/native.js';

/** What this machine reaches. Units: 10⁹ operations and 10⁹ bytes a second. */
export interface MachinePeaks {
  readonly gflops: number;
  readonly gbps: number;
  readonly threads: number;
  readonly isa: string;
  /** How it was measured. */
  readonly method: string;
}

const SIDE = 512;
const VALUES = 16 * 1024 * 1024;

/** Shortest of several runs, in seconds; others may use the machine too. */
function shortest(work: () => void, milliseconds: number): number {
  let best = Infinity;
  const stop = performance.now() + milliseconds;
  work();
  for (let run = 0; run < 3 || performance.now() < stop; run++) {
    const begin = performance.now();
    work();
    best = Math.min(best, performance.now() - begin);
  }
  return best / 1000;
}

/** Measures what the kernels reach on work that suits them best, with the threads and the instruction set in force: half a second. */
export function measurePeaks(): MachinePeaks {
  const [a, b, y] = [0, 1, 2].map(() => backend().allocate('float32', SIDE * SIDE)) as [Storage, Storage, Storage];
  backend().fill(a, 1);
  backend().fill(b, 0.5);
  const product = shortest(() => backend().matmul(a, b, y, SIDE, SIDE, SIDE, false, false), 200);
  const [from, to] = [backend().allocate('float32', VALUES), backend().allocate('float32', VALUES)];
  backend().fill(from, 1);
  const stream = shortest(() => backend().affine(from, to, 2, 1), 200);
  const { native } = loadAddon();
  return {
    gflops: (2 * SIDE * SIDE * SIDE) / product / 1e9,
    gbps: (2 * 4 * VALUES) / stream / 1e9,
    threads: native.threads(),
    isa: native.isa(),
    method: `best of several runs: a product of ${SIDE}×${SIDE} matrices; y = 2x + 1 over ${VALUES / 2 ** 20} Mi numbers, 8 bytes each`,
  };
}

type Storage = ReturnType<ReturnType<typeof backend>['allocate']>;
