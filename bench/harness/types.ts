/** One line of the result. Units: milliseconds, GFLOP/s. null: not measured, `note` says why. */
export interface Row {
  readonly suite: string;
  readonly shape: string;
  readonly contender: string;
  readonly threads: number;
  readonly medianMs: number | null;
  readonly minMs: number | null;
  readonly maxMs: number | null;
  readonly gflops: number | null;
  /** Of the measured peak of as many threads. */
  readonly percentOfPeak: number | null;
  /** Whether its results agree with the reference; null: not compared. */
  readonly agrees: boolean | null;
  readonly note: string;
}

/** What the machine can do at most, and how that was found. */
export interface Limits {
  /** GFLOP/s in float32 by number of threads. */
  readonly fp32Gflops: Readonly<Record<string, number>>;
  readonly method: string;
}

export interface MachineFacts {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly platform: string;
}

export interface BenchResults {
  /** ISO 8601, UTC. */
  readonly date: string;
  readonly machine: MachineFacts;
  readonly limits: Limits;
  /** By contender, and node. */
  readonly versions: Readonly<Record<string, string>>;
  readonly rows: readonly Row[];
}

/** What a trial process is asked. */
export interface TrialRequest {
  readonly suite: string;
  readonly shape: string;
  readonly contender: string;
  readonly threads: number;
  readonly reps: number;
  /** File of reference outputs: written by the reference trial, read by the others. */
  readonly reference: string;
  readonly role: 'reference' | 'timed';
}

/** What it answers. */
export interface TrialReply {
  readonly version?: string;
  readonly times?: Times;
  readonly agrees?: boolean;
  /** It was stopped for taking too long. */
  readonly late?: boolean;
  readonly note: string;
}

export interface Times {
  readonly medianMs: number;
  readonly minMs: number;
  readonly maxMs: number;
  /** Share of the machine's processors that other processes used meanwhile, in [0,1]. */
  readonly others: number;
}
