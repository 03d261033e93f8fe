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
  /** fp32 GFLOP/s of as many threads just before or after this shape, the larger; null: not measured. */
  readonly peakGflops: number | null;
  /** Of that peak. */
  readonly percentOfPeak: number | null;
  /** Whether its results agree with the reference; null: not compared. */
  readonly agrees: boolean | null;
  /** ‖error‖/‖reference‖ of the output that is worst, and the largest error of any number over the reference's root mean square. */
  readonly errorRms: number | null;
  readonly errorMax: number | null;
  /** Of a fast algorithm: the error as a multiple of the plain algorithm's in the same precision, of the output that is worst. */
  readonly errorVsDirect: number | null;
  /** Most memory that its process held, inputs and check included; null: not measured. */
  readonly peakBytes: number | null;
  readonly note: string;
}

/** What the machine can do at most, and how that was found. */
export interface Limits {
  /** GFLOP/s in float32 by number of threads. */
  readonly fp32Gflops: Readonly<Record<string, number>>;
  /** GFLOP/s of bf16 products summed in float32, by number of threads: vector instructions, and matrix tiles. Empty: the CPU has none. */
  readonly bf16VectorGflops: Readonly<Record<string, number>>;
  readonly bf16TileGflops: Readonly<Record<string, number>>;
  /** GB/s read from memory beyond the caches, by number of threads. */
  readonly readGBs: Readonly<Record<string, number>>;
  /** GB/s read again and again from 256 KiB a thread, which a core's own second level of cache holds. */
  readonly readL2GBs: Readonly<Record<string, number>>;
  /** Microseconds to start as many threads on a piece of work and to wait for them all (OpenMP). */
  readonly forkJoinUs: Readonly<Record<string, number>>;
  readonly method: string;
}

export interface MachineFacts {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly platform: string;
}

/** Where the time of a trial goes, by sampling. */
export interface Profile {
  readonly suite: string;
  readonly shape: string;
  readonly contender: string;
  readonly threads: number;
  /** How many samples were taken, over all threads. */
  readonly samples: number;
  /** Shares of all samples, the largest first; they add up to 1. */
  readonly parts: readonly { readonly name: string; readonly share: number }[];
  /** Why there is nothing, where there is nothing. */
  readonly note: string;
}

export interface BenchResults {
  /** ISO 8601, UTC. */
  readonly date: string;
  readonly machine: MachineFacts;
  readonly limits: Limits;
  /** By contender, and node. */
  readonly versions: Readonly<Record<string, string>>;
  readonly rows: readonly Row[];
  /** Of shapes on which a goal was missed. */
  readonly profiles: readonly Profile[];
}

/** What a trial process is asked first. */
export interface TrialRequest {
  readonly suite: string;
  readonly shape: string;
  readonly contender: string;
  readonly threads: number;
  /** File of reference outputs: written by the reference trial, read by the others. */
  readonly reference: string;
  readonly role: 'reference' | 'timed';
}

/** How far results are from the double reference. */
export interface Errors {
  readonly rms: number;
  readonly max: number;
  /** null: there is no other algorithm to compare with. */
  readonly vsDirect: number | null;
}

/** What it answers: whether it is ready to be timed, and if not, why. */
export interface Prepared {
  readonly ready: boolean;
  readonly version?: string;
  readonly agrees?: boolean;
  readonly errors?: Errors;
  /** It will be ready for no shape of the suite: it is not here, or has no such operation. */
  readonly lacksSuite?: boolean;
  readonly note: string;
}

/** What a trial that is ready is asked, as often as wanted. */
export interface SampleRequest {
  readonly repetitions: number;
  /** Longest time to spend, in milliseconds; one repetition is made in any case. */
  readonly budgetMs: number;
  readonly warmUpMs: number;
}

export interface Sample {
  /** Milliseconds a call, one number per repetition. */
  readonly times: readonly number[];
  /** Share of the machine's processors that other processes used meanwhile, in [0,1]. */
  readonly others: number;
  /** Most memory that the process held so far. */
  readonly peakBytes: number;
  readonly note: string;
}
