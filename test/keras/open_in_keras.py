"""Opens model files in Keras: predicts, measures, and goes on training; makes single layers. Reads jobs from standard input, writes results to standard output, both JSON."""
import json
import os
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"
import keras  # noqa: E402
import numpy as np  # noqa: E402


def arrays(values):
    return [np.array(v["data"], v["dtype"]).reshape(v["shape"]) for v in values]


def one(values):
    return values if len(values) > 1 else values[0]


def run(job):
    if "layer" in job:
        keras.layers.deserialize(job["layer"])
        return {"outputs": []}
    model = keras.models.load_model(job["path"])
    outputs = model.predict(one(arrays(job["inputs"])), verbose=0)
    outputs = outputs if isinstance(outputs, list) else [outputs]
    result = {"outputs": [o.ravel().tolist() for o in outputs], "names": [w.path for w in model.weights]}
    if job.get("evaluate"):
        weights = job.get("sample_weight")
        found = model.evaluate(
            one(arrays(job["inputs"])),
            one(arrays(job["evaluate"])),
            sample_weight=arrays(weights)[0] if weights else None,
            batch_size=job["batch_size"],
            verbose=0,
            return_dict=True,
        )
        result["evaluation"] = {name: np.asarray(value).tolist() for name, value in found.items()}
    if job.get("targets"):
        result["iterations"] = int(model.optimizer.iterations)
        model.train_on_batch(one(arrays(job["inputs"])), one(arrays(job["targets"])))
        outputs = model.predict(one(arrays(job["inputs"])), verbose=0)
        result["after"] = [o.ravel().tolist() for o in (outputs if isinstance(outputs, list) else [outputs])]
    return result


results = []
for job in json.load(sys.stdin):
    try:
        results.append(run(job))
    except Exception as e:  # the test shows what Keras said
        results.append({"error": f"{type(e).__name__}: {e}"})
json.dump({"keras": keras.__version__, "results": results}, sys.stdout)
