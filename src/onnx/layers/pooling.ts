import type { GlobalPooling } from '../../layers/global-pooling.js';
import type { Pooling } from '../../layers/pooling.js';
import { only, type Exporter } from '../exporter.js';
import { channelsFirst, channelsLast, windowAttributes } from './convolution.js';

/** Cells that padding added count in no average. */
const pooling =
  (op: 'MaxPool' | 'AveragePool'): Exporter =>
  (graph, layer, inputs) => {
    const x = only(inputs);
    const rank = x.shape.length;
    const { poolSize, strides, padding } = layer as Pooling;
    const windows = poolSize.map((kernel, i) => ({ kernel, stride: strides[i] as number, dilation: 1 }));
    const { dilations: _dilations, ...attributes } = windowAttributes(x.shape, windows, padding);
    return [{ name: channelsLast(graph, graph.op(op, [channelsFirst(graph, x.name, rank)], attributes), rank) }];
  };

const global =
  (op: 'ReduceMax' | 'ReduceMean'): Exporter =>
  (graph, layer, inputs) => {
    const x = only(inputs);
    const { keepdims } = layer as GlobalPooling;
    const axes = x.shape.slice(1, -1).map((_, i) => i + 1);
    if (op === 'ReduceMax' || axes.length > 1 || !x.mask) return [{ name: graph.reduce(op, x.name, axes, keepdims), mask: null }];
    // Of the steps that are valid only; of none 0/0, as in Keras.
    const valid = graph.unsqueeze(graph.cast(x.mask.name, 'float32'), 2);
    const sum = graph.reduce('ReduceSum', graph.op('Mul', [x.name, valid]), axes, keepdims);
    return [{ name: graph.op('Div', [sum, graph.reduce('ReduceSum', valid, axes, keepdims)]), mask: null }];
  };

export const poolingExporters: Readonly<Record<string, Exporter>> = {
  AveragePooling1D: pooling('AveragePool'),
  AveragePooling2D: pooling('AveragePool'),
  AveragePooling3D: pooling('AveragePool'),
  GlobalAveragePooling1D: global('ReduceMean'),
  GlobalAveragePooling2D: global('ReduceMean'),
  GlobalAveragePooling3D: global('ReduceMean'),
  GlobalMaxPooling1D: global('ReduceMax'),
  GlobalMaxPooling2D: global('ReduceMax'),
  GlobalMaxPooling3D: global('ReduceMax'),
  MaxPooling1D: pooling('MaxPool'),
  MaxPooling2D: pooling('MaxPool'),
  MaxPooling3D: pooling('MaxPool'),
};
