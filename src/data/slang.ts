import { SlangDictionary } from '../text/slang.js';
import { readChecked } from './check-table.js';
import { provenanceOf, type Provenance } from './provenance.js';
import { resolveDataset, type ResolveOptions } from './resolve.js';
import { idHateSpeech } from './sets/id-hate-speech.js';

const FILE = 'new_kamusalay.csv';

/**
 * Kamus alay: 15,167 slang words and misspellings of Indonesian tweets and what they stand for.
 *
 * Entries are folded to lower case, so that they fit texts that are; its licence is non-commercial (CC BY-NC-SA 4.0).
 * Throws: as `resolveDataset`.
 * Source: Ibrohim and Budi 2019.
 * Example: `const { slang } = await loadSlang(); slang.normalize(['gmn', 'kabar']).words // ['gimana', 'kabar']`
 */
export async function loadSlang(
  options: Omit<ResolveOptions, 'files' | 'layout' | 'standIn'> = {},
): Promise<{ slang: SlangDictionary; provenance: Provenance }> {
  const found = await resolveDataset(idHateSpeech, { ...options, files: [FILE], standIn: false });
  const [file] = found.files as [(typeof found.files)[number]];
  const facts = idHateSpeech.layouts[0]?.files.find((f) => f.name === FILE)?.table;
  const table = await readChecked(file.path, file.csv, facts, options.signal);
  const meanings = table.strings('formal');
  const pairs = table.strings('slang').map((slang, i): [string, string] => [slang.toLowerCase(), (meanings[i] as string).toLowerCase()]);
  return { slang: new SlangDictionary(pairs), provenance: provenanceOf(idHateSpeech.id, file, table.rows) };
}
