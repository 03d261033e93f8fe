// Loading the index registers saraf's own layers.
import { isLayerClassName } from '../layers/index.js';
import { KERAS_LAYERS } from './config/keras-layers.js';

/** What is no layer of a model here: what it is, and how it is loaded. */
const ELSEWHERE: Readonly<Record<string, readonly [has: string, loads: string]>> = {
  TextVectorization: ['`new TextVectorization()`, before the model', '`loadTextVectorization()`'],
};
/** Layers without anything to train or to pass a gradient to. */
const NO_GRADIENT = new Set(['CategoryEncoding', 'Discretization', 'InputLayer', 'IntegerLookup']);

type Row = readonly [name: string, has: string, loads: string, trains: string, onnx: string];

function rowOf(name: string, inOnnx: boolean): Row {
  if (isLayerClassName(name)) return [name, 'yes', 'yes', NO_GRADIENT.has(name) ? '–' : 'yes', inOnnx ? 'yes' : 'no'];
  const [has, loads] = ELSEWHERE[name] ?? ['no', 'no'];
  return [name, has, loads, 'no', 'no'];
}

/**
 * The page `docs/layers.md`: every layer of Keras, and whether saraf has it, loads it from Keras' files, trains it, writes it as
 * ONNX (which `inOnnx` knows). Written from the registry of layers, by `npm run docs`.
 */
export function layersPage(inOnnx: (className: string) => boolean): string {
  const head: Row = ['Layer of Keras 3', 'saraf has it', 'loads it', 'trains it', 'writes ONNX'];
  const rows: Row[] = [head, ...KERAS_LAYERS.map((name) => rowOf(name, inOnnx(name)))];
  const widths = [0, 1, 2, 3, 4].map((i) => Math.max(...rows.map((row) => (row[i] as string).length)));
  const line = (cells: readonly string[], fill = ' '): string =>
    `| ${cells.map((c, i) => c.padEnd(widths[i] as number, fill)).join(' | ')} |`;
  const body = rows.slice(1);
  const count = body.filter(([, has]) => has === 'yes').length;
  return `# Layers

Written by \`npm run docs\` from the registry of layers: ${count} of Keras' ${body.length}. Aliases (\`Convolution2D\`, \`AvgPool1D\`, …) and Keras'
other layers for image augmentation are left out. A layer that saraf has computes what Keras computes, forward and backward; an
option that it does not have is named when a model is loaded. Layers of your own are made known by \`registerLayer\`.

${[line(head), line(['', '', '', '', ''], '-'), ...body.map((row) => line(row))].join('\n')}
`;
}
