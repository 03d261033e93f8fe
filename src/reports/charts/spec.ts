/** A specification of Vega-Lite, or of Vega for what only it can do, as plain JSON. Tests hold each one to the schema that it names. */
export type ChartSpec = Readonly<Record<string, unknown>>;

export const SCHEMA = 'https://vega.github.io/schema/vega-lite/v6.json';
export const VEGA_SCHEMA = 'https://vega.github.io/schema/vega/v6.json';

/** Whether a file's name is that of a chart which a report left. */
export const isChartFile = (name: string): boolean => /\.v[lg]\.json$/.test(name);

/** Okabe and Ito's colours, told apart with any colour vision; yellow is left out, being invisible on white. */
export const CATEGORY_COLOURS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#56b4e9', '#e69f00', '#7f7f7f'] as const;

/** Light to dark, with enough contrast for black text on the first half and white on the second. */
export const HEAT_COLOURS = ['#eef4fa', '#9cc4e4', '#3d85c0', '#0b3d68'] as const;

const FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif';

/** Colours of axes and text, so that a chart sits on a light or a dark page. */
export function chartTheme(mode: 'light' | 'dark'): ChartSpec {
  const text = mode === 'light' ? '#24292f' : '#d8dee6';
  const quiet = mode === 'light' ? '#57606a' : '#9aa5b1';
  const grid = mode === 'light' ? '#e3e7ec' : '#333b45';
  return {
    font: FONT,
    background: 'transparent',
    view: { stroke: null },
    padding: 4,
    title: { color: text, fontSize: 13, fontWeight: 600, anchor: 'start', subtitleColor: quiet, subtitleFontSize: 11, offset: 10 },
    axis: {
      labelColor: quiet,
      titleColor: quiet,
      gridColor: grid,
      domainColor: grid,
      tickColor: grid,
      labelFontSize: 11,
      titleFontSize: 11,
      titleFontWeight: 500,
      labelLimit: 160,
    },
    legend: {
      labelColor: text,
      titleColor: quiet,
      labelFontSize: 11,
      titleFontSize: 11,
      titleFontWeight: 500,
      orient: 'bottom',
      columns: 3,
      symbolStrokeWidth: 2,
    },
    range: { category: [...CATEGORY_COLOURS] },
    text: { color: text },
    rule: { color: quiet },
  };
}

/** Characters of a title's line that fit a chart on a phone. */
const TITLE_LINE = 44;

/** A title in lines that fit a narrow chart; one line stays a text. */
function titleLines(title: string): string | string[] {
  const lines: string[] = [];
  for (const word of title.split(' ')) {
    const line = lines.at(-1);
    if (line !== undefined && line.length + 1 + word.length <= TITLE_LINE) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(word);
  }
  return lines.length > 1 ? lines : title;
}

/** Height of a line of a title, in pixels. */
const LINE_HEIGHT = 15;

/** The head of a chart that is `height` pixels high with a title of one line, and what is higher for further lines. */
export function titled({ title, subtitle }: { readonly title: string; readonly subtitle?: string }, height: number): ChartSpec {
  const text = titleLines(title);
  return {
    title: { text, ...(subtitle ? { subtitle } : {}) },
    height: height + (Array.isArray(text) ? LINE_HEIGHT * (text.length - 1) : 0),
  };
}
