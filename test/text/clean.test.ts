import { describe, expect, it } from 'vitest';
import { cleaner, type CleanOptions } from '../../src/text/clean.js';
import { expectError } from '../helpers/expect-error.js';

const none = { urls: false, mentions: false, emoji: false, digits: false, punctuation: false } satisfies CleanOptions;

describe('cleaner', () => {
  const text = 'RT @budi_01: Cek https://contoh.id/a?b=1#c www.x.co 👍🏽👨‍👩‍👧 No. 12, 3x #BagusSekali e-mail\\n\\xf0\\x9f!';

  it('takes each part out alone', () => {
    const only = (options: CleanOptions): string => cleaner({ ...none, ...options })(text);
    expect(only({})).toBe(text);
    expect(only({ urls: true })).not.toMatch(/contoh|www/);
    expect(only({ mentions: true })).toBe(text.replace('@budi_01', ' ').replace('RT  :', 'RT :'));
    expect(only({ hashtags: true })).not.toContain('Bagus');
    expect(only({ emoji: true })).toBe(text.replace('👍🏽👨‍👩‍👧', '').replace('  ', ' '));
    expect(only({ digits: true })).not.toMatch(/\d/);
    expect(only({ escapes: true })).toMatch(/e-mail !$/);
    expect(only({ punctuation: true })).toMatch(/BagusSekali e mail n xf0 x9f$/);
    expect(only({ punctuation: true })).toContain('👍🏽👨‍👩‍👧');
  });

  it('all but hashtags and escapes unless told otherwise', () => {
    expect(cleaner()(text)).toBe('RT Cek No x BagusSekali e mail n xf x f');
    expect(cleaner({ escapes: true, hashtags: true })(text)).toBe('RT Cek No x e mail');
  });

  it('knows what begins with a sign behind other signs', () => {
    expect(cleaner()('RT:(@budi) "@ani: ya...www.x.co')).toBe('RT ya');
    expect(cleaner({ escapes: true, hashtags: true })('wah...\\n\\xf0\\x9f (#kata) baik')).toBe('wah baik');
  });

  it('leaves a space or nothing in their place', () => {
    expect(cleaner({ replaceBy: '' })('e-mail, tidak2')).toBe('email tidak');
    expect(cleaner()('e-mail,tidak2')).toBe('e mail tidak');
  });

  it('knows other scripts, signs and white space', () => {
    expect(cleaner()('Harga٣: 5€ ± naïve—ça ㄱ。\u00a0\u2003ok')).toBe('Harga naïve ça ㄱ ok');
    expect(cleaner({ ...none, emoji: true })('a🇮🇩b2️⃣c')).toBe('a b2 c');
    expect(cleaner()(' \t\n')).toBe('');
  });

  it('tells emoji from signs as Unicode 17 does, whatever this Node knows', () => {
    // ★ was pictographic until Unicode 16; U+1FACD came with 17; U+1FAFF is reserved.
    const text = 'a★b☐c⭐d\u{1facd}e\u{1faff}f©g#1*';
    expect(cleaner({ ...none, emoji: true })(text)).toBe('a★b☐c d e f g#1*');
    expect(cleaner({ ...none, punctuation: true })(text)).toBe('a b c⭐d\u{1facd}e\u{1faff}f©g 1');
  });

  it('takes time in proportion to the text', () => {
    const begun = performance.now();
    for (const part of ['@', 'https://', '#', '\\x', 'w', '👍', '!?', ' '])
      cleaner({ hashtags: true, escapes: true })(part.repeat(200_000));
    expect(performance.now() - begun).toBeLessThan(5000);
  });

  it('refuses what it does not know', () => {
    expectError(() => cleaner({ url: true } as CleanOptions), 'ERR_ARG', 'urls, mentions', '"url"');
    expectError(() => cleaner({ replaceBy: '_' as ' ' }), 'ERR_ARG', 'replaceBy');
  });
});
