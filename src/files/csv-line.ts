const quoted = (value: string): string => (/[",\n\r]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value);

/** A line of a CSV file, comma-separated, with quotes where a value needs them. */
export const csvLine = (values: readonly (string | number)[]): string => values.map((value) => quoted(String(value))).join(',');
