/** Scores of a class in percent, as a document prints them: what its name is or begins with, precision, recall, F1. */
export type PrintedClass = readonly [name: string, precision: number, recall: number, f1: number];

/** Scores of an average in percent; what is absent is not printed. */
export interface PrintedScores {
  readonly precision?: number;
  readonly recall?: number;
  readonly f1?: number;
}

/** The classes of one variant, which may be some of them alone, and their averages. */
export interface PrintedClasses {
  readonly factor: string;
  readonly variant: string;
  readonly classes: readonly PrintedClass[];
  readonly accuracy?: number;
  readonly macro?: PrintedScores;
  readonly weighted?: PrintedScores;
  readonly note?: string;
}

/** Means over all settings of a grid that have a value on one of its axes. */
export interface PrintedMeans {
  readonly factor: string;
  readonly axis: string;
  readonly values: readonly (readonly [at: string, mean: number])[];
  readonly note?: string;
}

/** A figure of somebody else that a document sets its own against. */
export interface QuotedFigure {
  readonly name: string;
  /** Percent. */
  readonly value: number;
  /** What it measures, and on how many classes. */
  readonly of?: string;
  /** The baseline here that is of the same kind. */
  readonly baseline?: string;
}

/** What a document prints beyond a figure per variant. */
export interface Printed {
  readonly classes?: readonly PrintedClasses[];
  readonly means?: readonly PrintedMeans[];
  readonly quoted?: readonly QuotedFigure[];
}

/** Printed means with every value of their axis; `settings` is how many of the grid have it. */
export interface MeansResult extends Omit<PrintedMeans, 'values'> {
  readonly values: readonly { readonly at: string; readonly published: number | null; readonly settings: number }[];
}

export interface PrintedResult extends Omit<Printed, 'means'> {
  readonly means?: readonly MeansResult[];
}

interface Declared {
  readonly factors: readonly { readonly name: string; readonly axes?: readonly string[]; readonly variants: readonly { readonly name: string }[] }[]; // prettier-ignore
  readonly masks: readonly unknown[];
  readonly printed?: Printed;
}

/** How many settings of a grid have each value of an axis, in their order. */
function settingsAt({ factors }: Declared, { factor, axis }: PrintedMeans): Map<string, number> {
  const own = factors.find((f) => f.name === factor);
  const place = own?.axes?.indexOf(axis) ?? -1;
  const found = new Map<string, number>();
  for (const { name } of place < 0 ? [] : (own?.variants ?? [])) {
    const at = name.split(' / ')[place] ?? '';
    found.set(at, (found.get(at) ?? 0) + 1);
  }
  return found;
}

/** Calls `fail` with what is wrong where a printed figure is of no variant or of no value of an axis. */
export function checkPrinted(declared: Declared, fail: (message: string) => never): void {
  const { classes = [], means = [], quoted = [] } = declared.printed ?? {};
  for (const { factor, variant } of classes)
    if (!declared.factors.some((f) => f.name === factor && f.variants.some((v) => v.name === variant)))
      fail(`expected printed classes of a variant that is declared, received ${factor}/${variant}`);
  for (const own of means) {
    const known = settingsAt(declared, own);
    const strange = own.values.filter(([at]) => !known.has(at)).map(([at]) => at);
    if (strange.length > 0 || known.size === 0)
      fail(`expected printed means at values of ${own.axis} in the grid ${own.factor}, received ${strange.join(', ') || 'none'}`);
    if (declared.masks.length > 1)
      fail(`expected printed means in an experiment of one setting of the mask, received ${declared.masks.length}`);
  }
  const figures = [
    ...classes.flatMap((c) => [...c.classes.flatMap(([, ...scores]) => scores), c.accuracy ?? 0, ...Object.values({ ...c.macro }), ...Object.values({ ...c.weighted })]), // prettier-ignore
    ...means.flatMap((m) => m.values.map(([, value]) => value)),
    ...quoted.map((q) => q.value),
  ] as number[];
  const wrong = figures.find((value) => !(value >= 0 && value <= 100));
  if (wrong !== undefined) fail(`expected printed figures in percent, received ${wrong}`);
}

/** What a document prints, as results have it. */
export function printedResult(declared: Declared): PrintedResult {
  const { means, ...rest } = declared.printed ?? {};
  if (!means) return rest;
  return {
    ...rest,
    means: means.map((own) => {
      const published = new Map(own.values);
      const values = [...settingsAt(declared, own)].map(([at, settings]) => ({ at, published: published.get(at) ?? null, settings }));
      return { ...own, values };
    }),
  };
}
