import { readFileSync } from 'node:fs';
import { csvOutputs, type CsvShape, type IngestInputs } from '../suites/ingest.js';
import type { Job } from '../suites/suite.js';
import { NotAvailable, type Contender } from './contender.js';
import { peerPackage } from './peer-package.js';

/** The values of some columns, as arrays of JavaScript. */
type Read = (path: string, columns: readonly string[]) => Promise<(name: string) => ArrayLike<unknown>>;

function csvJob({ shape, files }: IngestInputs, read: Read): Job {
  if (shape.kind !== 'csv' || files === null) throw new NotAvailable('it reads tables and does not prepare texts');
  const { columns } = shape as CsvShape;
  const [path] = files as readonly [string];
  return {
    check: async () => csvOutputs(columns, await read(path, columns)),
    run: async () => void (await read(path, columns)),
  };
}

/** A reader of tables as a contender of one suite. */
function reader<Module>(name: string, title: string, threads: number, start: (module: Module, threads: number) => Read): Contender {
  return {
    name,
    title,
    maxThreads: threads,
    load(asked) {
      // Read when the library is loaded.
      process.env['POLARS_MAX_THREADS'] = String(asked);
      const found = ((): ReturnType<typeof peerPackage<Module>> | { readonly why: string } => {
        try {
          return peerPackage<Module>(name);
        } catch (error) {
          return { why: (error as Error).message.split('\n', 1)[0] as string };
        }
      })();
      if (found === null) return Promise.resolve({ unavailable: `${name} is not installed; npm run peers` });
      if ('why' in found) return Promise.resolve({ unavailable: `${name} does not load: ${found.why}` });
      const read = start(found.module, asked);
      return Promise.resolve({ version: `${name} ${found.version}`, cases: { ingest: (inputs) => csvJob(inputs, read) } });
    },
  };
}

interface Papa {
  parse(text: string, options: object): { readonly data: readonly (readonly string[])[] };
}

/** The whole file as one string: its fastest way. */
export const papaparse = reader<Papa>('papaparse', 'Papa Parse', 1, (papa) => (path, columns) => {
  const { data } = papa.parse(readFileSync(path, 'utf8'), { delimiter: ',', newline: '\n', skipEmptyLines: true });
  const [header = [], ...rows] = [data[0], ...data.slice(1)];
  const values = new Map(
    columns.map((name) => {
      const i = header.indexOf(name);
      return [name, (rows as (readonly string[])[]).map((row) => row[i] as string)];
    }),
  );
  return Promise.resolve((name) => values.get(name) ?? []);
});

interface Danfo {
  readCSV(path: string): Promise<{ column(name: string): { readonly values: ArrayLike<unknown> } }>;
}

/** The frame that saraf takes and gives. It stands in the root package, for the tests. */
export const danfojs = reader<Danfo>('danfojs-node', 'danfo.js', 1, (danfo) => async (path, columns) => {
  const frame = await danfo.readCSV(path);
  const values = new Map(columns.map((name) => [name, frame.column(name).values]));
  return (name) => values.get(name) ?? [];
});

interface Polars {
  readCSV(path: string): { getColumn(name: string): { toArray(): ArrayLike<unknown> } };
}

/** In Rust; its columns become arrays of JavaScript as those of the others are. */
export const polars = reader<Polars>('nodejs-polars', 'Polars', Number.POSITIVE_INFINITY, (pl) => (path, columns) => {
  const frame = pl.readCSV(path);
  const values = new Map(columns.map((name) => [name, frame.getColumn(name).toArray()]));
  return Promise.resolve((name) => values.get(name) ?? []);
});
