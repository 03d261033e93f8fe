import { SarafError } from '../../errors.js';
import { openWork, runJob, type SelectedExperiment, type Work } from '../../experiments/work.js';
import { EXIT } from '../failure.js';
import { sendable, type TrainReply, type TrainRequest } from './messages.js';

/** Rows are told this often. */
const TELL_EVERY_MS = 200;

/** Trains what the command at the other end of this process's channel asks for, until the channel closes. Returns the exit code. */
export async function serveTrainer(
  selections: readonly SelectedExperiment[],
  outDir: string,
  dataDir: string | undefined,
): Promise<number> {
  if (!process.send)
    throw new SarafError('ERR_STATE', 'reproduce', 'expected to be started by saraf reproduce --jobs, received no channel to it');
  const abort = new AbortController();
  // Ctrl-C reaches the whole group of processes; the command decides.
  process.on('SIGINT', () => undefined);
  const closed = new Promise<void>((resolve) => {
    process.once('disconnect', () => {
      abort.abort();
      resolve();
    });
  });
  const tell = (reply: TrainReply): void => {
    // The other end may be closed already, of which 'disconnect' tells next: without a callback that would be an uncaught error.
    if (process.connected) process.send?.(reply, undefined, undefined, () => undefined);
  };
  // The data of one selection at a time: the command goes through them in order.
  let opened: { readonly selection: number; readonly work: Work } | null = null;
  const train = async ({ selection, id }: TrainRequest): Promise<void> => {
    if (opened?.selection !== selection) {
      opened = null;
      const work = await openWork(selections[selection] as SelectedExperiment, outDir, {
        dataDir,
        onProgress: undefined,
        signal: abort.signal,
      });
      opened = { selection, work };
    }
    const { work } = opened;
    const job = work.ready.jobs.find((j) => j.id === id);
    if (!job)
      throw new SarafError('ERR_STATE', 'reproduce', `expected run ${id} among the same selection, received another one; have the data or the code changed?`); // prettier-ignore
    let rows = 0;
    let told = performance.now();
    const onRows = (count: number): void => {
      rows += count;
      if (performance.now() - told < TELL_EVERY_MS) return;
      tell({ rows });
      rows = 0;
      told = performance.now();
    };
    await runJob(job, work, onRows, abort.signal);
    tell({ rows });
  };
  let last = Promise.resolve();
  process.on('message', (request: TrainRequest) => {
    last = last
      .then(() => train(request))
      .then(
        () => tell({ done: true }),
        (error: unknown) => tell({ failed: sendable(error) }),
      );
  });
  await closed;
  await last;
  return EXIT.ok;
}
