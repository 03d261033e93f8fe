import { nativeContender } from './native-program.js';

/** OpenBLAS: the matrix product of NumPy and many others. A yardstick, linked by nothing here. */
export const openblas = nativeContender({
  name: 'openblas',
  title: 'OpenBLAS',
  library: 'OpenBLAS',
  header: 'cblas.h',
  package: 'libopenblas-dev',
  files: ['openblas.cc'],
  link: ['-lopenblas'],
  suites: ['gemm'],
  // Whichever of its builds is installed, with its own threads or OpenMP's.
  env: (threads) => ({ OPENBLAS_NUM_THREADS: String(threads), OMP_NUM_THREADS: String(threads) }),
});
