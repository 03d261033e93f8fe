import { afterEach, describe, expect, it } from 'vitest';
import { describeDiagnosis, diagnose } from '../../src/cli/doctor.js';
import { loadAddon } from '../../src/backend/native.js';
import { saraf } from './capture.js';

const { native } = loadAddon();
const usual = { isa: native.isa(), threads: native.threads(), data: process.env['SARAF_DATA'] };

afterEach(() => {
  native.setIsa(usual.isa);
  native.setThreads(usual.threads);
  delete process.env['SARAF_ISA'];
  if (usual.data === undefined) delete process.env['SARAF_DATA'];
  else process.env['SARAF_DATA'] = usual.data;
});

describe('saraf doctor', () => {
  it('prints platform, addon, instruction set, threads and devices', async () => {
    delete process.env['SARAF_DATA'];
    const { code, out } = await saraf(['doctor']);
    expect(code).toBe(0);
    for (const piece of [process.versions.node, loadAddon().path, native.isa(), 'Threads', 'Devices', 'CUDA', 'not built'])
      expect(out).toContain(piece);
  });

  it('says that an instruction set is clamped, and by what', () => {
    process.env['SARAF_ISA'] = 'ref';
    native.setIsa('ref');
    const found = diagnose().find((f) => f.name === 'Instruction set');
    expect(found).toMatchObject({ level: 'slow' });
    expect(found?.advice).toContain('SARAF_ISA=ref');
  });

  it('says which set multiplies in bfloat16, or why none does', () => {
    const usualSet = native.bf16Set();
    expect(diagnose().find((f) => f.name === 'bfloat16')?.value).toContain(usualSet ?? 'not to be had');
    native.setIsa('ref');
    expect(diagnose().find((f) => f.name === 'bfloat16')).toMatchObject({ level: 'note', value: `not to be had: ${native.bf16Absent()}` });
  });

  it('says that threads are fewer than the machine has', () => {
    native.setThreads(1);
    const found = diagnose().find((f) => f.name === 'Threads');
    expect(found?.value).toMatch(/^1 of \d/);
    expect(found?.level).toBe(native.hardwareThreads() > 1 ? 'slow' : 'ok');
  });

  it('fails when something needed is missing, such as the named data folder', async () => {
    process.env['SARAF_DATA'] = '/nowhere/at/all';
    const { code, out } = await saraf(['doctor']);
    expect(code).toBe(1);
    expect(out).toContain('✗ Data folder');
  });

  it('says so when nothing is slow or missing', () => {
    expect(describeDiagnosis([{ name: 'a', value: 'b', level: 'ok' }])).toContain('Nothing is slow or missing.');
  });
});
