import { describe, expect, it } from 'vitest';
import { onnxModel } from '../../bench/contenders/onnx-model.js';

/** Fields of a message: number and, by wire type, an integer or bytes. */
function fields(message: Uint8Array): [number, number | Uint8Array][] {
  const list: [number, number | Uint8Array][] = [];
  let at = 0;
  const integer = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = message[at++] as number;
      value += (byte % 128) * scale;
      if (byte < 128) return value;
    }
  };
  while (at < message.length) {
    const key = integer();
    if (key % 8 === 0) list.push([Math.floor(key / 8), integer()]);
    else {
      const length = integer();
      list.push([Math.floor(key / 8), message.slice(at, at + length)]);
      at += length;
    }
  }
  return list;
}
const all = (message: Uint8Array, field: number): Uint8Array[] =>
  fields(message).flatMap(([n, v]) => (n === field && typeof v !== 'number' ? [v] : []));
const word = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString('utf8');

describe('onnxModel', () => {
  const w = { name: 'w', shape: [2, 300], values: Float32Array.from({ length: 600 }, (_, i) => i) };
  const ids = { name: 'ids', shape: [3], values: Int32Array.of(1, -2, 70000) };
  const nodes = [{ op: 'Conv', inputs: ['x', 'w'], outputs: ['y'], attributes: { pads: [0, 1], group: 1, mode: 'a' } }];
  const [graph] = all(onnxModel(nodes, [w, ids], { name: 'x', shape: [1, 2], values: new Float32Array(2) }, [1, 300]), 7) as [Uint8Array];

  it('keeps values and sizes of more than seven bits', () => {
    const [tensor] = all(graph, 5) as [Uint8Array];
    expect(fields(tensor).flatMap(([n, v]) => (n === 1 ? [v] : []))).toEqual([2, 300]);
    const [raw] = all(tensor, 9) as [Uint8Array];
    expect(new Float32Array(Uint8Array.from(raw).buffer)).toEqual(w.values);
  });

  it('keeps whole numbers as such', () => {
    const [, tensor] = all(graph, 5) as [Uint8Array, Uint8Array];
    expect(fields(tensor).flatMap(([n, v]) => (n === 2 ? [v] : []))).toEqual([6]);
    expect(new Int32Array(Uint8Array.from(all(tensor, 9)[0] as Uint8Array).buffer)).toEqual(ids.values);
  });

  it('names operator, inputs, outputs and attributes', () => {
    const [node] = all(graph, 1) as [Uint8Array];
    expect([word(all(node, 4)[0]), ...all(node, 1).map(word), ...all(node, 2).map(word)]).toEqual(['Conv', 'x', 'w', 'y']);
    const attributes = all(node, 5);
    expect(attributes.map((a) => word(all(a, 1)[0]))).toEqual(['pads', 'group', 'mode']);
    expect(fields(attributes[0] as Uint8Array).flatMap(([n, v]) => (n === 8 ? [v] : []))).toEqual([0, 1]);
    expect(word(all(attributes[2] as Uint8Array, 4)[0])).toBe('a');
  });
});
