import { describe, expect, it } from 'vitest';
import { imageKey, keepUnseen, textKey } from '../../src/experiments/duplicates.js';

describe('near-duplicates', () => {
  it('of texts: the same but for case, punctuation and spaces', () => {
    expect(textKey('Bagus  SEKALI!!')).toBe(textKey('bagus, sekali'));
    expect(textKey('bagus sekali')).not.toBe(textKey('bagus sekal'));
    expect(textKey('é')).toBe(textKey('é'));
  });

  it('of images: brightness and contrast do not matter, another picture does', () => {
    const picture = Uint8Array.from({ length: 32 * 32 * 3 }, (_, i) => 60 + ((i * 2654435761) % 97));
    const brighter = picture.map((v) => v + 40);
    const stretched = picture.map((v) => 2 * (v - 50));
    const other = Uint8Array.from({ length: 32 * 32 * 3 }, (_, i) => 60 + ((i * 40503) % 89));
    expect(imageKey(picture, 0, 32, 32, 3)).toHaveLength(144);
    expect(imageKey(brighter, 0, 32, 32, 3)).toBe(imageKey(picture, 0, 32, 32, 3));
    expect(imageKey(stretched, 0, 32, 32, 3)).toBe(imageKey(picture, 0, 32, 32, 3));
    expect(imageKey(other, 0, 32, 32, 3)).not.toBe(imageKey(picture, 0, 32, 32, 3));
  });

  it('of images: reads the image at its place', () => {
    const a = Uint8Array.from({ length: 32 * 32 * 3 }, (_, i) => (i * 7) % 251);
    const both = new Uint8Array(2 * a.length);
    both.set(a, a.length);
    expect(imageKey(both, a.length, 32, 32, 3)).toBe(imageKey(a, 0, 32, 32, 3));
  });

  it('are marked and counted', () => {
    expect(keepUnseen(['a', 'b', 'a'], new Set(['a']))).toEqual({ keep: Uint8Array.of(0, 1, 0), removed: 2 });
    expect(keepUnseen([], new Set()).removed).toBe(0);
  });
});
