import { halfToNumber } from '../half.js';

/** Numbers as they are used: float16 and float32 as float32, integers beyond 32 bits as float64. */
export type Numbers = Float32Array | Float64Array | Int32Array;

/** Numbers as they come out of the file; half precision in its bits. */
export type StoredNumbers = Numbers | { readonly half: Uint16Array };

export function toNumbers(stored: StoredNumbers): Numbers {
  return 'half' in stored ? Float32Array.from(stored.half, halfToNumber) : stored;
}
