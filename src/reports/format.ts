/** A figure with two decimals; a dash for none. */
export function formatScore(value: number | null): string {
  return value === null ? '–' : Number.isFinite(value) ? value.toFixed(2) : 'not finite';
}

/** `71.43 ± 2.10`, or the mean alone where one seed was run. */
export function formatMeanStd(mean: number, std: number | null): string {
  return std === null ? formatScore(mean) : `${formatScore(mean)} ± ${std.toFixed(2)}`;
}

/** `+1.20`, `−0.35`; a dash for none. */
export function formatDifference(value: number | null): string {
  if (value === null) return '–';
  return `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(2)}`;
}

/** `2 h 05 min`, `3 min 20 s`, `12 s`. */
export function formatDuration(seconds: number): string {
  const s = Math.max(0, Math.round(seconds));
  if (s >= 3600) return `${Math.floor(s / 3600)} h ${String(Math.floor((s % 3600) / 60)).padStart(2, '0')} min`;
  return s >= 60 ? `${Math.floor(s / 60)} min ${String(s % 60).padStart(2, '0')} s` : `${s} s`;
}

/** `1.5 GB`, `340 MB`. Units: bytes, decimal prefixes. */
export function formatBytes(bytes: number): string {
  if (bytes >= 1e9) return `${(bytes / 1e9).toFixed(1)} GB`;
  return bytes >= 1e6 ? `${Math.round(bytes / 1e6)} MB` : `${Math.max(1, Math.round(bytes / 1e3))} kB`;
}

/** `99.5 %` of a share in [0,1]. */
export function formatShare(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
