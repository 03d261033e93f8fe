"""PyTorch on the CPU, as a contender of the bench."""

import sys
from types import SimpleNamespace

import processors
import protocol


def load(threads):
    processors.keep_to(threads)
    try:
        import torch
    except ImportError as error:
        raise protocol.NotAvailable(f"PyTorch does not load: {error}") from error
    # Before any thread is made, for they inherit it. Gradients that vanish along hundreds of steps become denormal numbers,
    # which cost a training step ten times its time; the other frameworks flush them of their own accord.
    torch.set_flush_denormal(True)
    torch.set_num_threads(threads)
    torch.set_num_interop_threads(1)
    bf16 = "--bf16" in sys.argv
    if bf16:
        import torch_models

        cases = torch_models.bf16_cases()
    else:
        import torch_layers
        import torch_models

        cases = {**torch_layers.cases(), **torch_models.cases()}
    return SimpleNamespace(
        version=f"torch {torch.__version__}, {torch.backends.cpu.get_cpu_capability()}{', bfloat16 autocast' if bf16 else ''}, denormals flushed",
        cases=cases,
    )


protocol.serve(load)
