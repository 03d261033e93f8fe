import { describe, expect, it } from 'vitest';
import { rootWords } from '../../../src/text/indonesian/root-words.js';
import { Stemmer } from '../../../src/text/indonesian/stemmer.js';
import { expectError } from '../../helpers/expect-error.js';
import { decisions } from '../sastrawi/decisions.js';

const stemmer = new Stemmer();

describe('Stemmer', () => {
  for (const { kind, why, words } of decisions) {
    it(`decides by the rules: ${kind} (${why})`, () => {
      expect(Object.fromEntries(Object.keys(words).map((word) => [word, stemmer.stem(word)]))).toEqual(words);
    });
  }

  it('takes off suffixes, prefixes and infixes of every rule', () => {
    const pairs = `
      hancurlah hancur, benarkah benar, siapatah siapa, siapapun siapa, jubahku jubah, bajumu baju,
      celananya celana, hantui hantu, tuliskan tulis, jualan jual, formalisasi formal, jilbabis jilbab,
      bukumukah buku, gelandangan gelandang, ditendang tendang, sekuat kuat, kekasih kasih, kuambil ambil,
      kauambil ambil, beradu adu, bertabur tabur, belajar ajar, beternak ternak, teranggap anggap, terpuruk puruk,
      meraih raih, membangun bangun, mempengaruhi pengaruh, memuat muat, memukul pukul, mencinta cinta,
      menuai tuai, menggila gila, mengajar ajar, mengupas kupas, menyayat sayat, memproteksi proteksi,
      pewarna warna, peradilan adil, perjudian judi, pembakaran bakar, pemakan makan, pencari cari, penari tari,
      penggila gila, pengejek ejek, penyair sair, pelajar ajar, petarung tarung, kinerja kerja, temurun turun,
      perekonomian ekonomi, keberagamaan agama, memberdayakan daya, bermasalahlah masalah`;
    const words = Object.fromEntries(pairs.split(',').map((pair) => pair.trim().split(' ')));
    expect(Object.fromEntries(Object.keys(words).map((word) => [word, stemmer.stem(word)]))).toEqual(words);
  });

  it('leaves roots, unknown words, short words and names of JavaScript alone', () => {
    for (const word of ['makan', 'xyzzykan', 'nya', 'ku', '', '-', 'constructor', 'toString', '__proto__', '3x']) {
      expect(stemmer.stem(word)).toBe(word);
    }
  });

  it('reads a text as Sastrawi does: lower case, letters, digits and hyphens', () => {
    expect(stemmer.stemText('Perekonomian Indonesia, sedang   dalam PERTUMBUHAN yang membanggakan!')).toBe(
      'ekonomi indonesia sedang dalam tumbuh yang bangga',
    );
    expect(stemmer.stemText(' \n!? ')).toBe('');
  });

  it('says what it took off', () => {
    expect(stemmer.explain('menyakiti')).toEqual({ stem: 'sakit', removed: ['meny- (rule 18, with s-)', '-i'] });
    expect(stemmer.explain('kekuasaannyalah')).toEqual({ stem: 'kuasa', removed: ['-lah', '-nya', '-an', 'ke-'] });
    expect(stemmer.explain('pelukan')).toEqual({ stem: 'peluk', removed: ['-an'] });
    expect(stemmer.explain('mengecat').removed).toEqual(['menge- (rule 17)']);
    expect(stemmer.explain('gerigi')).toEqual({ stem: 'gerigi', removed: [] } satisfies ReturnType<Stemmer['explain']>);
    expect(stemmer.explain('xyzzykan')).toEqual({ stem: 'xyzzykan', removed: [] });
  });

  it('gives the same with a small cache, none and a large one', () => {
    const words = [...rootWords()].slice(0, 3000).flatMap((root) => [`me${root}kan`, `ber${root}`, `pe${root}an`, root]);
    const [none, small, large] = [0, 7, 65_536].map((cacheSize) => new Stemmer({ cacheSize }));
    const twice = [...words, ...words];
    const expected = twice.map((word) => (none as Stemmer).stem(word));
    expect(twice.map((word) => (small as Stemmer).stem(word))).toEqual(expected);
    expect(twice.map((word) => (large as Stemmer).stem(word))).toEqual(expected);
  });

  it('takes words of one’s own, more of them or others', () => {
    expect(stemmer.stem('menggugel')).toBe('menggugel');
    expect(new Stemmer({ extraWords: ['gugel'] }).stem('menggugel')).toBe('gugel');
    const few = new Stemmer({ rootWords: ['baca'] });
    expect([few.size, few.stem('membaca'), few.stem('menulis')]).toEqual([1, 'baca', 'menulis']);
    expect(stemmer.size).toBe(29_931);
    expectError(() => new Stemmer({ rootWords: [] }), 'ERR_ARG', 'expected root words, received none');
    expectError(() => new Stemmer({ cacheSize: -1 }), 'ERR_ARG', 'cacheSize');
  });

  it('takes time that grows with the length of a word, no faster', () => {
    for (const word of [`a${'-'.repeat(200_000)}b`, 'ber'.repeat(50_000), 'nya'.repeat(50_000), `${'me-'.repeat(60_000)}ku`]) {
      const begun = performance.now();
      stemmer.stem(word);
      expect(performance.now() - begun).toBeLessThan(2000);
    }
  });
});
