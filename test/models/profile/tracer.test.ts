import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { setSeed } from '../../../src/initializers/seed.js';
import { layers, input } from '../../../src/layers/index.js';
import { Model } from '../../../src/models/model.js';
import { setTracer, tracePath } from '../../../src/models/profile/active.js';
import { PASSES, type Span } from '../../../src/models/profile/spans.js';
import { TraceFile } from '../../../src/models/profile/trace-file.js';
import { Tracer } from '../../../src/models/profile/tracer.js';
import { Sequential } from '../../../src/models/sequential.js';
import { tensor } from '../../../src/tensor/tensor.js';
import { expectError } from '../../helpers/expect-error.js';
import { packageRoot } from '../../../src/backend/native.js';

const folder = mkdtempSync(join(tmpdir(), 'saraf-trace-'));
// A path through a file.
const notAFolder = join(folder, 'file', 'trace.json');
writeFileSync(join(folder, 'file'), '');
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(() => {
  setTracer(null);
  vi.restoreAllMocks();
});

/** An event of the trace format. */
interface Event {
  readonly name: string;
  readonly ph: string;
  readonly ts: number;
  readonly dur: number;
  readonly tid: number;
  readonly args: Record<string, unknown>;
}

const eventsOf = (path: string): Event[] => (JSON.parse(readFileSync(path, 'utf8')) as { traceEvents: Event[] }).traceEvents;

const ids = tensor(Int32Array.of(1, 2, 3, 4, 0, 0, 2, 1, 0), [3, 3]);
const classes = tensor(Int32Array.of(0, 1, 1));

function textModel(): Sequential {
  setSeed(1);
  const model = new Sequential([
    layers.embedding({ inputDim: 5, outputDim: 4, maskZero: true, name: 'words' }),
    layers.bidirectional({ layer: layers.lstm({ units: 3 }), name: 'both' }),
    layers.dropout({ rate: 0.5, name: 'drop' }),
    layers.dense({ units: 2, activation: 'softmax', name: 'classes' }),
  ]);
  model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
  return model;
}

/** All spans of some work. */
async function spansOf(work: () => Promise<unknown> | void): Promise<Span[]> {
  const spans: Span[] = [];
  const tracer = new Tracer((some) => void spans.push(...some));
  setTracer(tracer);
  await work();
  setTracer(null);
  tracer.flush();
  return spans;
}

describe('tracing', () => {
  it('names every layer in both passes, and data, loss, metrics and update', async () => {
    const model = textModel();
    const spans = await spansOf(() => model.fit(ids, classes, { epochs: 2, batchSize: 3, verbose: 0 }).then(() => undefined));
    const names = (pass: string): string[] => spans.filter((s) => s.pass === pass && s.step === 1).map((s) => s.name);
    expect(names('forward')).toEqual(['words', 'both', 'drop', 'classes']);
    expect(names('backward')).toEqual(['classes', 'drop', 'both', 'words']);
    expect(names('data')).toEqual(['batch', 'targets', 'inputs']);
    expect(names('loss')).toEqual(['SparseCategoricalCrossentropy', 'accuracy']);
    expect(names('update')).toEqual(['Adam']);
    expect(names('step')).toEqual(['train']);
  });

  it('accounts for the whole step: own times add up to it, spans lie inside it', async () => {
    const model = textModel();
    const spans = await spansOf(() => void model.trainOnBatch(ids, classes));
    const step = spans.find((s) => s.pass === 'step') as Span;
    expect(spans.reduce((sum, s) => sum + s.self, 0)).toBeCloseTo(step.end - step.begin, 6);
    for (const s of spans) {
      expect(s.self).toBeGreaterThanOrEqual(0);
      expect(s.begin).toBeGreaterThanOrEqual(step.begin);
      expect(s.end).toBeLessThanOrEqual(step.end);
    }
  });

  it('puts the layers of a nested model inside its own span, under its name', async () => {
    const inner = new Sequential({ layers: [layers.dense({ units: 3, inputShape: [4], name: 'hidden' })], name: 'encoder' });
    const x = input({ shape: [4] });
    const model = new Model({ inputs: x, outputs: layers.dense({ units: 1, name: 'out' }).apply(inner.apply(x)) });
    const spans = await spansOf(() => void model.predictOnBatch(tensor([[1, 2, 3, 4]])));
    expect(spans.filter((s) => s.pass === 'forward').map((s) => s.name)).toEqual(['encoder/hidden', 'encoder', 'out']);
    const outer = spans.find((s) => s.name === 'encoder');
    expect(outer?.call).toBeNull();
    expect(outer?.self).toBeLessThan((outer?.end ?? 0) - (outer?.begin ?? 0));
  });

  it('closes what an error left open', async () => {
    const model = textModel();
    model.trainOnBatch(ids, classes);
    const spans = await spansOf(() => {
      expect(() => model.trainOnBatch(tensor(Int32Array.of(9, 9, 9), [1, 3]), tensor(Int32Array.of(0)))).toThrow('received 9');
      model.trainOnBatch(ids, classes);
    });
    expect(spans.filter((s) => s.pass === 'step')).toHaveLength(1);
    expect(spans.filter((s) => s.pass === 'forward' && s.name === 'words').map((s) => s.name)).toEqual(['words']);
  });

  it('off, asks no clock and records nothing', () => {
    const model = textModel();
    model.trainOnBatch(ids, classes);
    const now = vi.spyOn(performance, 'now');
    const begin = vi.spyOn(Tracer.prototype, 'begin');
    model.trainOnBatch(ids, classes);
    model.predictOnBatch(ids);
    expect(now).not.toHaveBeenCalled();
    expect(begin).not.toHaveBeenCalled();
  });
});

