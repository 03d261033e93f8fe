import { describe, expect, it } from 'vitest';
import { loadTable } from '../../../src/data/load-table.js';
import { resolveLocally } from '../../../src/data/resolve.js';
import { dataSet } from '../../../src/data/registry.js';
import { Stemmer } from '../../../src/text/indonesian/stemmer.js';
import { decisions } from './decisions.js';
import { askPySastrawi, askSastrawiJs } from './ports.js';

const decided = new Map(decisions.flatMap(({ right, words }) => Object.entries(words).map(([word, stem]) => [word, { stem, right }])));
const words = [...decided.keys()];
const py = askPySastrawi(words);
const why = 'reason' in py ? ` (skipped: ${py.reason})` : '';
const here = await resolveLocally(dataSet('id-hate-speech'), { files: ['re_dataset.csv'] });
const whyTweets = why || (here ? '' : ' (skipped: the tweets are not here; set SARAF_DATA or run saraf data get id-hate-speech)');

describe('the ports of Sastrawi', () => {
  it.skipIf('reason' in py)(`differ as the table of decisions says${why}`, () => {
    const { stems } = py as { stems: string[] };
    const js = askSastrawiJs(words);
    for (const [i, word] of words.entries()) {
      const { stem, right } = decided.get(word) as { stem: string; right: string };
      const row = { word, stem, PySastrawi: stems[i], sastrawijs: js[i] };
      if (right === 'PySastrawi') expect(row).toMatchObject({ PySastrawi: stem });
      else expect(stems[i], word).not.toBe(stem);
      if (right === 'sastrawijs') expect(row).toMatchObject({ sastrawijs: stem });
      if (right === 'neither') expect(js[i], word).not.toBe(stem);
    }
  });

  it.skipIf(whyTweets !== '')(`agree on most words of 13,169 tweets, and saraf with them on every one${whyTweets}`, async () => {
    const { table } = await loadTable('id-hate-speech', 're_dataset.csv');
    const seen = new Set(
      table.strings('Tweet').flatMap((tweet) =>
        tweet
          .toLowerCase()
          .replace(/[^a-z0-9 -]+/g, ' ')
          .split(' '),
      ),
    );
    seen.delete('');
    const all = [...seen];
    const { stems } = askPySastrawi(all) as { stems: string[] };
    const js = askSastrawiJs(all);
    const stemmer = new Stemmer();
    const wrong: string[] = [];
    const apart: string[] = [];
    let agreed = 0;
    for (const [i, word] of all.entries()) {
      const own = stemmer.stem(word);
      if (stems[i] === js[i]) {
        ++agreed;
        if (own !== js[i]) wrong.push(`${word}: expected ${js[i]}, received ${own}`);
      } else if (own !== stems[i]) apart.push(word);
    }
    expect(wrong).toEqual([]);
    expect(all.length).toBe(29_359);
    expect(agreed).toBe(28_666);
    // Where the ports differ saraf is with PySastrawi, except for words that the table decides otherwise.
    const otherwise = (word: string): boolean => decided.get(word)?.right === 'sastrawijs' || decided.get(word)?.right === 'neither';
    expect(apart.filter((word) => !otherwise(word))).toEqual([]);
    expect(apart).toHaveLength(11);
  });
});
