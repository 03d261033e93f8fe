import { expect, test } from 'vitest';
import { oneLine } from '../../src/cli/one-line.js';
import { textTable } from '../../src/cli/text-table.js';

test('a text of the data is one line, and nothing in it steers the terminal', () => {
  expect(oneLine('a\n\tb  c ')).toBe('a b c');
  expect(oneLine('\u001b[2Jgone\u0007\u009b31mred')).toBe('[2Jgone 31mred');
  expect(oneLine('kiri\u202enanak\u202c')).toBe('kirinanak');
  expect(oneLine('😀'.repeat(101))).toBe(`${'😀'.repeat(99)}…`);
  const lines = textTable(['text', 'n'], [['\u001b[31mmerah\nputih', '1']]).split('\n');
  expect([lines.length, lines[2]]).toEqual([3, '[31mmerah putih  1']);
});
