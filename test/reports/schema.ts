import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Ajv, type ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';

const validators = new Map<string, ValidateFunction>();

/** Violations of the schema of Vega-Lite, or of Vega, empty for a valid specification. */
export function schemaErrors(spec: unknown, language: 'vega-lite' | 'vega' = 'vega-lite'): string[] {
  let validate = validators.get(language);
  if (!validate) {
    const path = createRequire(import.meta.url).resolve(`${language}/${language}-schema.json`);
    const ajv = new Ajv({ strict: false });
    addFormats.default(ajv);
    ajv.addFormat('color-hex', () => true);
    validate = ajv.compile(JSON.parse(readFileSync(path, 'utf8')) as object);
    validators.set(language, validate);
  }
  return validate(spec) ? [] : (validate.errors ?? []).map((e) => `${e.instancePath} ${e.message ?? ''}`);
}
