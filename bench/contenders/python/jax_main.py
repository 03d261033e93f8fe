"""JAX on the CPU, as a contender of the bench."""

from types import SimpleNamespace

import processors
import protocol


def load(threads):
    # It makes as many threads as there are processors for it.
    processors.keep_to(threads)
    try:
        import jax
    except ImportError as error:
        raise protocol.NotAvailable(f"JAX does not load: {error}") from error
    import jax_layers
    import jax_models

    return SimpleNamespace(version=f"jax {jax.__version__}", cases={**jax_layers.cases(), **jax_models.cases()})


protocol.serve(load)
