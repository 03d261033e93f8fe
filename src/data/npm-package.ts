import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { SarafError } from '../errors.js';
import type { StandIn } from './data-set.js';
import { Unreachable } from './download.js';
import { sha256File } from './hash.js';
import type { OnProgress } from './progress.js';

/** Where the tarball of a stand-in lies once fetched. */
export function packagePath(cache: string, standIn: StandIn): string {
  return join(cache, 'npm', `${standIn.package.replace('@', '').replace('/', '-')}-${standIn.version}.tgz`);
}

/**
 * Fetches the tarball of an npm package, exactly the version declared, by the npm that is installed. Nothing of it is run.
 *
 * Throws: Unreachable if npm cannot get it; ERR_DATA if the tarball has another hash than declared.
 */
export async function fetchPackage(
  cache: string,
  standIn: StandIn,
  options: { onProgress?: OnProgress | undefined; signal?: AbortSignal | undefined },
): Promise<string> {
  const path = packagePath(cache, standIn);
  const name = `${standIn.package}@${standIn.version}`;
  if (!existsSync(path)) {
    await mkdir(join(cache, 'npm'), { recursive: true });
    const folder = await mkdtemp(join(cache, 'npm', 'fetch-'));
    try {
      await npmPack(name, folder, standIn.bytes, options);
      const [file] = (await readdir(folder)).filter((entry) => entry.endsWith('.tgz'));
      if (!file) throw new Unreachable(name, 'npm wrote no tarball');
      await rename(join(folder, file), path);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
  const sha256 = await sha256File(path);
  if (sha256 !== standIn.sha256) {
    throw new SarafError(
      'ERR_DATA',
      'data',
      `expected ${path} (${name}) to have SHA-256 ${standIn.sha256}, received ${sha256}; delete the file and try again`,
    );
  }
  return path;
}

async function npmPack(
  name: string,
  folder: string,
  bytes: number,
  options: { onProgress?: OnProgress | undefined; signal?: AbortSignal | undefined },
): Promise<void> {
  const args = [
    'pack',
    name,
    '--pack-destination',
    folder,
    '--prefer-offline',
    '--ignore-scripts',
    '--silent',
    '--fetch-retries=1',
    '--fetch-retry-mintimeout=1000',
  ];
  // Under `npm run` the very npm that runs us is named; its own file works where npm.cmd would need a shell.
  const own = process.env['npm_execpath'];
  const viaNode = own !== undefined && basename(own).startsWith('npm-cli') && existsSync(own);
  const [command, list] = viaNode ? [process.execPath, [own, ...args]] : ['npm', args];
  const begun = Date.now();
  const tick = setInterval(
    () =>
      options.onProgress?.({
        phase: 'npm',
        what: `${name} (${(bytes / 1e6).toFixed(0)} MB)`,
        done: (Date.now() - begun) / 1000,
        total: null,
        unit: 'seconds',
      }),
    250,
  );
  try {
    await new Promise<void>((resolve, reject) => {
      const child = spawn(command, list, {
        cwd: folder,
        stdio: ['ignore', 'ignore', 'pipe'],
        shell: !viaNode && process.platform === 'win32',
        ...(options.signal ? { signal: options.signal } : {}),
      });
      let said = '';
      child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
      child.on('error', (error) =>
        reject(options.signal?.aborted ? (options.signal.reason as Error) : new Unreachable(`npm pack ${name}`, error.message, error)),
      );
      child.on('close', (code) => {
        if (code === 0) resolve();
        else
          reject(
            new Unreachable(
              `npm pack ${name}`,
              `npm ended with code ${code}${said ? `: ${said.trim().split('\n').slice(-3).join(' ')}` : ''}`,
            ),
          );
      });
    });
  } finally {
    clearInterval(tick);
  }
}
