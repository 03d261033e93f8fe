import { aboveConstant } from '../../experiments/verdict.js';
import type { CellResult, Finding, Results } from '../../experiments/results.js';
import { formatDifference, formatMeanStd, formatScore, formatShare } from '../format.js';
import { cellStandIns, comparability, leakEffect, seedRange, seedsInWords, tableRows, trainingRowsNote, type TableRow } from '../rows.js';
import { reducedScale } from '../scale.js';
import type { Verdict } from '../verdicts.js';
import { escapeHtml as e } from './escape.js';
import type { PlacedChart } from './document.js';

const SCROLL = '<div class="scroll" tabindex="0">';

/** A part of a page with, above each of its tables, the reduced scale that its figures were made at. */
export function withScale(part: string, all: readonly Results[]): string {
  const words = reducedScale(all);
  return words === null ? part : part.replaceAll(SCROLL, `<p class="scale"><span>${e(words)}</span></p>${SCROLL}`);
}

/** Words in an element of their own, so that they are translated. */
export const said = (text: string): string => `<span>${e(text)}</span>`;

/** `groups`: what stands above so many columns each; none: no such row. */
export function table(
  heads: readonly (readonly [string, 'text' | 'number'])[],
  rows: readonly (readonly string[])[],
  groups: readonly (readonly [string, number])[] = [],
): string {
  const above = groups.map(([name, columns]) => (name === '' ? `<td colspan="${columns}"></td>` : `<th scope="colgroup" colspan="${columns}" class="group">${name}</th>`)); // prettier-ignore
  const head = heads.map(([h, kind]) => `<th scope="col"${kind === 'number' ? ' class="number"' : ''}>${h}</th>`).join('');
  const body = rows
    .map((row) => `<tr>${row.map((cell, i) => `<td${heads[i]?.[1] === 'number' ? ' class="number"' : ''}>${cell}</td>`).join('')}</tr>`)
    .join('\n');
  return `${SCROLL}<table><thead>${above.length === 0 ? '' : `<tr>${above.join('')}</tr>`}<tr>${head}</tr></thead><tbody>\n${body}\n</tbody></table></div>`;
}

export function figures(charts: readonly PlacedChart[], small = false): string {
  const items = charts.map(
    (c) => `<figure><div class="chart" id="${e(c.id)}" role="img" aria-label="${e(String(c.spec['description'] ?? c.id))}"></div></figure>`,
  );
  return items.length === 0 ? '' : `<div class="charts${small ? ' small' : ''}">\n${items.join('\n')}\n</div>`;
}

/** Whether a row may be set beside the published figure. */
export const comparableTag = (row: TableRow): string => `<span class="tag">${comparability(row)}</span>`;

/** What is said of a claim or comparison, in an element of its own so that it can be translated. */
export function verdictTag({ label, holds }: Verdict): string {
  return holds === null ? said(label) : `<strong class="${holds ? 'yes' : 'no'}">${e(label)}</strong>`;
}

/** Mean ± deviation, and below it the 95 % interval. */
function score(cell: CellResult | null): string {
  if (cell === null) return '–';
  const mean = cell.std === null ? formatScore(cell.mean) : `${formatScore(cell.mean)} <span class="std">± ${cell.std.toFixed(2)}</span>`;
  const { interval } = cell;
  return interval === undefined || !Number.isFinite(interval.low)
    ? mean
    : `${mean}<br><small class="quiet">${formatScore(interval.low)} to ${formatScore(interval.high)}</small>`;
}

/** The effect of the leak, and below it its 95 % interval. */
export function effectCell(results: Results, row: TableRow): string {
  const found = leakEffect(results, row);
  if (found === null) return '–';
  const { effect, interval } = found;
  return `${formatDifference(effect)}${interval === null ? '' : `<br><small class="quiet">${formatDifference(interval[0])} to ${formatDifference(interval[1])}</small>`}`;
}

/** How the effect of the leak and its interval came about. */
export function effectNote(results: Results, rows: readonly TableRow[]): string {
  const paired = new Set(rows.flatMap((row) => leakEffect(results, row)?.paired ?? []));
  const [alike, apart] = ['the same test rows for both protocols', 'the test rows of each protocol by themselves'];
  const drawn = paired.size > 1 ? `${alike}, or ${apart} where they differ` : paired.has(true) ? alike : apart;
  const several = rows.some((row) => [row.reproduced, row.leakFree].some((cell) => (cell?.runs.length ?? 0) > 1));
  const interval =
    paired.size === 0 ? '' : `, with its 95 % bootstrap interval: ${several ? 'seeds are drawn, and ' : 'drawn are '}${drawn}`;
  const training = trainingRowsNote(rows);
  return ` Effect of the leak: as published less leak-free, in points${interval}.${training === '' ? '' : ` ${training}`}`;
}

