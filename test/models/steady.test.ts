import { describe, expect, test } from 'vitest';
import { loadAddon } from '../../src/backend/native.js';
import { setSeed } from '../../src/initializers/seed.js';
import { layers } from '../../src/layers/index.js';
import { Sequential } from '../../src/models/sequential.js';
import { tensor, zeros, type Tensor } from '../../src/tensor/tensor.js';
import { blobs, tokenRows } from '../helpers/toy-data.js';

const collect = (globalThis as { gc?: () => void }).gc;

function textModel(): Sequential {
  setSeed(1);
  const model = new Sequential([
    layers.embedding({ inputDim: 20, outputDim: 6, maskZero: true }),
    layers.bidirectional({ layer: layers.lstm({ units: 4 }) }),
    layers.dropout({ rate: 0.3 }),
    layers.dense({ units: 3, activation: 'softmax' }),
  ]);
  model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
  return model;
}

/** How many typed arrays and buffers with memory of their own `work` makes, by their constructors. */
function countArrays(work: () => void): number {
  let made = 0;
  const names = ['Float32Array', 'Float64Array', 'Int32Array', 'Uint8Array', 'ArrayBuffer'] as const;
  const whole = globalThis as unknown as Record<string, new (...args: unknown[]) => object>;
  const usual = names.map((name) => whole[name] as new (...args: unknown[]) => object);
  names.forEach((name, i) => {
    whole[name] = new Proxy(usual[i] as new (...args: unknown[]) => object, {
      construct(target, args: unknown[], newTarget) {
        if (!(args[0] instanceof (usual.at(-1) as typeof target))) made++;
        return Reflect.construct(target, args, newTarget) as object;
      },
    });
  });
  try {
    work();
  } finally {
    names.forEach((name, i) => {
      whole[name] = usual[i] as new (...args: unknown[]) => object;
    });
  }
  return made;
}

