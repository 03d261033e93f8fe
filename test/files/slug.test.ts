import { expect, test } from 'vitest';
import { slug } from '../../src/files/slug.js';

test('letters and digits of any script stay, all else is a hyphen', () => {
  expect(slug('Sweep', null, '500 / 16 / 1e-3', '')).toBe('sweep-500-16-1e-3');
  expect(slug('../../etc')).toBe('etc');
  expect(slug('عربي')).not.toBe(slug('فارسی'));
  expect(slug('हिन्दी')).toBe('हिन्दी');
});
