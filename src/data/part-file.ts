import { readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { inUse, ownerTag } from '../files/owner.js';

/** Where a download that was broken off waits for the next call. */
const partOf = (path: string): string => `${path}.part`;

/**
 * The file into which this call alone downloads what becomes `path`: two that fetch the same file at the same time would mix their
 * bytes in one. What an earlier call left behind, broken off or killed, is taken over, so that it need not be fetched again.
 */
export async function claimPart(path: string): Promise<string> {
  const mine = `${path}.${ownerTag()}.part`;
  for (const left of await leftBehind(path)) {
    try {
      await rename(left, mine);
      break;
    } catch {
      // Another process was first.
    }
  }
  return mine;
}

/** Leaves what came so far to the next call. */
export async function releasePart(mine: string, path: string): Promise<void> {
  await rename(mine, partOf(path)).catch(() => {}); // nothing came
}

/** `path` is whole: nobody needs what was left behind. */
export async function forgetParts(path: string): Promise<void> {
  for (const left of await leftBehind(path)) await rm(left, { force: true });
}

async function leftBehind(path: string): Promise<string[]> {
  const [folder, start, end] = [dirname(path), `${basename(path)}.`, '.part'];
  const parts = (await readdir(folder)).filter((name) => name.startsWith(start) && name.endsWith(end));
  return parts
    .map((name) => join(folder, name))
    .filter((part) => part === partOf(path) || !inUse(part, basename(part).slice(start.length, -end.length)));
}
