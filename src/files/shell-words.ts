/** Words of a command for pasting: quotes around whatever the shell of this system would take for something else. */
export function shellWords(words: readonly string[], platform: NodeJS.Platform = process.platform): string {
  const quoted = (word: string): string => (platform === 'win32' ? `"${word}"` : `'${word.replaceAll("'", String.raw`'\''`)}'`);
  const plain = platform === 'win32' ? /^[\w./\\:=,@+-]+$/ : /^[\w./:=,@+-]+$/;
  return words.map((word) => (plain.test(word) ? word : quoted(word))).join(' ');
}
