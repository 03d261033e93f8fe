import { setInWords } from '../../experiments/settings.js';
import type { Results } from '../../experiments/results.js';
import { formatBytes, formatDuration, formatScore } from '../format.js';
import { daysInWords, machineInWords, originsOf, versionsInWords } from '../origins.js';
import { maskLabel } from '../rows.js';
import { escapeHtml as e } from './escape.js';
import { table } from './sections.js';

/** What the runs were made with: a line where that is the same for all, a table otherwise. */
function originsPart(results: Results): string {
  const origins = originsOf(results);
  const [first] = origins;
  if (!first) return '';
  const days = (dates: readonly string[] | undefined): string => daysInWords(dates ?? []);
  if (origins.length === 1)
    return `<p>All of them by ${e(machineInWords(first.machine))}; ${e(versionsInWords(first.versions))}${first.dates ? `; ${days(first.dates)}` : ''}.</p>`;
  return `<h3 id="made-with">What the runs were made with</h3>
${table(
  [
    ['runs', 'number'],
    ['machine', 'text'],
    ['versions', 'text'],
    ['date', 'text'],
  ],
  origins.map(({ runs, machine, versions, dates }) => [
    String(runs),
    e(machineInWords(machine)),
    e(versionsInWords(versions)),
    days(dates),
  ]),
)}`;
}

export function runsSection(results: Results): string {
  const seen = new Map<string, string[]>();
  for (const cell of results.cells) {
    for (const run of cell.runs) {
      const name = [`${cell.factor}: ${cell.variant}`, maskLabel(cell.mask), cell.protocol].filter((s) => s !== '').join(' · ');
      const key = `${run.id} ${cell.factor} ${cell.variant} ${cell.mask} ${cell.protocol}`;
      seen.set(key, [`<code>${run.id}</code>`, e(name), String(run.seed), formatScore(run.value), formatDuration(run.seconds)]);
    }
  }
  return `<h2 id="runs">Runs</h2>${originsPart(results)}<details><summary>${new Set(results.cells.flatMap((c) => c.runs.map((r) => r.id))).size} trainings behind ${results.cells.length} cells</summary>
${table(
  [
    ['run', 'text'],
    ['cell', 'text'],
    ['seed', 'number'],
    ['value', 'number'],
    ['time', 'number'],
  ],
  [...seen.values()],
)}</details>`;
}

const minute = (date: string): string => date.replace('T', ' ').replace(/(:\d\d)(\.\d+)?Z$/, '$1 UTC');

/** Machine and versions, of runs that agree in them; of others where the list is. */
function originFacts(results: Results): [string, string][] {
  const origins = originsOf(results);
  const [first] = origins;
  if (!first || origins.length > 1)
    return [['Machine', `<a href="#made-with">${origins.length} combinations of machine, threads and code</a>`]];
  const { machine: m, versions: v } = first;
  return [
    ['Machine', `${e(m.cpu)}, ${m.cores} cores, ${formatBytes(m.memoryBytes)}, ${e(m.platform)}`],
    [
      'Kernels',
      `${e(m.isa)}${m.exact === false ? ', <strong>exact: false</strong> (not the bits of other machines)' : ''}, ${m.threads} ${m.threads === 1 ? 'thread' : 'threads'}`,
    ],
    ['Versions', e(versionsInWords(v))],
  ];
}

export function headerSection(results: Results): string {
  const { bf16 } = results.machine;
  const products = `bfloat16 on ${e(bf16 ?? 'unknown')}, sums and weights float32: not the bits of other machines`;
  const made = (results.machine.runs ?? []).flatMap((o) => o.dates ?? []);
  const facts: [string, string][] = [
    ['Experiment', `<code>${e(results.experiment)}</code>`],
    ['Document', e(results.document)],
    ['Date', `${e(minute(results.date))}${made.length === 0 ? '' : `; runs of ${daysInWords(made)}`}`],
    ['Scale', `${results.scale}: ${e(results.scaleNote)}`],
    ['Seeds', results.seeds.join(', ')],
    ...(results.set ? [['Set here', e(setInWords(results.set))] as [string, string]] : []),
    ...(results.precision === 'bfloat16' ? [['Products', products] as [string, string]] : []),
    ...originFacts(results),
  ];
  const banner =
    results.standIn === null
      ? ''
      : `<div class="banner" role="note"><p><strong>Stand-in: not comparable with the published figures.</strong> ${e(results.standIn)} No differences are printed.</p></div>`;
  return `<header><h1>${e(results.title)}</h1>${banner}<dl class="facts">${facts.map(([k, v]) => `<div><dt>${k}</dt><dd>${v}</dd></div>`).join('')}</dl></header>`;
}
