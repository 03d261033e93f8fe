import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Ajv, type ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';

let validate: ValidateFunction | undefined;

/** Violations of Vega-Lite's schema, empty for a valid specification. */
export function schemaErrors(spec: unknown): string[] {
  if (!validate) {
    const path = createRequire(import.meta.url).resolve('vega-lite/vega-lite-schema.json');
    const ajv = new Ajv({ strict: false });
    addFormats.default(ajv);
    ajv.addFormat('color-hex', () => true);
    validate = ajv.compile(JSON.parse(readFileSync(path, 'utf8')) as object);
  }
  return validate(spec) ? [] : (validate.errors ?? []).map((e) => `${e.instancePath} ${e.message ?? ''}`);
}
