import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe } from 'vitest';
import type { Tensor } from '../../src/tensor/tensor.js';

function pythonWithKeras(): { python: string } | { reason: string } {
  if (process.env['SARAF_SKIP_PYTHON'] !== undefined) return { reason: 'SARAF_SKIP_PYTHON is set' };
  for (const python of [process.env['SARAF_PYTHON'], 'python3'].filter((p): p is string => p !== undefined)) {
    const found = spawnSync(python, ['-c', 'import keras; print(keras.__version__)'], { encoding: 'utf8', timeout: 120_000 });
    if (found.status === 0 && Number.parseInt(found.stdout.trim().split('\n').at(-1) ?? '', 10) >= 3) return { python };
  }
  return { reason: 'no Python with Keras 3: set SARAF_PYTHON to one' };
}

const found = pythonWithKeras();

/** Tests that need Keras, or one skipped test that says why there is none. */
export function describeWithKeras(title: string, tests: () => void): void {
  describe.skipIf('reason' in found)(`${title}${'reason' in found ? ` (skipped: ${found.reason})` : ''}`, tests);
}

/** What Keras found in a file; see open_in_keras.py. */
export interface Opened {
  error?: string;
  outputs: number[][];
  iterations?: number;
  after?: number[][];
  /** Loss and metrics on the data of the job. */
  evaluation?: Record<string, number | number[]>;
}

/** A tensor as the jobs have it. */
export const plain = (t: Tensor): object => ({ shape: [...t.shape], dtype: t.dtype, data: Array.from(t.data()) });

export function openInKeras(jobs: readonly object[]): Opened[] {
  const script = join(import.meta.dirname, 'open_in_keras.py');
  const { python } = found as { python: string };
  const input = JSON.stringify(jobs);
  const out = execFileSync(python, [script], { input, encoding: 'utf8', maxBuffer: 2 ** 26, stdio: ['pipe', 'pipe', 'ignore'] });
  return (JSON.parse(out) as { results: Opened[] }).results;
}
