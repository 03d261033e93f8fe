import type { BaselineSet, CellResult, Finding, Results } from '../../experiments/results.js';
import { setInWords } from '../../experiments/settings.js';
import { formatDifference, formatDuration, formatScore } from '../format.js';
import { daysInWords, machineInWords, originsOf, versionsInWords } from '../origins.js';
import {
  cellStandIns,
  factorsRun,
  leakEffect,
  maskLabel,
  publishedRows,
  seedsInWords,
  tableRows,
  trainingRowsNote,
  type TableRow,
} from '../rows.js';
import { slug } from '../../files/slug.js';
import { escapeHtml as e } from './escape.js';
import type { PlacedChart } from './document.js';
import { claimVerdict } from '../verdicts.js';
import { printedClassSection } from './class-section.js';
import { meansSection, quotedSection } from './printed-section.js';
import { comparableTag, effectCell, effectNote, figures, said, table, verdictTag } from './sections.js';

/** One experiment's results, and where its report lies seen from the overview; null if it has none. */
export interface OverviewEntry {
  readonly results: Results;
  readonly report: string | null;
}

/** The charts of the page by where they stand. */
export interface OverviewCharts {
  readonly experiments: ReadonlyMap<string, readonly PlacedChart[]>;
  readonly leaks: readonly PlacedChart[];
  readonly cost: readonly PlacedChart[];
}

const count = (n: number, one: string, many = `${one}s`): string => `${n} ${n === 1 ? one : many}`;
const linked = ({ report }: OverviewEntry, text: string): string => (report === null ? e(text) : `<a href="${e(report)}">${e(text)}</a>`);
const anchor = (results: Results): string => slug('experiment', results.experiment);

/** Claims of the document that were looked at. */
const claims = (results: Results): readonly Finding[] => results.findings.filter((f) => f.kind === 'computed');

/** Whether any published figure may be set beside what came out: an experiment may use the document's data but not in those cells. */
function isComparable({ standIn, cells }: Results): boolean {
  const printed = cells.filter((c) => c.published !== null);
  return standIn === null && (printed.length === 0 || printed.some((c) => c.comparable === 'yes'));
}

export const seedsOf = (results: Results): string => seedsInWords(results.cells);

/** Mean ± deviation, and the interval below it. */
function figure(cell: CellResult | null): string {
  if (cell === null) return '–';
  const std = cell.std === null ? '' : ` <span class="std">± ${cell.std.toFixed(2)}</span>`;
  const interval = cell.interval ? `<br><small>${formatScore(cell.interval.low)} to ${formatScore(cell.interval.high)}</small>` : '';
  return `${formatScore(cell.mean)}${std}${interval}`;
}

/** Distinct ones that a line lists; of more it says how many. */
const MOST_LISTED = 3;

function unique(values: readonly string[]): string {
  const distinct = [...new Set(values)];
  return distinct.length > MOST_LISTED ? `${distinct.length} different ones, listed in each report` : distinct.join('; ');
}

/** The runs behind the cells, each once. */
export function runsOf(results: Results): CellResult['runs'][number][] {
  return [...new Map(results.cells.flatMap((c) => c.runs.map((r) => [r.id, r] as const))).values()];
}

/** Figures of the document: what is run with and without masks is printed once. */
function printedFigures(results: Results): number {
  const printed = publishedRows(results).filter((r) => r.published !== null);
  return new Set(printed.map((r) => JSON.stringify([r.factor, r.variant]))).size;
}

export function overviewHeader(entries: readonly OverviewEntry[]): string {
  const all = entries.map((x) => x.results);
  const facts: [string, string][] = [
    ['Experiments', String(all.length)],
    ['Published figures', String(all.reduce((sum, r) => sum + printedFigures(r), 0))],
    ['Trainings', `${all.reduce((sum, r) => sum + runsOf(r).length, 0)} for ${all.reduce((sum, r) => sum + r.cells.length, 0)} cells`],
    ['Training time', `${formatDuration(all.flatMap(runsOf).reduce((sum, r) => sum + r.seconds, 0))} (sum over trainings)`],
    ['Scale', e(unique(all.map((r) => r.scale)))],
    ...all.flatMap((r) => (r.set ? [['Set here', e(`${r.experiment}: ${setInWords(r.set)}`)] as [string, string]] : [])),
    ['Date', daysInWords(all.flatMap((r) => [r.date, ...originsOf(r).flatMap((o) => o.dates ?? [])]))],
    ['Machine', e(unique(all.flatMap(originsOf).map(({ machine }) => machineInWords(machine))))],
    ['Versions', e(unique(all.flatMap(originsOf).map(({ versions }) => versionsInWords(versions))))],
  ];
  const standIns = entries.filter((x) => !isComparable(x.results));
  const banner =
    standIns.length === 0
      ? ''
      : `<div class="banner" role="note"><p><strong>${
          standIns.length === all.length
            ? 'None of these experiments may be set against the published figures.'
            : `${all.length - standIns.length} of these ${all.length} experiments may be set against the published figures.`
        }</strong> ${standIns.length === all.length ? 'They' : 'The others'} run on other data than the document's, or on a part of the rows or epochs: they are marked stand-in, and no difference is printed for them.</p></div>`;
  return `<header><h1>Published experiments, run again</h1>${banner}<dl class="facts">${facts.map(([k, v]) => `<div><dt>${k}</dt><dd>${v}</dd></div>`).join('')}</dl></header>`;
}

