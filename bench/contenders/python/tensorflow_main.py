"""TensorFlow and Keras on the CPU, as a contender of the bench."""

from types import SimpleNamespace

import processors
import protocol


def load(threads):
    processors.keep_to(threads)
    try:
        import keras
        import tensorflow as tf
    except ImportError as error:
        raise protocol.NotAvailable(f"TensorFlow does not load: {error}") from error
    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(threads)
    import tensorflow_layers
    import tensorflow_models

    return SimpleNamespace(
        version=f"tensorflow {tf.__version__}, keras {keras.__version__}",
        cases={**tensorflow_layers.cases(), **tensorflow_models.cases()},
    )


protocol.serve(load)
