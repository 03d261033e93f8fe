/** Text directions that would turn the rest of a line around. */
const TURNS = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** A text of the data in one line of a terminal: nothing in it moves the cursor, colours or turns what stands around it. `most`: characters. */
export function oneLine(text: string, most = 100): string {
  const line = Array.from(
    text
      .replace(TURNS, '')
      .replace(/[\s\p{Cc}]+/gu, ' ')
      .trim(),
  );
  return line.length <= most ? line.join('') : `${line.slice(0, most - 1).join('')}…`;
}