/** How many of the verdicts are about the runs of one seed. */
function ofRuns(said: readonly Finding[]): string {
  const runs = said.filter((f) => f.scope === 'runs').length;
  return runs === 0 ? '' : `<br><small>${runs} of these verdicts of one seed, about these runs</small>`;
}

/** One line per experiment: what was run and what it says. */
export function summarySection(entries: readonly OverviewEntry[]): string {
  const rows = entries.map((entry) => {
    const { results } = entry;
    const rowsRun = tableRows(results.cells);
    const effects = rowsRun.map((row) => leakEffect(results, row)?.effect).filter((x) => x !== undefined);
    const looked = claims(results);
    const number = (holds: boolean | null): number => looked.filter((f) => f.notRun !== true && (f.holds ?? null) === holds).length;
    const notRun = looked.filter((f) => f.notRun === true).length;
    const effect = effects.length === 0 ? null : effects.reduce((sum, x) => sum + x, 0) / effects.length;
    return [
      `<a href="#${anchor(results)}">${e(results.experiment)}</a>`,
      `<span class="tag">${isComparable(results) ? 'yes' : 'stand-in'}</span>`,
      String(printedFigures(results)),
      String(results.cells.length),
      seedsOf(results),
      looked.length === 0
        ? '–'
        : `<span class="yes">${number(true)} hold</span>, <span class="no">${number(false)} do not</span>, ${said(`${number(null)} cannot be told`)}${notRun === 0 ? '' : `, ${said(`${notRun} not run`)}`}${ofRuns(looked)}`,
      formatDifference(effect),
      entry.report === null ? '–' : linked(entry, 'report'),
    ];
  });
  return `<h2 id="summary">At a glance</h2>
${table(
  [
    ['experiment', 'text'],
    ['comparable', 'text'],
    ['published figures', 'number'],
    ['cells', 'number'],
    ['seeds', 'text'],
    ['claims of the document', 'text'],
    ['mean effect of the leak', 'number'],
    ['', 'text'],
  ],
  rows,
)}`;
}

function figureTable(results: Results, rows: readonly TableRow[]): string {
  const masked = rows.some((r) => r.mask !== null);
  const differs = results.standIn === null && rows.some((r) => r.published !== null);
  // Of an experiment that is a stand-in as a whole it is said above the table.
  const marked = differs && rows.some((r) => [r.reproduced, r.leakFree].some((c) => c?.comparable === 'stand-in'));
  const body = rows.map((row) => [
    e(`${row.factor}: ${row.variant}`),
    ...(masked ? [row.mask ?? '–'] : []),
    formatScore(row.published),
    figure(row.reproduced),
    ...(differs ? [formatDifference(row.reproduced?.difference ?? null)] : []),
    figure(row.leakFree),
    ...(differs ? [formatDifference(row.leakFree?.difference ?? null)] : []),
    effectCell(results, row),
    ...(marked ? [comparableTag(row)] : []),
  ]);
  return table(
    [
      ['variant', 'text'],
      ...(masked ? [['mask', 'text'] as const] : []),
      ['published', 'number'],
      ['reproduced', 'number'],
      ...(differs ? [['difference', 'number'] as const] : []),
      ['leak-free', 'number'],
      ...(differs ? [['difference', 'number'] as const] : []),
      ['effect of the leak', 'number'],
      ...(marked ? [['comparable', 'text'] as const] : []),
    ],
    body,
  );
}

