import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Job } from '../../suites/suite.js';

const sizeProgram = join(dirname(fileURLToPath(import.meta.url)), 'installed_size.py');

interface Started {
  readonly ms: number;
  readonly value: number;
  readonly peakBytes: number;
}

/** Milliseconds from just before the process was made, by the system's clock. */
const PREAMBLE = `
import json, resource, sys, time
def report(value):
    unit = 1 if sys.platform == 'darwin' else 1024
    print(json.dumps({'ms': time.time() * 1000 - float(sys.argv[1]), 'value': float(value),
                      'peakBytes': resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit}))
`;

function output(python: string, args: readonly string[]): string {
  const env = { ...process.env, TF_CPP_MIN_LOG_LEVEL: '3', CUDA_VISIBLE_DEVICES: '-1', JAX_PLATFORMS: 'cpu' };
  const { status, stdout, stderr, error } = spawnSync(python, args, { encoding: 'utf8', env, maxBuffer: 1 << 24 });
  if (status !== 0) throw new Error(error?.message ?? stderr.trim().split('\n').at(-1) ?? `code ${String(status)}`);
  return stdout.trim().split('\n').at(-1) ?? '';
}

const start = (python: string, script: string): Started =>
  JSON.parse(output(python, ['-c', PREAMBLE + script, String(performance.timeOrigin + performance.now())])) as Started;

/** Starts Python, loads a package and has a first result, each time anew. `script` calls `report(value)`. */
export function pythonStartup(python: string, packageName: string, script: string): Job {
  let last: Started | undefined;
  const once = (): Started => (last = start(python, script));
  const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(0)} MB`;
  let installed: number | undefined;
  return {
    check: () => ({ y: Float64Array.of(once().value) }),
    run: () => void once(),
    sample: ({ repetitions }) => Promise.resolve({ times: Array.from({ length: repetitions }, () => once().ms) }),
    note() {
      installed ??= Number(output(python, [sizeProgram, packageName]));
      return `installed ${megabytes(installed)} with all that it requires, peak ${megabytes(last?.peakBytes ?? 0)} of memory, of it Python alone ${start(python, 'report(0)').ms.toFixed(0)} ms`;
    },
  };
}
