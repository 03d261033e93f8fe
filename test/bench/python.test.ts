import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { ChildProgram } from '../../bench/contenders/child-program.js';
import { NotAvailable } from '../../bench/contenders/contender.js';
import { findPython } from '../../bench/contenders/python/find-python.js';
import { sample } from '../../bench/harness/measure.js';
import { packageRoot } from '../../src/backend/native.js';

const folder = join(packageRoot(), 'bench', 'contenders', 'python');
const python = ['python3', 'python'].find(
  (name) => spawnSync(name, ['-c', 'import sys; sys.exit(sys.version_info < (3, 9))']).status === 0,
);
const scratch = mkdtempSync(join(tmpdir(), 'saraf-bench-python-test-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** What Python prints as JSON, with the bench's modules at hand. */
const evaluated = (code: string): unknown =>
  JSON.parse(
    execFileSync(python as string, ['-B', '-c', `import json, sys\nsys.path.insert(0, ${JSON.stringify(folder)})\n${code}`], {
      encoding: 'utf8',
    }),
  );

/** A peer without a framework: doubles x, and misbehaves on demand. */
const PEER = `
import array, os, sys, time
sys.path.insert(0, ${JSON.stringify(folder)})
from types import SimpleNamespace
import protocol, ways

def gemm(inputs):
    print('a library greets on standard output')
    x = inputs.x
    double = lambda: array.array('f', [2 * v for v in x.values])
    ways_ = {'slow': lambda: ways.Work(lambda: time.sleep(0.01), lambda: {'y': double()}),
             'quick': lambda: ways.Work(double, lambda: {'y': double(), 'sizes': array.array('d', x.shape)}),
             'broken': lambda: 1 / 0}
    return ways.fastest_of(ways_)

def refuse(inputs): raise protocol.NotAvailable('it cannot pool')
def fail(inputs): raise ValueError('first line\\nsecond line')
def die(inputs): os._exit(3)
def hang(inputs): time.sleep(600)

def load(threads):
    if threads > 2: raise protocol.NotAvailable('two threads at most')
    cases = {'gemm': gemm, 'pool': refuse, 'conv': fail, 'predict': die, 'attention': hang}
    return SimpleNamespace(version=f'doubler 1, {threads}', cases=cases)

protocol.serve(load)
`;
const program = join(scratch, 'peer.py');
writeFileSync(program, PEER);

const started: ChildProgram[] = [];
async function peer(): Promise<ChildProgram> {
  const made = new ChildProgram({ command: python as string, args: ['-B', program] });
  started.push(made);
  expect(await made.load(2)).toEqual({ version: 'doubler 1, 2' });
  return made;
}
afterEach(() => started.splice(0).forEach((p) => p.end()));

describe.skipIf(python === undefined)('a Python peer', () => {
  it('gives results of the fastest way, says which that was, and keeps the time', async () => {
    const job = await (await peer()).job('gemm', { x: { name: 'x', shape: [3], values: Float32Array.of(1, -3, 0.5) } });
    expect(await job.check()).toEqual({ y: Float32Array.of(2, -6, 1), sizes: Float64Array.of(3) });
    const { times, peakBytes, note } = await sample(job, { repetitions: 3, budgetMs: 1000, warmUpMs: 5 });
    expect(times).toHaveLength(3);
    for (const ms of times) expect(ms > 0 && ms < 10).toBe(true);
    expect(peakBytes).toBeGreaterThan(1e6);
    expect(note).toMatch(/^quick \(.* ms; slow .* ms, broken fails \(ZeroDivisionError\)\)$/);
  });

  it('says what it cannot do', async () => {
    const loaded = new ChildProgram({ command: python as string, args: ['-B', program] });
    started.push(loaded);
    expect(await loaded.load(3)).toEqual({ unavailable: 'two threads at most' });
    await expect((await peer()).job('pool', {})).rejects.toThrow(NotAvailable);
    await expect((await peer()).job('recurrent', {})).rejects.toThrow('it has no such operation here');
  });

  it('fails in one line of its own', async () => {
    await expect((await peer()).job('conv', {})).rejects.toThrow(/^ValueError: first line$/);
  });

  it('that dies is told from one that fails', async () => {
    await expect((await peer()).job('predict', {})).rejects.toThrow('ended with code 3');
  });

  it('that hangs ends when it is told to', async () => {
    const hanging = await peer();
    const asked = hanging.job('attention', {});
    hanging.end();
    await expect(asked).rejects.toThrow('ended with SIGKILL');
  });

  it('that hangs ends with whoever asked it', async () => {
    const child = spawn(python as string, ['-B', program], { stdio: ['pipe', 'ignore', 'inherit'] });
    const closed = new Promise<number | null>((resolve) => child.on('close', resolve));
    child.stdin.write(`${JSON.stringify({ load: { threads: 1 } })}\n`);
    child.stdin.end(`${JSON.stringify({ prepare: { suite: 'attention', inputs: {}, folder: scratch } })}\n`);
    expect(await closed).toBe(0);
  });
});

describe.skipIf(python === undefined)('findPython', () => {
  const json = { name: 'json', title: 'JSON' };
  it('takes the interpreter that is named, and no other in its place', () => {
    expect(findPython(json, { SARAF_PYTHON: python as string })).toEqual({ python });
    expect(findPython(json, { SARAF_PYTHON: join(scratch, 'no-python') })).toEqual({
      unavailable: expect.stringMatching(/^SARAF_PYTHON=.*no-python does not start \(.*ENOENT\); unset it, or npm run peers -- --python$/),
    });
    expect(findPython({ name: 'no_such_package', title: 'Nothing' }, { SARAF_PYTHON: python as string })).toEqual({
      unavailable: `SARAF_PYTHON=${python as string} has no package no_such_package; unset it, or npm run peers -- --python`,
    });
  });

  it('falls back on the PATH, and says how to install what is nowhere', () => {
    expect(findPython(json, {})).toEqual({ python });
    expect(findPython({ name: 'no_such_package', title: 'Nothing' }, {})).toEqual({
      unavailable: 'Nothing is not installed; npm run peers -- --python',
    });
  });
});

describe.skipIf(python === undefined)('layouts', () => {
  it('bring Keras gates into the order of others, and back', () => {
    // Keras' GRU is z r h, PyTorch's r z n; TensorFlow's block LSTM is i c f o, Keras' i f c o.
    const code = `import layouts\nprint(json.dumps([layouts.columns('gru', 2, 'torch'), layouts.columns('lstm', 1, 'torch'), layouts.columns('lstm', 2, 'block'), layouts.columns('rnn', 3, 'torch')]))`;
    expect(evaluated(code)).toEqual([
      [2, 3, 0, 1, 4, 5],
      [0, 1, 2, 3],
      [0, 1, 4, 5, 2, 3, 6, 7],
      [0, 1, 2],
    ]);
    expect(evaluated(`import layouts\nc = layouts.columns('gru', 5, 'torch')\nprint(json.dumps([c[i] for i in layouts.back(c)]))`)).toEqual(
      Array.from({ length: 15 }, (_, i) => i),
    );
  });

  it('pad as Keras does', () => {
    const code = `import layouts\nprint(json.dumps([layouts.same_padding(*a) for a in [(32, 3, 1), (32, 2, 1), (32, 4, 1), (32, 3, 2), (7, 3, 2), (4, 1, 2)]]))`;
    expect(evaluated(code)).toEqual([
      [1, 1],
      [0, 1],
      [1, 2],
      [0, 1],
      [1, 1],
      [0, 0],
    ]);
  });
});

describe.skipIf(python === undefined)('the clock in Python', () => {
  it('makes one repetition of what takes longer than the budget, and many calls of what is quick', () => {
    const code = `import time, timing
count = [0]
def quick(): count[0] += 1
slow = timing.sample(lambda: time.sleep(0.03), 5, 20, 10, 1)
times = timing.sample(quick, 2, 5, 1000, 1)
print(json.dumps([slow, times, count[0]]))`;
    const [slow, times, calls] = evaluated(code) as [number[], number[], number];
    expect(slow).toHaveLength(1);
    expect(slow[0]).toBeGreaterThan(29);
    expect(times).toHaveLength(2);
    expect(calls).toBeGreaterThan(1000);
  });
});
