import { LEAK_TYPES, type CellResult, type ProtocolAudit, type Results } from '../../experiments/results.js';
import type { Protocol } from '../../experiments/experiment.js';
import { formatMeanStd, formatScore } from '../format.js';
import { cellStandIns, maskLabel } from '../rows.js';
import { escapeHtml as e } from './escape.js';
import { said, table } from './sections.js';

const named = (protocol: Protocol): string => (protocol === 'published' ? 'as published' : 'leak-free');

/** The figure that a protocol would report: that of the variant it would choose over all factors. */
function reported(results: Results, protocol: Protocol): CellResult | null {
  const own = results.cells.filter((c) => c.protocol === protocol && Number.isFinite(c.mean));
  const value = (c: CellResult): number => (protocol === 'published' ? c.mean : c.validation);
  return own.length === 0 ? null : own.reduce((a, b) => (value(b) > value(a) ? b : a));
}

function claimItems(results: Results): string[] {
  const figures = results.protocols.flatMap(({ protocol }) => {
    const cell = reported(results, protocol);
    if (!cell) return [];
    const variant = [`${cell.factor}: ${cell.variant}`, maskLabel(cell.mask)].filter((s) => s !== '').join(' · ');
    const interval = cell.interval ? `, 95 % interval ${formatScore(cell.interval.low)} to ${formatScore(cell.interval.high)}` : '';
    const by = protocol === 'published' ? 'test' : 'validation';
    return [`<strong>${named(protocol)}</strong>: ${e(variant)} scores ${formatMeanStd(cell.mean, cell.std)} ${e(cell.metric)}${interval}, on ${cell.rowsTested.toLocaleString('en')} test rows; chosen on the ${by} part.`]; // prettier-ignore
  });
  const claims = results.findings
    .filter((f) => f.kind === 'computed')
    .map((f) => {
      const where = f.scope === 'runs' ? 'for these runs' : 'here';
      return `${e(f.title)}: ${said(f.notRun ? 'not run' : f.holds == null ? 'cannot be told' : `${f.holds ? 'holds' : 'does not hold'} ${where}`)}.`;
    });
  return [...figures, ...claims];
}

/** Rows of the parts, from the least to the most where preparations differ. */
function splitItems(results: Results): string[] {
  const range = (values: readonly number[]): string => {
    const [low, high] = [Math.min(...values), Math.max(...values)];
    return low === high ? low.toLocaleString('en') : `${low.toLocaleString('en')} to ${high.toLocaleString('en')}`;
  };
  return results.protocols.map(({ protocol, steps, notes }) => {
    const audits = (results.audits ?? []).filter((a) => a.protocol === protocol);
    const rows = audits.length === 0 ? '' : ` ${range(audits.map((a) => a.rows.train))} training rows, ${range(audits.map((a) => a.rows.test))} test rows that count.`; // prettier-ignore
    const lines = [...steps, ...notes].map((s) => `<li>${e(s)}</li>`).join('');
    return `<strong>${named(protocol)}</strong>:${rows}<ul>${lines}</ul>`;
  });
}

/** What the audits of a protocol say of one type of leak. */
function answer(audits: readonly ProtocolAudit[], type: keyof typeof LEAK_TYPES): string {
  const found = audits.flatMap((a) => a.findings.filter((f) => f.leakType === type));
  if (found.length > 0) {
    const worst = [...new Set(found.map((f) => f.kind))].map((kind) => {
      const own = found.filter((f) => f.kind === kind);
      return own.reduce((a, b) => (b.count > a.count ? b : a));
    });
    return worst.map((f) => `<strong class="no">${e(f.kind)}</strong>: ${e(f.message)}`).join('<br>');
  }
  const open = [...new Set(audits.flatMap((a) => a.notChecked.filter((n) => n.leakType === type).map((n) => n.why)))];
  return open.length > 0 ? `not looked for: ${e(open.join('; '))}` : said('looked for, none found');
}

