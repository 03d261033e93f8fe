/** What a long step has done so far. */
export interface DataProgress {
  readonly phase: 'download' | 'npm' | 'verify' | 'unpack' | 'decode' | 'learn' | 'augment';
  /** The file or package in question, or what is learnt or made. */
  readonly what: string;
  readonly done: number;
  /** `null` where the end is not known. */
  readonly total: number | null;
  readonly unit: 'bytes' | 'images' | 'seconds' | 'texts';
}

export type OnProgress = (progress: DataProgress) => void;
