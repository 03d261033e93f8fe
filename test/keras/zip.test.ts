import { deflateRawSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { readZip, writeZip } from '../../src/keras/zip.js';
import { expectRejection } from '../helpers/expect-rejection.js';

const text = (value: string): Uint8Array => Buffer.from(value);
const archive = (): Promise<Buffer> =>
  writeZip([
    ['a.txt', text('hello')],
    ['é/b', new Uint8Array(1000)],
  ]);
const END = 22;

describe('zip', () => {
  test('what is written is read again; the same files give the same bytes', async () => {
    const files = await readZip(await archive(), 'memory', 1e6);
    expect([...files.keys()]).toEqual(['a.txt', 'é/b']);
    expect(Buffer.from((await files.get('a.txt')?.()) ?? []).toString()).toBe('hello');
    expect(await files.get('é/b')?.()).toHaveLength(1000);
    expect(Buffer.compare(await archive(), await archive())).toBe(0);
  });

  /** One file, deflated, with what the directory claims of it. */
  async function deflated(content: Uint8Array, claimed: number): Promise<Buffer> {
    const packed = deflateRawSync(content);
    const whole = await writeZip([['bomb', packed]]);
    const directory = whole.length - END - 46 - 4;
    whole.writeUInt16LE(8, directory + 10);
    whole.writeUInt32LE(claimed, directory + 24);
    return whole;
  }

  test('sizes are bounded before memory is taken, and kept while unpacking', async () => {
    const zeros = new Uint8Array(2 ** 20);
    await expectRejection(readZip(await deflated(zeros, 2 ** 20), 'a.zip', 2 ** 19), 'ERR_FORMAT', 'at most 524288 bytes');
    const unpack = async (claimed: number): Promise<unknown> =>
      (await readZip(await deflated(zeros, claimed), 'a.zip', 2 ** 21)).get('bomb')?.();
    // It claims less than it unpacks to, and more.
    await expectRejection(unpack(100), 'ERR_FORMAT', 'a.zip', 'too many bytes');
    await expectRejection(unpack(2 ** 20 + 1), 'ERR_FORMAT', 'a.zip', 'not enough bytes');
  });

  test('damage is ERR_FORMAT', async () => {
    const flipped = await archive();
    flipped[37] = (flipped[37] as number) ^ 4;
    const read = await readZip(flipped, 'a.zip', 1e6);
    await expectRejection(Promise.all([...read.values()].map((f) => f())), 'ERR_FORMAT', 'checksum');
    await expectRejection(readZip((await archive()).subarray(0, 60), 'a.zip', 1e6), 'ERR_FORMAT', 'a.zip');
    await expectRejection(readZip(Buffer.alloc(5), 'a.zip', 1e6), 'ERR_FORMAT', 'a.zip');
    const twice = await writeZip([
      ['same', text('1')],
      ['same', text('2')],
    ]);
    await expectRejection(readZip(twice, 'a.zip', 1e6), 'ERR_FORMAT', 'same twice');
    const locked = await archive();
    const directory = locked.readUInt32LE(locked.length - END + 16);
    locked.writeUInt16LE(1, directory + 8);
    locked.writeUInt16LE(8, directory + 10);
    await expectRejection(readZip(locked, 'a.zip', 1e6), 'ERR_FORMAT', 'password');
  });
});
