import { nativeContender } from './native-program.js';

/** oneDNN's primitives without a framework around them: what TensorFlow and PyTorch are made of. A yardstick, linked by nothing here. */
export const onednn = nativeContender({
  name: 'onednn',
  title: 'oneDNN, bare primitives',
  library: 'oneDNN',
  header: 'dnnl.hpp',
  package: 'libdnnl-dev',
  files: ['onednn.cc', 'onednn_images.cc', 'onednn_recurrent.cc'],
  link: ['-ldnnl'],
  suites: ['gemm', 'conv', 'pool', 'recurrent'],
  env: (threads) => ({ OMP_NUM_THREADS: String(threads), OMP_DYNAMIC: 'false', ...(threads > 1 ? { OMP_PROC_BIND: 'true' } : {}) }),
});