/** What a run says of itself: its score under each cell that counts it, beside the published figure and the mean over seeds. */
function runClaims(results: Results, id: string): string[] {
  return results.cells.map((cell) => {
    const run = cell.runs.find((r) => r.id === id);
    const where = [`${cell.factor}: ${cell.variant}`, maskLabel(cell.mask)].filter((s) => s !== '').join(' · ');
    const interval = cell.interval ? `, 95 % interval ${formatScore(cell.interval.low)} to ${formatScore(cell.interval.high)}` : '';
    const seeds = cell.runs.length === 1 ? interval : `; over ${cell.runs.length} seeds ${formatMeanStd(cell.mean, cell.std)}${interval}`;
    const printed = cell.published === null ? '' : ` The document prints ${formatScore(cell.published)}${cell.comparable === 'yes' ? '' : ', which this stand-in cannot be set against'}.`; // prettier-ignore
    return `<strong>${named(cell.protocol)}</strong>: ${e(where)}, seed ${run?.seed ?? '–'}, scores ${formatScore(run?.value ?? null)} ${e(cell.metric)} on ${cell.rowsTested.toLocaleString('en')} test rows${seeds}.${e(printed)}`; // prettier-ignore
  });
}

/** The results as far as they are about the cells that count a run; null where none does. */
function ofRun(results: Results, id: string): Results | null {
  const cells = [...results.cells, ...(results.beside?.cells ?? [])].filter((c) => c.runs.some((r) => r.id === id));
  if (cells.length === 0) return null;
  const counts = (protocol: Protocol, names?: readonly string[]): boolean =>
    cells.some((c) => c.protocol === protocol && (names?.includes(`${c.factor}: ${c.variant}`) ?? true));
  return {
    ...results,
    cells,
    protocols: results.protocols.filter((p) => counts(p.protocol)),
    ...(results.audits ? { audits: results.audits.filter((a) => counts(a.protocol, a.cells)) } : {}),
  };
}

/**
 * The model info sheet: what is claimed, from which data and splits, what each step of preprocessing learnt from, and what is known of each
 * type of leakage.
 *
 * Source: Kapoor and Narayanan 2023, "Leakage and the reproducibility crisis in machine-learning-based science", Patterns 4(9).
 */
export function infoSheetSection(results: Results): string {
  return sheet(results, claimItems(results));
}

/** The same of one run: its own figures, its data, and what was done to them. Empty where no cell counts the run. */
export function runSheetSection(results: Results, id: string): string {
  const own = ofRun(results, id);
  return own === null ? '' : sheet(own, runClaims(own, id));
}

function sheet(results: Results, claims: readonly string[]): string {
  const protocols = results.protocols.map((p) => p.protocol);
  const list = (items: readonly string[]): string => `<ul>${items.map((i) => `<li>${i}</li>`).join('')}</ul>`;
  const data = results.data.map(
    (d) => `${e(d.name)}: ${d.rows.toLocaleString('en')} rows, ${e(d.source)}${d.licence ? `, ${e(d.licence)}` : ''}, SHA-256 <code>${e(d.sha256.slice(0, 16))}…</code>`, // prettier-ignore
  );
  const classes = results.classNames;
  const shown = classes.length > 12 ? `${classes.slice(0, 12).join(', ')} and ${classes.length - 12} more` : classes.join(', ');
  const steps = (results.preprocessing ?? []).map(({ step, fittedOn }) => [
    e(step),
    ...protocols.map((p) => e(typeof fittedOn === 'string' ? fittedOn : fittedOn[p])),
  ]);
  const standIns = [...(results.standIn === null ? [] : [results.standIn]), ...cellStandIns(results.cells)];
  const audits = results.audits ?? [];
  const leaks = (Object.keys(LEAK_TYPES) as (keyof typeof LEAK_TYPES)[]).map((type) => [
    type,
    e(LEAK_TYPES[type]),
    ...protocols.map((p) =>
      answer(
        audits.filter((a) => a.protocol === p),
        type,
      ),
    ),
  ]);
  const heads = protocols.map((p) => [named(p), 'text'] as const);
  return `<h2 id="info-sheet">Model info sheet</h2>
<p class="quiet">After Kapoor and Narayanan (2023): what a reader needs in order to judge whether a figure rests on leakage. What no program can answer, such as whether a feature may be used and whom the rows stand for, stays to be judged.</p>
<h3>Claims</h3>${list(claims)}
<h3>Data</h3>${list([...data, `Classes: ${e(shown)}.`, ...standIns.map((reason) => `Stand-in: ${e(reason)}`)])}
<h3>Splits</h3>${list(splitItems(results))}
${steps.length === 0 ? '' : `<h3>Preprocessing, and what each step learnt from</h3>${table([['step', 'text'], ...heads], steps)}`}
${audits.length === 0 ? '' : `<h3>Leakage by type</h3>${table([['type', 'text'], ['leak', 'text'], ...heads], leaks)}`}`;
}
