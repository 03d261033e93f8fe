import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { SarafError } from '../errors.js';

const OP = 'predict';
const PICTURE = /\.(png|jpe?g)$/i;
/** Types that cannot be read, yet are pictures to whoever names them. */
const OTHER_PICTURE = /\.(gif|webp|bmp|tiff?|heic|avif)$/i;

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;

/** Whether what was named is a picture or a folder. */
export const isPictures = (path: string): boolean => PICTURE.test(path) || OTHER_PICTURE.test(path) || isFolder(path);

/** The picture files of what was named, in that order; of a folder those directly in it, by name. `left` of them are other files. */
export interface FoundPictures {
  readonly files: readonly string[];
  readonly left: number;
}

/** Throws ERR_ARG for anything else than pictures and folders, ERR_DATA for what is not there and for a folder without pictures. */
export function picturesOf(paths: readonly string[]): FoundPictures {
  let left = 0;
  const files = paths.flatMap((path) => {
    if (!isPictures(path))
      throw new SarafError('ERR_ARG', OP, `expected pictures (.png, .jpg, .jpeg) or folders of them, received ${path}`);
    if (!isFolder(path)) {
      if (!statSync(path, { throwIfNoEntry: false })) throw new SarafError('ERR_DATA', OP, `expected a picture, there is no file ${path}`);
      return [path];
    }
    const names = readdirSync(path, { withFileTypes: true }).filter((entry) => !entry.isDirectory());
    const own = names.map((entry) => entry.name).filter((name) => PICTURE.test(name)).sort(); // prettier-ignore
    if (own.length === 0)
      throw new SarafError('ERR_DATA', OP, `expected pictures (.png, .jpg, .jpeg) in the folder ${path}, received ${names.length === 0 ? 'an empty one' : `${names.length} other ${names.length === 1 ? 'file' : 'files'}`}`); // prettier-ignore
    left += names.length - own.length;
    return own.map((name) => join(path, name));
  });
  return { files, left };
}
