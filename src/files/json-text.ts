/** JSON for people: two spaces, lists of numbers on one line, a final newline. */
export function toJsonText(value: unknown): string {
  // Texts hold no raw line ends, so that only lists of numbers can match.
  const text = JSON.stringify(value, null, 2).replace(
    /\[\n\s+(-?\d[^[\]{}"]*?)\n\s+\]/g,
    (_, numbers: string) => `[${numbers.replace(/\s+/g, ' ')}]`,
  );
  return `${text}\n`;
}
