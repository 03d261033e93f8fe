import { htmlDocument, type PlacedChart } from '../../src/reports/page/document.js';
import { escapeHtml } from '../../src/reports/page/escape.js';
import { figures, table } from '../../src/reports/page/sections.js';
import { suiteNamed, type AnySuite } from '../suites/index.js';
import { costCharts } from './charts/cost.js';
import { errorChart } from './charts/error.js';
import { profileChart } from './charts/profile.js';
import { ratioChart } from './charts/ratio.js';
import { rooflineChart } from './charts/roofline.js';
import { scalingChart } from './charts/scaling.js';
import { timesChart } from './charts/times.js';
import { goals } from '../goals.js';
import { judge, markOf, reachedText, summarise, tally, type GoalSummary, type Verdict } from './judge.js';
import { bestPeer, formatMs, HEADS, tableCells } from './table.js';
import type { BenchResults, Row } from './types.js';

const withUnit = (byThreads: Readonly<Record<string, number>>, unit: string): string =>
  Object.entries(byThreads)
    .map(([threads, value]) => `${value} ${unit} on ${threads} thread${threads === '1' ? '' : 's'}`)
    .join(', ') || 'not measured';

function facts({ machine, limits, versions, date }: BenchResults): string {
  const lines = [
    `${machine.cpu}, ${machine.cores} processors, ${(machine.memoryBytes / 2 ** 30).toFixed(0)} GiB, ${machine.platform}`,
    `fp32 peak: ${withUnit(limits.fp32Gflops, 'GFLOP/s')} (${limits.method})`,
    `bf16 peak: vectors ${withUnit(limits.bf16VectorGflops, 'GFLOP/s')}; tiles ${withUnit(limits.bf16TileGflops, 'GFLOP/s')}`,
    `reading from memory: ${withUnit(limits.readGBs, 'GB/s')}; from L2: ${withUnit(limits.readL2GBs, 'GB/s')}; fork and join: ${withUnit(limits.forkJoinUs, 'µs')}`,
  ];
  const found = Object.entries(versions).map(([name, version]) => `<p class="quiet">${escapeHtml(`${name}: ${version}`)}</p>`);
  return `<header><h1>Bench of ${escapeHtml(date.slice(0, 10))}</h1>\n${lines.map((line) => `<p class="quiet">${escapeHtml(line)}</p>`).join('\n')}
<details><summary>Versions</summary>${found.join('\n')}</details></header>`;
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
  const errors = errorChart(rows, own);
  if (errors) overview.push({ id: `error-${name}`, spec: errors });
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

type Heads = readonly (readonly [string, 'text' | 'number'])[];

const mark = (met: boolean | null): string => `<span class="${met === null ? 'open' : met ? 'met' : 'missed'}">${markOf(met)}</span>`;

/** Of a goal that sets a limit: the shape that comes nearest to it, or is farthest beyond. */
const worstLimit = (g: GoalSummary): string =>
  g.shapes.flatMap((v) => (v.limit?.got == null ? [] : [{ got: v.limit.got, text: v.limit.text }])).toSorted((a, b) => b.got - a.got)[0]
    ?.text ?? '';

/** Every goal in a line, and every shape of every goal behind it: what came out, and what was wanted. */
function goalSection(verdicts: readonly Verdict[]): string {
  const summaries = summarise(verdicts);
  const heads = (of: string): Heads => [
    ['', 'text'],
    [of, 'text'],
    ['× best peer', 'number'],
    ['% of peak', 'number'],
    ['× frameworks', 'number'],
    ['× tfjs-node', 'number'],
    ['', 'text'],
  ];
  const numbers = (v: Verdict | GoalSummary): string[] => [v.peer, v.percentOfPeak, v.frameworks, v.tfjsNode].map((r) => reachedText(r));
  const lines = summaries.map((g) => {
    const { met, missed, notMeasured } = tally(g.shapes);
    const parts = [met > 0 ? `${met} met` : '', missed > 0 ? `${missed} missed` : '', notMeasured > 0 ? `${notMeasured} not measured` : ''];
    return [
      mark(g.met),
      escapeHtml(g.what),
      ...numbers(g),
      escapeHtml(
        [worstLimit(g), g.shapes.length === 1 ? (g.shapes[0]?.why ?? '') : parts.filter((t) => t !== '').join(', ')]
          .filter((t) => t !== '')
          .join('; '),
      ),
    ];
  });
  const each = verdicts.map((v) => [
    mark(v.met),
    escapeHtml(`${v.suite}/${v.shape}`),
    ...numbers(v),
    escapeHtml(
      [
        v.limit?.text ?? '',
        v.ownMs === null ? '' : `${formatMs(v.ownMs)} ms`,
        v.peerName === null ? '' : `${v.peerName} ${formatMs(v.peerMs)} ms`,
        v.why,
      ]
        .filter((t) => t !== '')
        .join('; '),
    ),
  ]);
  const whole = tally(summaries);
  const every = tally(verdicts);
  return `<h2 id="goals">Goals</h2>
<p><b>${whole.met} of ${summaries.length} goals met</b>, ${whole.missed} missed, ${whole.notMeasured} not measured whole; by shape ${every.met} met, ${every.missed}
missed, ${every.notMeasured} not measured. “1.62 of 1.5”: reached, and wanted; of several shapes the one that is farthest behind. Everyone at the best
number of threads; where a share of the peak stands beside a ratio over the best peer, either will do.</p>
<div class="tight">${table(heads('goal'), lines)}
<details><summary>By shape</summary>${table(heads('shape'), each)}</details></div>`;
}

/** Every part of every profiled shape, as text beside the chart. */
function profileTable({ profiles }: BenchResults): string {
  if (profiles.length === 0) return '';
  const heads: Heads = [
    ['shape', 'text'],
    ['samples', 'number'],
    ['share of the time', 'text'],
  ];
  const lines = profiles.map(({ suite, shape, contender, threads, samples, parts, note }) => [
    escapeHtml(`${suite}/${shape}, ${contender} ×${threads}`),
    samples === 0 ? '–' : String(samples),
    escapeHtml(note || parts.map(({ name, share }) => `${name} ${(100 * share).toFixed(1)} %`).join(', ')),
  ]);
  return `<details><summary>Where the time goes: ${profiles.length} shapes</summary>${table(heads, lines)}</details>`;
}

/** A line per shape: who is how fast, at the best number of threads. */
function shapeTable(rows: readonly Row[], own: string): string {
  const fastest = (of: readonly Row[]): Row | null =>
    of.reduce<Row | null>((best, r) => (r.medianMs !== null && (best?.medianMs == null || r.medianMs < best.medianMs) ? r : best), null);
  const heads: Heads = [
    ['shape', 'text'],
    [`${own}, ms`, 'number'],
    ['threads', 'number'],
    ['GFLOP/s', 'number'],
    ['% of peak', 'number'],
    ['best peer', 'text'],
    ['its ms', 'number'],
    ['× best peer', 'number'],
    ['others, ms', 'text'],
  ];
  const lines = [...new Set(rows.map((r) => r.shape))].map((shape) => {
    const of = rows.filter((r) => r.shape === shape);
    const mine = fastest(of.filter((r) => r.contender === own));
    const peer = bestPeer(rows, of[0] as Row, own);
    const rest = [...new Set(of.map((r) => r.contender))].filter((name) => name !== own && name !== peer?.contender);
    const others = rest.flatMap((name) => {
      const row = fastest(of.filter((r) => r.contender === name));
      return row ? [row] : [];
    });
    const cells = mine ? tableCells(rows, mine, own) : null;
    return [
      escapeHtml(shape),
      formatMs(mine?.medianMs ?? null),
      mine ? String(mine.threads) : '–',
      cells?.[5] ?? '–',
      cells?.[6] ?? '–',
      escapeHtml(peer ? `${peer.contender} ×${peer.threads}` : '–'),
      formatMs(peer?.medianMs ?? null),
      cells && cells[7] !== '–' ? `<b>${cells[7]}</b>` : '–',
      escapeHtml(
        others
          .toSorted((a, b) => (a.medianMs as number) - (b.medianMs as number))
          .map((r) => `${r.contender} ${formatMs(r.medianMs)}`)
          .join(', '),
      ),
    ];
  });
  return table(heads, lines);
}

// A chart in a closed section has no width: it gets one when the section opens. The filter hides rows of its table.
const BEHAVIOUR = `<script>
for (const d of document.querySelectorAll('details')) d.addEventListener('toggle', () => window.dispatchEvent(new Event('resize')));
for (const input of document.querySelectorAll('input[type=search]')) input.addEventListener('input', () => {
  const words = input.value.toLowerCase().split(' ');
  for (const row of input.closest('details').querySelectorAll('tbody tr')) row.hidden = !words.every((w) => row.textContent.toLowerCase().includes(w));
});
</script>`;

const STYLE = `<style>
nav.suites { position: sticky; top: 0; z-index: 1; background: Canvas; padding: 0.5rem 0; display: flex; flex-wrap: wrap; gap: 0.25rem 1rem; }
.met { color: #0a7d33; } .missed { color: #c0392b; font-weight: bold; } .open { opacity: 0.6; }
.tight td { padding-top: 0.2rem; padding-bottom: 0.2rem; } .tight td:not(:last-child) { white-space: nowrap; }
details { margin: 0.75rem 0; } summary { cursor: pointer; } h2 { scroll-margin-top: 3rem; }
input[type=search] { margin: 0.5rem 0; width: min(24rem, 100%); font: inherit; }
</style>`;

/** The whole result as one file that opens offline. `own` is the contender that the others are the peers of. */
export function benchPage(results: BenchResults, own: string): string {
  const charts: PlacedChart[] = [];
  const heads: Heads = HEADS.map((head, i) => [head, (i >= 2 && i <= 7) || head.includes('error') ? 'number' : 'text'] as const);
  const names = [...new Set(results.rows.map((r) => r.suite))];
  const sections = names.map((name) => {
    const { overview, shapes } = suiteCharts(results, name, own);
    charts.push(...overview, ...shapes);
    const rows = results.rows.filter((r) => r.suite === name);
    // The suite is in the heading.
    const cells = rows.map((row) => [row.shape, ...tableCells(results.rows, row, own).slice(1)].map(escapeHtml));
    const everyShape =
      shapes.length === 0
        ? ''
        : `<details><summary>Every contender by shape: ${shapes.length} charts</summary>\n${figures(shapes, true)}</details>`;
    return `<h2 id="suite-${escapeHtml(name)}">${escapeHtml(name)}</h2>
<p>${escapeHtml((suiteNamed(name) as AnySuite).title)}.</p>
<div class="tight">${shapeTable(rows, own)}</div>
${figures(overview)}
${everyShape}
<details><summary>All ${rows.length} rows</summary><input type="search" placeholder="Only rows with … (nusax train onednn)" aria-label="Only rows with these words">
<div class="tight">${table(heads, cells)}</div></details>`;
  });
  const roofline = rooflineChart(results, own);
  const profiles = profileChart(results.profiles);
  const top: PlacedChart[] = [
    ...(roofline ? [{ id: 'roofline', spec: roofline }] : []),
    ...(profiles ? [{ id: 'profile', spec: profiles }] : []),
  ];
  const reading = `<p class="quiet">A trial starts from the same numbers as all others, must agree with a plain double-precision reference, and is only then
timed, in turns with the others (median after warm-up). “× best peer” is the best float32 peer's median over this one's.</p>`;
  const link = (id: string, text: string): string => `<a href="#${escapeHtml(id)}">${escapeHtml(text)}</a>`;
  const nav = `<nav class="suites">${[link('goals', 'Goals'), ...names.map((n) => link(`suite-${n}`, n))].join('\n')}</nav>`;
  const verdicts = judge(goals, results.rows, own);
  return htmlDocument(
    'saraf bench',
    `${STYLE}${facts(results)}\n<main>\n${nav}\n${reading}\n${goalSection(verdicts)}\n${figures(top)}\n${profileTable(results)}\n${sections.join('\n')}\n</main>${BEHAVIOUR}`,
    [...top, ...charts],
  );
}
