import { CATEGORY_COLOURS } from '../spec.js';

/** Colours of classes, in their order. */
export const coloursOf = (classes: readonly string[]): string[] =>
  classes.map((_, i) => CATEGORY_COLOURS[i % CATEGORY_COLOURS.length] as string);

/** A colour channel for classes; without a legend where there is but one. */
export const classColour = (classes: readonly string[]): Record<string, unknown> => ({
  field: 'class',
  type: 'nominal',
  title: null,
  sort: classes,
  scale: { domain: classes, range: coloursOf(classes) },
  legend: classes.length > 1 ? { orient: 'top', columns: classes.join('').length > 24 ? 2 : 5, symbolType: 'square' } : null,
});
