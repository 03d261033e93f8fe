import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Browser, Page } from 'playwright-core';
import { findChromium } from './browser.js';

/** A page on the disk, and the charts that are in it. */
export interface WrittenPage {
  readonly path: string;
  readonly charts: readonly { readonly id: string }[];
}

/** Opens a page in Chromium, offline, on a desk and on a phone: no console error, every chart drawn, nothing wider than the page. */
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
        it(`opens offline at ${width} px: no console error, every chart drawn, nothing wider than the page`, async () => {
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
          expect(errors).toEqual([]);
          if (process.env['SARAF_SCREENSHOTS'])
            await page.screenshot({ path: join(process.env['SARAF_SCREENSHOTS'], `${name}-${width}.png`), fullPage: true });
          await context.close();
        });
      }
    },
  );
}
