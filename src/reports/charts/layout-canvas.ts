import { boldWidth } from './text-width.js';

/**
 * As much of a canvas as Vega's word cloud asks for: it draws each word and looks which pixels are taken. Here a word takes the whole box
 * around it, that of a wide and bold font: what is narrower finds room.
 */
class LayoutCanvas {
  width = 0;
  height = 0;
  font = '';
  lineWidth = 0;
  private at: readonly [number, number] = [0, 0];
  private pixels = new Uint8ClampedArray(0);

  getContext(): this {
    return this;
  }

  save(): void {}

  restore(): void {
    this.at = [0, 0];
  }

  translate(x: number, y: number): void {
    this.at = [Math.round(x), Math.round(y)];
  }

  clearRect(): void {
    this.pixels = new Uint8ClampedArray(4 * this.width * this.height);
  }

  measureText(text: string): { width: number } {
    return { width: boldWidth(text) * this.size() };
  }

  fillText(text: string): void {
    this.box(text, 0);
  }

  strokeText(text: string): void {
    this.box(text, this.lineWidth / 2);
  }

  getImageData(): { data: Uint8ClampedArray } {
    return { data: this.pixels.length > 0 ? this.pixels : new Uint8ClampedArray(4 * this.width * this.height) };
  }

  private size(): number {
    return Number(/(\d+)px/.exec(this.font)?.[1] ?? 0);
  }

  /** The word stands in the middle of its place, on its base line. */
  private box(text: string, margin: number): void {
    const [x, y] = this.at;
    const half = Math.ceil((boldWidth(text) * this.size()) / 2 + margin);
    const top = Math.max(0, y - Math.ceil(0.8 * this.size() + margin));
    const bottom = Math.min(this.height, y + Math.ceil(0.25 * this.size() + margin));
    for (let row = top; row < bottom; ++row)
      this.pixels.fill(255, 4 * (row * this.width + Math.max(0, x - half)), 4 * (row * this.width + Math.min(this.width, x + half)));
  }
}

/**
 * Does what needs a canvas for layout where there is none, at once: nothing else runs in between.
 *
 * Vega looks for one in the page, and outside of one in the package `canvas`, which nobody has to have for a few words.
 */
export function withLayoutCanvas<T>(work: () => T): T {
  if ('document' in globalThis) return work();
  const page = globalThis as { document?: unknown };
  page.document = { createElement: () => new LayoutCanvas() };
  try {
    return work();
  } finally {
    delete page.document;
  }
}
