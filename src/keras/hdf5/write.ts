import { askHdf5 } from './hdf5-thread.js';

/** What an attribute of a written file may be: one text or a list of texts. */
export type AttributeValue = string | readonly string[];

/** A dataset to write. */
export interface DatasetTree {
  readonly shape: readonly number[];
  readonly values: Float32Array | Float64Array | Int32Array | BigInt64Array;
}

/** A group to write; a child is a dataset if it has values. */
export interface GroupTree {
  attributes?: Readonly<Record<string, AttributeValue>>;
  children: Record<string, GroupTree | DatasetTree>;
}

/** An attribute is at most 64 kB long; texts take 16 bytes of it each. Longer lists must be split by the caller. */
export const MOST_TEXTS = 4000;

/** The bytes of an HDF5 file in libhdf5's default format, without dates: the same tree gives the same bytes. */
export function writeHdf5(tree: GroupTree): Promise<Uint8Array<ArrayBuffer>> {
  return askHdf5({ kind: 'write', tree }, 'save');
}
