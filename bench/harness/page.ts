import { CATEGORY_COLOURS, SCHEMA, type ChartSpec } from '../../src/reports/charts/spec.js';
import { htmlDocument, type PlacedChart } from '../../src/reports/page/document.js';
import { escapeHtml } from '../../src/reports/page/escape.js';
import { figures, table } from '../../src/reports/page/sections.js';
import { suites, type SuiteName } from '../suites/index.js';
import { HEADS, tableCells } from './table.js';
import type { BenchResults, Row } from './types.js';

/** A dot per contender at its median, a line from its fastest to its slowest repetition; time on a logarithmic axis. */
export function timesChart(title: string, rows: readonly Row[]): ChartSpec {
  const timed = rows.filter((r) => r.medianMs !== null);
  const contenders = [...new Set(timed.map((r) => r.contender))];
  const values = timed.map((r) => ({
    contender: r.contender,
    row: `${r.contender}, ${r.threads} thread${r.threads === 1 ? '' : 's'}`,
    ms: r.medianMs,
    low: r.minMs,
    high: r.maxMs,
    gflops: r.gflops,
  }));
  const y = {
    field: 'row',
    type: 'nominal',
    sort: values.toSorted((a, b) => (a.ms as number) - (b.ms as number)).map((v) => v.row),
    title: null,
    axis: { grid: true, domain: false, ticks: false, labelLimit: 240 },
  };
  const x = {
    type: 'quantitative',
    scale: { type: 'log', nice: true },
    title: 'milliseconds, logarithmic',
    axis: { grid: false, tickCount: 5 },
  };
  const color = {
    field: 'contender',
    type: 'nominal',
    legend: null,
    scale: { domain: contenders, range: contenders.map((_, i) => CATEGORY_COLOURS[i % CATEGORY_COLOURS.length]) },
  };
  return {
    $schema: SCHEMA,
    description: `${title}: median time per contender in milliseconds`,
    title: { text: title },
    width: 'container',
    height: 90 + 26 * values.length,
    autosize: { type: 'fit', contains: 'padding' },
    data: { values },
    layer: [
      { mark: { type: 'rule', strokeWidth: 2, opacity: 0.6 }, encoding: { y, x: { ...x, field: 'low' }, x2: { field: 'high' }, color } },
      {
        mark: { type: 'point', filled: true, size: 90, opacity: 1 },
        encoding: {
          y,
          x: { ...x, field: 'ms' },
          color,
          tooltip: [
            { field: 'row', type: 'nominal', title: 'contender' },
            { field: 'ms', type: 'quantitative', format: '.4~g', title: 'median ms' },
            { field: 'low', type: 'quantitative', format: '.4~g', title: 'fastest' },
            { field: 'high', type: 'quantitative', format: '.4~g', title: 'slowest' },
            { field: 'gflops', type: 'quantitative', format: '.3~g', title: 'GFLOP/s' },
          ],
        },
      },
      {
        mark: { type: 'text', dy: -11, fontSize: 10 },
        encoding: { y, x: { ...x, field: 'ms' }, text: { field: 'ms', type: 'quantitative', format: ',.3~r' } },
      },
    ],
  };
}

function facts({ machine, limits, versions, date }: BenchResults): string {
  const peak = Object.entries(limits.fp32Gflops)
    .map(([threads, gflops]) => `${gflops} GFLOP/s on ${threads} thread${threads === '1' ? '' : 's'}`)
    .join(', ');
  const lines = [
    `${machine.cpu}, ${machine.cores} processors, ${(machine.memoryBytes / 2 ** 30).toFixed(0)} GiB, ${machine.platform}`,
    `fp32 peak: ${peak || 'none'} (${limits.method})`,
    ...Object.entries(versions).map(([name, version]) => `${name}: ${version}`),
  ];
  return `<header><h1>Bench of ${escapeHtml(date.slice(0, 10))}</h1>\n${lines.map((line) => `<p class="quiet">${escapeHtml(line)}</p>`).join('\n')}</header>`;
}

/** The whole result as one file that opens offline. `own` is the contender that the others are the peers of. */
export function benchPage(results: BenchResults, own: string): string {
  const charts: PlacedChart[] = [];
  const sections = [...new Set(results.rows.map((r) => r.suite))].map((name) => {
    const rows = results.rows.filter((r) => r.suite === name);
    const placed = [...new Set(rows.map((r) => r.shape))].flatMap((shape): PlacedChart[] => {
      const of = rows.filter((r) => r.shape === shape);
      return of.some((r) => r.medianMs !== null) ? [{ id: `chart-${name}-${shape}`, spec: timesChart(`${name}, ${shape}`, of) }] : [];
    });
    charts.push(...placed);
    const heads = HEADS.map((head, i) => [head, i >= 2 && i <= 7 ? 'number' : 'text'] as const);
    // The suite is in the heading.
    const cells = rows.map((row) => [row.shape, ...tableCells(results.rows, row, own).slice(1)].map(escapeHtml));
    return `<h2>${escapeHtml(name)}</h2>\n<p>${escapeHtml(suites[name as SuiteName].title)}.</p>\n${figures(placed)}\n${table(heads, cells)}`;
  });
  const reading = `<p class="quiet">A trial is a process of its own: it starts from the same weights as all others, must agree with a plain double-precision
reference, and is only then timed (median after warm-up). “× best peer” is the best peer's median over this one's.</p>`;
  return htmlDocument('saraf bench', `${facts(results)}\n<main>\n${reading}\n${sections.join('\n')}\n</main>`, charts);
}