/** Per run the class that was predicted most, and its share: `negative 100.0 %, positive 100.0 %`. */
function largestShares(cell: CellResult): string {
  const names = cell.largestClasses;
  return cell.largestShares
    .map((share, i) => `${i > 0 && names[i] === names[i - 1] ? '' : `${e(names[i] ?? '')} `}${formatShare(share)}`)
    .join(', ');
}

/** published / reproduced / leak-free with mean ± std and difference. */
export function factorTable(results: Results, factor: string): string {
  const rows = tableRows(results.cells.filter((c) => c.factor === factor));
  const masked = rows.some((r) => r.mask !== null);
  const differs = rows.some((r) => r.reproduced?.difference != null || r.leakFree?.difference != null);
  const printed = rows.some((r) => r.published !== null);
  // A table of the user's own has no document to be set against.
  const own = !printed && rows.every((r) => r.reproduced === null);
  const areas = rows.some((r) => (r.leakFree ?? r.reproduced)?.auc !== undefined);
  // Left out where both protocols are one training, counted on the same rows: it is nothing then.
  const effects = rows.flatMap((row) => leakEffect(results, row) ?? []);
  const both = effects.some(({ effect, interval }) => effect !== 0 || (interval?.some((end) => end !== 0) ?? false));
  const heads: (readonly [string, 'text' | 'number'])[] = [
    ['variant', 'text'],
    ...(masked ? [['mask', 'text'] as const] : []),
    ...(own ? [] : [['published', 'number'] as const, ['reproduced', 'number'] as const]),
    ...(differs ? [['difference', 'number'] as const] : []),
    [own ? 'score' : 'leak-free', 'number'],
    ...(differs ? [['difference', 'number'] as const] : []),
    ...(both ? [['effect of the leak', 'number'] as const] : []),
    ...(areas ? [['AUC', 'number'] as const] : []),
    ...(own ? [] : [['comparable', 'text'] as const]),
    ['largest predicted class', 'text'],
  ];
  const body = rows.map((row) => {
    const any = row.reproduced ?? row.leakFree;
    const shares = any === null ? '–' : largestShares(any);
    return [
      e(row.variant),
      ...(masked ? [row.mask ?? '–'] : []),
      ...(own ? [] : [formatScore(row.published), score(row.reproduced)]),
      ...(differs ? [formatDifference(row.reproduced?.difference ?? null)] : []),
      score(row.leakFree),
      ...(differs ? [formatDifference(row.leakFree?.difference ?? null)] : []),
      ...(both ? [effectCell(results, row)] : []),
      ...(areas ? [(row.leakFree ?? row.reproduced)?.auc?.toFixed(3) ?? '–'] : []),
      ...(own ? [] : [comparableTag(row)]),
      shares,
    ];
  });
  const standIns = cellStandIns(results.cells.filter((c) => c.factor === factor));
  const metric = results.cells[0]?.metric ?? '';
  const cells = results.cells.filter((c) => c.factor === factor);
  const overSeeds = `${seedsInWords(cells)}${seedRange(cells)[0] === 1 ? ' (no deviation of one)' : ''}`;
  const shared = results.cells.some((c) => c.factor === factor && c.sameTrainingAs !== null)
    ? ' Both protocols determine the same training here, so each seed was trained once; the protocols differ in what is counted and by which part a variant is chosen.'
    : '';
  return `${table(heads, body)}<p class="quiet">${e(metric.charAt(0).toUpperCase() + metric.slice(1))} on the test part, mean ± sample standard deviation over ${overSeeds}${own ? '.' : '; '}${own ? '' : 'published figures are single runs.'} Below it the 95 % bootstrap interval over test rows${seedRange(cells)[1] > 1 ? ' and seeds' : ''}.${both ? effectNote(results, rows) : ''}${areas ? ` AUC: area under the ROC curve of each class against the rest, mean over classes and seeds${own ? '' : ', leak-free where that was run'}.` : ''}${shared}</p>${standIns.map((reason) => `<p><span class="tag">stand-in</span> ${e(reason)}</p>`).join('')}${repeatsNote(results)}`;
}

