import { defineConfig } from 'tsdown';

export default defineConfig([
  {
    name: 'library',
    entry: { index: 'src/index.ts' },
    format: ['esm', 'cjs'],
    platform: 'node',
    target: 'node20.19',
    fixedExtension: true,
    // vega cannot be required: the charts load it with import(), which this keeps in the CommonJS file.
    deps: { skipNodeModulesBundle: true },
    shims: true,
    dts: { sourcemap: false },
    sourcemap: true,
    checks: { legacyCjs: false, pluginTimings: false },
    publint: false,
  },
  {
    name: 'command line',
    entry: { cli: 'src/cli/main.ts' },
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    fixedExtension: true,
    deps: { skipNodeModulesBundle: true },
    dts: false,
    sourcemap: true,
    checks: { legacyCjs: false, pluginTimings: false },
  },
]);
