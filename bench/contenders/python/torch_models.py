"""Whole models in PyTorch: the image classifier and the sentiment model, training and prediction."""

import math

import numpy as np
import torch
import torch.nn.functional as F

from torch_layers import FORMATS, array_of, image, numbers, recurrent_arrays, recurrent_module
from ways import Work, fastest_of


class Cnn(torch.nn.Module):
    """3×3 convolutions with ReLU and 2×2 maxima, two dense layers; to logits."""

    def __init__(self, inputs, memory_format):
        super().__init__()
        s = inputs.shape
        self.last = memory_format == torch.channels_last
        convolutions, channels, side = [], s.C, s.H
        for filters in s.filters:
            convolutions.append(torch.nn.Conv2d(channels, filters, 3, padding=1))
            channels, side = filters, side // 2
        self.convolutions = torch.nn.ModuleList(convolutions)
        self.dense = torch.nn.Linear(side * side * channels, s.dense)
        self.classes = torch.nn.Linear(s.dense, s.K)
        self.flat = (side, side, channels)
        self.put([array_of(w) for w in inputs.weights])
        self.to(memory_format=memory_format)

    def layers(self):
        return [*self.convolutions, self.dense, self.classes]

    def put(self, arrays):
        with torch.no_grad():
            for layer, kernel, bias in zip(self.layers(), arrays[::2], arrays[1::2]):
                if kernel.ndim == 4:
                    kernel = kernel.transpose(3, 2, 0, 1)
                elif layer is self.dense and not self.last:
                    # Its rows in the order in which images of channels first are flattened.
                    kernel = kernel.reshape(*self.flat, -1).transpose(3, 2, 0, 1).reshape(kernel.shape[1], -1)
                else:
                    kernel = kernel.T
                layer.weight.copy_(torch.from_numpy(np.ascontiguousarray(kernel)))
                layer.bias.copy_(torch.from_numpy(bias))

    def arrays(self):
        found = []
        for layer in self.layers():
            kernel = numbers(layer.weight)
            if kernel.ndim == 4:
                kernel = kernel.transpose(2, 3, 1, 0)
            elif layer is self.dense and not self.last:
                height, width, channels = self.flat
                kernel = kernel.reshape(-1, channels, height, width).transpose(2, 3, 1, 0).reshape(-1, kernel.shape[0])
            else:
                kernel = kernel.T
            found += [np.ascontiguousarray(kernel), numbers(layer.bias)]
        return found

    def forward(self, x):
        for layer in self.convolutions:
            x = F.max_pool2d(F.relu(layer(x)), 2)
        flat = (x.permute(0, 2, 3, 1) if self.last else x).flatten(1)
        return self.classes(F.relu(self.dense(flat)))


class Text(torch.nn.Module):
    """Embedding, bidirectional LSTM, dense; to logits. The input is ids (N,T), or a packed sequence of them."""

    def __init__(self, inputs, batch_first):
        super().__init__()
        s = inputs.shape
        arrays = [array_of(w) for w in inputs.weights]
        self.units, self.batch_first = s.U, batch_first
        self.embedding = torch.nn.Embedding(s.V, s.D)
        self.lstm = recurrent_module("lstm", s.D, s.U, inputs.weights[1:7], batch_first)
        self.dense = torch.nn.Linear(2 * s.U, s.K)
        with torch.no_grad():
            self.embedding.weight.copy_(torch.from_numpy(arrays[0]))
            self.dense.weight.copy_(torch.from_numpy(arrays[7].T.copy()))
            self.dense.bias.copy_(torch.from_numpy(arrays[8]))

    def arrays(self):
        lstm = recurrent_arrays(self.lstm, "lstm", self.units, lambda p: p)
        return [numbers(self.embedding.weight), *lstm, numbers(self.dense.weight.t()), numbers(self.dense.bias)]

    def forward(self, x):
        if isinstance(x, torch.nn.utils.rnn.PackedSequence):
            x = x._replace(data=self.embedding(x.data))
        else:
            x = self.embedding(x)
        _, (h, _) = self.lstm(x)
        return self.dense(torch.cat([h[0], h[1]], 1))


