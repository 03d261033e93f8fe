import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { SarafError } from '../../src/errors.js';
import { Unsupported } from '../../src/keras/fixtures/comparison.js';
import { dropsMasks, layersOf, masksOf, type LayerReference } from '../../src/keras/fixtures/layers.js';
import type { Layer } from '../../src/layers/index.js';
import { exportLayer } from '../../src/onnx/export.js';
import { NotInOnnx } from '../../src/onnx/exporter.js';
import { OnnxGraph, type Value } from '../../src/onnx/graph.js';
import { encodeOnnx, type OnnxPort, type OnnxType } from '../../src/onnx/proto.js';
import type { Tensor } from '../../src/tensor/tensor.js';
import { exact, expectClose, within } from '../helpers/expect-close.js';
import { fixtureFolder, fixtureTensor, readFixture } from '../helpers/keras-fixtures.js';
import { noOnnxRuntime, runOnnx } from '../helpers/onnx-runtime.js';
import { NOT_IN_ONNX } from './not-in-onnx.js';

interface Exported {
  readonly bytes: Uint8Array;
  readonly ports: readonly OnnxPort[];
  readonly inputs: readonly Tensor[];
  /** Which outputs have a mask, which follows it. */
  readonly masked: readonly boolean[];
}

/** The layers of a case, their weights those of Keras. */
function builtLayers(reference: LayerReference, inputs: readonly Tensor[]): Layer[] {
  const weights = [...reference.weights];
  let shapes = inputs.map((x) => [null, ...x.shape.slice(1)] as (number | null)[]);
  return layersOf(reference).map((layer) => {
    layer.build(shapes, 'float32');
    for (const w of layer.weights) w.value.data().set(fixtureTensor(weights.shift() as never).data());
    shapes = layer.computeOutputShape(shapes).map((s) => [...s]);
    return layer;
  });
}

/** A case as a model whose inputs are its inputs and masks. With `open` no axis but the last has a length that is known. */
async function exported(reference: LayerReference, open: boolean): Promise<Exported> {
  const tensors = [...reference.inputs, ...(reference.initial_state ?? []), ...(reference.attention_mask ? [reference.attention_mask] : [])].map(fixtureTensor); // prettier-ignore
  const graph = new OnnxGraph();
  const ports: OnnxPort[] = [];
  const inputs: Tensor[] = [];
  const port = (x: Tensor, type: OnnxType, shape: Value['shape']): string => {
    const name = graph.unique(`x${ports.length}`);
    ports.push({ name, type, dims: shape.map((n, i) => n ?? `${name}_${i}`) });
    inputs.push(x);
    return name;
  };
  const masks = masksOf(reference, reference);
  const layers = builtLayers(reference, tensors);
  let values = tensors.map((x, i): Value => {
    const dtype = x.dtype === 'int32' ? 'int32' : 'float32';
    const shape = x.shape.map((n, axis) => (axis === 0 || (open && axis < x.rank - 1) ? null : n));
    const mask = masks[i];
    return {
      name: port(x, dtype, shape),
      shape,
      dtype,
      mask: mask
        ? {
            name: port(
              mask,
              'bool',
              mask.shape.map(() => null),
            ),
            shape: mask.shape.map(() => null),
          }
        : null,
    };
  });
  for (const layer of layers) values = exportLayer(graph, layer, values);
  const outputs: OnnxPort[] = [];
  const end = (name: string, type: OnnxType, rank: number): void => {
    const own = graph.unique(`y${outputs.length}`);
    graph.named(name, own);
    outputs.push({ name: own, type, dims: Array.from({ length: rank }, (_, i) => `${own}_${i}`) });
  };
  for (const { name, dtype, shape, mask } of values) {
    end(name, dtype, shape.length);
    if (mask) end(mask.name, 'bool', mask.shape.length);
  }
  const bytes = await encodeOnnx({ name: 'case', nodes: graph.nodes, constants: graph.constants, inputs: ports, outputs });
  return { bytes, ports, inputs, masked: values.map((v) => v.mask !== null) };
}

const folder = fixtureFolder ? join(fixtureFolder, 'layers') : null;
const names = folder
  ? readdirSync(folder).flatMap((kind) => readdirSync(join(folder, kind)).map((file) => `layers/${kind}/${file.replace(/\.json$/, '')}`))
  : [];
const read = (name: string): LayerReference => readFixture<LayerReference>(`${name}.json`);
const reason = noOnnxRuntime ?? (fixtureFolder ? null : 'set SARAF_FIXTURES to the folder of fixtures');

async function check(reference: LayerReference, open: boolean): Promise<void> {
  const { bytes, ports, inputs, masked } = await exported(reference, open);
  const found = await runOnnx(bytes, ports, inputs);
  for (const [i, array] of reference.outputs.entries()) {
    const y = found.shift() as Tensor;
    const expected = fixtureTensor(array);
    expect(y.shape, `shape of output ${i}`).toEqual(expected.shape);
    expectClose(y.data(), expected.data(), within(1e-5), `output ${i}`);
    const mask = masked[i] ? (found.shift() as Tensor) : null;
    if (dropsMasks(reference, reference) || reference.output_mask === undefined) continue;
    const expectedMask = reference.output_mask?.[i] ?? null;
    expect(mask !== null, `mask of output ${i}`).toBe(expectedMask !== null);
    if (mask && expectedMask) expectClose(mask.data(), fixtureTensor(expectedMask).data(), exact(), `mask of output ${i}`);
  }
}

describe.skipIf(reason !== null)(
  `layers as ONNX compute in ONNX Runtime what Keras computes${reason ? ` (skipped: ${reason})` : ''}`,
  () => {
    const inference = names.filter((name) => !read(name).training);
    const refused = new Set(NOT_IN_ONNX);
    test('there are cases', () => expect(inference.length).toBeGreaterThan(500));
    test.each(inference.filter((name) => !refused.has(name)))('%s', async (name) => {
      const reference = read(name);
      await check(reference, false);
      // With lengths that only the data tell, where the layer can be without them.
      try {
        await check(reference, true);
      } catch (error) {
        const refused = error instanceof SarafError && (error.code === 'ERR_SHAPE' || error.code === 'ERR_ARG');
        if (!refused && !(error instanceof NotInOnnx && error.message.includes('of unknown length'))) throw error;
      }
    });

    test(`${refused.size} cases have no form in ONNX, and no others`, async () => {
      const wrong: string[] = [];
      for (const name of refused) {
        const outcome = await exported(read(name), false).then(
          () => 'has one, take it off the list',
          (error: unknown) => (error instanceof NotInOnnx || error instanceof Unsupported ? null : String(error)),
        );
        if (outcome) wrong.push(`${name}: ${outcome}`);
      }
      expect(wrong).toEqual([]);
    });
  },
);
