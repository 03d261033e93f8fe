/** What a long step has done so far. */
export interface DataProgress {
  readonly phase: 'download' | 'npm' | 'verify' | 'unpack' | 'decode';
  /** The file or package in question. */
  readonly what: string;
  readonly done: number;
  /** `null` where the end is not known. */
  readonly total: number | null;
  readonly unit: 'bytes' | 'images' | 'seconds';
}

export type OnProgress = (progress: DataProgress) => void;
