import { SarafError, type ErrorCode } from '../errors.js';

/** What an error says, without the name of the operation. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message.replace(/^\[[^\]]*\] /, '') : String(error);
}

/** What the file is not to blame for. */
const NOT_THE_FILE: readonly ErrorCode[] = ['ERR_DEVICE', 'ERR_NATIVE_LOAD'];

/**
 * Runs a reader so that whatever goes wrong in it is one ERR_FORMAT: a value of an unexpected kind in a damaged file must not
 * look like a defect of the program.
 */
export async function readingFile<T>(source: string, read: () => T | Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (cause) {
    if (cause instanceof SarafError && (cause.code === 'ERR_FORMAT' || NOT_THE_FILE.includes(cause.code))) throw cause;
    throw new SarafError(
      'ERR_FORMAT',
      'loadModel',
      `expected a model in ${source}, received a file that cannot be read: ${reasonOf(cause)}`,
      { cause },
    );
  }
}
