import { vi } from 'vitest';
import { main } from '../../src/cli/main.js';
import type { Experiment } from '../../src/experiments/experiment.js';

export interface Captured {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs the command line in this process and returns what it printed. */
export async function saraf(args: readonly string[], experiments?: readonly Experiment[]): Promise<Captured> {
  let out = '';
  let err = '';
  const stdout = vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    out += String(chunk);
    return true;
  });
  const stderr = vi.spyOn(process.stderr, 'write').mockImplementation((chunk) => {
    err += String(chunk);
    return true;
  });
  try {
    const code = await (experiments ? main(args, experiments) : main(args));
    return { code, out, err };
  } finally {
    stdout.mockRestore();
    stderr.mockRestore();
    process.exitCode = undefined;
  }
}
