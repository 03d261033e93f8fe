import { afterAll, expect, test } from 'vitest';
import { getThreads, setThreads } from '../../src/backend/threads.js';
import { expectError } from '../helpers/expect-error.js';

const before = getThreads();
afterAll(() => setThreads(before));

test('setThreads', () => {
  setThreads(1);
  expect(getThreads()).toBe(1);
  setThreads(2);
  expect(getThreads()).toBe(2);
  expectError(() => setThreads(0), 'ERR_ARG', '[setThreads]', '0');
  expectError(() => setThreads(1.5), 'ERR_ARG', '1.5');
});
