import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { packageRoot } from '../../src/backend/native.js';

// The addon built for ARM, run in emulation: NEON, and another version of Node, compute the recorded bits.
const script = join(packageRoot(), 'scripts', 'arm64.mjs');
const { missing } = (await import(script)) as { missing: () => string | null };
const lacking = missing();

describe.runIf(lacking === null || process.env['CI'])(`64-bit ARM${lacking === null ? '' : ` (skipped: ${lacking})`}`, () => {
  const saraf = (...args: string[]): { status: number | null; out: string } => {
    const run = spawnSync(process.execPath, [script, ...args], { encoding: 'utf8' });
    return { status: run.status, out: `${run.stdout}${run.stderr}` };
  };

  it('computes the recorded bits with NEON, on another number of threads than one too', { timeout: 1_200_000 }, () => {
    const { status, out } = saraf('verify', '--threads', '2');
    expect(out).toContain('Instruction set: neon (this machine can run ref, neon) · threads: 2');
    expect(out.match(/same bits/g)).toHaveLength(5); // four networks, and the mathematics of its Node
    expect(out).toContain('f32_winograd_fwd__neon');
    expect(status).toBe(0);
  });

  it('says what it runs on, and refuses sets of other processors', { timeout: 1_200_000 }, () => {
    expect(saraf('doctor').out).toMatch(/Platform +linux-arm64/);
    const refused = saraf('verify', '--isa', 'avx2');
    expect(refused.status).toBe(1);
    expect(refused.out).toContain('expected an instruction set of this machine (ref, neon), received avx2');
  });
});
