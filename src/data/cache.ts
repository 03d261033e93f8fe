import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/**
 * Folder for fetched and unpacked data sets: `SARAF_CACHE`, else `saraf` in the system's folder for caches. It may not exist yet.
 */
export function cacheDir(): string {
  const own = process.env['SARAF_CACHE'];
  if (own) return resolve(own);
  const xdg = process.env['XDG_CACHE_HOME'];
  if (xdg) return resolve(xdg, 'saraf');
  if (process.platform === 'win32') return join(process.env['LOCALAPPDATA'] ?? join(homedir(), 'AppData', 'Local'), 'saraf', 'cache');
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Caches', 'saraf');
  return join(homedir(), '.cache', 'saraf');
}