/** Title, tables and charts of one experiment. */
export function experimentSection(entry: OverviewEntry, charts: readonly PlacedChart[]): string {
  const { results } = entry;
  const rows = publishedRows(results);
  const all = tableRows(results.cells).length;
  const metric = results.cells[0]?.metric ?? '';
  const none = rows.every((r) => r.published === null) ? ' The document prints no figure for any of these variants.' : '';
  const others = all - rows.length;
  const rest = others > 0 ? ` ${count(others, 'further variant')} without a published figure: in the ${linked(entry, 'report')}.` : '';
  const noise = results.repeats.map(
    (r) => `${e(r.configuration)} is printed as ${r.values.map(formatScore).join(', ')} (spread ${r.spread.toFixed(2)}).`,
  );
  return `<h2 id="${anchor(results)}">${e(results.title)}</h2>
<p class="quiet">${e(results.document)} · <code>${e(results.experiment)}</code> · ${results.scale}: ${e(results.scaleNote)} · ${linked(entry, 'report')}</p>
${results.set ? `<p><strong>Set here</strong> ${e(setInWords(results.set))}</p>` : ''}
${results.standIn === null ? '' : `<p><span class="tag">stand-in</span> ${e(results.standIn)}</p>`}
${cellStandIns(results.cells)
  .map((reason) => `<p><span class="tag">stand-in</span> ${e(reason)}</p>`)
  .join('')}
${figureTable(results, rows)}
<p class="quiet">${e(metric)} on the test part, mean ± sample standard deviation over ${seedsOf(results)}, below it the 95 % bootstrap interval over test rows${results.seeds.length > 1 ? ' and seeds' : ''}.${rows.some((r) => r.reproduced && r.leakFree) ? effectNote(results, rows) : ''}${none}${rest}</p>
${noise.length === 0 ? '' : `<p class="quiet"><strong>Noise of the published figures:</strong> ${noise.join(' ')}</p>`}
${figures(charts)}
${printedClassSection(results)}
${factorsRun(results)
  .map(({ name }) => meansSection(results, name))
  .join('')}
${quotedSection(results)}`;
}

/** What the documents conclude, and whether it came out here. */
export function claimsSection(entries: readonly OverviewEntry[]): string {
  const rows = entries.flatMap((entry) =>
    claims(entry.results).map((f) => [
      linked(entry, entry.results.experiment),
      e(f.title),
      verdictTag(claimVerdict(f, entry.results.cells)),
      e(f.text),
    ]),
  );
  if (rows.length === 0) return '';
  const reduced = entries.some((x) => x.results.standIn !== null) ? ' Of a stand-in a verdict is about the data, rows and epochs that were run here.' : ''; // prettier-ignore
  return `<h2 id="claims">What the documents conclude</h2>
<p>A claim holds, or does not, where the 95 % interval of the difference leaves zero out: of scores that of a paired bootstrap over test rows and seeds, of losses that over seeds. Otherwise it cannot be told. With one seed a verdict on scores is about these runs: how much seeds differ is not in it.${reduced}</p>
${table(
  [
    ['experiment', 'text'],
    ['claim', 'text'],
    ['verdict', 'text'],
    ['what was seen', 'text'],
  ],
  rows,
)}`;
}

/** How much the published protocol scores above the leak-free one, and which leaks the audit found. */
export function leakSection(entries: readonly OverviewEntry[], charts: readonly PlacedChart[]): string {
  const found = entries.flatMap(({ results }) => {
    const byKind = new Map<string, { name: string; protocol: string; least: number; most: number; message: string }>();
    for (const { protocol, findings } of results.audits ?? []) {
      for (const f of findings) {
        const key = `${protocol} ${f.kind}`;
        const share = f.of === 0 ? 0 : f.count / f.of;
        const old = byKind.get(key) ?? { name: f.kind, protocol, least: share, most: share, message: f.message };
        byKind.set(key, { ...old, least: Math.min(old.least, share), most: Math.max(old.most, share) });
      }
    }
    const percent = (share: number): string => (100 * share).toFixed(1);
    return [...byKind.values()].map((f) => [
      e(results.experiment),
      e(f.protocol),
      e(f.name),
      percent(f.least) === percent(f.most) ? `${percent(f.most)} %` : `${percent(f.least)} to ${percent(f.most)} %`,
      e(f.message),
    ]);
  });
  const measured = charts.length > 0;
  const training = entries.flatMap(({ results }) => {
    const note = trainingRowsNote(tableRows(results.cells));
    return note === '' ? [] : [` <code>${e(results.experiment)}</code>: ${e(note)}`];
  });
  if (!measured && found.length === 0) return '';
  return `<h2 id="leaks">What the leaks are worth</h2>
${measured ? `<p>The same model under both protocols: how many points higher the published one scores, at equal masking. A line is the 95 % bootstrap interval over seeds and test rows. One protocol may also be tested on fewer rows, since repeated ones do not count without leaks.${training.join('')}</p>${figures(charts)}` : ''}
${
  found.length === 0
    ? ''
    : `<h3>What the audit found</h3>${table(
        [
          ['experiment', 'text'],
          ['protocol', 'text'],
          ['leak', 'text'],
          ['test rows', 'number'],
          ['for example', 'text'],
        ],
        found,
      )}`
}`;
}

