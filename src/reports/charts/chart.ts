import { pngOf, renderSvg } from './render.js';
import type { ChartSpec } from './spec.js';

/**
 * A chart for a notebook or a page: its specification of Vega-Lite or Vega, and the same drawn.
 *
 * Example: `tslab.display.html(await charts.lossCurve(history).toHTML())`
 */
export class Chart {
  readonly spec: ChartSpec;

  constructor(spec: ChartSpec) {
    this.spec = spec;
  }

  /** SVG text. Units: width in pixels. */
  toSVG(width = 480): Promise<string> {
    return renderSvg(this.spec, width);
  }

  /**
   * A PNG picture. Units: width in pixels of the chart, `scale` pixels of the picture to one of those (2: sharp in print).
   *
   * Throws: ERR_STATE on a machine without fonts.
   */
  async toPNG(width = 480, scale = 2): Promise<Uint8Array> {
    return pngOf(await this.toSVG(width), scale);
  }

  /** An `<img>` with the drawing inside it: notebooks show it even where they are not trusted yet. */
  async toHTML(width = 480): Promise<string> {
    const svg = await this.toSVG(width);
    const alt = typeof this.spec['description'] === 'string' ? this.spec['description'] : 'chart';
    const escaped = alt.replace(/&/g, '&amp;').replace(/"/g, '&quot;').replace(/</g, '&lt;');
    return `<img alt="${escaped}" style="max-width:100%" src="data:image/svg+xml;base64,${Buffer.from(svg, 'utf8').toString('base64')}">`;
  }
}
