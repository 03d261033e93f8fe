import type { ResolvedFile, Source } from './resolve.js';

/** Which bytes a result rests on: one entry per file, for `results.json`. */
export interface Provenance {
  readonly name: string;
  readonly source: Source;
  readonly sha256: string;
  readonly rows: number;
}

/** The entry of one file. */
export function provenanceOf(id: string, file: ResolvedFile, rows: number): Provenance {
  return { name: `${id}/${file.name}`, source: file.source, sha256: file.sha256, rows };
}