class AttentionText(torch.nn.Module):
    """Embedding, LSTM, self-attention, layer normalization, two dense layers, the mean over time, dense; to logits."""

    def __init__(self, inputs, batch_first):
        super().__init__()
        s = inputs.shape
        arrays = [array_of(w) for w in inputs.weights]
        self.batch_first, self.units = batch_first, s.U
        self.heads, self.width = s.attention.heads, s.attention.heads * s.attention.keyDim
        self.embedding = torch.nn.Embedding.from_pretrained(torch.from_numpy(arrays[0].copy()), freeze=False)
        self.lstm = recurrent_module("lstm", s.D, s.U, inputs.weights[1:4], batch_first)
        # Queries, keys and values by one product, which is faster than three.
        kernels = [a.reshape(s.U, self.width) for a in arrays[4:10:2]]
        self.projection = self.linear(np.concatenate(kernels, 1), np.concatenate([a.ravel() for a in arrays[5:10:2]]))
        self.output = self.linear(arrays[10].reshape(self.width, s.U), arrays[11])
        self.norm = torch.nn.LayerNorm(s.U, 1e-3)
        with torch.no_grad():
            self.norm.weight.copy_(torch.from_numpy(arrays[12]))
            self.norm.bias.copy_(torch.from_numpy(arrays[13]))
        self.inner, self.outer, self.dense = (self.linear(*arrays[i : i + 2]) for i in (14, 16, 18))

    @staticmethod
    def linear(kernel, bias):
        layer = torch.nn.Linear(*kernel.shape)
        with torch.no_grad():
            layer.weight.copy_(torch.from_numpy(np.ascontiguousarray(kernel.T)))
            layer.bias.copy_(torch.from_numpy(bias))
        return layer

    def arrays(self):
        lstm = recurrent_arrays(self.lstm, "lstm", self.units, lambda p: p)
        pairs = zip(self.projection.weight.chunk(3), self.projection.bias.chunk(3))
        attention = [numbers(p) for w, b in pairs for p in (w.t(), b)]
        rest = [numbers(p) for layer in (self.inner, self.outer, self.dense) for p in (layer.weight.t(), layer.bias)]
        middle = [numbers(p) for p in (self.output.weight.t(), self.output.bias, self.norm.weight, self.norm.bias)]
        return [a.ravel() for a in (numbers(self.embedding.weight), *lstm, *attention, *middle, *rest)]

    def forward(self, x):
        h = self.lstm(self.embedding(x))[0]
        if not self.batch_first:
            h = h.transpose(0, 1)
        n, t, _ = h.shape
        q, k, v = (p.view(n, t, self.heads, -1).transpose(1, 2) for p in self.projection(h).chunk(3, -1))
        mixed = F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(n, t, self.width)
        hidden = F.relu(self.inner(self.norm(self.output(mixed))))
        return self.dense(self.outer(hidden).mean(1))


class ConvolutionText(torch.nn.Module):
    """Embedding, convolution over words, ReLU, maximum over time, dense; to logits. `lines`: as images of one line, channels last."""

    def __init__(self, inputs, lines):
        super().__init__()
        s = inputs.shape
        arrays = [array_of(w) for w in inputs.weights]
        self.lines = lines
        self.embedding = torch.nn.Embedding(s.V, s.D)
        self.convolution = torch.nn.Conv2d(s.D, s.U, (1, s.kernel)) if lines else torch.nn.Conv1d(s.D, s.U, s.kernel)
        self.dense = torch.nn.Linear(s.U, s.K)
        with torch.no_grad():
            self.embedding.weight.copy_(torch.from_numpy(arrays[0]))
            kernel = torch.from_numpy(arrays[1].transpose(2, 1, 0).copy())
            self.convolution.weight.copy_(kernel[:, :, None] if lines else kernel)
            self.convolution.bias.copy_(torch.from_numpy(arrays[2]))
            self.dense.weight.copy_(torch.from_numpy(arrays[3].T.copy()))
            self.dense.bias.copy_(torch.from_numpy(arrays[4]))
        if lines:
            self.to(memory_format=torch.channels_last)

    def arrays(self):
        kernel = numbers(self.convolution.weight)
        kernel = (kernel[:, :, 0] if self.lines else kernel).transpose(2, 1, 0)
        rest = (numbers(p) for p in (self.convolution.bias, self.dense.weight.t(), self.dense.bias))
        return [numbers(self.embedding.weight), np.ascontiguousarray(kernel), *rest]

    def forward(self, ids):
        x = self.embedding(ids).transpose(1, 2)
        y = self.convolution(x[:, :, None])[:, :, 0] if self.lines else self.convolution(x)
        return self.dense(F.relu(y).amax(2))


