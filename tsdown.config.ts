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
  {
    // The thread that reads HDF5 starts from a file of its own.
    name: 'HDF5 thread',
    entry: { 'hdf5-worker': 'src/keras/hdf5/worker.mjs' },
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    fixedExtension: true,
    deps: { skipNodeModulesBundle: true },
    dts: false,
    sourcemap: true,
    checks: { pluginTimings: false },
  },
]);