/** How far the document's own figures for one configuration lie apart: to be seen beside every difference. */
function repeatsNote(results: Results): string {
  if (results.repeats.length === 0) return '';
  const rows = results.repeats.map(
    (r) =>
      `${e(r.configuration)} is printed as ${r.values.map(formatScore).join(', ')} (spread ${r.spread.toFixed(2)}).${r.note ? ` ${e(r.note)}` : ''}`,
  );
  return `<p class="quiet"><strong>Noise of the published figures:</strong> ${rows.join(' ')}</p>`;
}

export function verdictSection(results: Results): string {
  const { constant } = results;
  const lineOf = (cell: CellResult): number | undefined => cell.constant ?? constant?.value;
  const lines = results.cells.map(lineOf).filter((line) => line !== undefined);
  if (lines.length === 0) return '';
  const [least, most] = [Math.min(...lines).toFixed(1), Math.max(...lines).toFixed(1)];
  const says = constant === null ? 'Calling every test row by their most frequent class' : constant.label;
  const scores =
    constant === null ? `scores ${least === most ? least : `${least} to ${most}, by the rows that count`}` : `scores at most ${most}`;
  const masked = results.cells.some((c) => c.mask !== null);
  const rows = results.cells.flatMap((cell) => {
    const line = lineOf(cell);
    if (line === undefined) return [];
    const verdict = aboveConstant(cell, line);
    const word =
      verdict.above === true
        ? '<strong class="yes">yes</strong>'
        : verdict.above === false
          ? '<strong class="no">no</strong>'
          : said('not clear');
    return [
      [
        e(`${cell.factor}: ${cell.variant}`),
        ...(masked ? [cell.mask ?? '–'] : []),
        cell.protocol,
        formatMeanStd(cell.mean, cell.std),
        largestShares(cell),
        `${word}: ${said(verdict.text)}`,
      ],
    ];
  });
  return `<h2 id="verdict">Does the model learn?</h2>
<p>${e(says.charAt(0).toUpperCase() + says.slice(1))} ${scores}. A variant has learnt something if the 95 % interval of its score, over test rows and seeds, lies above that.${results.cells.some((c) => c.runs.length === 1) ? ' Of one seed it is over test rows alone, and about that network.' : ''}</p>
${table(
  [
    ['variant', 'text'],
    ...(masked ? [['mask', 'text'] as const] : []),
    ['protocol', 'text'],
    ['score', 'number'],
    ['largest share of one class', 'text'],
    ['learns?', 'text'],
  ],
  rows,
)}`;
}

function rowsOf({ rows }: Results['choices'][number]): string {
  if (!rows) return '–';
  const [fewest, most] = rows.map((n) => n.toLocaleString('en')) as [string, string];
  return fewest === most ? most : `${fewest} to ${most}`;
}

export function choicesSection(results: Results): string {
  if (results.choices.length === 0) return '';
  const rows = results.choices.map((c) => [
    e(c.factor),
    ...(c.mask === null ? ['–'] : [c.mask]),
    c.protocol,
    said(c.by),
    e(c.variant),
    formatScore(c.value),
    rowsOf(c),
  ]);
  const differ = results.choices.some((c) => c.rows && c.rows[0] < c.rows[1])
    ? ' Where the variants’ parts differ in size, the figures of the smaller ones say less.'
    : '';
  const published = results.choices.some((c) => c.protocol === 'published');
  return `<h2 id="choices">Which variant would be chosen?</h2>
<p>${published ? `${e(results.choice ?? 'By which part it picks a variant the document does not say; as published, it is picked by its figure on the test part here.')} ` : ''}The leak-free protocol picks it on the validation part.${differ}</p>
${table(
  [
    ['factor', 'text'],
    ['mask', 'text'],
    ['protocol', 'text'],
    ['chosen by', 'text'],
    ['variant', 'text'],
    ['figure there', 'number'],
    ['rows there', 'number'],
  ],
  rows,
)}`;
}

