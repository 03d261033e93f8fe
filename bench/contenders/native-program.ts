import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { SuiteName } from '../suites/index.js';
import { ChildProgram } from './child-program.js';
import type { Cases, Contender } from './contender.js';
import { benchFolder } from './peer-package.js';

const sources = join(benchFolder, 'contenders', 'native');
const built = join(benchFolder, '.cache', 'native');

/** A C++ library whose program stands in contenders/native and is compiled on first use. */
export interface NativePeer {
  readonly name: string;
  readonly title: string;
  /** Of the library, as a sentence names it. */
  readonly library: string;
  /** Found with the library's headers alone. */
  readonly header: string;
  /** Debian's package of headers. */
  readonly package: string;
  /** Files of contenders/native. */
  readonly files: readonly string[];
  readonly link: readonly string[];
  readonly suites: readonly SuiteName[];
  /** What it reads when it starts. */
  env(threads: number): Readonly<Record<string, string>>;
}

const compile = (compiler: string, args: readonly string[], input?: string) =>
  spawnSync(compiler, args, { encoding: 'utf8', stdio: ['pipe', 'ignore', 'pipe'], ...(input === undefined ? {} : { input }) });

const firstCompiler = (): string | undefined =>
  [process.env['CXX'], 'c++', 'g++', 'clang++'].find((name) => name && compile(name, ['--version']).status === 0);

/** The program's path, compiled if it is missing or older than its sources; or why it cannot be had. */
function program(peer: NativePeer): { readonly path: string } | { readonly unavailable: string } {
  const path = join(built, peer.name);
  const headers = readdirSync(sources).filter((name) => name.endsWith('.h'));
  const newest = Math.max(...[...peer.files, ...headers].map((name) => statSync(join(sources, name)).mtimeMs));
  if (existsSync(path) && statSync(path).mtimeMs >= newest) return { path };
  if (process.platform === 'win32') return { unavailable: 'its program is not ported to Windows' };
  const compiler = firstCompiler();
  if (compiler === undefined) return { unavailable: 'no C++ compiler found; apt-get install g++' };
  const there = compile(compiler, ['-std=c++17', '-fsyntax-only', '-x', 'c++', '-'], `#include <${peer.header}>\n`).status === 0;
  if (!there) return { unavailable: `${peer.library} is not installed; apt-get install ${peer.package}` };
  mkdirSync(built, { recursive: true });
  const options = ['-O2', '-std=c++17', '-fopenmp', ...peer.files.map((name) => join(sources, name))];
  // Under another name until it is whole.
  const made = compile(compiler, [...options, '-o', `${path}.${process.pid}`, ...peer.link]);
  if (made.status !== 0)
    return { unavailable: `its program does not compile: ${made.stderr.split('\n').find((l) => l.includes('rror')) ?? ''}` };
  renameSync(`${path}.${process.pid}`, path);
  return { path };
}

export function nativeContender(peer: NativePeer): Contender {
  return {
    name: peer.name,
    title: peer.title,
    maxThreads: Number.POSITIVE_INFINITY,
    async load(threads) {
      const found = program(peer);
      if ('unavailable' in found) return found;
      const child = new ChildProgram({ command: found.path, args: [], env: peer.env(threads) });
      const loaded = await child.load(threads);
      if ('unavailable' in loaded) return loaded;
      const cases = Object.fromEntries(peer.suites.map((suite) => [suite, (inputs: unknown) => child.job(suite, inputs)])) as Cases;
      return { version: loaded.version, cases };
    },
  };
}
