import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Option, type Command } from 'commander';
import { loadAddon, packageRoot } from '../backend/native.js';
import { SarafError } from '../errors.js';
import { writeFileAtomic } from '../files/atomic.js';
import { toJsonText } from '../files/json-text.js';
import { RECORDED_HASHES } from '../experiments/verify/hashes.js';
import { differingHostFunctions, hostFunctions, RECORDED_HOST_FUNCTIONS } from '../experiments/verify/host-functions.js';
import { FIXED_NETWORKS, trainedHash } from '../experiments/verify/networks.js';
import { EXIT } from './failure.js';
import { threadsOption, verboseOption } from './options.js';
import { textTable } from './text-table.js';

interface VerifyFlags {
  threads?: number;
  isa?: string;
  record?: boolean;
}

/** Trains the fixed networks, prints their hashes and the kernels that ran; 1 if a hash is not the recorded one. */
async function verify(flags: VerifyFlags): Promise<number> {
  const { native } = loadAddon();
  if (flags.isa !== undefined) native.setIsa(flags.isa);
  if (flags.threads !== undefined) native.setThreads(flags.threads);
  if (!native.exact()) {
    throw new SarafError(
      'ERR_STATE',
      'verify',
      `expected exact arithmetic, whose bits are recorded, received exact: false on ${native.isa()} (SARAF_EXACT=0); unset SARAF_EXACT`,
    );
  }
  native.resetKernelsRun();
  const hashes: Record<string, string> = {};
  const rows: string[][] = [];
  for (const network of FIXED_NETWORKS) {
    const started = performance.now();
    const hash = await trainedHash(network);
    hashes[network.name] = hash;
    const recorded = RECORDED_HASHES[network.name];
    const verdict = recorded === undefined ? 'not recorded' : recorded === hash ? 'same bits' : 'DIFFERS';
    rows.push([network.name, hash, verdict, `${((performance.now() - started) / 1000).toFixed(1)} s`]);
  }
  const kernels = Object.entries(native.kernelsRun()).sort(([a], [b]) => (a < b ? -1 : 1));
  const print = (line: string): void => void process.stdout.write(`${line}\n`);
  print(`Instruction set: ${native.isa()} (this machine can run ${native.isas().join(', ')}) · threads: ${native.threads()}`);
  print(textTable(['network', 'SHA-256 of the final weights', 'against the record', 'time'], rows, [3]));
  print(`\nKernels that ran (calls):\n${kernels.map(([name, calls]) => `  ${name} (${calls})`).join('\n')}`);
  const host = hostFunctions();
  if (flags.record === true) {
    const folder = join(packageRoot(), 'src', 'experiments', 'verify');
    if (!existsSync(join(folder, 'hashes.json')))
      throw new SarafError(
        'ERR_STATE',
        'verify',
        `expected a checkout with ${folder}, received an installed package; record in a checkout`,
      );
    writeFileAtomic(join(folder, 'hashes.json'), toJsonText(hashes));
    writeFileAtomic(join(folder, 'host-functions.json'), toJsonText(host));
    print(`\nRecorded in ${folder}.`);
    return EXIT.ok;
  }
  const odd = differingHostFunctions(host);
  const verdict = odd.length === 0 ? 'same bits' : `DIFFERS in ${odd.join(', ')}`;
  print(`\nMathematics of the host (Node ${process.versions.node}; ${Object.keys(RECORDED_HOST_FUNCTIONS).join(', ')}): ${verdict}`);
  const wrong = [...rows.filter((row) => row[2] !== 'same bits').map((row) => row[0]), ...odd];
  if (wrong.length === 0) {
    print('\nThis machine computes the recorded bits.');
    return EXIT.ok;
  }
  process.stderr.write(
    `saraf: expected the recorded hashes, received others for ${wrong.join(', ')}; results of this machine cannot be compared bit for bit. Please report the lines above.\n`,
  );
  return EXIT.failed;
}

/** Adds `saraf verify`. `done` receives the exit code. */
export function verifyCommand(program: Command, done: (code: number) => void): void {
  program
    .command('verify')
    .description('train four small fixed networks and compare the bits of their weights with the recorded ones')
    .addOption(threadsOption())
    .addOption(
      new Option('--isa <name>', 'instruction set to use (default: SARAF_ISA, else the best)').choices([
        'ref',
        'sse2',
        'avx',
        'avx2',
        'avx512',
        'neon',
      ]),
    )
    .addOption(new Option('--record', 'write the hashes as the recorded ones (for developers, after a deliberate change)'))
    .addOption(verboseOption())
    .addHelpText('after', '\nExamples:\n  saraf verify\n  saraf verify --isa ref --threads 1\n  SARAF_ISA=avx2 saraf verify --threads 2')
    .action(async (flags: VerifyFlags) => {
      if (flags.isa !== undefined && !loadAddon().native.isas().includes(flags.isa)) {
        throw new SarafError(
          'ERR_ARG',
          'verify',
          `expected an instruction set of this machine (${loadAddon().native.isas().join(', ')}), received ${flags.isa}`,
        );
      }
      done(await verify(flags));
    });
}
