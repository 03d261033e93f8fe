import { readFileSync } from 'node:fs';
import { SarafError } from '../errors.js';
import { registerPreprocessing, type Preprocessing, type Texts } from '../tensor/preprocessing.js';
import { tensor, type Tensor } from '../tensor/tensor.js';
import { decodePicture, resizeBilinear, withChannels } from './picture.js';

export interface ImagePipelineOptions {
  /** Size of the model's input. */
  height: number;
  width: number;
  /** 3 for red, green, blue (default), or 1 for grey. */
  channels?: 1 | 3;
  /** The model gets byte · scale + offset. Default 1 and 0: bytes as they are, for a model that begins with a `rescaling` layer. */
  scale?: number;
  offset?: number;
}

const OP = 'imagePipeline';
const FORMAT = 'saraf-image-pipeline';
const VERSION = 1;

/**
 * From picture files to a model's input: decoded (PNG, JPEG), in the model's channels, resized as Keras does, scaled.
 *
 * It learns nothing. `model.preprocessing = pipeline` saves it with a model, which then takes names of files.
 *
 * Shapes: N files → (N,height,width,channels).
 * Throws: ERR_ARG for options that do not exist; ERR_DATA for a file that cannot be read; ERR_FORMAT for one that is no picture.
 * Example: new ImagePipeline({ height: 32, width: 32, scale: 1 / 255 })
 */
export class ImagePipeline implements Preprocessing {
  readonly className = 'ImagePipeline';
  readonly height: number;
  readonly width: number;
  readonly channels: 1 | 3;
  readonly scale: number;
  readonly offset: number;

  constructor(options: ImagePipelineOptions) {
    const known = ['height', 'width', 'channels', 'scale', 'offset'];
    const unknown = Object.keys(options).find((key) => !known.includes(key));
    if (unknown !== undefined) throw new SarafError('ERR_ARG', OP, `expected options ${known.join(', ')}, received "${unknown}"`);
    const { height, width, channels = 3, scale = 1, offset = 0 } = options;
    for (const [name, value] of Object.entries({ height, width }))
      if (!Number.isInteger(value) || value < 1) throw new SarafError('ERR_ARG', OP, `expected ${name} to be a whole number from 1 on, received ${String(value)}`); // prettier-ignore
    if (channels !== 1 && channels !== 3) throw new SarafError('ERR_ARG', OP, `expected 1 or 3 channels, received ${String(channels)}`);
    if (!Number.isFinite(scale) || !Number.isFinite(offset))
      throw new SarafError('ERR_ARG', OP, `expected finite scale and offset, received ${scale} and ${offset}`);
    this.height = height;
    this.width = width;
    this.channels = channels;
    this.scale = scale;
    this.offset = offset;
  }

  /** The tensor of some files; a single name is a batch of one. */
  transform(files: Texts): Tensor {
    const { height, width, channels, scale, offset } = this;
    const names = typeof files === 'string' ? [files] : files;
    const size = height * width * channels;
    const values = new Float32Array(names.length * size);
    for (const [n, name] of names.entries())
      resizeBilinear(withChannels(decodePicture(bytesOf(name), name), channels), height, width, values.subarray(n * size, (n + 1) * size));
    if (scale !== 1 || offset !== 0) for (let i = 0; i < values.length; i++) values[i] = (values[i] as number) * scale + offset;
    return tensor(values, [names.length, height, width, channels]);
  }

  toJSON(): Record<string, unknown> {
    const { height, width, channels, scale, offset } = this;
    return { format: FORMAT, formatVersion: VERSION, height, width, channels, scale, offset };
  }

  /** The pipeline that `toJSON` wrote. Throws ERR_FORMAT for anything else, saying why. */
  static fromJSON(json: unknown): ImagePipeline {
    const { format, formatVersion, ...options } = (typeof json === 'object' && json !== null ? json : {}) as Record<string, unknown>;
    if (format !== FORMAT || formatVersion !== VERSION)
      throw new SarafError('ERR_FORMAT', OP, `expected a pipeline of format ${FORMAT}, version ${VERSION}, received ${JSON.stringify(format)}, ${JSON.stringify(formatVersion)}`); // prettier-ignore
    try {
      return new ImagePipeline(options as unknown as ImagePipelineOptions);
    } catch (cause) {
      const reason = (cause as Error).message.replace(/^\[[^\]]*\] /, '');
      throw new SarafError('ERR_FORMAT', OP, `expected a pipeline that can be made again: ${reason}`, { cause });
    }
  }
}

registerPreprocessing('ImagePipeline', (json) => ImagePipeline.fromJSON(json));

function bytesOf(name: string): Uint8Array {
  try {
    return readFileSync(name);
  } catch (cause) {
    throw new SarafError('ERR_DATA', OP, `expected to read the picture ${name}: ${(cause as Error).message}`, { cause });
  }
}
