// A program of its own, so that a crash, a hang or a run on memory is seen from outside. Arguments: copies, seed, files.
// Each file is damaged `copies` times and loaded; one line of JSON per file tells how it went.
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { SarafError } from '../../src/errors.js';
import '../../src/keras/index.js';
import { readZip, writeZip } from '../../src/keras/zip.js';
import { loadModel } from '../../src/models/load.js';
import '../../src/text/pipeline/text-pipeline.js';
import { MODEL_FILE, WEIGHTS_FILE } from '../../src/models/save.js';

const [copies, firstSeed, ...files] = process.argv.slice(2) as [string, string, ...string[]];
let seed = Number(firstSeed) >>> 0;
const random = (): number => {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
  return seed / 2 ** 32;
};
const below = (n: number): number => Math.floor(random() * n);

/** Headers and names lie near the front; weights fill the rest. */
const FRONT = 40_000;
const STRANGE: readonly unknown[] = [null, -1, 0, 1e18, 2 ** 31, 0.5, 'x', '', true, [], {}, [null, 1e12], { class_name: 'Dense' }];

/** Puts a strange value at a random place of a configuration. */
function strange(value: unknown): unknown {
  const places: { owner: Record<string, unknown>; key: string }[] = [];
  const walk = (owner: Record<string, unknown>): void => {
    for (const key of Object.keys(owner)) {
      places.push({ owner, key });
      if (typeof owner[key] === 'object' && owner[key] !== null) walk(owner[key] as Record<string, unknown>);
    }
  };
  walk(value as Record<string, unknown>);
  const { owner, key } = places[below(places.length)] as (typeof places)[number];
  owner[key] = STRANGE[below(STRANGE.length)];
  return value;
}

type Damage = (bytes: Uint8Array<ArrayBuffer>) => Uint8Array | Promise<Uint8Array>;

const isZip = (b: Uint8Array): boolean => text(b.subarray(0, 2)) === 'PK';
const isJson = (b: Uint8Array): boolean => b[0] === 0x7b && text(b.subarray(-2)).trimEnd().endsWith('}');
// A length of less than 16 MB, then an object.
const isSafetensors = (b: Uint8Array): boolean => b[3] === 0 && b[7] === 0 && b[8] === 0x7b;
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8');
const strangeJson = (bytes: Uint8Array): Uint8Array => Buffer.from(JSON.stringify(strange(JSON.parse(text(bytes)))));

/** A safetensors file with a strange value in its header, whose length is right. */
function strangeHeader(bytes: Uint8Array): Uint8Array {
  const end = 8 + Number(Buffer.from(bytes).readBigUInt64LE());
  const header = strangeJson(bytes.subarray(8, end));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([length, header, bytes.subarray(end)]);
}

/** An archive with some of its files changed. */
async function repacked(
  archive: Uint8Array,
  change: (name: string, content: Uint8Array) => Uint8Array | Promise<Uint8Array>,
): Promise<Uint8Array> {
  const parts: [string, Uint8Array][] = [];
  for (const [name, read] of await readZip(archive, 'memory', 2 ** 30)) parts.push([name, await change(name, await read())]);
  return writeZip(parts);
}

const DAMAGES: Record<string, Damage> = {
  truncated: (b) => b.subarray(0, below(b.length)),
  flipped: (b) => {
    for (let k = 0; k < 1 + below(20); k++) b[below(b.length)]! ^= 1 << below(8);
    return b;
  },
  huge: (b) => {
    const at = below(Math.min(b.length, FRONT) >> 3) << 3;
    for (let k = 0; k < 8; k++) b[at + k] = k < 3 + below(5) ? 255 : 0;
    return b;
  },
  wrong: (b) => {
    for (let k = 0; k < 3; k++) b[below(Math.min(b.length, FRONT))] = below(256);
    return b;
  },
  // The archive is whole; what its configuration says is not.
  strange: (b) => {
    if (isJson(b)) return strangeJson(b);
    if (isSafetensors(b)) return strangeHeader(b);
    if (!isZip(b)) return b.subarray(0, below(b.length));
    return repacked(b, (name, content) => (name === 'config.json' ? strangeJson(content) : content));
  },
  // The weights inside the archive are damaged, its checksums are right.
  inside: (b) => {
    if (!isZip(b)) return (DAMAGES['flipped'] as Damage)(b);
    const damage = (['truncated', 'huge', 'wrong'] as const)[below(3)] as string;
    return repacked(b, (name, content) => (name.endsWith('.h5') ? (DAMAGES[damage] as Damage)(Uint8Array.from(content)) : content));
  },
};

const folder = mkdtempSync(join(tmpdir(), 'saraf-damage-'));
/** What Node, this program and the compiler that runs it occupy before anything is loaded. */
const baseMiB = process.memoryUsage.rss() / 2 ** 20;
const kinds = Object.keys(DAMAGES);

/** How a damaged copy in `folder` is read: whatever else belongs to the model lies there whole. */
async function reader(file: string): Promise<(copy: string) => Promise<unknown>> {
  if (/\.weights\.h5$|\.safetensors$/.test(file) && !existsSync(join(file, '..', MODEL_FILE))) {
    const model = await loadModel(file.replace(/\.weights\.h5$|\.safetensors$/, '.h5'));
    const optimizer = model.compilation !== null && file.endsWith('.h5');
    return (copy) => model.loadWeights(copy, { optimizer });
  }
  const ofFolder = existsSync(join(file, '..', WEIGHTS_FILE));
  const beside = /\.(json|bin|safetensors)$/.test(file)
    ? readdirSync(join(file, '..')).filter((f) => ofFolder || f.startsWith(stem(file)))
    : [];
  for (const name of beside) copyFileSync(join(file, '..', name), join(folder, name));
  return (copy) => loadModel(ofFolder ? folder : copy.replace(/-weights\.bin$/, '.json'));
}

/** `a` of TensorFlow.js' `a.json` and `a-weights.bin`. */
const stem = (file: string): string => basename(file).replace(/(\.json|-weights\.bin)$/, '');

for (const file of files) {
  const whole = readFileSync(file);
  const read = await reader(file);
  const path = join(folder, basename(file));
  writeFileSync(path, whole);
  // Only what loads when it is whole says something about damage.
  await read(path);
  const result = { file, refused: 0, loaded: 0, slowestMs: 0, slowest: '', wrong: [] as string[] };
  for (let i = 0; i < Number(copies); i++) {
    const kind = kinds[i % kinds.length] as string;
    const started = seed;
    writeFileSync(path, await (DAMAGES[kind] as Damage)(Uint8Array.from(whole)));
    const begin = performance.now();
    try {
      await read(path);
      result.loaded++;
    } catch (error) {
      if (error instanceof SarafError && error.code === 'ERR_FORMAT') result.refused++;
      else
        result.wrong.push(
          `${kind}, seed ${started}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`.slice(0, 500),
        );
    }
    const ms = performance.now() - begin;
    if (ms > result.slowestMs) Object.assign(result, { slowestMs: ms, slowest: `${kind}, seed ${started}` });
  }
  rmSync(folder, { recursive: true });
  mkdirSync(folder);
  console.log(JSON.stringify({ ...result, baseMiB, peakMiB: process.resourceUsage().maxRSS / 1024 }));
}
rmSync(folder, { recursive: true, force: true });