/** Bytes of array memory and of the heap, after what is dead is gone. */
async function memory(): Promise<{ arrays: number; heap: number }> {
  for (let i = 0; i < 4; i++) {
    collect?.();
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
  const { arrayBuffers, heapUsed } = process.memoryUsage();
  return { arrays: arrayBuffers, heap: heapUsed };
}

describe('a steady step allocates nothing', () => {
  test('2,000 steps with partial batches and evaluations: array memory to the byte', async () => {
    const { x, y } = tokenRows(40, 9, 20);
    const model = textModel();
    await model.fit(x, y, { epochs: 2, batchSize: 16, verbose: 0, validationData: [x, y] });
    const held = model.workspaceBytes;
    const before = await memory();
    await model.fit(x, y, { epochs: 667, batchSize: 16, verbose: 0 });
    await model.evaluate(x, y, { batchSize: 16 });
    const after = await memory();
    expect(model.training.step).toBeGreaterThan(2000);
    expect(model.workspaceBytes).toBe(held);
    expect(after.arrays - before.arrays).toBeLessThan(64 * 1024);
  });

  test('10,000 steps with flat memory', async () => {
    const { x, y } = blobs(8);
    setSeed(1);
    const model = new Sequential([
      layers.dense({ units: 8, activation: 'relu' }),
      layers.dropout({ rate: 0.2 }),
      layers.dense({ units: 3, activation: 'softmax' }),
    ]);
    model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy' });
    for (let i = 0; i < 500; i++) model.trainOnBatch(x, y);
    const before = await memory();
    for (let i = 0; i < 10_000; i++) model.trainOnBatch(x, y);
    const after = await memory();
    expect(after.arrays - before.arrays).toBeLessThan(64 * 1024);
    // Without a forced collection the heap holds what is not collected yet.
    expect(after.heap - before.heap).toBeLessThan(collect ? 512 * 1024 : 48 * 1024 * 1024);
  });

  // E1's convolutional network and E3's bidirectional LSTM, small, with what their steps consist of.
  const models: [string, () => { model: Sequential; x: Tensor; y: Tensor }][] = [
    [
      'convolutions, pooling, dense',
      () => {
        setSeed(1);
        const model = new Sequential([
          layers.rescaling({ scale: 1 / 255, inputShape: [16, 16, 3] }),
          layers.conv2d({ filters: 16, kernelSize: 3, padding: 'same', activation: 'relu' }),
          layers.maxPooling2d({ poolSize: 2 }),
          layers.conv2d({ filters: 32, kernelSize: 3, padding: 'same', activation: 'relu' }),
          layers.averagePooling2d({ poolSize: 2 }),
          layers.flatten(),
          layers.dense({ units: 16, activation: 'relu' }),
          layers.dense({ units: 3, activation: 'softmax' }),
        ]);
        const pixels = Float32Array.from({ length: 8 * 16 * 16 * 3 }, (_, i) => (i * 37) % 256);
        const x = tensor(pixels, [8, 16, 16, 3]);
        return { model, x, y: tensor(Array.from({ length: 8 }, (_, i) => i % 3)) };
      },
    ],
    ['embedding, two directions of LSTM, dropout, dense', () => ({ model: textModel(), ...tokenRows(16, 24, 20) })],
  ];
  test.each(models)('a training step with Adam, %s: no new array, flat heap, flat process', async (_, make) => {
    const { model, x, y } = make();
    model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
    for (let i = 0; i < 300; i++) model.trainOnBatch(x, y);
    const held = model.workspaceBytes;
    const before = await memory();
    const resident = process.memoryUsage.rss();
    const arrays = countArrays(() => {
      for (let i = 0; i < 300; i++) model.trainOnBatch(x, y);
    });
    const after = await memory();
    // Buffers with memory of their own: a view of a workspace is none.
    expect(arrays).toBe(0);
    expect(model.workspaceBytes).toBe(held);
    expect(after.arrays - before.arrays).toBeLessThan(64 * 1024);
    expect(after.heap - before.heap).toBeLessThan(collect ? 512 * 1024 : 24 * 1024 * 1024);
    // Native scratch is in neither figure: packing buffers and sums would show here.
    expect(process.memoryUsage.rss() - resident).toBeLessThan(32 * 1024 * 1024);
  });

  test('a smaller batch is a view of the memory that is there', async () => {
    const model = textModel();
    const { x } = tokenRows(33, 9, 20);
    await model.predict(x.rows(0, 32));
    const held = model.workspaceBytes;
    await model.predict(x, { batchSize: 32 });
    expect(model.workspaceBytes).toBe(held);
  });
});

describe('one addon call per layer per pass', () => {
  const { native } = loadAddon();
  const calls = (work: () => void): number => {
    const before = native.crossings();
    work();
    return native.crossings() - before;
  };

  test('a step of a recurrent model: counted', () => {
    const { x, y } = tokenRows(16, 9, 20);
    const model = textModel();
    model.trainOnBatch(x, y);
    // Forward 6: embedding, one LSTM per direction and their join, dense, softmax (inference has no dropout). A step 23:
    // dropout comes and softmax goes into the loss (7 with it), then dense, dropout, split, two LSTMs, the sum of their dx,
    // embedding backward (7), and Adam once per weight (9). Whatever the length of the sequences.
    const forward = calls(() => model.predictOnBatch(x));
    const step = calls(() => model.trainOnBatch(x, y));
    const long = tokenRows(16, 40, 20);
    model.trainOnBatch(long.x, long.y);
    expect(calls(() => model.predictOnBatch(long.x))).toBe(forward);
    expect(calls(() => model.trainOnBatch(long.x, long.y))).toBe(step);
    expect(forward).toBeLessThanOrEqual(6);
    expect(step).toBeLessThanOrEqual(7 + 7 + 9);
  });

  test('a plain network: layer by layer', () => {
    setSeed(1);
    const model = new Sequential([
      layers.dense({ units: 8, activation: 'relu', inputShape: [4] }),
      layers.dense({ units: 3, activation: 'softmax' }),
    ]);
    model.compile({ optimizer: 'sgd', loss: 'sparseCategoricalCrossentropy' });
    const { x, y } = blobs(8);
    model.trainOnBatch(x, y);
    // Two layers forward, softmax with the loss in one, two layers backward, four updates.
    expect(calls(() => model.trainOnBatch(x, y))).toBe(2 + 1 + 2 + 4);
    expect(calls(() => model.predictOnBatch(zeros([3, 4])))).toBe(2 + 1);
  });
});