def ids_of(inputs, batch_first):
    s = inputs.shape
    ids = torch.from_numpy(np.frombuffer(inputs.ids, np.int32).reshape(s.N, s.T).astype(np.int64))
    if not hasattr(s, "lengths"):
        return ids if batch_first else ids.t().contiguous()
    return torch.nn.utils.rnn.pack_padded_sequence(ids, torch.tensor(s.lengths), batch_first=True, enforce_sorted=False)


def train(model, x, inputs, autocast):
    a = inputs.adam
    # Its ε is added after the bias correction, Keras' before it: at the first step this ε makes the two the same.
    epsilon = a.epsilon / math.sqrt(1 - a.beta2)
    optimizer = torch.optim.Adam(model.parameters(), lr=a.learningRate, betas=(a.beta1, a.beta2), eps=epsilon, fused=True)
    labels = torch.from_numpy(np.frombuffer(inputs.labels, np.int32).astype(np.int64))

    def run():
        optimizer.zero_grad(set_to_none=True)
        with torch.autocast("cpu", torch.bfloat16, enabled=autocast):
            logits = model(x)
        loss = F.cross_entropy(logits.float(), labels)
        loss.backward()
        optimizer.step()
        return loss.item()

    def outputs():
        before = model.arrays()
        loss = run()
        moved = {f"update.{w.name}": b - a for w, a, b in zip(inputs.weights, before, model.arrays())}
        return {"loss": np.array([loss], np.float32), **moved}

    return Work(run, outputs)


def predict_work(model, x):
    model.eval()

    def run():
        with torch.inference_mode():
            return F.softmax(model(x), 1)

    return Work(run, lambda: {"probabilities": numbers(run())})


def cnn_ways(work):
    """work(model, x, inputs) for both layouts."""
    return lambda inputs: {
        name: lambda f=f: work(Cnn(inputs, f), image(inputs.x, f), inputs) for name, f in reversed(FORMATS.items())
    }


def text_ways(work):
    def ways(inputs):
        if hasattr(inputs.shape, "lengths"):
            return {"packed sequences": lambda: work(Text(inputs, True), ids_of(inputs, True), inputs)}
        if hasattr(inputs.shape, "kernel"):
            return {
                name: lambda lines=lines: work(ConvolutionText(inputs, lines), ids_of(inputs, True), inputs)
                for name, lines in (("conv1d", False), ("conv2d, channels last", True))
            }
        kind = AttentionText if hasattr(inputs.shape, "attention") else Text
        return {
            name: lambda first=first: work(kind(inputs, first), ids_of(inputs, first), inputs)
            for name, first in (("batch-first", True), ("time-major", False))
        }

    return ways


def frozen(inputs, memory_format):
    """Traced, frozen, and rewritten for inference: weights are brought into oneDNN's own layout once."""
    model, x = Cnn(inputs, memory_format).eval(), image(inputs.x, memory_format)
    with torch.inference_mode():
        traced = torch.jit.optimize_for_inference(torch.jit.freeze(torch.jit.trace(model, x)))
        traced(x), traced(x)
    return predict_work(traced, x)


def predict(given):
    inputs = given.inputs
    plain = lambda model, x, _: predict_work(model, x)
    if given.model == "text":
        return fastest_of(text_ways(plain)(inputs))
    return fastest_of({**cnn_ways(plain)(inputs), "frozen": lambda: frozen(inputs, torch.contiguous_format)})


def trained(ways, autocast):
    return lambda inputs: fastest_of(ways(lambda model, x, all_: train(model, x, all_, autocast))(inputs))


def cases():
    return {"train-cnn": trained(cnn_ways, False), "train-text": trained(text_ways, False), "predict": predict}


def bf16_cases():
    return {"train-cnn": trained(cnn_ways, True), "train-text": trained(text_ways, True)}
