import { join } from 'node:path';
import { expect, it } from 'vitest';
import { packageRoot } from '../../src/backend/native.js';
import { runNotebooks } from './notebook.js';

it('notebooks are refused when they do not exist', () => {
  const result = runNotebooks('notebooks/99-nothing.ipynb', '--out', join(packageRoot(), 'out', 'nothing'));
  expect(result.status).toBe(1);
  expect(result.stderr).toContain('expected a notebook, found no file');
  expect(result.stderr).not.toMatch(/^\s+at /m);
});
