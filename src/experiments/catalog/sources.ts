import { dataSet } from '../../data/registry.js';
import type { Provenance } from '../../data/provenance.js';
import type { DataSource } from '../results.js';

const SOURCES: Readonly<Record<Provenance['source'], string>> = {
  cache: 'the cache, fetched or unpacked earlier',
  mirror: 'the mirror folder',
  download: 'the public address',
  npm: 'an npm package that stands in',
};

/** Where each file came from, with licence and address of its set. */
export function dataSources(id: string, provenance: readonly Provenance[], notes: readonly string[]): DataSource[] {
  const set = dataSet(id);
  return provenance.map((p, i) => ({
    name: p.name,
    source: SOURCES[p.source],
    sha256: p.sha256,
    rows: p.rows,
    licence: p.source === 'npm' ? (set.standIn?.licence ?? '') : set.licence,
    address: p.source === 'npm' ? `npm: ${set.standIn?.package ?? ''}` : set.address,
    ...(i === 0 && notes.length > 0 ? { note: notes.join('; ') } : {}),
  }));
}
