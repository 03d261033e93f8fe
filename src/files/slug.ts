/** The parts as one name for files and anchors: letters and digits of any script, all else as hyphens. */
export function slug(...parts: readonly (string | null)[]): string {
  return parts
    .filter((p) => p !== null && p !== '')
    .join('-')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\p{M}]+/gu, '-')
    .replace(/^-+|-+$/g, '');
}