describe('the trace file', () => {
  it('is whole after every append: events nest, no time is negative, each pass has its track', async () => {
    const path = join(folder, 'deep', 'trace.json');
    const file = new TraceFile(path);
    expect(eventsOf(path).every((e) => e.ph === 'M')).toBe(true);
    const tracer = new Tracer((some) => file.append(some));
    setTracer(tracer);
    const model = textModel();
    for (let step = 1; step <= 3; step++) {
      model.trainOnBatch(ids, classes);
      tracer.flush();
      expect(eventsOf(path).filter((e) => e.ph === 'X' && e.name === 'train')).toHaveLength(step);
    }
    file.close();
    const events = eventsOf(path).filter((e) => e.ph === 'X');
    expect(events).toHaveLength(file.count);
    for (const name of ['words', 'both', 'drop', 'classes']) expect(events.filter((e) => e.name === name)).toHaveLength(6);
    const tracks = eventsOf(path).filter((e) => e.name === 'thread_name');
    expect(tracks.map((e) => e.args['name'])).toEqual([...PASSES]);
    for (const a of events) {
      expect(a.dur).toBeGreaterThanOrEqual(0);
      expect(a.tid).toBeGreaterThanOrEqual(1);
      for (const b of events) {
        const apart = a.ts + a.dur <= b.ts + 1e-6 || b.ts + b.dur <= a.ts + 1e-6;
        const inside = (p: Event, q: Event): boolean => p.ts >= q.ts - 1e-6 && p.ts + p.dur <= q.ts + q.dur + 1e-6;
        expect(apart || inside(a, b) || inside(b, a), `${a.name} and ${b.name}`).toBe(true);
      }
    }
    expect(events.find((e) => e.name === 'both')?.args).toMatchObject({ layer: 'Bidirectional', input: '3×3×4', output: '3×6' });
  });

  it('says so when it cannot be written', () => {
    expectError(() => new TraceFile(notAFolder), 'ERR_ARG', notAFolder, 'another one');
  });

  it('goes where SARAF_TRACE says', () => {
    expect(tracePath(undefined)).toBeNull();
    expect(tracePath('0')).toBeNull();
    expect(tracePath('x/y.json')).toContain('x/y');
    expect(tracePath('1')).toMatch(/^out\/trace-\d{8}-\d{6}-\d+/);
  });
});

describe('SARAF_TRACE', () => {
  const script = `
    import { layers, Sequential, tensor } from ${JSON.stringify(join(packageRoot(), 'src', 'index.ts'))};
    const model = new Sequential([layers.dense({ units: 2, name: 'one' })]);
    model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
    await model.fit(tensor([[1], [2]]), tensor([[1, 2], [2, 4]]), { epochs: 50, batchSize: 1, verbose: 0 });
    if (process.argv[2] === 'die') { await new Promise((r) => setTimeout(r, 300)); model.trainOnBatch(tensor([[1]]), tensor([[1, 2]])); process.kill(process.pid, 'SIGKILL'); }
    await model.predict(tensor([[1]]));
  `;
  const run = (trace: string, ...args: string[]): ReturnType<typeof spawnSync> =>
    spawnSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-', ...args], {
      cwd: packageRoot(),
      encoding: 'utf8',
      input: script,
      env: { ...process.env, SARAF_TRACE: trace },
    });

  it('traces fit and predict of any program', () => {
    const path = join(folder, 'any.json');
    const seen = run(path);
    expect(seen.stderr).toContain(path);
    expect(seen.status).toBe(0);
    const names = eventsOf(path)
      .filter((e) => e.ph === 'X')
      .map((e) => e.name);
    expect(names.filter((n) => n === 'train')).toHaveLength(100);
    expect(names.filter((n) => n === 'predict')).toHaveLength(1);
    expect(names.filter((n) => n === 'one')).toHaveLength(201);
  });

  it('leaves a whole file when the process is killed', () => {
    const path = join(folder, 'killed.json');
    expect(run(path, 'die').signal).toBe('SIGKILL');
    expect(eventsOf(path).filter((e) => e.name === 'train').length).toBeGreaterThan(100);
  });

  it('refuses a file that cannot be written before anything is trained', () => {
    const seen = run(notAFolder);
    expect(seen.status).toBe(1);
    expect(seen.stderr).toContain('expected a file that can be written');
  });

  it.skipIf(!existsSync('/proc/self'))('refuses a folder that the system cannot make, at once (Linux: /proc)', () => {
    const seen = run('/proc/missing/folder/trace.json');
    expect(seen.status).toBe(1);
    expect(seen.stderr).toContain('expected a file that can be written, received /proc/missing/folder/trace.json');
  });
});
