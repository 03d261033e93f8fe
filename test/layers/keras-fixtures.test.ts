import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { isLayerClassName, layerFromConfig, StandaloneContext, type Layer } from '../../src/layers/index.js';
import { type Tensor } from '../../src/tensor/tensor.js';
import { exact, expectClose, within } from '../helpers/expect-close.js';
import { fromKeras, kerasTensor, NotYet, type KerasArray, type KerasLayerCase, type KerasObject } from '../helpers/keras-case.js';

// Cases that Keras computed; they are large and kept outside of the repository.
const folder = process.env['SARAF_FIXTURES'];

function layerOf(object: KerasObject): Layer {
  if (!isLayerClassName(object.class_name)) throw new NotYet(object.class_name);
  return layerFromConfig(fromKeras(object));
}

/** Arguments of a Keras call that are options of saraf's layer. */
const CALL_OPTIONS: Record<string, string> = { use_causal_mask: 'useCausalMask', return_attention_scores: 'returnAttentionScores' };

/** A layer, or a Sequential as the list of its layers. */
function layersOf(c: KerasLayerCase): Layer[] {
  const object = c.layer;
  if (object.class_name !== 'Sequential') {
    const config = { ...object.config };
    for (const [argument, value] of Object.entries(c.call.kwargs)) {
      const option = CALL_OPTIONS[argument];
      if (option) config[option] = value;
    }
    if (c.attention_mask) config['useAttentionMask'] = true;
    return [layerOf({ ...object, config })];
  }
  return (object.config['layers'] as KerasObject[]).filter((l) => l.class_name !== 'InputLayer').map(layerOf);
}

const NOT_YET: Record<string, string> = {
  'Add/broadcast': 'broadcasting',
  'Add/ranks-differ': 'broadcasting',
  'LayerNormalization/axis-1': 'an axis that is not the last',
  'Softmax/axis-1': 'an axis that is not the last',
};

/** Layers that drop values in training. */
const DROPS = new Set(['Dropout', 'MultiHeadAttention', 'Attention', 'AdditiveAttention']);

/** Runs the layers one after the other, as a Sequential does, forward and backward. */
function check(c: KerasLayerCase): void {
  const chain = layersOf(c);
  const first = [...c.inputs, ...(c.initial_state ?? []), ...(c.attention_mask ? [c.attention_mask] : [])].map(kerasTensor);
  // Keras drops a mask that travels with the tensor when the layer has further tensor arguments.
  const dropped = c.call.mask_by === 'tag' && c.initial_state !== undefined;
  let masks: (Tensor | null)[] = dropped ? [] : (c.mask ?? []).map((m) => (m ? kerasTensor(m) : null));
  // A query mask that is an argument and not on the tensor: Keras does not look at it.
  if (c.call.form === 'args' && c.call.mask_by === 'argument') masks = [null, ...masks.slice(1)];
  let values = first;
  const contexts: StandaloneContext[] = [];
  const weights: KerasArray[] = [...c.weights];
  for (const layer of chain) {
    layer.build(
      values.map((x) => [null, ...x.shape.slice(1)]),
      'float32',
    );
    for (const weight of layer.weights) {
      const given = weights.shift() as KerasArray;
      expect(weight.value.shape).toEqual(given.shape);
      weight.value.data().set(kerasTensor(given).data());
    }
    // Gradients are given for inference too, where only dropout would differ.
    const ctx = new StandaloneContext({ training: DROPS.has(layer.className) ? c.training : true, masks, poison: true });
    contexts.push(ctx);
    const outputs = layer.forward(values, ctx);
    const out = layer.computeMask(values, ctx);
    masks = outputs.map((_, i) => out[i] ?? null);
    values = outputs;
  }
  expect(weights).toHaveLength(0);
  expect(values).toHaveLength(c.outputs.length);
  for (const [i, expected] of c.outputs.entries()) expectClose(values[i] as Tensor, kerasTensor(expected), within(1e-5), `output ${i}`);
  if (c.output_mask && !dropped) {
    for (const [i, expected] of c.output_mask.entries()) {
      const found = masks[i] ?? null;
      expect(found === null, `mask of output ${i} absent`).toBe(expected === null);
      if (expected && found) expectClose(found, kerasTensor(expected), exact(), `mask of output ${i}`);
    }
  }

  let gradients: (Tensor | null)[] = c.upstream.map(kerasTensor);
  for (let i = chain.length - 1; i >= 0; i--)
    gradients = (chain[i] as Layer).backward(gradients as Tensor[], contexts[i] as StandaloneContext);
  for (const [i, expected] of [...c.gradients.inputs, ...(c.gradients.initial_state ?? [])].entries()) {
    if (expected) expectClose(gradients[i] as Tensor, kerasTensor(expected), within(1e-4), `gradient of input ${i}`);
  }
  const weightGradients = chain.flatMap((layer, i) =>
    layer.weights.map((w) => (contexts[i] as StandaloneContext).gradients.get(w) ?? null),
  );
  for (const [i, expected] of c.gradients.weights.entries()) {
    if (expected) expectClose(weightGradients[i] as Tensor, kerasTensor(expected), within(1e-4), `gradient of weight ${i}`);
  }
}

const reason = folder ? '' : ' (skipped: SARAF_FIXTURES names no folder to compare with)';

/** Cases of layers that saraf has, and of those the ones with an option that it has not. */
function collect(root: string): { cases: Map<string, KerasLayerCase>; waiting: Map<string, string> } {
  const cases = new Map<string, KerasLayerCase>();
  const waiting = new Map<string, string>();
  for (const kind of readdirSync(root)) {
    if (kind !== 'Stack' && !isLayerClassName(kind)) continue;
    for (const file of readdirSync(join(root, kind))) {
      const name = `${kind}/${file.replace('.json', '')}`;
      const c = JSON.parse(readFileSync(join(root, kind, file), 'utf8')) as KerasLayerCase;
      try {
        if (NOT_YET[name]) throw new NotYet(NOT_YET[name]);
        layersOf(c);
        cases.set(name, c);
      } catch (error) {
        if (!(error instanceof NotYet)) throw error;
        waiting.set(name, error.message);
      }
    }
  }
  return { cases, waiting };
}

describe.skipIf(!folder)(`layers compute what Keras computes${reason}`, () => {
  const { cases, waiting } = folder
    ? collect(join(folder, 'layers'))
    : { cases: new Map<string, KerasLayerCase>(), waiting: new Map<string, string>() };
  for (const [name, c] of cases) test(name, () => check(c));
  test('only known options are waited for', () => {
    const known = /broadcasting|not the last|regularizer|constraint|stateful|recurrent_dropout| with |go_backwards|^[A-Z]\w+$/;
    expect([...waiting].filter(([, why]) => !known.test(why))).toEqual([]);
    console.log([...waiting].map(([name, why]) => `not in saraf yet: ${name} (${why})`).join('\n'));
    expect(cases.size).toBeGreaterThan(4 * waiting.size);
  });
});
