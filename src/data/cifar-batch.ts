import { decode } from 'jpeg-js';
import { SarafError } from '../errors.js';
import type { OnProgress } from './progress.js';

/** Images of a batch of CIFAR-10, and bytes of one in the official binary layout: the label, then 1,024 red, green and blue bytes. */
export const BATCH_ROWS = 10_000;
export const PIXELS = 32 * 32;
export const RECORD = 1 + 3 * PIXELS;

/**
 * Decodes a batch of JPEG records into the official binary layout.
 *
 * A record is label (uint8), source number (uint16le), length (uint16le) and the JPEG body that follows the header common to all.
 * Throws: ERR_DATA naming record for a label above 9, a cut record or a picture that is not 32×32.
 */
export async function decodeJrec(
  name: string,
  records: Uint8Array,
  header: Uint8Array,
  options: { onProgress?: OnProgress | undefined; signal?: AbortSignal | undefined } = {},
): Promise<Uint8Array> {
  const fail = (n: number, expected: string, received: string): never => {
    throw new SarafError('ERR_DATA', 'data', `${name} record ${n}: expected ${expected}, received ${received}; copy the file again`);
  };
  const view = new DataView(records.buffer, records.byteOffset, records.byteLength);
  const out = new Uint8Array(BATCH_ROWS * RECORD);
  let at = 0;
  for (let n = 0; n < BATCH_ROWS; ++n) {
    if (at + 5 > records.length) fail(n, 'a record', 'the end of the file');
    const label = records[at] as number;
    const length = view.getUint16(at + 3, true);
    if (label > 9) fail(n, 'a label 0 to 9', String(label));
    if (at + 5 + length > records.length) fail(n, `${length} bytes of JPEG`, 'the end of the file');
    const jpeg = new Uint8Array(header.length + length);
    jpeg.set(header);
    jpeg.set(records.subarray(at + 5, at + 5 + length), header.length);
    at += 5 + length;
    const { width, height, data } = decode(jpeg, { useTArray: true, formatAsRGBA: false });
    if (width !== 32 || height !== 32) fail(n, 'a picture of 32×32', `${width}×${height}`);
    const to = n * RECORD;
    out[to] = label;
    for (let i = 0; i < PIXELS; ++i) {
      out[to + 1 + i] = data[3 * i] as number;
      out[to + 1 + PIXELS + i] = data[3 * i + 1] as number;
      out[to + 1 + 2 * PIXELS + i] = data[3 * i + 2] as number;
    }
    if ((n + 1) % 250 === 0) {
      options.onProgress?.({ phase: 'decode', what: name, done: n + 1, total: BATCH_ROWS, unit: 'images' });
      options.signal?.throwIfAborted();
      // Let progress bars, signals and timers have their turn.
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
  if (at !== records.length) fail(BATCH_ROWS, 'the end of the file', `${records.length - at} more bytes`);
  return out;
}

/**
 * Copies `rows` records of the official layout to pixel order: red, green and blue of one pixel side by side.
 *
 * Shapes: images (…,32,32,3) from row `first` on; labels likewise.
 * Throws: ERR_DATA if the batch is not a whole number of records, or a label is above 9.
 */
export function unpackBatch(name: string, batch: Uint8Array, rows: number, images: Uint8Array, labels: Int32Array, first: number): void {
  if (batch.length % RECORD !== 0 || batch.length < rows * RECORD) {
    throw new SarafError(
      'ERR_DATA',
      'data',
      `expected ${name} to hold ${rows} records of ${RECORD} bytes, received ${batch.length} bytes; delete it and try again`,
    );
  }
  for (let n = 0; n < rows; ++n) {
    const from = n * RECORD;
    const label = batch[from] as number;
    if (label > 9)
      throw new SarafError(
        'ERR_DATA',
        'data',
        `${name} record ${n}: expected a label 0 to 9, received ${label}; delete the file and try again`,
      );
    labels[first + n] = label;
    let to = (first + n) * 3 * PIXELS;
    for (let i = from + 1; i < from + 1 + PIXELS; ++i) {
      images[to++] = batch[i] as number;
      images[to++] = batch[i + PIXELS] as number;
      images[to++] = batch[i + 2 * PIXELS] as number;
    }
  }
}
