import { SarafError } from '../errors.js';
import { readCsv } from './csv.js';
import type { CsvOptions } from './csv-options.js';
import type { TableFacts } from './data-set.js';
import { quoted, type Table } from './table.js';

/** Reads a table and checks that it holds what it must. Throws ERR_DATA naming the first difference. */
export async function readChecked(
  path: string,
  csv: CsvOptions | undefined,
  facts: TableFacts | undefined,
  signal?: AbortSignal,
): Promise<Table> {
  const table = await readCsv(path, { ...csv, ...(signal ? { signal } : {}) });
  const fail = (expected: string, received: string): never => {
    throw new SarafError(
      'ERR_DATA',
      'data',
      `expected ${path} to have ${expected}, received ${received}; it is another file or version: fetch or copy it again`,
    );
  };
  if (!facts) return table;
  if (table.rows !== facts.rows) fail(`${facts.rows} rows`, `${table.rows}`);
  const missing = facts.columns.filter((name) => !table.columns.includes(name));
  if (missing.length > 0) fail(`columns ${quoted(facts.columns)}`, quoted(table.columns));
  if (facts.counts) {
    const { column, of } = facts.counts;
    const found: Record<string, number> = {};
    for (const value of table.column(column)) found[String(value)] = (found[String(value)] ?? 0) + 1;
    const labels = new Set([...Object.keys(of), ...Object.keys(found)]);
    for (const label of labels) {
      if ((of[label] ?? 0) !== (found[label] ?? 0))
        fail(`${of[label] ?? 0} rows with ${column} ${JSON.stringify(label)}`, `${found[label] ?? 0}`);
    }
  }
  return table;
}
