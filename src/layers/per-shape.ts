/** More shapes than this are not remembered: sequences of many lengths must not pile up indices. */
const KEPT = 32;

/** Keeps one value per shape, so that a steady step computes no geometry again. */
export class PerShape<T> {
  private readonly kept = new Map<string, T>();

  get(shape: readonly number[], make: () => T): T {
    const key = shape.join(',');
    let value = this.kept.get(key);
    if (value === undefined) {
      value = make();
      if (this.kept.size >= KEPT) this.kept.delete(this.kept.keys().next().value as string);
      this.kept.set(key, value);
    }
    return value;
  }
}
