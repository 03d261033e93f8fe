import { describe, expect, it } from 'vitest';
import { setSeed } from '../../src/initializers/seed.js';
import { layers } from '../../src/layers/index.js';
import { Sequential } from '../../src/models/sequential.js';
import { tensor } from '../../src/tensor/tensor.js';

const x = tensor([[1, 2, 3]]);

function weightsOf(model: Sequential): number[][] {
  model.predictOnBatch(x);
  return model.getWeights().map((w) => Array.from(w.data()));
}

const waiting = (): Sequential => new Sequential([layers.dense({ units: 4 }), layers.dense({ units: 2 })]);
/** Draws from the global seed, as any other model does. */
const another = (): Sequential => new Sequential([layers.dense({ units: 2, inputShape: [5] })]);

describe('a Sequential that waits for its input shape', () => {
  it('has the weights of its place in the program, whatever is built before its first data', () => {
    setSeed(3);
    const first = weightsOf(waiting());
    setSeed(3);
    const late = waiting();
    another();
    expect(weightsOf(late)).toEqual(first);
  });

  it('draws what the same model with a known shape draws', () => {
    setSeed(3);
    const late = weightsOf(waiting());
    setSeed(3);
    const known = new Sequential([layers.dense({ units: 4, inputShape: [3] }), layers.dense({ units: 2 })]);
    expect(weightsOf(known)).toEqual(late);
  });

  it('shares no draw with what comes after it', () => {
    setSeed(3);
    const [a, b] = [waiting(), waiting()];
    const second = weightsOf(b);
    expect(weightsOf(a)).not.toEqual(second);
    setSeed(3);
    const added = new Sequential();
    added.add(layers.dense({ units: 4 }));
    added.add(layers.dense({ units: 2 }));
    another();
    setSeed(3);
    expect(weightsOf(added)).toEqual(weightsOf(waiting()));
  });

  it('keeps its seed when another one is set before the first data', () => {
    setSeed(3);
    const first = weightsOf(waiting());
    setSeed(3);
    const model = waiting();
    setSeed(4);
    expect(weightsOf(model)).toEqual(first);
  });
});
