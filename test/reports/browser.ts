import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** An installed Chromium: CHROMIUM from the environment, else the first of the usual names in PATH; null without one. */
export function findChromium(): string | null {
  const own = process.env['CHROMIUM'];
  const candidates = own
    ? [own]
    : (process.env['PATH'] ?? '')
        .split(delimiter)
        .flatMap((dir) => ['chromium', 'chromium-browser', 'google-chrome', 'chrome'].map((name) => join(dir, name)));
  for (const path of candidates) {
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      continue;
    }
  }
  return null;
}
