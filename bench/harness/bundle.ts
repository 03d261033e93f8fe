import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));

/** The part of esbuild that is used; it comes with tsx, whose translator it is. */
interface Esbuild {
  build(options: object): Promise<unknown>;
}
interface Loading {
  onLoad(which: { filter: RegExp }, load: (file: { path: string }) => { contents: string; loader: 'ts' }): void;
}

/**
 * The trial's program in one file of JavaScript: a process then starts in a tenth of a second instead of a whole one, which for
 * thousands of trials is an hour. Each module goes on believing that it lies where its source lies.
 */
export async function bundledTrial(): Promise<string> {
  const esbuild = createRequire(createRequire(import.meta.url).resolve('tsx/package.json'))('esbuild') as Esbuild;
  const outfile = join(here, '..', '.cache', `trial-${process.pid}.js`);
  mkdirSync(dirname(outfile), { recursive: true });
  await esbuild.build({
    entryPoints: [join(here, 'trial.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    packages: 'external',
    plugins: [
      {
        name: 'where-it-lies',
        setup: ({ onLoad }: Loading) =>
          onLoad({ filter: /\.ts$/ }, ({ path }) => ({
            contents: readFileSync(path, 'utf8')
              .replaceAll('import.meta.url', JSON.stringify(pathToFileURL(path).href))
              .replaceAll('import.meta.dirname', JSON.stringify(dirname(path))),
            loader: 'ts',
          })),
      },
    ],
  });
  return outfile;
}
