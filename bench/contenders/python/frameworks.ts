import { BF16_TOLERANCE } from '../bf16-tolerance.js';
import { pythonContender } from './python-contender.js';

const TORCH = { name: 'torch', title: 'PyTorch' } as const;
const TENSORFLOW = { name: 'tensorflow', title: 'TensorFlow and Keras' } as const;
const JAX = { name: 'jax', title: 'JAX' } as const;

const openmp = (threads: number): Record<string, string> => ({ OMP_NUM_THREADS: String(threads), CUDA_VISIBLE_DEVICES: '-1' });

export const torch = pythonContender({
  name: 'torch',
  title: 'PyTorch, CPU',
  framework: TORCH,
  program: 'torch_main.py',
  env: openmp,
  startup: 'import torch; report(torch.mm(torch.tensor([[1., 2.]]), torch.tensor([[3.], [4.]])).item())',
});

export const torchBf16 = pythonContender({
  name: 'torch-bf16',
  title: 'PyTorch, CPU, autocast to bfloat16',
  framework: TORCH,
  program: 'torch_main.py',
  args: ['--bf16'],
  env: openmp,
  tolerance: BF16_TOLERANCE,
});

export const tensorflow = pythonContender({
  name: 'tensorflow',
  title: 'TensorFlow and Keras, CPU, compiled',
  framework: TENSORFLOW,
  program: 'tensorflow_main.py',
  env: (threads) => ({ ...openmp(threads), TF_CPP_MIN_LOG_LEVEL: '3', KERAS_BACKEND: 'tensorflow' }),
  startup: 'import tensorflow as tf; report(tf.matmul([[1., 2.]], [[3.], [4.]]).numpy()[0, 0])',
});

export const jax = pythonContender({
  name: 'jax',
  title: 'JAX, CPU, compiled by XLA',
  framework: JAX,
  program: 'jax_main.py',
  env: (threads) => ({
    JAX_PLATFORMS: 'cpu',
    XLA_FLAGS: `--xla_cpu_multi_thread_eigen=${String(threads > 1)} intra_op_parallelism_threads=${threads}`,
  }),
  startup: 'import jax.numpy as jnp; report(jnp.matmul(jnp.array([[1., 2.]]), jnp.array([[3.], [4.]]))[0, 0])',
});
