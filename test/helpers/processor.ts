import { describe } from 'vitest';
import { loadAddon } from '../../src/backend/native.js';

/** What `scripts/test.mjs` knows such a test by: no installation helps, so that these may be skipped everywhere, and are counted. */
export const cannotRun = (what: string): string => ` (skipped: this processor cannot run ${what})`;

/** `describe` for what only a processor with bfloat16 products can run. */
export function describeBf16(title: string, tests: () => void): void {
  const absent = loadAddon().native.bf16Set() === null;
  describe.skipIf(absent)(`${title}${absent ? cannotRun('bfloat16') : ''}`, tests);
}
