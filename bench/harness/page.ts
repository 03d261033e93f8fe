import { htmlDocument, type PlacedChart } from '../../src/reports/page/document.js';
import { escapeHtml } from '../../src/reports/page/escape.js';
import { figures, table } from '../../src/reports/page/sections.js';
import { suiteNamed, type AnySuite } from '../suites/index.js';
import { costCharts } from './charts/cost.js';
import { ratioChart } from './charts/ratio.js';
import { rooflineChart } from './charts/roofline.js';
import { scalingChart } from './charts/scaling.js';
import { timesChart } from './charts/times.js';
import { HEADS, tableCells } from './table.js';
import type { BenchResults } from './types.js';

const withUnit = (byThreads: Readonly<Record<string, number>>, unit: string): string =>
  Object.entries(byThreads)
    .map(([threads, value]) => `${value} ${unit} on ${threads} thread${threads === '1' ? '' : 's'}`)
    .join(', ') || 'not measured';

function facts({ machine, limits, versions, date }: BenchResults): string {
  const lines = [
    `${machine.cpu}, ${machine.cores} processors, ${(machine.memoryBytes / 2 ** 30).toFixed(0)} GiB, ${machine.platform}`,
    `fp32 peak: ${withUnit(limits.fp32Gflops, 'GFLOP/s')} (${limits.method})`,
    `reading from memory: ${withUnit(limits.readGBs, 'GB/s')}; fork and join: ${withUnit(limits.forkJoinUs, 'µs')}`,
    ...Object.entries(versions).map(([name, version]) => `${name}: ${version}`),
  ];
  return `<header><h1>Bench of ${escapeHtml(date.slice(0, 10))}</h1>\n${lines.map((line) => `<p class="quiet">${escapeHtml(line)}</p>`).join('\n')}</header>`;
}

/** Charts of one suite: against the best peer, cost as sizes grow, threads, and the times of every shape outside the growing families. */
function suiteCharts(
  results: BenchResults,
  name: string,
  own: string,
): { readonly overview: PlacedChart[]; readonly shapes: PlacedChart[] } {
  const rows = results.rows.filter((r) => r.suite === name);
  const suite = suiteNamed(name);
  const overview: PlacedChart[] = [];
  const ratio = ratioChart(rows, own);
  if (ratio) overview.push({ id: `ratio-${name}`, spec: ratio });
  const scaling = scalingChart(rows);
  if (scaling) overview.push({ id: `scaling-${name}`, spec: scaling });
  const costs = suite ? costCharts(suite.shapes, rows) : [];
  costs.forEach((spec, i) => overview.push({ id: `cost-${name}-${i}`, spec }));
  const grows = new Set(suite?.shapes.filter((s) => s.sweep !== undefined).map((s) => s.name));
  const shapes = [...new Set(rows.map((r) => r.shape))].flatMap((shape): PlacedChart[] => {
    const of = rows.filter((r) => r.shape === shape);
    const wanted = (!grows.has(shape) || costs.length === 0) && of.some((r) => r.medianMs !== null);
    return wanted ? [{ id: `chart-${name}-${shape}`, spec: timesChart(`${name}, ${shape}`, of) }] : [];
  });
  return { overview, shapes };
}

/** The whole result as one file that opens offline. `own` is the contender that the others are the peers of. */
export function benchPage(results: BenchResults, own: string): string {
  const charts: PlacedChart[] = [];
  const heads = HEADS.map((head, i) => [head, i >= 2 && i <= 7 ? 'number' : 'text'] as const);
  const sections = [...new Set(results.rows.map((r) => r.suite))].map((name) => {
    const { overview, shapes } = suiteCharts(results, name, own);
    charts.push(...overview, ...shapes);
    // The suite is in the heading.
    const rows = results.rows.filter((r) => r.suite === name);
    const cells = rows.map((row) => [row.shape, ...tableCells(results.rows, row, own).slice(1)].map(escapeHtml));
    return `<h2>${escapeHtml(name)}</h2>\n<p>${escapeHtml((suiteNamed(name) as AnySuite).title)}.</p>\n${figures(overview)}\n${figures(shapes, true)}\n${table(heads, cells)}`;
  });
  const roofline = rooflineChart(results, own);
  const top: PlacedChart[] = roofline ? [{ id: 'roofline', spec: roofline }] : [];
  const reading = `<p class="quiet">A trial is a process of its own: it starts from the same numbers as all others, must agree with a plain double-precision
reference, and is only then timed, in turns with the others (median after warm-up). “× best peer” is the best peer's median over this one's.</p>`;
  return htmlDocument('saraf bench', `${facts(results)}\n<main>\n${reading}\n${figures(top)}\n${sections.join('\n')}\n</main>`, [
    ...top,
    ...charts,
  ]);
}
