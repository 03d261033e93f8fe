import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';

/** What PySastrawi says: the stem of each word, and its stop words. */
export interface PySastrawi {
  stems: string[];
  stopWords: string[];
}

/** Asks PySastrawi, or says why it cannot be asked. */
export function askPySastrawi(words: readonly string[]): PySastrawi | { reason: string } {
  for (const python of [process.env['SARAF_PYTHON'], 'python3'].filter((p): p is string => p !== undefined)) {
    if (spawnSync(python, ['-c', 'import Sastrawi']).status !== 0) continue;
    const { status, stdout, stderr } = spawnSync(python, [join(import.meta.dirname, 'sastrawi_stems.py')], {
      input: JSON.stringify(words),
      encoding: 'utf8',
      maxBuffer: 2 ** 28,
    });
    if (status !== 0) throw new Error(`PySastrawi failed: ${stderr}`);
    return JSON.parse(stdout) as PySastrawi;
  }
  return { reason: 'no Python with the package Sastrawi: install test/keras/requirements.txt and set SARAF_PYTHON' };
}

/** The stems by the stemmer of the package that saraf takes the root words from. */
export function askSastrawiJs(words: readonly string[]): string[] {
  const { Stemmer } = createRequire(import.meta.url)('sastrawijs') as { Stemmer: new () => { stem(word: string): string } };
  const stemmer = new Stemmer();
  return words.map((word) => stemmer.stem(word));
}
