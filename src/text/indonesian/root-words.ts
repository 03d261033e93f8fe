import { createRequire } from 'node:module';
import { SarafError } from '../../errors.js';

let loaded: ReadonlySet<string> | undefined;

/**
 * The root words of Indonesian that Sastrawi's stemmers share: 29,931 of them, lower case, some with a hyphen.
 *
 * Read from the package `sastrawijs` when first asked for; its stemmer is not used.
 * Throws: ERR_STATE if the package is not installed.
 */
export function rootWords(): ReadonlySet<string> {
  if (loaded) return loaded;
  let list: { Stemmer: new () => { print(): Record<string, string> } };
  try {
    list = createRequire(import.meta.url)('sastrawijs') as typeof list;
  } catch (cause) {
    throw new SarafError('ERR_STATE', 'stemmer', 'expected the package sastrawijs (the root words) to be installed; run npm install', {
      cause,
    });
  }
  loaded = new Set(Object.keys(new list.Stemmer().print()));
  return loaded;
}
