/** A line of a CSV file, with quotes where a value needs them. */
export function csvLine(values: readonly (string | number)[], delimiter = ','): string {
  const quoted = (value: string): string =>
    /["\n\r]/.test(value) || value.includes(delimiter) ? `"${value.replaceAll('"', '""')}"` : value;
  return values.map((value) => quoted(String(value))).join(delimiter);
}
