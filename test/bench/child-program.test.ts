import { existsSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { ChildProgram } from '../../bench/contenders/child-program.js';
import { NotAvailable } from '../../bench/contenders/contender.js';
import { sample } from '../../bench/harness/measure.js';

/** A program that doubles x, in the protocol; `inputs` without x are refused. */
const PROGRAM = `
const fs = require('node:fs');
console.log('Welcome to the library.');
require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
  const answer = (value) => console.log(JSON.stringify(value));
  const { load, prepare, sample } = JSON.parse(line);
  if (load) return answer(load.threads > 2 ? { unavailable: 'two threads at most' } : { version: 'doubler 1' });
  if (sample) return answer({ times: Array(sample.repetitions).fill(sample.repetitionMs), cpuMs: 1, peakBytes: 42 });
  if (prepare.suite === 'pool') process.exit(3);
  if (prepare.suite === 'conv') return answer({ failed: 'no such convolution' });
  if (!prepare.inputs.x) return answer({ unavailable: 'it has no x' });
  const bytes = fs.readFileSync(prepare.inputs.x.values.file);
  const x = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
  const file = prepare.folder + '/y.bin';
  fs.writeFileSync(file, Float32Array.from(x, (v) => 2 * v));
  answer({ outputs: { y: { file, dtype: 'float32' } }, note: prepare.inputs.x.values.file });
});`;

const started: ChildProgram[] = [];
const program = (script = PROGRAM): ChildProgram => {
  const made = new ChildProgram({ command: process.execPath, args: ['-e', script] });
  started.push(made);
  return made;
};
afterEach(() => started.splice(0).forEach((p) => p.end()));

describe('a contender that is a program', () => {
  it('gets arrays, gives results and is timed by its own clock', async () => {
    const peer = program();
    expect(await peer.load(1)).toEqual({ version: 'doubler 1' });
    const job = await peer.job('gemm', { x: { name: 'x', shape: [2], values: Float32Array.of(1, -3) } });
    expect(await job.check()).toEqual({ y: Float32Array.of(2, -6) });
    expect(existsSync(job.note?.() as string), 'its files are gone').toBe(false);
    expect(await sample(job, { repetitions: 2, budgetMs: 100, warmUpMs: 1 })).toMatchObject({ times: [20, 20], peakBytes: 42 });
  });

  it('says why it is not there', async () => {
    expect(await program().load(3)).toEqual({ unavailable: 'two threads at most' });
    await expect(program().job('gemm', {})).rejects.toThrow(NotAvailable);
  });

  it('fails with its own words, with its end, and with what it cannot start', async () => {
    await expect(program().job('conv', {})).rejects.toThrow('no such convolution');
    await expect(program().job('pool', {})).rejects.toThrow('ended with code 3');
    await expect(program('console.log("{not json")').load(1)).rejects.toThrow('not JSON');
    const absent = new ChildProgram({ command: 'no-such-program', args: [] });
    await expect(absent.load(1)).rejects.toThrow('does not start');
    await expect(absent.load(1)).rejects.toThrow('does not start');
  });
});
