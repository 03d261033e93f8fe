import { spawn, type ChildProcess } from 'node:child_process';
import { SarafError } from '../../errors.js';
import type { Job } from '../../experiments/jobs.js';
import type { Trainers } from '../../experiments/trainers.js';
import { received, type TrainReply, type TrainRequest } from './messages.js';

/** Says to a process that it is one of the trainers of the command that started it. */
export const TRAINER = '--trainer';

/**
 * Processes that train for `saraf reproduce`: each is the same command again, loads the data itself, and is told over its channel
 * which run to train. One that ends before its run does fails that run; the folders of finished ones stay. They stop after their
 * step when the channel closes, so also when the command is killed.
 */
export class TrainerPool implements Trainers {
  readonly count: number;
  private readonly args: readonly string[];
  private readonly idle: ChildProcess[] = [];
  private readonly all = new Set<ChildProcess>();

  /** `args`: the command line that the processes get, `TRAINER` among it. */
  constructor(count: number, args: readonly string[]) {
    this.count = count;
    this.args = args;
  }

  train(selection: number, job: Job, onRows: (rows: number) => void): Promise<void> {
    let child = this.idle.pop();
    while (child && !child.connected) child = this.idle.pop(); // one that ended meanwhile
    return this.ask(child ?? this.start(), selection, job, onRows);
  }

  private ask(child: ChildProcess, selection: number, job: Job, onRows: (rows: number) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      const finish = (error?: Error): void => {
        child.off('message', onMessage).off('exit', onExit).off('error', finish);
        if (child.connected) this.idle.push(child);
        if (error) reject(error);
        else resolve();
      };
      const onMessage = (reply: TrainReply): void => {
        if ('rows' in reply) onRows(reply.rows);
        else finish('failed' in reply ? received(reply.failed) : undefined);
      };
      const onExit = (code: number | null, signal: string | null): void =>
        finish(
          new SarafError(
            'ERR_STATE',
            `reproduce ${job.label}`,
            `expected the process that trains it to finish, received its end (${signal ?? `exit code ${code}`}); finished runs are kept: go on with --resume, and with fewer --jobs if memory ran out`,
          ),
        );
      child.on('message', onMessage).on('exit', onExit).on('error', finish);
      // Where it cannot be told any more, its end tells why.
      child.send({ selection, id: job.id } satisfies TrainRequest, () => undefined);
    });
  }

  /** Lets the processes end after their step, and waits until they have. */
  async close(): Promise<void> {
    const ends = [...this.all].map((child) => new Promise<void>((resolve) => child.once('exit', () => resolve())));
    for (const child of this.all) if (child.connected) child.disconnect();
    await Promise.all(ends);
  }

  private start(): ChildProcess {
    const child = spawn(process.execPath, [...process.execArgv, process.argv[1] as string, ...this.args], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    this.all.add(child);
    const gone = (): void => void this.all.delete(child);
    child.once('exit', gone).once('error', gone); // where it cannot be started there is no exit
    return child;
  }
}
