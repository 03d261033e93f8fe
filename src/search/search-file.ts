import { appendFileSync, existsSync, readFileSync, truncateSync } from 'node:fs';
import { SarafError } from '../errors.js';
import type { Params } from './space.js';

/** One model trained on one fold so far. */
export interface FoldScore {
  readonly params: Params;
  readonly fold: number;
  /** Epochs that it was trained for. */
  readonly epochs: number;
  readonly score: number;
  readonly seconds: number;
}

/** JSON has no infinite numbers: the score of a model that diverged is a text. */
type StoredScore = Omit<FoldScore, 'score'> & { readonly score: number | string };
const storable = (score: FoldScore): StoredScore => (Number.isFinite(score.score) ? score : { ...score, score: String(score.score) });
const readable = (score: StoredScore): FoldScore => ({ ...score, score: Number(score.score) });

const FORMAT = 'saraf-search';

/** Scores that were reached, a line of JSON each, in a file if there is one: a search that was killed goes on from it. */
export class SearchFile {
  private readonly scores = new Map<string, FoldScore>();
  private readonly path: string | null;

  /** Throws ERR_DATA if the file is of another search, `about` being what determines this one, or damaged. */
  constructor(path: string | undefined, about: Readonly<Record<string, unknown>>) {
    this.path = path ?? null;
    if (!this.path) return;
    const header = JSON.stringify({ format: FORMAT, ...about });
    if (!existsSync(this.path)) {
      appendFileSync(this.path, `${header}\n`);
      return;
    }
    const text = readFileSync(this.path, 'utf8');
    const [first, ...lines] = text.split('\n');
    if (first !== header)
      throw new SarafError(
        'ERR_DATA',
        'search',
        `expected ${this.path} to be of this search (${header}), received ${first?.slice(0, 200) || 'an empty file'}; name another file`,
      );
    // What follows the last line break was cut off while it was written.
    const cut = lines.pop();
    if (cut) truncateSync(this.path, Buffer.byteLength(text) - Buffer.byteLength(cut));
    for (const [i, line] of lines.entries()) {
      try {
        this.keep(readable(JSON.parse(line) as StoredScore));
      } catch (cause) {
        throw new SarafError(
          'ERR_DATA',
          'search',
          `expected JSON in line ${i + 2} of ${this.path}; remove the line, its score is made again`,
          {
            cause,
          },
        );
      }
    }
  }

  find(params: Params, fold: number, epochs: number): FoldScore | null {
    return this.scores.get(keyOf({ params, fold, epochs })) ?? null;
  }

  add(score: FoldScore): void {
    this.keep(score);
    if (this.path) appendFileSync(this.path, `${JSON.stringify(storable(score))}\n`);
  }

  private keep(score: FoldScore): void {
    this.scores.set(keyOf(score), score);
  }
}

const keyOf = ({ params, fold, epochs }: Pick<FoldScore, 'params' | 'fold' | 'epochs'>): string => JSON.stringify([params, fold, epochs]);