/** The best network without leaks beside the best baseline. */
export function baselinesSection(entries: readonly OverviewEntry[]): string {
  const rows = entries.flatMap(({ results }) => {
    const free = results.cells.filter((c) => c.protocol === 'leak-free');
    const sets = (results.baselineSets ?? []).filter((s) => s.protocol === 'leak-free');
    // Older results have the baselines of the first cells alone.
    const groups: (Pick<BaselineSet, 'name' | 'cells'> | null)[] = sets.length > 0 ? sets : [null];
    return groups.flatMap((set) => {
      const cells = set === null ? free : free.filter((c) => set.cells.includes(`${c.factor}: ${c.variant}`));
      const own = results.baselines.filter((b) => b.protocol === 'leak-free' && (set === null || b.set === set.name));
      if (cells.length === 0 || own.length === 0) return [];
      const best = cells.reduce((a, b) => (b.mean > a.mean ? b : a));
      const baseline = own.reduce((a, b) => (b.value > a.value ? b : a));
      return [
        [
          e(results.experiment),
          e(set?.name ?? '–'),
          e(best.metric),
          e([`${best.factor}: ${best.variant}`, maskLabel(best.mask)].filter((s) => s !== '').join(' · ')),
          figure(best),
          e(baseline.name),
          formatScore(baseline.value),
          formatDifference(best.mean - baseline.value),
        ],
      ];
    });
  });
  if (rows.length === 0) return '';
  return `<h2 id="baselines">What the networks add</h2>
<p>The highest of the leak-free cells beside the highest baseline without a network, among those that train and test on the same rows. A highest of many is a little lucky.</p>
${table(
  [
    ['experiment', 'text'],
    ['variants', 'text'],
    ['metric', 'text'],
    ['best network', 'text'],
    ['score', 'number'],
    ['best baseline', 'text'],
    ['score', 'number'],
    ['network adds', 'number'],
  ],
  rows,
)}`;
}

/** Where the documents contradict themselves. */
export function documentsSection(entries: readonly OverviewEntry[]): string {
  const rows = entries.flatMap((entry) =>
    entry.results.findings
      .filter((f) => f.kind === 'document')
      .map((f) => [linked(entry, entry.results.experiment), `<strong>${e(f.title)}</strong>`, e(f.text)]),
  );
  if (rows.length === 0) return '';
  return `<h2 id="documents">Findings in the documents</h2>
${table(
  [
    ['experiment', 'text'],
    ['finding', 'text'],
    ['what', 'text'],
  ],
  rows,
)}`;
}

/** Where every row came from, under which licence, and what differs from the document's data. */
export function provenanceSection(entries: readonly OverviewEntry[]): string {
  const rows = entries.flatMap(({ results }) =>
    results.data.map((d) => [
      e(results.experiment),
      e(d.name),
      d.rows.toLocaleString('en'),
      e(d.licence ?? ''),
      e(d.source) + (d.address ? `<br><small>${e(d.address)}</small>` : ''),
      `<code>${e(d.sha256.slice(0, 16))}…</code>`,
      e(d.note ?? ''),
    ]),
  );
  const differs = entries
    .filter((x) => x.results.standIn !== null)
    .map((entry) => `<li>${linked(entry, entry.results.experiment)}: ${e(entry.results.standIn ?? '')}</li>`);
  return `<h2 id="data">Data</h2>
${table(
  [
    ['experiment', 'text'],
    ['file', 'text'],
    ['rows', 'number'],
    ['licence', 'text'],
    ['taken from', 'text'],
    ['SHA-256', 'text'],
    ['note', 'text'],
  ],
  rows,
)}
${differs.length === 0 ? '' : `<h3>What differs from the documents' data</h3><ul>${differs.join('\n')}</ul>`}`;
}
