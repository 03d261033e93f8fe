import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageRoot } from '../../src/backend/native.js';

/** A folder outside the checkout in which `saraf` is installed, as far as Node and TypeScript can tell. */
export class Consumer {
  readonly folder = mkdtempSync(join(tmpdir(), 'saraf-consumer-'));

  constructor() {
    mkdirSync(join(this.folder, 'node_modules'));
    symlinkSync(packageRoot(), join(this.folder, 'node_modules', 'saraf'), 'junction');
  }

  write(name: string, text: string): string {
    const path = join(this.folder, name);
    writeFileSync(path, text);
    return path;
  }

  /** Runs a file with Node in this folder and reads the JSON that it prints. Throws with its complaint if it fails. */
  run(name: string, text: string): unknown {
    const path = this.write(name, text);
    const printed = execFileSync(process.execPath, [path], { cwd: this.folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
    return JSON.parse(printed);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
