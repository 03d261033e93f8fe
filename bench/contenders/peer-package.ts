import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);

export const benchFolder = join(dirname(fileURLToPath(import.meta.url)), '..');
/** Where `npm run peers` puts the peers that take more than one package manager. */
export const peersFolder = join(benchFolder, '.cache', 'peers');

export interface PeerPackage<Module> {
  readonly module: Module;
  readonly folder: string;
  readonly version: string;
}

/**
 * A package of bench/node_modules, or of the folder of a peer that stands by itself; null if it is not installed. Other
 * failures to load are thrown.
 */
export function peerPackage<Module>(name: string, peer?: string): PeerPackage<Module> | null {
  const from = peer === undefined ? require : createRequire(join(peersFolder, peer, 'package.json'));
  let manifest: string;
  try {
    manifest = from.resolve(`${name}/package.json`);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND') return null;
    throw error;
  }
  const { version } = from(manifest) as { version: string };
  return { module: from(name) as Module, folder: dirname(manifest), version };
}
