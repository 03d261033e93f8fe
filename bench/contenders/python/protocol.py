"""Answers a trial of the bench in the protocol of child-program.ts: a line of JSON for a line of JSON.

Arrays travel in files of raw numbers. Needs nothing but Python.
"""

import array
import json
import os
import queue
import sys
import threading
from types import SimpleNamespace

import timing

# Elements of an array by what the other side calls them.
CODES = {"float32": "f", "float64": "d", "int32": "i"}
TYPES = {code: name for name, code in CODES.items()}


class NotAvailable(Exception):
    """What is asked for is not in the framework's power, or not here; the message says why."""


def _decoded(value):
    """Objects become namespaces, and {"file", "dtype"} arrays of numbers."""
    if isinstance(value, list):
        return [_decoded(v) for v in value]
    if not isinstance(value, dict):
        return value
    if value.keys() == {"file", "dtype"}:
        numbers = array.array(CODES[value["dtype"]])
        with open(value["file"], "rb") as file:
            numbers.frombytes(file.read())
        return numbers
    return SimpleNamespace(**{k: _decoded(v) for k, v in value.items()})


def _written(folder, outputs):
    """Writes arrays (anything that gives a contiguous buffer of floats); where each lies."""
    placed = {}
    for at, (name, numbers) in enumerate(outputs.items()):
        view = memoryview(numbers)
        path = os.path.join(folder, f"output-{at}.bin")
        with open(path, "wb") as file:
            file.write(view)
        placed[name] = {"file": path, "dtype": TYPES[view.format]}
    return placed


def _used():
    """Processor time in milliseconds and the most memory held in bytes; where the system does not tell, nothing."""
    try:
        import resource
    except ImportError:
        return {}
    usage = resource.getrusage(resource.RUSAGE_SELF)
    unit = 1 if sys.platform == "darwin" else 1024
    return {"cpuMs": 1000 * (usage.ru_utime + usage.ru_stime), "peakBytes": usage.ru_maxrss * unit}


class _Trial:
    """What has been loaded and prepared so far."""

    def __init__(self, load):
        self._load = load
        self._cases = self._job = None

    def load(self, threads):
        loaded = self._load(threads)
        self._cases = loaded.cases
        return {"version": loaded.version}

    def prepare(self, suite, inputs, folder):
        if suite not in self._cases:
            raise NotAvailable("it has no such operation here")
        self._job = self._cases[suite](_decoded(inputs))
        return {"outputs": _written(folder, self._job.outputs), "note": self._job.note}

    def sample(self, **request):
        before = _used()
        times = timing.sample(self._job.run, **request)
        after = _used()
        used = {**after, "cpuMs": after["cpuMs"] - before["cpuMs"]} if after else {}
        return {"times": times, **used}


def _listen(questions):
    """Beside the work: whoever asks may be gone before it is done, and then nobody needs the answer."""
    for line in sys.stdin:
        questions.put(json.loads(line))
    os._exit(0)


def _answer(trial, question):
    try:
        [(asked, arguments)] = question.items()
        return {"load": trial.load, "prepare": trial.prepare, "sample": trial.sample}[asked](**arguments)
    except NotAvailable as error:
        return {"unavailable": str(error)}
    except Exception as error:
        text = (str(error).strip() or "no message").split("\n", 1)[0]
        return {"failed": f"{type(error).__name__}: {text[:300]}"}


def serve(load):
    """Answers until standard input closes. load(threads) gives an object with `version` and `cases`, a function by suite."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    # What libraries print must not come between the answers.
    os.dup2(2, 1)
    questions = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(questions,), daemon=True).start()
    trial = _Trial(load)
    while True:
        answers.write(json.dumps(_answer(trial, questions.get())) + "\n")
        answers.flush()
