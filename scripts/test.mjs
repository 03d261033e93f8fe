// Everything that must hold, in one command: format, lint, types, the built package, then all tests.
//   npm test [-- PATTERN…]     only tests whose path matches (the checks before them still run)
// The last line is `N passed, N failed[, N skipped]`. A test is skipped only where a component it needs is absent, with
// the reason; where CI is set nothing may be skipped but what the processor itself cannot run, which no installation mends.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
process.chdir(root);
const bin = (name, script) => join('node_modules', name, script);

const checks = [
  ['Format', [bin('prettier', 'bin/prettier.cjs'), '--check', '--log-level', 'warn', '.']],
  ['Lint', [bin('oxlint', 'bin/oxlint'), '--deny-warnings']],
  ['Types', [bin('typescript', 'bin/tsc'), '--noEmit']],
  ['Package', [bin('tsdown', 'dist/run.mjs'), '--log-level', 'warn']],
];

let passed = 0;
let failed = 0;
for (const [name, args] of checks) {
  const started = Date.now();
  const result = spawnSync(process.execPath, args, { stdio: ['ignore', 'inherit', 'inherit'] });
  const ok = result.status === 0;
  console.log(`${ok ? 'ok' : 'FAILED'}  ${name} (${((Date.now() - started) / 1000).toFixed(1)} s)`);
  if (ok) passed += 1;
  else failed += 1;
}

const report = join('out', 'test', 'results.json');
rmSync(report, { force: true });
mkdirSync(dirname(report), { recursive: true });
const run = spawnSync(
  process.execPath,
  [bin('vitest', 'vitest.mjs'), 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`, ...process.argv.slice(2)],
  { stdio: ['ignore', 'inherit', 'inherit'] },
);
let skipped = 0;
let beyond = 0;
try {
  const results = JSON.parse(readFileSync(report, 'utf8'));
  passed += results.numPassedTests;
  failed += results.numFailedTests;
  skipped = results.numPendingTests + results.numTodoTests;
  const names = results.testResults.flatMap((file) =>
    file.assertionResults.filter((t) => t.status === 'pending' || t.status === 'skipped').map((t) => t.fullName),
  );
  beyond = names.filter((name) => /\(skipped: this processor cannot run \w+\)/.test(name)).length;
  // A file that cannot even be loaded fails without a test of its own.
  failed += results.testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0).length;
  if (results.numTotalTests === 0) failed += 1;
} catch {
  failed += 1;
}
if (run.status !== 0 && failed === 0) failed = 1;
if (beyond > 0) console.log(`${beyond} tests were skipped that need instructions which this processor does not have`);
if (skipped > beyond && process.env.CI) {
  console.log(`FAILED  ${skipped - beyond} tests were skipped; in CI every component must be present (see .ci/run)`);
  failed += 1;
}
console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
process.exit(failed > 0 ? 1 : 0);
