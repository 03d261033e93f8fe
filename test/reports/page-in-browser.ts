import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Browser, Page } from 'playwright-core';
import { decodePng } from '../../src/files/decode-png.js';
import { findChromium } from './browser.js';
import { inkOf, missingInk, type Area } from './ink.js';

/** A page on the disk, and the charts that are in it. */
export interface WrittenPage {
  readonly path: string;
  readonly charts: readonly { readonly id: string }[];
}

/** What lies beyond the left or right edge of the page, but for what a wide table scrolls to. Runs in the page. */
const BEYOND = `[...document.querySelectorAll('header *, main *, footer *')]
  .filter((element) => element.closest('.scroll') === null || element.matches('.scroll'))
  .filter((element) => { const { left, right, width } = element.getBoundingClientRect(); return width > 0 && (left < -1 || right > innerWidth + 1); })
  .map((element) => element.tagName + ' ' + (element.textContent ?? '').trim().slice(0, 60))`;
/** Words of charts that are cut off at an edge of theirs. Runs in the page. */
const CUT = `[...document.querySelectorAll('.chart svg text')]
  .filter((text) => {
    const [own, chart] = [text.getBoundingClientRect(), text.closest('.chart').getBoundingClientRect()];
    return own.width > 0 && (own.left < chart.left - 2 || own.right > chart.right + 2);
  })
  .map((text) => text.closest('.chart').id + ': ' + text.textContent)`;
/** Where the charts are on the whole page. Runs in the page. */
const AREAS = `Object.fromEntries([...document.querySelectorAll('.chart')].map((chart) => {
  const { x, y, width, height } = chart.getBoundingClientRect();
  return [chart.id, { x: x + scrollX, y: y + scrollY, width, height }];
}))`;

/** Opens a page in Chromium, offline, on a desk and on a phone: no console error, every chart drawn, nothing wider than the page, ink in the screenshot. */
export function describePage(name: string, write: () => WrittenPage, also?: (page: Page) => Promise<void>): void {
  const chromium = findChromium();
  describe.skipIf(chromium === null)(
    `${name}.html in a browser${chromium === null ? ' (skipped: no Chromium in PATH and none named in CHROMIUM)' : ''}`,
    () => {
      let browser: Browser;
      beforeAll(async () => {
        const { chromium: launcher } = await import('playwright-core');
        browser = await launcher.launch({ executablePath: chromium ?? '', args: ['--no-sandbox'] });
      });
      afterAll(() => browser.close());

      for (const width of [1280, 390]) {
        it(`opens offline at ${width} px: no console error, every chart drawn, nothing wider than the page, ink where charts are`, async () => {
          const { path, charts } = write();
          const context = await browser.newContext({ viewport: { width, height: 900 }, offline: true });
          const page = await context.newPage();
          const errors: string[] = [];
          page.on('console', (m) => void (['error', 'warning'].includes(m.type()) && errors.push(m.text())));
          page.on('pageerror', (e) => errors.push(e.message));
          page.on('requestfailed', (r) => errors.push(`request ${r.url()}`));
          await page.goto(pathToFileURL(path).href);
          await page.waitForSelector('html[data-drawn]');
          expect(await page.getAttribute('html', 'data-drawn')).toBe(String(charts.length));
          for (const chart of charts) {
            const box = await page.$eval(`#${chart.id} svg`, (svg) => ({
              width: svg.getBoundingClientRect().width,
              marks: svg.querySelectorAll('path, text').length,
            }));
            expect(box.marks, chart.id).toBeGreaterThan(5);
            expect(box.width, chart.id).toBeGreaterThan(100);
          }
          await also?.(page);
          expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
          expect(await page.evaluate(BEYOND)).toEqual([]);
          expect(await page.evaluate(CUT)).toEqual([]);
          expect(errors).toEqual([]);
          const screenshot = await page.screenshot({ fullPage: true });
          if (process.env['SARAF_SCREENSHOTS']) writeFileSync(join(process.env['SARAF_SCREENSHOTS'], `${name}-${width}.png`), screenshot);
          const picture = decodePng(screenshot);
          expect(picture.width).toBe(width);
          const areas = await page.evaluate<Record<string, Area>>(AREAS);
          for (const { id } of charts) expect(missingInk(inkOf(picture, areas[id] ?? { x: 0, y: 0, width: 1, height: 1 })), id).toEqual([]);
          // A chart that failed leaves a message in its place: that must not pass for one.
          const [first] = charts;
          if (first) {
            await page.$eval(`#${first.id} svg`, (svg) => svg.replaceWith('This chart could not be drawn.'));
            const broken = decodePng(await page.locator(`#${first.id}`).screenshot());
            expect(missingInk(inkOf(broken, { x: 0, y: 0, width: broken.width, height: broken.height }))).not.toEqual([]);
          }
          await context.close();
        });
      }
    },
  );
}