/** A row per set of baselines and protocol, a column per baseline, and below how each is made. */
export function baselineSection(results: Results): string {
  const { baselines } = results;
  if (baselines.length === 0) return '';
  const several = new Set(baselines.map((b) => b.set)).size > 1;
  const names = [...new Set(baselines.map((b) => b.name))];
  const rows = new Map<string, typeof baselines>();
  for (const b of baselines) {
    const key = JSON.stringify([b.set, b.protocol]);
    rows.set(key, [...(rows.get(key) ?? []), b]);
  }
  const body = [...rows.values()].map((own) => [
    ...(several ? [e(own[0]?.set ?? '–')] : []),
    own[0]?.protocol ?? '–',
    ...names.map((name) => formatScore(own.find((b) => b.name === name)?.value ?? null)),
  ]);
  const how = names.map((name) => {
    const notes = [...new Set(baselines.filter((b) => b.name === name).map((b) => b.note))];
    return `<li>${e(name)}: ${e(notes.join('; or '))}.</li>`;
  });
  const metric = results.cells[0]?.metric ?? 'score';
  return `<h2 id="baselines">Baselines without a network</h2>
<p class="quiet">${e(metric.charAt(0).toUpperCase() + metric.slice(1))} on the test part.${several ? ' One set for all variants that train and test on the same rows; a network is to be set beside its own.' : ''}</p>
${table(
  [...(several ? [['variants', 'text'] as const] : []), ['protocol', 'text'], ...names.map((name) => [e(name), 'number'] as const)],
  body,
)}
<ul class="quiet">${how.join('')}</ul>`;
}

export function statementSections(results: Results): string {
  const notStated = results.notStated.map((s) => [e(s.name), `<code>${e(s.default)}</code>`, e(s.note ?? '')]);
  const stated = results.stated.map((s) => [e(s.name), `<code>${e(s.value)}</code>`, e(s.note ?? '')]);
  const protocols = results.protocols.map((p) => {
    const items = [...p.steps, ...p.notes].map((s) => `<li>${e(s)}</li>`).join('');
    return `<h3>${p.protocol === 'published' ? 'As published' : 'Leak-free'}</h3><ul>${items}</ul>`;
  });
  const settings = table(
    [
      ['stated', 'text'],
      ['value', 'text'],
      ['note', 'text'],
    ],
    stated,
  );
  const document = `<h2 id="not-stated">What the document does not state</h2>
${table(
  [
    ['not stated', 'text'],
    ['used here', 'text'],
    ['note', 'text'],
  ],
  notStated,
)}
<details><summary>What it states, and is kept</summary>${settings}</details>`;
  return `${results.notStated.length > 0 ? document : `<h2 id="settings">Settings</h2>${settings}`}
<h2 id="protocols">${protocols.length === 1 ? 'Protocol' : 'Both protocols'}</h2>
${protocols.join('\n')}`;
}

export function findingsSection(results: Results): string {
  if (results.findings.length === 0) return '';
  const item = (f: Finding): string => {
    const tag =
      f.holds === true
        ? `<span class="tag yes">holds ${f.scope === 'runs' ? 'for these runs' : 'here'}</span> `
        : f.holds === false
          ? `<span class="tag no">does not hold ${f.scope === 'runs' ? 'for these runs' : 'here'}</span> `
          : f.kind === 'computed'
            ? `<span class="tag">${f.notRun ? 'not run' : 'cannot be said'}</span> `
            : '';
    return `<li>${tag}<strong>${e(f.title)}${/[.?!]$/.test(f.title) ? '' : '.'}</strong> ${e(f.text)}</li>`;
  };
  const open = results.findings.filter((f) => f.kind === 'computed' && f.holds == null);
  const said = results.findings.filter((f) => !open.includes(f));
  const rest =
    open.length === 0
      ? ''
      : `<details><summary>${open.length} further ${open.length === 1 ? 'claim' : 'claims'} of the document that these runs cannot decide</summary><ul>${open.map(item).join('\n')}</ul></details>`;
  return `<h2 id="findings">Findings</h2><ul>${said.map(item).join('\n')}</ul>${rest}`;
}

export function dataSection(results: Results): string {
  const rows = results.data.map((d) => [
    e(d.name),
    d.rows.toLocaleString('en'),
    e(d.source) + (d.address ? `<br><small>${e(d.address)}</small>` : ''),
    e(d.licence ?? ''),
    `<code>${e(d.sha256)}</code>`,
    e(d.note ?? ''),
  ]);
  return `<h2 id="data">Data</h2>
${table(
  [
    ['data set', 'text'],
    ['rows', 'number'],
    ['taken from', 'text'],
    ['licence', 'text'],
    ['SHA-256', 'text'],
    ['note', 'text'],
  ],
  rows,
)}`;
}
