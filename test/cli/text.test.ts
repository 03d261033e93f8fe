import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { packageRoot } from '../../src/backend/native.js';
import { linesOf } from '../../src/cli/text-lines.js';
import { expectRejection } from '../helpers/expect-rejection.js';
import { saraf } from './capture.js';

afterEach(() => void vi.restoreAllMocks());

async function lines(parts: readonly (string | Uint8Array)[], encoding: 'utf-8' | 'latin1' = 'utf-8'): Promise<string[]> {
  const all: string[] = [];
  for await (const some of linesOf(Readable.from(parts.map((part) => Buffer.from(part as string))), encoding)) all.push(...some);
  return all;
}

describe('lines of bytes', () => {
  it('as they come, wherever the pieces were cut', async () => {
    const text = Buffer.from('\ufeffsatu\r\n\r\ndua é 😡\n\ntiga', 'utf8');
    const expected = ['satu', '', 'dua é 😡', '', 'tiga'];
    for (let size = 1; size <= text.length; ++size) {
      const parts = Array.from({ length: Math.ceil(text.length / size) }, (_, i) => text.subarray(i * size, (i + 1) * size));
      expect(await lines(parts)).toEqual(expected);
    }
    expect(await lines([])).toEqual([]);
    expect(await lines(['a\n'])).toEqual(['a']);
    expect(await lines(['\n'])).toEqual(['']);
    expect(await lines([Uint8Array.of(0xe9, 10)], 'latin1')).toEqual(['é']);
  });

  it('names the line and the byte that are no UTF-8', async () => {
    const bad = Buffer.concat([Buffer.from('a\nb é\nc é'), Uint8Array.of(0xe9, 0x20, 10)]);
    await expectRejection(lines([bad]), 'ERR_DATA', 'line 3', '0xE9', '--encoding latin1');
    await expectRejection(lines(['a\n', 'b\n', Uint8Array.of(0xff)]), 'ERR_DATA', 'line 3', '0xFF');
    await expectRejection(lines(['a\n', Uint8Array.of(0xc3)]), 'ERR_DATA', 'line 2', '0xC3');
  });

  it('gives up on a file without lines', async () => {
    const endless = Array.from({ length: 65 }, () => Buffer.alloc(2 ** 20, 97));
    await expectRejection(lines(endless), 'ERR_DATA', 'line 1', 'no line end');
  });
});

describe('saraf text', () => {
  const run = (input: string | Uint8Array, ...args: string[]): ReturnType<typeof saraf> => {
    vi.spyOn(process, 'stdin', 'get').mockReturnValue(Readable.from([Buffer.from(input as string)]) as unknown as typeof process.stdin);
    return saraf(['text', ...args]);
  };

  it('prepares a line each, empty ones too', async () => {
    const input = 'Saya MEMBANTU dokter!\n\n!!!\nPelayanannya baik';
    expect(await run(input, '--steps', 'casefold,clean,stopwords,stem')).toEqual({
      code: 0,
      out: 'bantu dokter\n\n\nlayan baik\n',
      err: '',
    });
    expect((await run('A\n', '--steps', 'casefold')).out).toBe('a\n');
    expect((await run('', '--steps', 'casefold')).out).toBe('');
    expect((await run(Uint8Array.of(0xc9, 10), '--steps', 'casefold', '--encoding', 'latin1')).out).toBe('é\n');
  });

  it('explains each step', async () => {
    const { out } = await run('Saya membantu\n', '--steps', 'casefold,stopwords,stem', '--explain');
    expect(out.split('\n')).toEqual([
      'Saya membantu',
      '  casefold   saya membantu',
      '  stopwords  membantu',
      '             saya → (left out)',
      '  stem       bantu',
      '             membantu → bantu [mem- (rule 11)]',
      '',
    ]);
  });

  it('refuses steps that are none, with those there are', async () => {
    for (const steps of ['lemma', 'casefold,lemma', ',']) {
      const { code, err } = await run('a\n', '--steps', steps);
      expect([code, err]).toEqual([2, expect.stringContaining('casefold, clean, cleanText, slang, stopwords, stem')]);
    }
    const { code, err } = await run('baik\n\u{0}\n', '--steps', 'slang', '--data', '/nowhere');
    expect([code, err]).toEqual([1, expect.stringContaining('/nowhere')]);
    expect((await run('a', '--encoding', 'utf-16')).code).toBe(2);
  });

  it('stops at bytes that are no text, after the lines before', async () => {
    const { code, out, err } = await run(Buffer.concat([Buffer.from('A\n'), Uint8Array.of(0xff, 10)]), '--steps', 'casefold');
    expect([code, err]).toEqual([1, expect.stringContaining('line 2')]);
    expect(out).toBe('a\n');
    const first = await run(Uint8Array.of(0xff, 10, 65), '--steps', 'casefold');
    expect([first.out, first.err]).toEqual(['', expect.stringContaining('line 1')]);
  });

  it('as a process: streams, ends in silence when the reader has seen enough, fails with one message', () => {
    const command = join(packageRoot(), 'scripts', 'saraf.mjs');
    const shell = `node '${command}' text --steps casefold,stem`;
    const much = spawnSync('bash', ['-c', `yes 'Saya membantu' | head -c 60000000 | ${shell} | head -1; echo \${PIPESTATUS[2]}`], {
      encoding: 'utf8',
    });
    expect([much.stdout, much.stderr]).toEqual(['saya bantu\n0\n', '']);
    const bad = spawnSync('bash', ['-c', `printf 'A\\n\\377\\n' | ${shell}`], { encoding: 'utf8' });
    expect([bad.status, bad.stderr]).toEqual([1, expect.stringMatching(/^saraf: \[text\] line 2: .*\(ERR_DATA\)\n$/)]);
  });
});

describe.skipIf(!process.env['SARAF_DATA'])('with kamus alay (needs SARAF_DATA)', () => {
  it('writes slang out', async () => {
    vi.spyOn(process, 'stdin', 'get').mockReturnValue(
      Readable.from([Buffer.from('Pelayanannya GK bgt 😡\n')]) as unknown as typeof process.stdin,
    );
    expect((await saraf(['text'])).out).toBe('layan banget\n');
  });
});
