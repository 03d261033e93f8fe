import { SarafError } from '../errors.js';
import { writeFileAtomic } from '../files/atomic.js';
import { registerModelFormat } from '../models/formats.js';
import { modelToOnnx } from './export.js';
import { encodeOnnx } from './proto.js';

function writesOnly(path: string): never {
  throw new SarafError(
    'ERR_FORMAT',
    'loadModel',
    `expected a model that saraf reads, received ${path}; it writes ONNX and does not read it, keep the model as .keras or as a folder too`,
  );
}

// Importing this module makes ONNX known to model.save.
registerModelFormat({
  name: 'ONNX',
  recognises: (path) => /\.onnx$/i.test(path),
  save: async (model, path) => writeFileAtomic(path, await encodeOnnx(modelToOnnx(model))),
  load: async (path) => writesOnly(path),
  loadWeights: async (_model, path) => writesOnly(path),
  saveWeights: async (_model, path) => {
    throw new SarafError(
      'ERR_ARG',
      'saveWeights',
      `expected a file of weights, received ${path}; write the whole model: await model.save('${path}')`,
    );
  },
});
