import type { AuditPart } from '../data/audit/part.js';
import type { ImageBytes } from '../data/image-hash.js';
import type { Prepared } from './experiment.js';

const sameValues = (a: ArrayLike<unknown>, b: ArrayLike<unknown>): boolean =>
  a === b || (a.length === b.length && Array.prototype.every.call(a, (value, i) => value === b[i]));

const sameImages = (a: ImageBytes, b: ImageBytes): boolean => a.rows === b.rows && Buffer.compare(a.images, b.images) === 0;

/** Whether what both sides know of their rows agrees, row by row. */
function agree(a: AuditPart, b: AuditPart): boolean {
  if (a.texts && b.texts && !sameValues(a.texts, b.texts)) return false;
  if (a.sources && b.sources && !sameValues(a.sources, b.sources)) return false;
  return !(a.images && b.images) || sameImages(a.images, b.images);
}

/**
 * Whether two preparations test the same raw rows in the same order, so that a row's place names it in both: by labels, texts, pictures and rows of
 * the original data. Which of the rows count may differ, and what the model is fed with, which depends on what was learnt from training rows.
 */
export function sameTestRows(a: Prepared, b: Prepared): boolean {
  return a === b || (sameValues(a.test.labels, b.test.labels) && agree(a.audited.test, b.audited.test));
}
