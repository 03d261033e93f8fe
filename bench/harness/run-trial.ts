import { fork } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TrialReply, TrialRequest } from './types.js';

const trial = join(dirname(fileURLToPath(import.meta.url)), 'trial.ts');

/** Runs one trial in a new process and waits for its answer, `limitSeconds` at most. */
export function runTrial(request: TrialRequest, limitSeconds: number): Promise<TrialReply> {
  return new Promise((resolve) => {
    const child = fork(trial, { execArgv: ['--import', 'tsx'], stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
    let reply: TrialReply | undefined;
    let late = false;
    let complaint = '';
    child.stderr?.on('data', (chunk: Buffer) => (complaint = (complaint + chunk.toString('utf8')).slice(-2000)));
    const timer = setTimeout(() => {
      late = true;
      child.kill('SIGKILL');
    }, limitSeconds * 1000);
    child.on('message', (message) => (reply = message as TrialReply));
    child.on('error', (error) => (complaint = error.message));
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      if (reply) resolve(reply);
      else if (late) resolve({ late, note: `not finished within ${limitSeconds} s` });
      else resolve({ note: `fails: its process ended with ${signal ?? `code ${code}`}; ${complaint.trim().split('\n').at(-1) ?? ''}` });
    });
    child.send(request);
  });
}
