import { registerModelFormat } from '../models/formats.js';
import { loadKeras } from './load-keras.js';
import { loadKerasWeights } from './load-weights.js';
import { saveKerasArchive, saveKerasH5, saveKerasWeights } from './save-keras.js';
import { loadTfjs, loadTfjsWeights, saveTfjs } from './tfjs.js';

const IS_WEIGHTS = /\.weights\.h5$/i;
const IS_H5 = /\.(h5|hdf5)$/i;

// Importing this module makes Keras' files known to loadModel, model.save, model.loadWeights and model.saveWeights.
registerModelFormat({
  name: 'Keras',
  recognises: (path) => /\.(keras|h5|hdf5)$/i.test(path),
  load: loadKeras,
  keepsPreprocessing: (path) => /\.keras$/i.test(path),
  save: async (model, path) => {
    if (IS_WEIGHTS.test(path)) await saveKerasWeights(model, path);
    else if (IS_H5.test(path)) await saveKerasH5(model, path);
    else await saveKerasArchive(model, path);
  },
  loadWeights: loadKerasWeights,
  saveWeights: saveKerasWeights,
});

registerModelFormat({
  name: 'TensorFlow.js',
  recognises: (path) => /\.json$/i.test(path),
  load: loadTfjs,
  save: async (model, path) => saveTfjs(model, path),
  loadWeights: loadTfjsWeights,
  saveWeights: async (model, path) => saveTfjs(model, path),
});
