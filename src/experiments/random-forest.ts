import { Philox } from '../tensor/random.js';

export interface RandomForestOptions {
  /** Default 50. */
  readonly trees?: number;
  /** Default 40. */
  readonly maxDepth?: number;
  /** Most frequent words that a split may ask for. Default 5000. */
  readonly words?: number;
  /** Default 0. */
  readonly seed?: number;
}

/** A question, with the answers' nodes; a leaf asks nothing. */
interface Node {
  readonly word: number;
  /** Nodes for texts with the word and without it. */
  readonly yes: number;
  readonly no: number;
  readonly label: number;
}

const wordsOf = (text: string): string[] => text.split(/\s+/).filter((word) => word !== '');

/** The most frequent words, those of one text alone left out, numbered. */
function vocabularyOf(texts: readonly string[], most: number): Map<string, number> {
  const counts = new Map<string, number>();
  for (const text of texts) for (const word of new Set(wordsOf(text))) counts.set(word, (counts.get(word) ?? 0) + 1);
  const frequent = [...counts].filter(([, count]) => count > 1).sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1));
  return new Map(frequent.slice(0, most).map(([word], i) => [word, i]));
}

/** For each word a bit per text: whether it has the word. */
class Presence {
  private readonly stride: number;
  private readonly bits: Uint32Array;

  constructor(texts: readonly string[], vocabulary: ReadonlyMap<string, number>) {
    this.stride = Math.ceil(texts.length / 32);
    this.bits = new Uint32Array(vocabulary.size * this.stride);
    for (const [row, text] of texts.entries())
      for (const word of wordsOf(text)) {
        const k = vocabulary.get(word);
        if (k !== undefined)
          this.bits[k * this.stride + (row >> 5)] = (this.bits[k * this.stride + (row >> 5)] as number) | (1 << (row & 31));
      }
  }

  has(word: number, row: number): boolean {
    return (((this.bits[word * this.stride + (row >> 5)] as number) >>> (row & 31)) & 1) === 1;
  }
}

const squares = (counts: Int32Array): number => counts.reduce((sum, n) => sum + n * n, 0);

/** One tree on rows drawn with replacement. */
function growTree(presence: Presence, labels: Int32Array, classes: number, words: number, maxDepth: number, random: Philox): Node[] {
  const rows = Int32Array.from({ length: labels.length }, () => random.integer(labels.length));
  const tried = Math.max(1, Math.round(Math.sqrt(words)));
  const order = Int32Array.from({ length: words }, (_, k) => k);
  const nodes: Node[] = [];
  const all = new Int32Array(classes);
  const left = new Int32Array(classes);
  const right = new Int32Array(classes);

  /** The word that makes the two sides purest, by Gini, among `tried` random ones, or more until one divides the rows; −1 if none does. */
  const bestWord = (from: number, to: number): number => {
    let best = -1;
    let most = squares(all) / (to - from);
    let found = false;
    for (let i = 0; i < words && (i < tried || !found); i++) {
      const j = i + random.integer(words - i);
      const word = order[j] as number;
      order[j] = order[i] as number;
      order[i] = word;
      left.fill(0);
      let count = 0;
      for (let at = from; at < to; at++) {
        const row = rows[at] as number;
        if (!presence.has(word, row)) continue;
        const label = labels[row] as number;
        left[label] = (left[label] as number) + 1;
        count++;
      }
      if (count === 0 || count === to - from) continue;
      found = true;
      for (let k = 0; k < classes; k++) right[k] = (all[k] as number) - (left[k] as number);
      const purity = squares(left) / count + squares(right) / (to - from - count);
      if (purity > most + 1e-9) [best, most] = [word, purity];
    }
    return best;
  };

  const grow = (from: number, to: number, depth: number): number => {
    all.fill(0);
    for (let at = from; at < to; at++) {
      const label = labels[rows[at] as number] as number;
      all[label] = (all[label] as number) + 1;
    }
    const label = all.indexOf(Math.max(...all));
    const own = nodes.push({ word: -1, yes: -1, no: -1, label }) - 1;
    if (depth >= maxDepth || all[label] === to - from) return own;
    const word = bestWord(from, to);
    if (word < 0) return own;
    let middle = from;
    for (let at = from; at < to; at++) {
      const row = rows[at] as number;
      if (!presence.has(word, row)) continue;
      rows[at] = rows[middle] as number;
      rows[middle++] = row;
    }
    const yes = grow(from, middle, depth + 1);
    const no = grow(middle, to, depth + 1);
    nodes[own] = { word, yes, no, label };
    return own;
  };
  grow(0, rows.length, 0);
  return nodes;
}

/**
 * Class numbers by a random forest over the presence of words: each tree on rows drawn with replacement, each split the best of the square
 * root of all words; the class that most trees name, the first one on a tie.
 *
 * Source: Breiman 2001. Deeper splits than `maxDepth` are not made.
 */
export function randomForest(
  train: { readonly texts: readonly string[]; readonly labels: Int32Array },
  texts: readonly string[],
  classes: number,
  options: RandomForestOptions = {},
): Int32Array {
  const { trees = 50, maxDepth = 40, words = 5000, seed = 0 } = options;
  const vocabulary = vocabularyOf(train.texts, words);
  const presence = new Presence(train.texts, vocabulary);
  const known = texts.map((text) => new Set(wordsOf(text).flatMap((word) => vocabulary.get(word) ?? [])));
  const votes = new Int32Array(texts.length * classes);
  for (let t = 0; t < trees; t++) {
    const nodes = growTree(presence, train.labels, classes, vocabulary.size, maxDepth, new Philox(seed, 0, t));
    for (const [row, own] of known.entries()) {
      let node = nodes[0] as Node;
      while (node.word >= 0) node = nodes[own.has(node.word) ? node.yes : node.no] as Node;
      votes[row * classes + node.label] = (votes[row * classes + node.label] as number) + 1;
    }
  }
  return Int32Array.from(texts, (_, row) => {
    const own = votes.subarray(row * classes, (row + 1) * classes);
    return own.indexOf(Math.max(...own));
  });
}
