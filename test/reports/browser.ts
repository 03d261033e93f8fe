import { findProgram, isExecutable } from '../helpers/find-program.js';

/** An installed Chromium: CHROMIUM from the environment, else the first of the usual names in PATH; null without one. */
export function findChromium(): string | null {
  const own = process.env['CHROMIUM'];
  if (own) return isExecutable(own) ? own : null;
  return findProgram('chromium', 'chromium-browser', 'google-chrome', 'chrome');
}
