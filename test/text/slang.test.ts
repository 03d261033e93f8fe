import { describe, expect, it } from 'vitest';
import { loadSlang } from '../../src/data/slang.js';
import { SlangDictionary } from '../../src/text/slang.js';
import { expectError } from '../helpers/expect-error.js';

describe('SlangDictionary', () => {
  const slang = new SlangDictionary({
    gk: 'tidak',
    'gk jelas': 'tidak jelas',
    'gk jelas bgt': 'membingungkan',
    bgt: 'banget',
    banget: 'sekali',
  });

  it('takes the longest entry at each word, and what it stands for as it is', () => {
    expect(slang.normalize(['ini', 'gk', 'jelas', 'bgt', 'gk', 'jelas', 'gk', 'bgt'])).toEqual({
      words: ['ini', 'membingungkan', 'tidak', 'jelas', 'tidak', 'banget'],
      replaced: 7,
    });
    expect(slang.normalize(['jelas', 'gk'])).toEqual({ words: ['jelas', 'tidak'], replaced: 1 });
    expect(slang.normalize([])).toEqual({ words: [], replaced: 0 });
  });

  it('tells of each replacement; an entry that changes nothing is none', () => {
    const found: string[] = [];
    const same = new SlangDictionary([
      ['buktikan', 'buktikan'],
      ['tdk', 'tidak'],
    ]);
    expect(same.normalize(['tdk', 'buktikan', 'tdk'], (a, b) => found.push(`${a}=${b}`)).replaced).toBe(2);
    expect(found).toEqual(['tdk=tidak', 'tdk=tidak']);
  });

  it('keeps entries as they are written, the last of a kind, names of JavaScript too', () => {
    const odd = new SlangDictionary(new Map([['  a   b ', ' c  d '], ['constructor', 'pembangun'], ['__proto__', 'purwarupa']])); // prettier-ignore
    expect([...odd.entries.keys()]).toEqual(['a b', 'constructor', '__proto__']);
    expect(odd.normalize(['constructor', 'toString', '__proto__', 'a', 'b']).words).toEqual([
      'pembangun',
      'toString',
      'purwarupa',
      'c',
      'd',
    ]);
    expect(new SlangDictionary([['a', 'b'], ['a', 'c']]).normalize(['a']).words).toEqual(['c']); // prettier-ignore
  });

  it('refuses entries that are none', () => {
    expectError(() => new SlangDictionary({ a: ' ' }), 'ERR_ARG', '"a"');
    expectError(() => new SlangDictionary({ '': 'b' }), 'ERR_ARG', 'words on both sides');
    expectError(() => new SlangDictionary([['a'] as never]), 'ERR_ARG', 'pairs');
    expectError(() => new SlangDictionary({ a: 3 } as never), 'ERR_ARG', '["a",3]');
  });
});

describe.skipIf(!process.env['SARAF_DATA'])('kamus alay (needs SARAF_DATA)', () => {
  it('has every entry, in lower case', async () => {
    const { slang, provenance } = await loadSlang();
    expect(slang.size).toBe(15_167);
    expect(provenance.rows).toBe(15_167);
    expect(slang.normalize('anakjakartaasikasik t3tapjokowi 3x tgg jwb'.split(' ')).words.join(' ')).toBe(
      'anak jakarta asyik asyik tetap jokowi tiga kali tanggung jawab',
    );
  });
});
