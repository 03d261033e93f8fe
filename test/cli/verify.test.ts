import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadAddon, packageRoot } from '../../src/backend/native.js';
import { RECORDED_HASHES, kernelVersion } from '../../src/experiments/verify/hashes.js';
import { FIXED_NETWORKS } from '../../src/experiments/verify/networks.js';
import { cannotRun } from '../helpers/processor.js';
import { saraf } from './capture.js';

const available = loadAddon().native.isas();

interface Verified {
  readonly status: number | null;
  readonly text: string;
  readonly hashes: Record<string, string>;
  readonly kernels: readonly string[];
}

/** \`saraf verify\` in a process of its own, where the environment decides the instruction set at load. */
function verify(isa: string, threads: number): Verified {
  const run = spawnSync(process.execPath, [join(packageRoot(), 'scripts', 'saraf.mjs'), 'verify', '--threads', String(threads)], {
    encoding: 'utf8',
    env: { ...process.env, SARAF_ISA: isa },
  });
  const text = run.stdout + run.stderr;
  return {
    status: run.status,
    text,
    hashes: Object.fromEntries([...text.matchAll(/^(\w+) +([0-9a-f]{64})/gm)].map((m) => [m[1] ?? '', m[2] ?? ''])),
    kernels: [...text.matchAll(/^ {2}(\w+) \(\d+\)$/gm)].map((m) => m[1] ?? ''),
  };
}

describe('saraf verify', () => {
  it('has recorded hashes for all four networks, which name the version of the kernels', () => {
    expect(Object.keys(RECORDED_HASHES).sort()).toEqual(['CNN', 'GRU', 'LSTM', 'SimpleRNN']);
    expect(FIXED_NETWORKS.map((n) => n.name)).toEqual(['CNN', 'SimpleRNN', 'LSTM', 'GRU']);
    expect(kernelVersion()).toMatch(/^[0-9a-f]{12}$/);
  });

  for (const isa of ['ref', 'sse2', 'avx', 'avx2', 'avx512']) {
    const reason = available.includes(isa) ? '' : cannotRun(isa);
    for (const threads of [1, 2]) {
      it.skipIf(reason !== '')(
        `gives the recorded bits on ${isa} with ${threads} thread${threads > 1 ? 's' : ''}, by kernels of ${isa}${reason}`,
        () => {
          const seen = verify(isa, threads);
          expect(seen.hashes, seen.text).toEqual(RECORDED_HASHES);
          expect(seen.status).toBe(0);
          expect(seen.text).toContain(`Instruction set: ${isa} `);
          expect(seen.text).toContain(`threads: ${threads}`);
          // Families without arithmetic of their own have a reference only; everything else must be of the set that was asked for.
          const families = ['f32_gemm', 'f32_conv_fwd', 'f32_simple_rnn_fwd', 'f32_lstm_fwd', 'f32_gru_bwd', 'f32_adam', 'f32_dropout'];
          for (const family of families) expect(seen.kernels).toContain(`${family}__${isa}`);
          expect(seen.kernels.filter((k) => !k.endsWith(`__${isa}`))).toEqual([]);
        },
      );
    }
  }

  it('refuses an instruction set that this machine cannot run', async () => {
    const missing = ['avx512', 'neon'].find((isa) => !available.includes(isa)) ?? 'neon';
    const seen = await saraf(['verify', '--isa', missing]);
    expect(seen.code).toBe(1);
    expect(seen.err).toContain(`received ${missing}`);
    expect((await saraf(['verify', '--isa', 'mmx'])).code).toBe(2);
  });
});
