import type { Conv } from '../../layers/conv.js';
import type { ConvTranspose } from '../../layers/conv-transpose.js';
import type { DepthwiseConv } from '../../layers/depthwise-conv.js';
import { windowAxis, type Padding, type Window } from '../../layers/geometry.js';
import type { SymbolicShape, Weight } from '../../layers/layer.js';
import type { SeparableConv } from '../../layers/separable-conv.js';
import { sizeOf } from '../../tensor/tensor.js';
import { addBias, NotInOnnx, only, weightOf, type Exporter } from '../exporter.js';
import { transposed, type OnnxGraph, type Value } from '../graph.js';
import type { OnnxAttribute } from '../proto.js';
import { activate } from './activations.js';

// Keras keeps channels last, ONNX first: each window operator stands between two Transposes, of which ONNX Runtime merges what it can.

/** (N,…,C) → (N,C,…). */
export const channelsFirst = (graph: OnnxGraph, x: string, rank: number): string =>
  graph.transpose(x, [0, rank - 1, ...Array.from({ length: rank - 2 }, (_, i) => i + 1)]);
/** (N,C,…) → (N,…,C). */
export const channelsLast = (graph: OnnxGraph, x: string, rank: number): string =>
  graph.transpose(x, [0, ...Array.from({ length: rank - 2 }, (_, i) => i + 2), 1]);

/** Attributes of an operator whose window moves over these axes of x (N,…axes,C). */
export function windowAttributes(shape: SymbolicShape, windows: readonly Window[], padding: Padding): Record<string, OnnxAttribute> {
  const attributes: Record<string, OnnxAttribute> = {
    kernel_shape: windows.map((w) => w.kernel),
    strides: windows.map((w) => w.stride),
    dilations: windows.map((w) => w.dilation),
  };
  if (padding === 'valid') return attributes;
  const sides = windows.map((window, i): [number, number] | null => {
    const reach = (window.kernel - 1) * window.dilation + 1;
    // With stride 1, and in front of a causal convolution, the padding does not depend on the length.
    const length = shape[i + 1] ?? (window.stride === 1 || padding === 'causal' ? reach : null);
    if (length === null) return null;
    const { output, before } = windowAxis(length, window, padding);
    return [before, Math.max((output - 1) * window.stride + reach - length - before, 0)];
  });
  if (sides.every((s) => s !== null))
    return { ...attributes, pads: [...sides.map(([before]) => before), ...sides.map(([, after]) => after)] };
  // ONNX Runtime would pad by less than nothing.
  if (windows.some((w) => w.stride > (w.kernel - 1) * w.dilation + 1))
    throw new NotInOnnx('padding same with strides above the window, over an axis of unknown length');
  return { ...attributes, auto_pad: 'SAME_UPPER' };
}

/** Conv of x with a kernel (…window,C/groups,F). */
function convolve(graph: OnnxGraph, x: Value, kernel: Weight, windows: readonly Window[], padding: Padding, group: number): string {
  const rank = x.shape.length;
  const axes = windows.map((_, i) => i);
  const w = graph.weight('kernel', kernel.value, 'conv', (values, shape) =>
    transposed(values, shape, [windows.length + 1, windows.length, ...axes]),
  );
  const y = graph.op('Conv', [channelsFirst(graph, x.name, rank), w], { ...windowAttributes(x.shape, windows, padding), group });
  return channelsLast(graph, y, rank);
}

/** Conv of each channel by itself, with a kernel (…window,C,multiplier). */
function convolveEach(graph: OnnxGraph, x: Value, kernel: Weight, windows: readonly Window[], padding: Padding): string {
  const rank = x.shape.length;
  const axes = windows.map((_, i) => i);
  const channels = kernel.value.shape[windows.length] as number;
  const w = graph.weight('depthwise', kernel.value, 'depthwise', (values, shape) => {
    const { values: own, dims } = transposed(values, shape, [windows.length, windows.length + 1, ...axes]);
    return { values: own, dims: [sizeOf(dims.slice(0, 2)), 1, ...dims.slice(2)] };
  });
  const y = graph.op('Conv', [channelsFirst(graph, x.name, rank), w], { ...windowAttributes(x.shape, windows, padding), group: channels });
  return channelsLast(graph, y, rank);
}

