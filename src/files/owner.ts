import { statSync } from 'node:fs';
import { hostname } from 'node:os';
import { threadId } from 'node:worker_threads';

/** Seconds without a write after which what a process of another machine began counts as left behind. */
const LEFT_BEHIND = 120;

let count = 0;

/** Names this process, and one thing that it writes, within a temporary name: other processes then know whose it is. */
export const ownerTag = (): string => `${hostname()}.${process.pid}.${threadId}-${count++}`;

/**
 * Whether the process of `tag` may still write `path`: on this machine while it lives, on another one that shares the disk until it
 * has not written for two minutes.
 */
export function inUse(path: string, tag: string): boolean {
  const [, host, pid] = /^(.*)\.(\d+)\.\d+-\d+$/.exec(tag) ?? [];
  if (host !== hostname()) {
    const written = statSync(path, { throwIfNoEntry: false });
    return written !== undefined && Date.now() - written.mtimeMs < LEFT_BEHIND * 1000;
  }
  try {
    process.kill(Number(pid), 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
