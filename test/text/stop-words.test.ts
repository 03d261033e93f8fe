import { execFileSync, spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { stopWords } from '../../src/text/indonesian/stop-words.js';
import { removeStopWords } from '../../src/text/stop-words.js';

describe('stop words', () => {
  it('are left out, all of them', () => {
    expect(stopWords().size).toBe(123);
    expect(removeStopWords('saya dan kamu yang tidak suka itu yang biru'.split(' '))).toEqual(['kamu', 'suka', 'biru']);
    expect(removeStopWords(['saya', 'biru'], { words: ['biru'] })).toEqual(['saya']);
    expect(removeStopWords([])).toEqual([]);
  });

  it("or only those that Python's Sastrawi leaves out", () => {
    const python = (text: string): string => removeStopWords(text.split(' '), { likePythonSastrawi: true }).join(' ');
    expect(python('yang dan biru')).toBe('dan biru');
    // The second of three is not looked at; at the third the first of its kind that is left goes.
    expect(python('a yang yang yang b')).toBe('a yang b');
  });
});

const python = process.env['SARAF_PYTHON'] ?? 'python3';
const there = spawnSync(python, ['-c', 'import Sastrawi']).status === 0;
const PROGRAM = `
import sys, json
from Sastrawi.StopWordRemover.StopWordRemoverFactory import StopWordRemoverFactory
factory = StopWordRemoverFactory()
remover = factory.create_stop_word_remover()
texts = json.load(sys.stdin)
json.dump({'words': factory.get_stop_words(), 'texts': [remover.remove(t) for t in texts]}, sys.stdout)
`;

describe.skipIf(!there)("Python's Sastrawi (needs SARAF_PYTHON with it)", () => {
  it('has the same words and leaves out the same', () => {
    const words = [...stopWords()];
    const texts = Array.from({ length: 300 }, (_, n) =>
      Array.from({ length: 1 + (n % 17) }, (_, i) =>
        (n * 7 + i * 5) % 3 === 0 ? `kata${i % 4}` : (words[(n * 13 + (i % 5)) % 9] as string),
      ).join(' '),
    );
    const answer = JSON.parse(execFileSync(python, ['-c', PROGRAM], { input: JSON.stringify(texts), encoding: 'utf8' })) as {
      words: string[];
      texts: string[];
    };
    expect(new Set(answer.words)).toEqual(stopWords());
    expect(texts.map((t) => removeStopWords(t.split(' '), { likePythonSastrawi: true }).join(' '))).toEqual(answer.texts);
  });
});
