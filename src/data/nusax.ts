import { SarafError } from '../errors.js';
import { markPart } from '../tensor/part.js';
import { readChecked } from './check-table.js';
import { provenanceOf, type Provenance } from './provenance.js';
import { resolveDataset, type ResolveOptions } from './resolve.js';
import { NUSAX_LABELS, NUSAX_LANGUAGES, nusaxSenti, type NusaxLanguage } from './sets/nusax-senti.js';
import { loadSpamAssassin } from './spam-assassin.js';
import { stratifiedSplit } from './split.js';
import type { Table } from './table.js';

/** Texts and labels in the three official parts. */
export interface TextDataSet {
  readonly title: string;
  /** Columns id, text, label. */
  readonly train: Table;
  readonly valid: Table;
  readonly test: Table;
  /** Labels in the order of their numbers. */
  readonly classes: readonly string[];
  /** True if another data set stands in. */
  readonly standIn: boolean;
  readonly notes: readonly string[];
  readonly provenance: readonly Provenance[];
}

/**
 * NusaX-Senti in one language: 500 / 100 / 400 texts, three classes.
 *
 * Where it cannot be had, 1,000 e-mails of the SpamAssassin corpus in parts of the same size, with `standIn: true` and the reason in `notes`.
 * Throws: ERR_ARG for an unknown language; otherwise as `resolveDataset`.
 * Example: `const { train, test } = await loadNusax('indonesian', { dataDir })`
 */
export async function loadNusax(
  language: NusaxLanguage = 'indonesian',
  options: Omit<ResolveOptions, 'files' | 'layout'> = {},
): Promise<TextDataSet> {
  if (!NUSAX_LANGUAGES.includes(language)) {
    throw new SarafError('ERR_ARG', 'loadNusax', `expected one of ${NUSAX_LANGUAGES.join(', ')}, received ${JSON.stringify(language)}`);
  }
  const names = ['train', 'valid', 'test'].map((split) => `${language}/${split}.csv`);
  const found = await resolveDataset(nusaxSenti, { ...options, files: names });
  if (found.standIn) return standIn(found, options.signal);
  const tables: Table[] = [];
  const provenance: Provenance[] = [];
  for (const file of found.files) {
    const facts = nusaxSenti.layouts[0]?.files.find((f) => f.name === file.name)?.table;
    const table = await readChecked(file.path, file.csv, facts, options.signal);
    tables.push(table);
    provenance.push(provenanceOf(nusaxSenti.id, file, table.rows));
  }
  const [train, valid, test] = tables as [Table, Table, Table];
  markParts(train, valid, test);
  return { title: `NusaX-Senti, ${language}`, train, valid, test, classes: NUSAX_LABELS, standIn: false, notes: found.notes, provenance };
}

async function standIn(found: Awaited<ReturnType<typeof resolveDataset>>, signal: AbortSignal | undefined): Promise<TextDataSet> {
  const file = found.files[0];
  if (!file) throw new SarafError('ERR_DATA', 'loadNusax', `expected the tarball of ${found.title}, received none`);
  const all = await loadSpamAssassin(file.path, signal);
  const some = all.take(stratifiedSplit(all.strings('label'), { testSize: 1000 }).test);
  const first = stratifiedSplit(some.strings('label'), { testSize: 400 });
  const rest = some.take(first.train);
  const second = stratifiedSplit(rest.strings('label'), { testSize: 100 });
  const [train, valid, test] = [rest.take(second.train), rest.take(second.test), some.take(first.test)];
  markParts(train, valid, test);
  return {
    title: found.title,
    train,
    valid,
    test,
    classes: ['ham', 'spam'],
    standIn: true,
    notes: found.notes,
    provenance: [{ name: found.layout, source: 'npm', sha256: file.sha256, rows: some.rows }],
  };
}

function markParts(train: Table, valid: Table, test: Table): void {
  markPart(train, 'train');
  markPart(valid, 'validation');
  markPart(test, 'test');
}
