import type { Borders } from '../../layers/borders.js';
import type { Permute } from '../../layers/permute.js';
import type { PositionEmbedding } from '../../layers/position-embedding.js';
import type { RepeatVector } from '../../layers/repeat-vector.js';
import type { Reshape } from '../../layers/reshape.js';
import type { SinePositionEncoding } from '../../layers/sine-position-encoding.js';
import type { Masking } from '../../layers/masking.js';
import type { Weight } from '../../layers/layer.js';
import type { UpSampling1D } from '../../layers/up-sampling1d.js';
import type { UpSampling2D } from '../../layers/up-sampling2d.js';
import { only, weightOf, type Exporter } from '../exporter.js';
import { END, type OnnxGraph, type Value } from '../graph.js';
import { channelsFirst, channelsLast } from './convolution.js';
import { pow } from '../../tensor/portable-math.js';

/** What does something in training only, or nothing at all. */
const same: Exporter = (_graph, _layer, inputs) => [{ name: only(inputs).name, dtype: only(inputs).dtype }];

const flatten: Exporter = (graph, _layer, inputs) => {
  const x = only(inputs);
  return [{ name: graph.op('Flatten', [x.name], { axis: 1 }), dtype: x.dtype }];
};

const reshape: Exporter = (graph, layer, inputs) => {
  const x = only(inputs);
  return [{ name: graph.reshape(x.name, [[x, 0], ...(layer as Reshape).targetShape]), dtype: x.dtype }];
};

const permute: Exporter = (graph, layer, inputs) => {
  const x = only(inputs);
  return [{ name: graph.transpose(x.name, [0, ...(layer as Permute).dims]), dtype: x.dtype }];
};

const repeat: Exporter = (graph, layer, inputs) => {
  const x = only(inputs);
  const n = (layer as RepeatVector).n;
  return [{ name: graph.op('Tile', [graph.unsqueeze(x.name, 1), graph.ints([1, n, 1])]), dtype: x.dtype }];
};

const pad: Exporter = (graph, layer, inputs) => {
  const { sides } = layer as Borders;
  const pads = [0, ...sides.map(([before]) => before), 0, 0, ...sides.map(([, after]) => after), 0];
  return [{ name: graph.op('Pad', [only(inputs).name, graph.ints(pads)]) }];
};

const crop: Exporter = (graph, layer, inputs) => {
  const { sides } = layer as Borders;
  const starts = sides.map(([before]) => before);
  const ends = sides.map(([, after]) => (after === 0 ? END : -after));
  const axes = sides.map((_, i) => i + 1);
  return [{ name: graph.op('Slice', [only(inputs).name, graph.ints(starts), graph.ints(ends), graph.ints(axes)]) }];
};

const upSampling: Exporter = (graph, layer, inputs) => {
  const x = only(inputs);
  const rank = x.shape.length;
  const { size } = layer as UpSampling1D | UpSampling2D;
  const scales = graph.floats('scales', [1, 1, ...(typeof size === 'number' ? [size] : size)], [rank]);
  const bilinear = (layer as Partial<UpSampling2D>).interpolation === 'bilinear';
  const attributes = bilinear
    ? { mode: 'linear', coordinate_transformation_mode: 'half_pixel' }
    : { mode: 'nearest', coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' };
  const y = graph.op('Resize', [channelsFirst(graph, x.name, rank), '', scales], attributes);
  return [{ name: channelsLast(graph, y, rank) }];
};

/** A row for each step, repeated for the whole batch. */
const forEach = (graph: OnnxGraph, rows: string, x: Value): string => graph.op('Expand', [rows, graph.op('Shape', [x.name])]);

const positionEmbedding: Exporter = (graph, layer, inputs) => {
  const x = only(inputs);
  const table = graph.weight('positions', (weightOf(layer as PositionEmbedding, 'position_embeddings') as Weight).value);
  const rows = graph.op('Slice', [table, graph.ints([0]), graph.lengths([[x, 1]]), graph.ints([0])]);
  return [{ name: forEach(graph, rows, x) }];
};

const sinePositions: Exporter = (graph, layer, inputs) => {
  const x = only(inputs);
  const D = x.shape[2] as number;
  const { maxWavelength } = layer as SinePositionEncoding;
  const rates = Array.from({ length: D }, (_, d) => pow(1 / maxWavelength, (2 * Math.floor(d / 2)) / D));
  const isSine = Array.from({ length: D }, (_, d) => (d + 1) % 2);
  // In double: of thousands of steps a float32 angle keeps too few digits.
  const steps = graph.op('Range', [graph.int(0), graph.squeeze(graph.lengths([[x, 1]]), 0), graph.int(1)]);
  const angles = graph.op('Mul', [graph.unsqueeze(graph.cast(steps, 'float64'), 1), graph.doubles('rates', rates, [1, D])]);
  const chosen = graph.cast(graph.floats('isSine', isSine, [1, D]), 'bool');
  const rows = graph.op('Where', [chosen, graph.op('Sin', [angles]), graph.op('Cos', [angles])]);
  return [{ name: forEach(graph, graph.cast(rows, 'float32'), x) }];
};

const masking: Exporter = (graph, layer, inputs) => {
  const x = only(inputs);
  const differs = graph.op('Not', [graph.op('Equal', [x.name, graph.float((layer as Masking).maskValue)])]);
  const valid = graph.cast(graph.reduce('ReduceMax', graph.cast(differs, 'int32'), [2]), 'bool');
  const mask = { name: graph.squeeze(valid, 2), shape: x.shape.slice(0, 2) };
  return [{ name: graph.op('Where', [valid, x.name, graph.float(0)]), mask }];
};

export const shapeExporters: Readonly<Record<string, Exporter>> = {
  ActivityRegularization: same,
  AlphaDropout: same,
  Cropping1D: crop,
  Cropping2D: crop,
  Cropping3D: crop,
  Dropout: same,
  Flatten: flatten,
  GaussianDropout: same,
  GaussianNoise: same,
  Identity: same,
  Masking: masking,
  Permute: permute,
  PositionEmbedding: positionEmbedding,
  RandomFlip: same,
  RandomTranslation: same,
  RepeatVector: repeat,
  Reshape: reshape,
  SinePositionEncoding: sinePositions,
  SpatialDropout1D: same,
  SpatialDropout2D: same,
  SpatialDropout3D: same,
  UpSampling1D: upSampling,
  UpSampling2D: upSampling,
  UpSampling3D: upSampling,
  ZeroPadding1D: pad,
  ZeroPadding2D: pad,
  ZeroPadding3D: pad,
};