const conv: Exporter = (graph, layer, inputs) => {
  const x = only(inputs);
  const { kernelSize, strides, dilationRate, padding, groups, activation } = layer as Conv;
  const windows = kernelSize.map((kernel, i): Window => ({ kernel, stride: strides[i] as number, dilation: dilationRate[i] as number }));
  const y = convolve(graph, x, weightOf(layer, 'kernel') as Weight, windows, padding, groups);
  return [{ name: activate(graph, addBias(graph, layer, y), activation, x.shape.length) }];
};

const depthwise: Exporter = (graph, layer, inputs) => {
  const x = only(inputs);
  const { window, activation } = layer as DepthwiseConv;
  const y = convolveEach(graph, x, weightOf(layer, 'kernel') as Weight, window.windows, window.padding);
  return [{ name: activate(graph, addBias(graph, layer, y), activation, x.shape.length) }];
};

const separable: Exporter = (graph, layer, inputs) => {
  const x = only(inputs);
  const { window, activation } = layer as SeparableConv;
  const inner = convolveEach(graph, x, weightOf(layer, 'depthwise_kernel') as Weight, window.windows, window.padding);
  const pointwise = graph.weight('pointwise', (weightOf(layer, 'pointwise_kernel') as Weight).value, 'matrix', (values, shape) => ({
    values,
    dims: shape.slice(-2),
  }));
  const y = graph.op('MatMul', [inner, pointwise]);
  return [{ name: activate(graph, addBias(graph, layer, y), activation, x.shape.length) }];
};

/** A length for which paddings that do not depend on it are computed. */
const ANY_LENGTH = 8;

const convTranspose: Exporter = (graph, layer, inputs) => {
  const x = only(inputs);
  const rank = x.shape.length;
  const { window, activation } = layer as ConvTranspose;
  const { windows, padding } = window;
  const lengths = windows.map((_, i) => x.shape[i + 1] ?? ANY_LENGTH);
  const [out] = layer.computeOutputShape([[1, ...lengths, x.shape.at(-1) as number]]) as [readonly number[]];
  const [before, after, extra] = [[], [], []] as [number[], number[], number[]];
  for (const [i, w] of windows.entries()) {
    const reach = (w.kernel - 1) * w.dilation + 1;
    const whole = ((lengths[i] as number) - 1) * w.stride + reach;
    const output = out[i + 1] as number;
    // The zeros in front of the convolution that reads this output.
    const front = windowAxis(output, w, padding).before;
    before.push(front);
    after.push(Math.max(whole - front - output, 0));
    extra.push(Math.max(output - (whole - front), 0));
  }
  const axes = windows.map((_, i) => i);
  const kernel = weightOf(layer, 'kernel') as Weight;
  const w = graph.weight('kernel', kernel.value, 'transpose', (values, shape) =>
    transposed(values, shape, [windows.length + 1, windows.length, ...axes]),
  );
  const y = graph.op('ConvTranspose', [channelsFirst(graph, x.name, rank), w], {
    ...windowAttributes(x.shape, windows, 'valid'),
    pads: [...before, ...after],
    output_padding: extra,
  });
  return [{ name: activate(graph, addBias(graph, layer, channelsLast(graph, y, rank)), activation, rank) }];
};

export const convolutionExporters: Readonly<Record<string, Exporter>> = {
  Conv1D: conv,
  Conv1DTranspose: convTranspose,
  Conv2D: conv,
  Conv2DTranspose: convTranspose,
  Conv3D: conv,
  Conv3DTranspose: convTranspose,
  DepthwiseConv1D: depthwise,
  DepthwiseConv2D: depthwise,
  SeparableConv1D: separable,
  SeparableConv2D: separable,
};
