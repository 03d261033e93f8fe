import { SarafError } from '../../errors.js';
import { withLayoutCanvas } from './layout-canvas.js';
import { chartTheme, VEGA_SCHEMA, type ChartSpec } from './spec.js';
import { measureByLetters } from './text-width.js';

/** Static pictures need a number where a page would say "container". */
export function withWidth(spec: ChartSpec, width: number): ChartSpec {
  return spec['width'] === 'container' ? { ...spec, width } : spec;
}

/**
 * Draws a specification as an SVG text, without a browser and without canvas.
 *
 * Units:  width in pixels, used where the specification says "container".
 * Throws: ERR_FORMAT if Vega or Vega-Lite refuses the specification.
 */
export async function renderSvg(given: ChartSpec, width = 480): Promise<string> {
  // Vega writes into the values that it is given.
  const spec = structuredClone(given);
  // Both are ESM with top-level await and cannot be required, so nothing may import them statically.
  const [vega, vegaLite] = await Promise.all([import('vega'), import('vega-lite')]);
  measureByLetters(vega);
  try {
    if (spec['$schema'] === VEGA_SCHEMA) return await vegaSvg(vega, spec, width);
    const themed = { background: 'white', config: chartTheme('light'), ...withWidth(spec, width) };
    const compiled = vegaLite.compile(themed as unknown as Parameters<typeof vegaLite.compile>[0], { logger: quiet });
    const view = new vega.View(vega.parse(compiled.spec), { renderer: 'none' });
    try {
      return await view.toSVG();
    } finally {
      view.finalize();
    }
  } catch (cause) {
    throw new SarafError(
      'ERR_FORMAT',
      'chart',
      `expected a Vega-Lite specification, received one that does not compile: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    );
  }
}

/** Where no browser knows which font `sans-serif` is: the usual ones by name. */
const SANS_SERIF = 'Helvetica, Arial, Liberation Sans, DejaVu Sans, sans-serif';

/** Text alone: whether anything of it is drawn says whether the machine has a font. */
const LETTERS =
  '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20"><text x="2" y="15" font-size="12" font-family="sans-serif">Ab</text></svg>';

/**
 * A chart's SVG as a PNG picture on white, `scale` pixels to one of the SVG, without a browser.
 *
 * Throws: ERR_ARG for a scale that is no positive number; ERR_STATE on a machine without fonts, where every label would be missing.
 */
export async function pngOf(svg: string, scale = 2): Promise<Uint8Array> {
  if (!(scale > 0 && Number.isFinite(scale))) throw new SarafError('ERR_ARG', 'chart', `expected a positive scale, received ${scale}`);
  const { Resvg } = await import('@resvg/resvg-js');
  if (new Resvg(LETTERS).innerBBox() === undefined)
    throw new SarafError('ERR_STATE', 'chart', 'expected a font on this machine for the labels of a PNG, found none; install one (Debian: fonts-dejavu-core) or take the SVG'); // prettier-ignore
  const named = svg.replace(/sans-serif(?=")/g, SANS_SERIF);
  return new Resvg(named, { fitTo: { mode: 'zoom', value: scale }, background: 'white' }).render().asPng();
}

/** Draws a specification of Vega. Words lie at the same places each time. */
async function vegaSvg(vega: typeof import('vega'), spec: ChartSpec, width: number): Promise<string> {
  const { title } = chartTheme('light');
  const parsed = vega.parse(
    spec as unknown as Parameters<typeof vega.parse>[0],
    { title, background: 'white' } as Parameters<typeof vega.parse>[1],
  );
  const view = new vega.View(parsed, { renderer: 'none' });
  try {
    // Vega exports both; its types leave them out.
    const { setRandom, randomLCG } = vega as unknown as { setRandom(random: () => number): void; randomLCG(seed: number): () => number };
    withLayoutCanvas(() => {
      setRandom(randomLCG(1));
      view.run().signal('width', width).run();
      setRandom(Math.random);
    });
    return await view.toSVG();
  } finally {
    view.finalize();
  }
}

/** A specification's own warnings are errors here: a report with a field missing is wrong, not merely ugly. */
const quiet = {
  level: () => quiet,
  error: (...messages: readonly unknown[]) => {
    throw new Error(messages.join(' '));
  },
  warn: (...messages: readonly unknown[]) => {
    throw new Error(messages.join(' '));
  },
  info: () => quiet,
  debug: () => quiet,
};
