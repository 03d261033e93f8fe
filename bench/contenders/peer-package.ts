import { createRequire } from 'node:module';
import { dirname } from 'node:path';

const require = createRequire(import.meta.url);

/** A package of bench/node_modules and its folder; null if it is not installed. Other failures to load are thrown. */
export function peerPackage<Module>(name: string): { readonly module: Module; readonly folder: string } | null {
  let manifest: string;
  try {
    manifest = require.resolve(`${name}/package.json`);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND') return null;
    throw error;
  }
  return { module: require(name) as Module, folder: dirname(manifest) };
}
