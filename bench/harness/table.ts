import { contenders } from '../contenders/index.js';
import type { BenchResults, Row } from './types.js';

/** Whether a contender computes with fewer bits than float32: then its time is no peer's. */
export const isReduced = (name: string): boolean => contenders.find((c) => c.name === name)?.reduced === true;

export function formatMs(ms: number | null): string {
  if (ms === null) return '–';
  return ms >= 1000 ? ms.toFixed(0) : ms >= 100 ? ms.toFixed(1) : ms >= 1 ? ms.toFixed(2) : ms >= 0.01 ? ms.toFixed(4) : ms.toPrecision(3);
}

/** The fastest row in float32 that is not `own`, of the same suite and shape. */
export function bestPeer(rows: readonly Row[], row: Row, own: string): Row | null {
  let best: Row | null = null;
  for (const r of rows) {
    if (r.suite !== row.suite || r.shape !== row.shape || r.contender === own || r.medianMs === null || isReduced(r.contender)) continue;
    if (best === null || r.medianMs < (best.medianMs as number)) best = r;
  }
  return best;
}

/** How many times as fast as the best peer; null where there is nothing to compare. */
export function speedOverBestPeer(rows: readonly Row[], row: Row, own: string): number | null {
  const best = bestPeer(rows, row, own);
  return best?.medianMs != null && row.medianMs !== null ? best.medianMs / row.medianMs : null;
}

export const HEADS = [
  'case',
  'contender',
  'threads',
  'median ms',
  'min…max',
  'GFLOP/s',
  '% of peak',
  '× best peer',
  'agrees',
  'error',
  '× direct error',
  'note',
] as const;

/** One line per row, in the words of `HEADS`. */
export function tableCells(rows: readonly Row[], row: Row, own: string): string[] {
  const speed = speedOverBestPeer(rows, row, own);
  return [
    `${row.suite}/${row.shape}`,
    row.contender,
    String(row.threads),
    formatMs(row.medianMs),
    row.minMs === null ? '–' : `${formatMs(row.minMs)}…${formatMs(row.maxMs)}`,
    row.gflops === null ? '–' : row.gflops >= 10 ? row.gflops.toFixed(0) : row.gflops.toPrecision(2),
    row.percentOfPeak === null ? '–' : row.percentOfPeak.toFixed(row.percentOfPeak < 1 ? 2 : 0),
    speed === null ? '–' : speed.toPrecision(3),
    row.agrees === null ? '–' : row.agrees ? 'yes' : 'NO',
    row.errorRms?.toExponential(1) ?? '–',
    row.errorVsDirect?.toPrecision(2) ?? '',
    row.note,
  ];
}

const RIGHT = new Set(['threads', 'median ms', 'min…max', 'GFLOP/s', '% of peak', '× best peer', 'error', '× direct error']);

/** The table for a terminal. */
export function terminalTable({ rows }: BenchResults, own: string): string {
  const lines = [[...HEADS] as string[], ...rows.map((row) => tableCells(rows, row, own))];
  const widths = HEADS.map((_, i) => Math.max(...lines.map((line) => (line[i] as string).length)));
  return lines
    .map((line) =>
      line
        .map((cell, i) => (RIGHT.has(HEADS[i] as string) ? cell.padStart(widths[i] as number) : cell.padEnd(widths[i] as number)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
