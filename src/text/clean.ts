import { SarafError } from '../errors.js';

/** What `cleaner` takes out of texts. */
export interface CleanOptions {
  /** `https://…`, `www.…`. Default true. */
  urls?: boolean | undefined;
  /** `@name`. Default true. */
  mentions?: boolean | undefined;
  /** `#word`, the word too. Default false: the sign goes with the punctuation and the word stays. */
  hashtags?: boolean | undefined;
  /** Default true. */
  emoji?: boolean | undefined;
  /** Digits of every script, also inside words. Default true. */
  digits?: boolean | undefined;
  /** Punctuation and signs of every script. Default true. */
  punctuation?: boolean | undefined;
  /** Backslash sequences that stand in a text as such, as in tweets that were printed by a program: `\n`, `\xf0`. Default false. */
  escapes?: boolean | undefined;
  /** What stands in their place: a space (default), or nothing: "e-mail" becomes "email". */
  replaceBy?: ' ' | '' | undefined;
}

/**
 * Emoji, what is reserved for them, and what joins and flags them. Not Extended_Pictographic as a whole: Unicode 17 took 672 signs (★, ☐) out of it,
 * so that the same text would be another one on another version of Node.
 */
const PICTURE = String.raw`[\p{Emoji}--[0-9#*]][\p{Extended_Pictographic}&&\p{Cn}]\u{e0020}-\u{e007f}\u200d\ufe0f\u20e3`;

// An order of alternatives: what is taken out whole comes before the characters that it is made of.
const PARTS: Readonly<Record<Exclude<keyof CleanOptions, 'replaceBy'>, string>> = {
  urls: String.raw`https?:\/\/\S+|www\.\S+`,
  mentions: String.raw`@[\p{L}\p{N}_]+`,
  hashtags: String.raw`#[\p{L}\p{M}\p{N}_]+`,
  escapes: String.raw`\\x[0-9a-fA-F]{2}|\\[nrt]`,
  emoji: `[${PICTURE}]+`,
  digits: String.raw`\p{Nd}+`,
  // One by one: a run of them would take the sign that begins a mention or the like.
  punctuation: String.raw`[[\p{P}\p{S}]--[${PICTURE}]]`,
};
const DEFAULTS: Readonly<CleanOptions> = { urls: true, mentions: true, emoji: true, digits: true, punctuation: true };
const SPACES = /\s+/gu;

/**
 * A function that takes parts out of a text, makes every run of white space one space and trims.
 *
 * Throws: ERR_ARG for an option that does not exist.
 * Example: `cleaner()('Cek https://contoh.id 👍👍 No. 1!!') // 'Cek No'`
 */
export function cleaner(options: CleanOptions = {}): (text: string) => string {
  const names = Object.keys(PARTS) as (keyof typeof PARTS)[];
  const unknown = Object.keys(options).find((key) => key !== 'replaceBy' && !(names as string[]).includes(key));
  if (unknown !== undefined)
    throw new SarafError('ERR_ARG', 'clean', `expected options ${names.join(', ')}, replaceBy, received "${unknown}"`);
  const { replaceBy = ' ' } = options;
  if (replaceBy !== ' ' && replaceBy !== '')
    throw new SarafError('ERR_ARG', 'clean', `expected replaceBy to be a space or nothing, received ${JSON.stringify(replaceBy)}`);
  const wanted = names.filter((name) => options[name] ?? DEFAULTS[name] ?? false);
  if (wanted.length === 0) return (text) => text.replace(SPACES, ' ').trim();
  const unwanted = new RegExp(wanted.map((name) => PARTS[name]).join('|'), 'gv');
  return (text) => text.replace(unwanted, replaceBy).replace(SPACES, ' ').trim();
}
