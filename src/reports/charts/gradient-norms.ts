import { SarafError } from '../../errors.js';
import { RECURRENT_CELLS, type GradientNorms } from '../../experiments/equations/index.js';
import { CATEGORY_COLOURS, SCHEMA, type ChartSpec } from './spec.js';

/** Below this a gradient is nothing to float32's optimizers, and a logarithmic axis must end somewhere. */
const LEAST = 1e-12;

/** What the lines of an LSTM's cell are called, beside those of its output. */
const CELL_STATE = 'LSTM, c';

/**
 * The norm of the gradient that reaches each step, on a logarithmic axis: a line per cell and spectral radius, dashed below 1; of an
 * LSTM also that of the gradient by its cell c.
 *
 * Throws: ERR_DATA if there is nothing to show.
 */
export function gradientNormsSpec(found: readonly GradientNorms[], title: string): ChartSpec {
  const line = (cell: string, radius: number, norms: readonly number[]) =>
    norms.flatMap((norm, t) => (Number.isFinite(norm) && norm >= LEAST ? [{ cell, radius, t, norm }] : []));
  const values = found.flatMap(({ cell, radius, norms, cellNorms }) => [
    ...line(cell, radius, norms),
    ...line(CELL_STATE, radius, cellNorms ?? []),
  ]);
  if (values.length === 0) throw new SarafError('ERR_DATA', 'gradientNorms', 'expected at least one norm above zero, received none');
  const cells = [...RECURRENT_CELLS, CELL_STATE].filter((cell) => values.some((v) => v.cell === cell));
  const radii = [...new Set(values.map((v) => v.radius))].sort((a, b) => a - b);
  return {
    $schema: SCHEMA,
    description: `${title}: norm of the gradient at each step, a line per cell and spectral radius`,
    title: { text: title },
    width: 'container',
    height: 320,
    autosize: { type: 'fit', contains: 'padding' },
    data: { values },
    mark: { type: 'line', strokeWidth: 2 },
    encoding: {
      x: { field: 't', type: 'quantitative', title: 'step t' },
      y: { field: 'norm', type: 'quantitative', title: '‖∂L/∂h_t‖', scale: { type: 'log' }, axis: { format: '.0e', tickCount: 8 } },
      color: {
        field: 'cell',
        type: 'nominal',
        title: 'cell',
        scale: { domain: cells, range: CATEGORY_COLOURS.slice(0, cells.length) },
        legend: { columns: 2 },
      },
      strokeDash: {
        field: 'radius',
        type: 'nominal',
        title: 'spectral radius',
        scale: { domain: radii, range: radii.map((radius) => (radius < 1 ? [6, 4] : [1, 0])) },
        // Long enough for a dash to show.
        legend: { symbolSize: 500, columns: 1 },
      },
      tooltip: [
        { field: 'cell', type: 'nominal' },
        { field: 'radius', type: 'quantitative', title: 'spectral radius' },
        { field: 't', type: 'quantitative', title: 'step' },
        { field: 'norm', type: 'quantitative', format: '.3g' },
      ],
    },
  };
}
