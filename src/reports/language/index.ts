import type { ChartSpec } from '../charts/spec.js';
import { INDONESIAN, INDONESIAN_PATTERNS } from './indonesian.js';

/** Languages of a report's labels: headings, columns, axes, verdicts. What an experiment says in sentences stays as it was written. */
export const LANGUAGES = ['en', 'id'] as const;
export type Language = (typeof LANGUAGES)[number];

/** A label in a language; one that has no translation stays. */
export function label(text: string, language: Language): string {
  if (language === 'en') return text;
  if (Object.hasOwn(INDONESIAN, text)) return INDONESIAN[text] ?? text;
  for (const [pattern, replacement] of INDONESIAN_PATTERNS) if (pattern.test(text)) return text.replace(pattern, replacement);
  return text;
}

/** `mask on · as published`: labels in a row. */
function labels(text: string, language: Language): string {
  return text
    .split(' · ')
    .map((part) => label(part, language))
    .join(' · ');
}

/** Elements of a page that hold a label and nothing else. */
const LABELLED = /(<(h[123]|th|dt|summary|strong|span|a)(?: [^>]*)?>)([^<>]+)(<\/\2>)/g;
/** In a cell of a table, or small below a figure: a protocol, a range of figures, a number of seeds. What else stands there belongs to the data. */
const PLAIN =
  /(<(td|small)(?: [^>]*)?>)(published|reproduced|leak-free|one seed|[\d+−-][\d.,]* to [+−-]?[\d.,]+(?: s| seeds)?|\d+ seeds)(<\/\2>)/g;
/** Signs that labels hold and HTML escapes. */
const unescaped = (text: string): string => text.replaceAll('&#39;', "'").replaceAll('&quot;', '"').replaceAll('&amp;', '&');

/** A page's body with its labels in a language. */
export function bodyInLanguage(body: string, language: Language): string {
  if (language === 'en') return body;
  const inPlace = (all: string, open: string, _tag: string, text: string, close: string): string => {
    const plain = unescaped(text);
    const own = label(plain, language);
    return own === plain ? all : `${open}${own}${close}`;
  };
  return body.replace(LABELLED, inPlace).replace(PLAIN, inPlace);
}

/** Fields of a chart's rows whose values are labels: which protocol, which part, here or in the document. */
const CATEGORIES: ReadonlySet<string> = new Set(['kind', 'lane', 'part', 'where', 'protocol', 'series']);
/** Properties of a specification that hold a label. */
const TITLES: ReadonlySet<string> = new Set(['title', 'subtitle', 'text']);

function rowInLanguage(row: unknown, language: Language): unknown {
  if (typeof row !== 'object' || row === null || Array.isArray(row)) return row;
  return Object.fromEntries(
    Object.entries(row).map(([k, v]) => [k, CATEGORIES.has(k) && typeof v === 'string' ? label(v, language) : (v as unknown)]),
  );
}

function partInLanguage(part: unknown, language: Language, category: boolean): unknown {
  if (Array.isArray(part)) return part.map((item) => partInLanguage(item, language, category));
  if (typeof part !== 'object' || part === null) return category && typeof part === 'string' ? label(part, language) : part;
  const own = part as Record<string, unknown>;
  const field = own['field'];
  const named = typeof field === 'string' && CATEGORIES.has(field);
  return Object.fromEntries(
    Object.entries(own).map(([key, value]): [string, unknown] => {
      if (TITLES.has(key) && typeof value === 'string') return [key, labels(value, language)];
      if (key === 'values' && Array.isArray(value)) return [key, value.map((row) => rowInLanguage(row, language))];
      if (named && key === 'sort') return [key, partInLanguage(value, language, true)];
      if (named && key === 'scale' && typeof value === 'object' && value !== null && 'domain' in value)
        return [key, { ...value, domain: partInLanguage(value.domain, language, true) }];
      return [key, partInLanguage(value, language, false)];
    }),
  );
}

/** A chart with its labels in a language: titles, axes, legends, tooltips. */
export function chartInLanguage(spec: ChartSpec, language: Language): ChartSpec {
  return language === 'en' ? spec : (partInLanguage(spec, language, false) as ChartSpec);
}
