import { LEAK_TYPES, type ProtocolAudit, type Results } from '../../experiments/results.js';
import { escapeHtml as e } from './escape.js';
import { said, table } from './sections.js';

/** Rows of the table of one audit: a leak each, or that there is none. */
function rowsOf({ protocol, cells, rows, findings }: ProtocolAudit, several: boolean): string[][] {
  const where = several ? `${protocol}<br><small>${e(cells.join(', '))}</small>` : protocol;
  if (findings.length === 0)
    return [[where, said('none found'), '', '0', '', `${rows.train} training and ${rows.test} test rows that count`]];
  return findings.map((f) => [
    where,
    `<strong>${e(f.kind)}</strong>`,
    `<span title="${e(LEAK_TYPES[f.leakType])}">${f.leakType}</span>`,
    String(f.count),
    f.of === 0 ? '–' : `${((100 * f.count) / f.of).toFixed(1)} %`,
    e(f.message) + examplesOf(f.examples),
  ]);
}

function examplesOf(examples: ProtocolAudit['findings'][number]['examples']): string {
  if (examples.length === 0) return '';
  const items = examples.map(({ train, test, text, trainText }) => {
    const rows = [test === null ? '' : `test row ${test}`, train === null ? '' : `training row ${train}`].filter((s) => s !== '');
    const texts = trainText === undefined ? e(text) : `${e(text)} <small>(in training: ${e(trainText)})</small>`;
    return `<li>${rows.length === 0 ? '' : `${rows.join(', ')}: `}${texts}</li>`;
  });
  return `<details><summary>examples</summary><ul>${items.join('')}</ul></details>`;
}

/** What the audit found under either protocol; nothing in results from before there was one. */
export function auditSection(results: Results): string {
  const audits = results.audits ?? [];
  if (audits.length === 0) return '';
  const several = (audit: ProtocolAudit): boolean => audits.filter((a) => a.protocol === audit.protocol).length > 1;
  const open = [...new Set(audits.flatMap((a) => a.notChecked.map((n) => `${n.leakType} ${n.title}: ${n.why}`)))];
  return `<h2 id="audit">Leaks between training and test rows</h2>
<p>Looked for in the rows that were trained on and counted, and named by the eight types of Kapoor and Narayanan (2023). An audit can show that there is a leak, never that there is none.</p>
${table(
  [
    ['protocol', 'text'],
    ['leak', 'text'],
    ['type', 'text'],
    ['test rows', 'number'],
    ['share', 'number'],
    ['what', 'text'],
  ],
  audits.flatMap((a) => rowsOf(a, several(a))),
)}
<details><summary>What these data could not show</summary><ul>${open.map((s) => `<li>${e(s)}</li>`).join('')}</ul></details>`;
}
