/** What Python's `\s` matches in text; JavaScript's own differs in U+0085, U+001C–1F and U+FEFF. */
const SPACE = ' \\t\\n\\r\\f\\v\\u001c-\\u001f\\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000';
const URL_PATTERN = new RegExp(`https?://[^${SPACE}]+|www\\.[^${SPACE}]+`, 'gu');
const MENTION = /@[\p{L}\p{N}_]+/gu;
const NOT_ASCII_WORD = new RegExp(`[^A-Za-z0-9${SPACE}]`, 'gu');
const NOT_WORD = new RegExp(`[^\\p{L}\\p{M}\\p{N}${SPACE}]`, 'gu');
const IS_SPACE = new RegExp(`[${SPACE}]`, 'u');

/** How `cleanText` treats letters outside A–Z. */
export interface CleanTextOptions {
  /** 'ascii' (default) keeps A–Z, a–z and 0–9 only, as the published experiments do; 'unicode' keeps the letters and digits of every script. */
  letters?: 'ascii' | 'unicode';
}

/**
 * Drops URLs, @mentions and every character that is neither alphanumeric nor white space, lower-cases and trims.
 *
 * Nothing is put in place of what is dropped, so "e-mail" becomes "email" and white space inside stays as it is.
 * Source: cleaning step of experiment `nusax-lstm`.
 * Example: `cleanText('@budi BAGUS sekali!! https://contoh.id') // 'bagus sekali'`
 */
export function cleanText(text: string, options: CleanTextOptions = {}): string {
  const other = options.letters === 'unicode' ? NOT_WORD : NOT_ASCII_WORD;
  return trimmed(text.replace(URL_PATTERN, '').replace(MENTION, '').replace(other, '').toLowerCase());
}

/** Without white space at its ends. By hand: a pattern that looks for it at the end begins anew at every space, which takes the square of a long run. */
function trimmed(text: string): string {
  let [from, to] = [0, text.length];
  while (from < to && IS_SPACE.test(text[from] as string)) from++;
  while (to > from && IS_SPACE.test(text[to - 1] as string)) to--;
  return text.slice(from, to);
}
