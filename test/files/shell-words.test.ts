import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { shellWords } from '../../src/files/shell-words.js';

test('a shell reads the very words', () => {
  const words = ['out/nusax-lstm/runs/0f3a', 'my out', 'filters=[16,32]', '$HOME', "it's", '"', '*', '', '--resume', 'a\\b', '日本'];
  const printed = execFileSync('sh', ['-c', `printf '%s\\n' ${shellWords(words, 'linux')}`], { encoding: 'utf8' });
  expect(printed.split('\n').slice(0, -1)).toEqual(words);
  expect(shellWords(['out/runs/0f3a', '--resume'])).toBe('out/runs/0f3a --resume');
  expect(shellWords(['C:\\my out', 'C:\\out'], 'win32')).toBe('"C:\\my out" C:\\out');
});
