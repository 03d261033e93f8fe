import { appendFileSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';

const FOLDER = 'SARAF_BIT_COVERAGE';
const root = resolve(import.meta.dirname, '..', '..');

/** Text of every native source below `folder` whose name ends so. */
function sources(folder: string, ending: string): string {
  return readdirSync(join(root, 'native', folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(ending))
    .map((name) => readFileSync(join(root, 'native', folder, name), 'utf8'))
    .join('\n');
}

const names = (text: string, pattern: RegExp): string[] => [...new Set([...text.matchAll(pattern)].map((m) => m[1] as string))].sort();

/** Every row of every `.inc`: what the table of an instruction set holds. */
export const kernelRows = (): string[] => names(sources('.', '.inc'), /^SARAF_KERNEL\((\w+)\)/gm);

/** Every variant that marks its calls: the rows, and what a row chooses by shape, such as Winograd's algorithm. */
export const markedKernels = (): string[] => names(sources('.', '_simd.cc') + sources('.', 'impl.h'), /\bSARAF_MARK\((\w+)\)/g);

/** Kernels × sets that no equality test compared, as `f32_gemm__avx2`. */
export function uncompared(kernels: readonly string[], isas: readonly string[], compared: ReadonlySet<string>): string[] {
  return kernels.flatMap((kernel) => isas.map((isa) => `${kernel}__${isa}`)).filter((name) => !compared.has(name));
}

/** Says that these variants ran in a comparison of bits between all sets and thread counts, in the test file named. */
export function recordCompared(file: string, variants: readonly string[]): void {
  const folder = process.env[FOLDER];
  if (folder !== undefined && existsSync(folder)) appendFileSync(join(folder, `${basename(file)}.txt`), `${variants.join('\n')}\n`);
}

/**
 * Once around a whole run of vitest: afterwards every kernel must have been compared on every set of this machine, with every
 * thread count of `SETTINGS`. Only when all files of test/native ran.
 */
export default function setup(): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'saraf-bits-'));
  process.env[FOLDER] = folder;
  return () => {
    const records = readdirSync(folder).map((name) => [name.replace(/\.txt$/, ''), readFileSync(join(folder, name), 'utf8')] as const);
    rmSync(folder, { recursive: true, force: true });
    const ran = new Set(records.map(([name]) => name));
    const comparing = readdirSync(join(root, 'test', 'native')).filter(
      (name) => name.endsWith('.test.ts') && readFileSync(join(root, 'test', 'native', name), 'utf8').includes('expectSameBitsEverywhere('),
    );
    if (comparing.length === 0 || comparing.some((name) => !ran.has(name))) return;
    const compared = new Set(records.flatMap(([, text]) => text.split('\n')));
    const isas = [...new Set([...compared].map((name) => name.split('__')[1] ?? ''))].filter((isa) => isa !== '');
    const missing = uncompared([...kernelRows(), ...markedKernels()], isas, compared);
    if (missing.length === 0) return;
    // An error here alone would be printed and forgotten.
    process.exitCode = 1;
    throw new Error(`no test compares the bits of ${[...new Set(missing)].join(', ')}; use expectSameBitsEverywhere`);
  };
}
