/** The parts as one name for files and anchors. */
export function slug(...parts: readonly (string | null)[]): string {
  return parts
    .filter((p) => p !== null && p !== '')
    .join('-')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '');
}
