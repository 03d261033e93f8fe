import { audit, type AuditedSplit } from '../data/audit/audit.js';
import type { AuditPart } from '../data/audit/part.js';
import { labelValues } from '../data/balance/labels.js';
import type { ReadyExperiment } from './jobs.js';
import type { Prepared, Protocol } from './experiment.js';
import type { ProtocolAudit } from './results.js';

/** Examples of each leak that a results file holds. */
const EXAMPLES = 5;

/** The rows of a part that are named, in that order. */
function some(part: AuditPart, rows: readonly number[], pixels: number): AuditPart {
  const take = <T>(list: ArrayLike<T>): T[] => rows.map((row) => list[row] as T);
  const { texts, labels, groups, times, sources, images } = part;
  const bytes = images && new Uint8Array(rows.length * pixels);
  for (const [i, row] of rows.entries()) bytes?.set(images?.images.subarray(row * pixels, (row + 1) * pixels) ?? [], i * pixels);
  return {
    ...(texts && { texts: take(texts) }),
    ...(labels && { labels: take(labelValues('audit', labels)) }),
    ...(groups && { groups: take(groups) }),
    ...(times && { times: take(times) }),
    ...(sources && { sources: take(sources) }),
    ...(bytes && { images: { images: bytes, rows: rows.length } }),
  };
}

/** Audits the test rows that a preparation counts; examples name them by their row in the whole test part. */
function auditPrepared({ audited, test }: Prepared, examples: number): Pick<ProtocolAudit, 'rows' | 'findings' | 'notChecked'> {
  const kept = Array.from(test.labels.keys()).filter((row) => test.keep?.[row] !== 0);
  const pixels = (audited.imageShape ?? []).reduce((product, n) => product * n, 1);
  const counted: AuditedSplit = test.keep === undefined ? audited : { ...audited, test: some(audited.test, kept, pixels) };
  const found = audit(counted, { examples });
  const findings = found.findings.map((f) => ({
    ...f,
    examples: f.examples.map((example) => ({ ...example, test: example.test === null ? null : (kept[example.test] ?? null) })),
  }));
  return { ...found, findings };
}

/** Looks for leaks in the data of every cell, each preparation once a protocol. Without `rows` no row is shown, only counted. */
export function auditExperiment({ plan, cells }: ReadyExperiment, rows = true): ProtocolAudit[] {
  const audits: ProtocolAudit[] = [];
  const done = new Map<Prepared, ReturnType<typeof auditPrepared>>();
  const names = (protocol: Protocol, preparation: string): string[] => [
    ...new Set(
      cells
        .filter(({ cell }) => cell.protocol === protocol && cell.preparation === preparation)
        .map(({ cell }) => `${cell.factor}: ${cell.variant}`),
    ),
  ];
  for (const protocol of plan.protocols) {
    const seen = new Set<string>();
    for (const { cell, prepared } of cells) {
      if (cell.protocol !== protocol || seen.has(cell.preparation)) continue;
      seen.add(cell.preparation);
      const found = done.get(prepared) ?? auditPrepared(prepared, rows ? EXAMPLES : 0);
      done.set(prepared, found);
      audits.push({ protocol, cells: names(protocol, cell.preparation), ...found });
    }
  }
  return audits;
}
