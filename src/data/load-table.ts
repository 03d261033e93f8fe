import { SarafError } from '../errors.js';
import { readChecked } from './check-table.js';
import { provenanceOf, type Provenance } from './provenance.js';
import { dataSet } from './registry.js';
import { resolveDataset, type ResolveOptions } from './resolve.js';
import type { Table } from './table.js';

/** One file of a data set as a table, and which bytes it was. */
export interface LoadedTable {
  readonly table: Table;
  readonly provenance: Provenance;
}

/**
 * Finds one file of a data set and reads it, with the encoding and header that it has.
 *
 * Throws: as `resolveDataset` without stand-in; ERR_DATA if rows or label counts are not those of the set.
 * Example: `const { table } = await loadTable('smsa', 'train.tsv')`
 */
export async function loadTable(id: string, file: string, options: ResolveOptions = {}): Promise<LoadedTable> {
  const set = dataSet(id);
  const { files } = await resolveDataset(set, { ...options, files: [file], standIn: false });
  const found = files[0];
  const facts = set.layouts.flatMap((layout) => layout.files).find((f) => f.name === file)?.table;
  if (!found || !facts)
    throw new SarafError('ERR_ARG', 'data', `expected a table of ${id}, received ${JSON.stringify(file)}, which is none`);
  const table = await readChecked(found.path, found.csv, facts, options.signal);
  return { table, provenance: provenanceOf(id, found, table.rows) };
}
