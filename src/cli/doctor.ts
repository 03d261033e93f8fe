import { accessSync, constants, existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { arch, cpus, platform, release } from 'node:os';
import { delimiter, join } from 'node:path';
import type { Command } from 'commander';
import { addonPaths, loadAddon, packageRoot, type LoadedAddon } from '../backend/native.js';
import { availableMemory, formatBytes } from '../data/memory.js';
import { sarafVersion } from '../experiments/provenance.js';
import { EXIT } from './failure.js';
import { verboseOption } from './options.js';

/** One line of the diagnosis; `advice` says what is slow or missing, why, and what to do. */
export interface Finding {
  readonly name: string;
  readonly value: string;
  readonly level: 'ok' | 'note' | 'slow' | 'missing';
  readonly advice?: string;
}

function inPath(names: readonly string[]): string | null {
  for (const dir of (process.env['PATH'] ?? '').split(delimiter)) {
    for (const name of names) {
      try {
        accessSync(join(dir, name), constants.X_OK);
        return join(dir, name);
      } catch {
        continue;
      }
    }
  }
  return null;
}

const OPTIONAL_PACKAGES = [
  ['danfojs-node', 'needed only to read and write data frames; npm install danfojs-node'],
  [
    '@huggingface/transformers',
    'needed only to augment texts by pretrained models; ONNXRUNTIME_NODE_INSTALL=skip npm install @huggingface/transformers',
  ],
] as const;

function hasPackage(name: string): boolean {
  try {
    createRequire(join(packageRoot(), 'package.json')).resolve(name);
    return true;
  } catch {
    return false;
  }
}

/** Sets that emulate FMA, unless `exact: false` lets them multiply and add. */
const WITHOUT_FMA = ['sse2', 'avx'];

function instructionSets({ native }: LoadedAddon): Finding[] {
  const used = native.isa();
  const available = native.isas();
  const best = available.at(-1) ?? used;
  const clamp = process.env['SARAF_ISA'];
  const features = Object.entries(native.cpuFeatures())
    .filter(([, has]) => has)
    .map(([name]) => name);
  const found: Finding[] = [
    { name: 'CPU', value: `${cpus()[0]?.model.trim() ?? 'unknown'}; ${features.join(', ') || 'no vector features reported'}`, level: 'ok' },
  ];
  const value = `${used} (this machine and build can run ${available.join(', ')})`;
  if (used !== best) {
    found.push({
      name: 'Instruction set',
      value,
      level: 'slow',
      advice: `${clamp ? `SARAF_ISA=${clamp} clamps it` : 'another one was chosen'}; unset SARAF_ISA to use ${best}`,
    });
  } else if (['ref', ...WITHOUT_FMA].includes(best) && native.exact()) {
    found.push({
      name: 'Instruction set',
      value,
      level: 'slow',
      advice:
        'this CPU has no AVX2 with FMA: each multiply-add is emulated so that the bits stay the same, which is many times slower; SARAF_EXACT=0 or setExact(false) multiplies and adds at full speed, with other bits',
    });
  } else {
    found.push({ name: 'Instruction set', value, level: 'ok' });
  }
  found.push(exactness(native));
  return found;
}

function exactness(native: LoadedAddon['native']): Finding {
  if (!native.exact()) {
    return {
      name: 'Exact',
      value: 'no: products and sums are rounded apart',
      level: 'note',
      advice: `exact: false is in force on ${native.isa()}: results are not the bits of other machines, and runs are recorded apart`,
    };
  }
  if (process.env['SARAF_EXACT'] !== '0') return { name: 'Exact', value: 'yes: the bits of every other machine', level: 'ok' };
  const has = WITHOUT_FMA.includes(native.isa()) ? 'setExact(true) was called since' : `${native.isa()} needs none of it`;
  return {
    name: 'Exact',
    value: 'yes: the bits of every other machine',
    level: 'note',
    advice: `SARAF_EXACT=0 does nothing here (${has}): it is for CPUs without FMA, where ${WITHOUT_FMA.join(' and ')} run`,
  };
}

function mixedPrecision({ native }: LoadedAddon): Finding {
  const name = 'bfloat16';
  const set = native.bf16Set();
  if (set === null) return { name, value: `not to be had: ${native.bf16Absent()}`, level: 'note' };
  const value = `${set} (this machine and build can run ${native.bf16Sets().join(', ')})`;
  if (native.bf16Sets().includes('amx')) return { name, value, level: 'ok' };
  return { name, value, level: 'note', advice: 'without AMX precision: bfloat16 is not always faster than float32; measure your model' };
}

function threading({ native }: LoadedAddon): Finding {
  const threads = native.threads();
  const hardware = native.hardwareThreads();
  const value = `${threads} of ${hardware}`;
  const openmp = native.buildInfo()['openmp'];
  if (openmp === undefined || openmp === '' || openmp === 'none' || openmp === '0') {
    return {
      name: 'Threads',
      value,
      level: 'slow',
      advice:
        'the addon was built without OpenMP and runs on one thread; install libgomp (it comes with g++) and build again with node scripts/setup.mjs',
    };
  }
  if (threads < hardware) {
    const why = process.env['SARAF_THREADS']
      ? 'SARAF_THREADS'
      : process.env['OMP_NUM_THREADS']
        ? 'OMP_NUM_THREADS'
        : 'a limit on this process (container, affinity)';
    return { name: 'Threads', value, level: 'slow', advice: `${why} keeps it below what the machine has` };
  }
  return { name: 'Threads', value: `${value} (OpenMP ${openmp})`, level: 'ok' };
}

/** Everything that `saraf doctor` says. */
export function diagnose(): Finding[] {
  const tested =
    platform() !== 'linux' || !['x64', 'arm64'].includes(arch())
      ? 'only Linux on x64 and arm64 is tested'
      : arch() === 'x64'
        ? null
        : 'arm64 is tested in emulation alone: for its bits, not its speed';
  const found: Finding[] = [
    { name: 'saraf', value: `${sarafVersion()} in ${packageRoot()}`, level: 'ok' },
    {
      name: 'Platform',
      value: `${platform()}-${arch()} ${release()}`,
      ...(tested === null ? { level: 'ok' } : { level: 'note', advice: tested }),
    },
    { name: 'Node', value: process.versions.node, level: 'ok' },
  ];
  try {
    const addon = loadAddon();
    const build = Object.entries(addon.native.buildInfo())
      .map(([k, v]) => `${k} ${v}`)
      .join(', ');
    found.push(
      { name: 'Addon', value: `${addon.path} (${build})`, level: 'ok' },
      ...instructionSets(addon),
      mixedPrecision(addon),
      threading(addon),
    );
    found.push({ name: 'Devices', value: 'cpu', level: 'ok' });
    found.push({ name: 'CUDA', value: 'not built', level: 'note', advice: 'this build computes on the CPU only' });
  } catch (error) {
    found.push({
      name: 'Addon',
      value: `could not be loaded; looked at ${addonPaths().join(', ')}`,
      level: 'missing',
      advice: error instanceof Error ? error.message : String(error),
    });
  }
  found.push({ name: 'Memory', value: `${formatBytes(availableMemory())} free`, level: 'ok' });
  const data = process.env['SARAF_DATA'];
  if (!data)
    found.push({
      name: 'Data folder',
      value: 'none',
      level: 'note',
      advice: 'SARAF_DATA or --data may name a folder with copies of data sets; without one they are fetched and cached',
    });
  else if (existsSync(data)) found.push({ name: 'Data folder', value: data, level: 'ok' });
  else found.push({ name: 'Data folder', value: data, level: 'missing', advice: 'SARAF_DATA names a folder that is not there' });
  for (const [name, advice] of OPTIONAL_PACKAGES)
    found.push(
      hasPackage(name)
        ? { name, value: 'installed', level: 'ok' }
        : { name, value: 'not installed', level: 'note', advice: `optional: ${advice}` },
    );
  const own = process.env['CHROMIUM'];
  const chromium = own ?? inPath(['chromium', 'chromium-browser', 'google-chrome', 'chrome']);
  found.push(
    chromium && (own === undefined || existsSync(own))
      ? { name: 'Chromium', value: chromium, level: 'ok' }
      : {
          name: 'Chromium',
          value: own === undefined ? 'not found' : `not found: CHROMIUM names ${own}`,
          level: 'note',
          advice: 'optional: only the test that opens reports needs it; name one in CHROMIUM or install chromium',
        },
  );
  return found;
}

/** The diagnosis as lines, what needs attention last. */
export function describeDiagnosis(findings: readonly Finding[]): string {
  const width = Math.max(...findings.map((f) => f.name.length));
  const mark = { ok: ' ', note: '·', slow: '!', missing: '✗' } as const;
  const lines = findings.map((f) => `${mark[f.level]} ${f.name.padEnd(width)}  ${f.value}`);
  const advice = findings.filter((f) => f.advice !== undefined).map((f) => `${mark[f.level]} ${f.name}: ${f.advice ?? ''}`);
  return [
    ...lines,
    ...(advice.length === 0 ? ['', 'Nothing is slow or missing.'] : ['', 'Slow, missing or worth knowing:', ...advice]),
  ].join('\n');
}

/** Adds `saraf doctor`: exit code 1 if something is missing that saraf cannot do without, or that an environment variable names. */
export function doctorCommand(program: Command, done: (code: number) => void): void {
  program
    .command('doctor')
    .description('print platform, instruction set, threads, addon and devices, and what is slow or missing and why')
    .addOption(verboseOption())
    .addHelpText('after', '\nExample:\n  saraf doctor')
    .action(() => {
      const findings = diagnose();
      process.stdout.write(`${describeDiagnosis(findings)}\n`);
      done(findings.some((f) => f.level === 'missing') ? EXIT.failed : EXIT.ok);
    });
}
