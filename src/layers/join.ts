import { backend } from '../backend/current.js';
import type { Storage } from '../backend/backend.js';

function greatestDivisor(a: number, b: number): number {
  while (b !== 0) [a, b] = [b, a % b];
  return a;
}

/**
 * How parts that lie one after the other in memory are interleaved, and back, each by one gather of rows on the device.
 * Part i is (outer, widths[i]); joined they are (outer, Σ widths).
 */
export class Interleave {
  /** Length of the rows that are moved: the greatest common divisor of the widths. */
  readonly cols: number;
  private readonly outer: number;
  private readonly widths: readonly number[];
  private join: Storage | undefined;
  private split: Storage | undefined;

  constructor(outer: number, widths: readonly number[]) {
    this.outer = outer;
    this.widths = widths;
    this.cols = Math.max(1, widths.reduce(greatestDivisor, 0));
  }

  /** Parts one after the other → interleaved. */
  joinParts(parts: Storage, joined: Storage): void {
    this.join ??= this.index(true);
    backend().gatherRows(parts, this.join, joined, this.cols);
  }

  /** Interleaved → parts one after the other. */
  splitParts(joined: Storage, parts: Storage): void {
    this.split ??= this.index(false);
    backend().gatherRows(joined, this.split, parts, this.cols);
  }

  private index(joining: boolean): Storage {
    const total = this.widths.reduce((sum, width) => sum + width, 0) / this.cols;
    const index = new Int32Array(this.outer * total);
    let part = 0;
    let offset = 0;
    for (const width of this.widths) {
      const own = width / this.cols;
      for (let i = 0; i < this.outer; i++) {
        for (let j = 0; j < own; j++) {
          const apart = part + i * own + j;
          const together = i * total + offset + j;
          if (joining) index[together] = apart;
          else index[apart] = together;
        }
      }
      part += this.outer * own;
      offset += own;
    }
    const storage = backend().allocate('int32', index.length);
    backend().write(storage, index);
    return storage;
  }
}
