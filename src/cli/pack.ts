import type { Command } from 'commander';
import { PACKED_RUNS, packRuns } from '../experiments/packed-runs.js';
import { EXIT } from './failure.js';
import { verboseOption } from './options.js';

/** Adds `saraf pack`. */
export function packCommand(program: Command, done: (code: number) => void): void {
  program
    .command('pack')
    .description(
      'gather the finished runs of an experiment in one file, to publish them or to go on elsewhere: no weights, no texts or pictures of the data',
    )
    .argument('<folder>', 'OUT/EXPERIMENT, as saraf reproduce wrote it, finished or not')
    .option('--out <file>', `the file to write (default: ${PACKED_RUNS} in the folder)`)
    .addOption(verboseOption())
    .addHelpText(
      'after',
      `
Examples:
  saraf pack out/news-c-lstm                                    what ran here, in out/news-c-lstm/${PACKED_RUNS}
  saraf pack out/news-c-lstm --out runs-b.jsonl.gz              laid into out/news-c-lstm/ of another machine,
  saraf reproduce news-c-lstm --scale full --resume             where this goes on from it: every runs*.jsonl.gz there counts`,
    )
    .action((folder: string, flags: { out?: string }) => {
      const { path, runs, bytes } = packRuns(folder, flags.out);
      process.stderr.write(`${runs} ${runs === 1 ? 'run' : 'runs'} in ${path} (${Math.ceil(bytes / 1000)} kB)\n`);
      done(EXIT.ok);
    });
}
