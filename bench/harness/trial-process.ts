import { fork, type ChildProcess } from 'node:child_process';
import type { Prepared, Sample, SampleRequest, TrialRequest } from './types.js';

const WINDOWS = process.platform === 'win32';

/** Why a trial gave no answer. `late`: it was stopped for taking too long. */
export class TrialFailure extends Error {
  constructor(
    message: string,
    readonly late: boolean,
  ) {
    super(message);
  }
}

/** One trial's process. It waits between questions without using the processor. */
export class TrialProcess {
  private readonly child: ChildProcess;
  private complaint = '';

  /** `script`: the trial's program. `scratch`: where it leaves its files, for the bench to clear away. */
  constructor(script: string, scratch: string) {
    // In a group of its own, so that what a contender starts ends with it.
    const env = { ...process.env, TMPDIR: scratch };
    this.child = fork(script, { execArgv: [], env, stdio: ['ignore', 'ignore', 'pipe', 'ipc'], detached: !WINDOWS });
    this.child.stderr?.on('data', (chunk: Buffer) => (this.complaint = (this.complaint + chunk.toString('utf8')).slice(-2000)));
    // Told to whoever waits; without a listener it would end the bench.
    this.child.on('error', (error) => (this.complaint = error.message));
  }

  /** Throws TrialFailure. */
  prepare(request: TrialRequest, limitSeconds: number): Promise<Prepared> {
    return this.ask({ prepare: request }, limitSeconds);
  }

  /** Throws TrialFailure. */
  sample(request: SampleRequest, limitSeconds: number): Promise<Sample> {
    return this.ask({ sample: request }, limitSeconds);
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  get alive(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null && !this.child.killed;
  }

  end(): void {
    if (WINDOWS || this.child.pid === undefined) return void this.child.kill('SIGKILL');
    try {
      process.kill(-this.child.pid, 'SIGKILL');
    } catch (error) {
      // It is gone already.
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }

  private ask<Reply extends object>(question: object, limitSeconds: number): Promise<Reply> {
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        clearTimeout(timer);
        this.child.off('message', answered);
        this.child.off('close', closed);
      };
      const fail = (text: string, late = false): void => {
        settle();
        this.end();
        reject(new TrialFailure(text, late));
      };
      const answered = (message: unknown): void => {
        const { failed } = message as { failed?: string };
        if (failed !== undefined) return fail(`fails: ${failed}`);
        settle();
        resolve(message as Reply);
      };
      const closed = (code: number | null, signal: string | null): void =>
        fail(`fails: its process ended with ${signal ?? `code ${code}`}; ${this.complaint.trim().split('\n').at(-1) ?? ''}`);
      const timer = setTimeout(() => fail(`not finished within ${limitSeconds} s`, true), limitSeconds * 1000);
      this.child.on('message', answered);
      this.child.on('close', closed);
      if (this.child.exitCode !== null || this.child.signalCode !== null) closed(this.child.exitCode, this.child.signalCode);
      else this.child.send(question);
    });
  }
}
