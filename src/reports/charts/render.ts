import { SarafError } from '../../errors.js';
import { chartTheme, type ChartSpec } from './spec.js';

/** Static pictures need a number where a page would say "container". */
export function withWidth(spec: ChartSpec, width: number): ChartSpec {
  return spec['width'] === 'container' ? { ...spec, width } : spec;
}

/**
 * Draws a specification as an SVG text, without a browser and without canvas.
 *
 * Units:  width in pixels, used where the specification says "container".
 * Throws: ERR_FORMAT if Vega-Lite refuses the specification.
 */
export async function renderSvg(spec: ChartSpec, width = 480): Promise<string> {
  // Both are ESM with top-level await and cannot be required, so nothing may import them statically.
  const [vega, vegaLite] = await Promise.all([import('vega'), import('vega-lite')]);
  try {
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
