import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { packageRoot } from '../../backend/native.js';
import { SarafError } from '../../errors.js';
import { escapeScript } from './escape.js';

const BUNDLES = ['vega', 'vega-lite', 'vega-embed'] as const;

/**
 * The drawing libraries as `<script>` elements, so that a page opens without a network.
 *
 * Throws: ERR_FORMAT if one of the packages is not installed as expected.
 */
export function inlineBundles(): string {
  const require = createRequire(join(packageRoot(), 'package.json'));
  const scripts = BUNDLES.map((name) => {
    try {
      const path = join(dirname(require.resolve(name)), `${name}.min.js`);
      return `<script>${escapeScript(readFileSync(path, 'utf8'))}</script>`;
    } catch (cause) {
      throw new SarafError('ERR_FORMAT', 'report', `expected ${name}.min.js of the package ${name}; install saraf's dependencies again`, {
        cause,
      });
    }
  });
  // Where a page's own loader defines AMD, the bundles would register there instead of as globals.
  return `<script>var saraf_define = window.define; window.define = undefined;</script>\n${scripts.join('\n')}\n<script>window.define = saraf_define;</script>`;
}
