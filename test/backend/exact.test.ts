import { afterEach, expect, it } from 'vitest';
import { getExact, setExact } from '../../src/backend/exact.js';
import { loadAddon } from '../../src/backend/native.js';
import { describeMachine } from '../../src/experiments/provenance.js';
import { kernelVersion } from '../../src/experiments/verify/hashes.js';
import { diagnose } from '../../src/cli/doctor.js';
import { expectError } from '../helpers/expect-error.js';
import { saraf } from '../cli/capture.js';

const { native } = loadAddon();
const usual = native.isa();

afterEach(() => {
  setExact(true);
  native.setIsa(usual);
  delete process.env['SARAF_EXACT'];
});

it('is on unless switched off, and says what is in force', () => {
  expect(getExact()).toBe(true);
  native.setIsa('sse2');
  expect(setExact(false)).toBe(false);
  expect(getExact()).toBe(false);
  expect(setExact(true)).toBe(true);
  native.setIsa('ref');
  expect(setExact(false)).toBe(true);
});

it('refuses what is not a boolean', () => {
  expectError(() => setExact('no' as never), 'ERR_ARG', 'setExact', 'received no');
});

it('is in the record of a run: machine and version of the kernels', () => {
  const exact = kernelVersion();
  expect(describeMachine().exact).toBe(true);
  native.setIsa('sse2');
  setExact(false);
  expect(describeMachine()).toMatchObject({ isa: 'sse2', exact: false });
  expect(kernelVersion()).toBe(`${exact}-inexact`);
});

it('saraf doctor says so, also where it does nothing', () => {
  const found = (): ReturnType<typeof diagnose>[number] | undefined => diagnose().find((f) => f.name === 'Exact');
  expect(found()).toMatchObject({ level: 'ok', value: expect.stringContaining('yes') as string });
  setExact(false);
  native.setIsa('ref');
  process.env['SARAF_EXACT'] = '0';
  expect(found()?.advice).toContain('does nothing here');
  native.setIsa('sse2');
  expect(found()).toMatchObject({ level: 'note', value: expect.stringContaining('no') as string });
});

it('saraf verify refuses: its bits are not the recorded ones', async () => {
  native.setIsa('sse2');
  setExact(false);
  const { code, err } = await saraf(['verify']);
  expect(code).toBe(1);
  expect(err).toContain('exact: false on sse2');
});
