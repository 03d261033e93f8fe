import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SarafError } from '../errors.js';
import type { Backend } from './backend.js';

/** What the addon exports: the kernel functions of `Backend`, under the same names, and the controls below. */
export interface NativeAddon extends Omit<Backend, 'name' | 'allocate' | 'slice' | 'read' | 'write' | 'fill' | 'copy'> {
  /** Gives C++ the class to throw. */
  setErrorClass(errorClass: typeof SarafError): void;
  setThreads(n: number): void;
  threads(): number;
  hardwareThreads(): number;
  /** Instruction set in use: ref, sse2, avx, avx2, avx512. */
  isa(): string;
  /** Instruction sets that this build has and this machine can run, slowest first. */
  isas(): string[];
  /** Chooses another kernel table (tests, `saraf verify`); throws ERR_ARG if this machine cannot run it. */
  setIsa(isa: string): void;
  /** Whether the kernels in use give the bits of every other set: false after `setExact(false)` on a set without FMA (sse2, avx). */
  exact(): boolean;
  /** false: sets without FMA multiply and add instead of emulating it. SARAF_EXACT=0 says the same at load. */
  setExact(exact: boolean): void;
  cpuFeatures(): Record<string, boolean>;
  /** Sets that multiply in bfloat16 which this build has and this machine can run, slower first: avx512_bf16, amx. */
  bf16Sets(): string[];
  /** The one in use, or null. */
  bf16Set(): string | null;
  /** Why there is none, or null. */
  bf16Absent(): string | null;
  /** Chooses another one (tests); throws ERR_ARG if this machine cannot run it. */
  setBf16Set(set: string): void;
  /** Kernel variants that ran since the last reset, with their calls. */
  kernelsRun(): Record<string, number>;
  resetKernelsRun(): void;
  /** Calls into kernels since load: a layer makes one per pass. */
  crossings(): number;
  /** Asks the system for huge pages within an array that was not written yet. Returns its address modulo 64, a cache line. */
  adviseHuge(array: Uint8Array): number;
  buildInfo(): Record<string, string>;
}

export interface LoadedAddon {
  readonly native: NativeAddon;
  readonly path: string;
}

/** The package folder: the nearest one above this file whose package.json is saraf's. */
export function packageRoot(): string {
  for (let at = dirname(fileURLToPath(import.meta.url)); ; at = dirname(at)) {
    const manifest = join(at, 'package.json');
    if (existsSync(manifest) && (JSON.parse(readFileSync(manifest, 'utf8')) as { name?: string }).name === 'saraf') return at;
    if (dirname(at) === at)
      throw new SarafError(
        'ERR_NATIVE_LOAD',
        'load',
        `expected saraf's package.json above ${fileURLToPath(import.meta.url)}; install the package again`,
      );
  }
}

/** Where the addon may be, in the order tried. */
export function addonPaths(): string[] {
  const root = packageRoot();
  const own = process.env['SARAF_ADDON'];
  return [
    ...(own ? [own] : []),
    join(root, 'build', 'Release', 'saraf.node'),
    join(root, 'prebuilds', `${process.platform}-${process.arch}`, 'saraf.node'),
  ];
}

let loaded: LoadedAddon | undefined;

/**
 * GNU's OpenMP lets a waiting thread spin for milliseconds, which on a busy machine keeps its partner from running at all.
 * About 50 µs bridge the gap between two kernels. The runtime reads this once, when the addon brings it in.
 */
function boundSpin(): void {
  if (process.env['OMP_WAIT_POLICY'] === undefined) process.env['GOMP_SPINCOUNT'] ??= '30000';
}

/** Loads the addon once. Throws ERR_NATIVE_LOAD with the platform, every path tried and the command to run. */
export function loadAddon(): LoadedAddon {
  if (loaded) return loaded;
  boundSpin();
  const tried: string[] = [];
  // Not named require: in the CommonJS build import.meta.url becomes an expression that calls the real one.
  const load = createRequire(import.meta.url);
  for (const path of addonPaths()) {
    if (!existsSync(path)) {
      tried.push(`${path}: not there`);
      continue;
    }
    try {
      const native = load(path) as NativeAddon;
      native.setErrorClass(SarafError);
      loaded = { native, path };
      return loaded;
    } catch (error) {
      if (error instanceof SarafError) throw error;
      tried.push(`${path}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  throw new SarafError(
    'ERR_NATIVE_LOAD',
    'load',
    `expected the native addon for ${process.platform}-${process.arch} (Node ${process.versions.node}), tried:\n  ${tried.join('\n  ')}\nBuild it with \`node scripts/setup.mjs\` in a checkout.`,
  );
}
