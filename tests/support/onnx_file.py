"""Writes small ONNX networks byte by byte (protocol buffers need no library), and computes them with numpy.

Field numbers: onnx.proto, https://github.com/onnx/onnx/blob/main/onnx/onnx.proto"""

import json
import sys
import tempfile
from pathlib import Path

import numpy as np

from support.selo import SKIPPED, gdal

FLOAT, UINT8, INT64, STRING, FLOAT16, DOUBLE = 1, 2, 7, 8, 10, 11


def varint(value):
    out = b""
    value &= (1 << 64) - 1
    while value > 127:
        out += bytes([value & 127 | 128])
        value >>= 7
    return out + bytes([value])


def number(field, value):
    return varint(field << 3) + varint(value)


def part(field, payload):
    payload = payload.encode() if isinstance(payload, str) else payload
    return varint(field << 3 | 2) + varint(len(payload)) + payload


def tensor(name, array):
    kind = {np.dtype(np.float32): FLOAT, np.dtype(np.int64): INT64}[array.dtype]
    return b"".join(number(1, n) for n in array.shape) + number(2, kind) + part(8, name) + part(9, array.tobytes())


def outside_tensor(name, array, location):
    """A tensor whose numbers lie in a file beside the network."""
    return b"".join(number(1, n) for n in array.shape) + number(2, FLOAT) + part(8, name) + \
        part(13, part(1, "location") + part(2, location)) + number(14, 1)


def value(name, kind, shape):
    """shape: a number is fixed, a text is a free size."""
    sides = b"".join(part(1, number(1, n) if isinstance(n, int) else part(2, n)) for n in shape)
    return part(1, name) + part(2, part(1, number(1, kind) + part(2, sides)))


def integers(name, values):
    return part(1, name) + b"".join(number(8, v) for v in values) + number(20, 7)


def integer(name, v):
    return part(1, name) + number(3, v) + number(20, 2)


def node(kind, inputs, outputs, *attributes):
    return b"".join(part(1, i) for i in inputs) + b"".join(part(2, o) for o in outputs) + part(4, kind) + \
        b"".join(part(5, a) for a in attributes)


def model(nodes, tensors, inputs, outputs, opset=17):
    graph = b"".join(part(1, n) for n in nodes) + part(2, "g") + b"".join(part(5, t) for t in tensors) + \
        b"".join(part(11, i) for i in inputs) + b"".join(part(12, o) for o in outputs)
    return number(1, 8) + part(7, graph) + part(8, part(1, "") + number(2, opset))


def as_heavy_as_vit(folder, layers=12, width=768, seed=3):
    """Makes a bundle's image network one of ViT-B/32's cost: 49 patches of 224 px, and in each layer the matrix products of attention
    (four of width x width) and of its two layers behind, without what lies between them."""
    random = np.random.default_rng(seed)

    def weights(name, *shape):
        return tensor(name, (random.standard_normal(shape) / shape[0] ** 0.5).astype(np.float32))

    tensors = [weights("patches", width, 3, 32, 32), tensor("rows", np.array([0, width, 49])), weights("projection", width, 512)]
    nodes = [node("Conv", ["pixels", "patches"], ["p"], integers("strides", [32, 32])), node("Reshape", ["p", "rows"], ["r"]),
             node("Transpose", ["r"], ["x0"], integers("perm", [0, 2, 1]))]
    at = "x0"
    for i in range(layers):
        for k, (inside, outside) in enumerate([(width, width)] * 4 + [(width, 4 * width), (4 * width, width)]):
            name = f"{i}_{k}"
            tensors.append(weights("w" + name, inside, outside))
            nodes += [node("MatMul", [at, "w" + name], ["m" + name]), node("Tanh" if k == 5 else "Relu", ["m" + name], ["x" + name])]
            at = "x" + name
    nodes += [node("ReduceMean", [at], ["mean"], integers("axes", [1]), integer("keepdims", 0)), node("MatMul", ["mean", "projection"], ["vector"])]
    (folder / "image.onnx").write_bytes(model(nodes, tensors, [value("pixels", FLOAT, ["n", 3, 224, 224])], [value("vector", FLOAT, ["n", 512])]))


class Bundle:
    """A two-tower model of random weights: patches and a matrix for images, a mean of token vectors for texts."""

    def __init__(self, folder, side=32, size=16, tokens=700, seed=3, batch="n", context=77, text_kind=INT64, opset=17,
                 channels=8):
        random = np.random.default_rng(seed)
        self.folder, self.side, self.size = folder, side, size
        self.patches = random.standard_normal((channels, 3, side // 4, side // 4)).astype(np.float32) / side
        self.matrix = random.standard_normal((16 * channels, size)).astype(np.float32)
        self.words = random.standard_normal((tokens, size)).astype(np.float32)
        folder.mkdir(exist_ok=True)
        step = [side // 4] * 2
        (folder / "image.onnx").write_bytes(model(
            [node("Conv", ["pixels", "patches"], ["p"], integers("strides", step)), node("Flatten", ["p"], ["f"], integer("axis", 1)),
             node("MatMul", ["f", "matrix"], ["vector"])],
            [tensor("patches", self.patches), tensor("matrix", self.matrix)],
            [value("pixels", FLOAT, [batch, 3, side, side])], [value("vector", FLOAT, [batch, size])], opset))
        (folder / "text.onnx").write_bytes(model(
            [node("Gather", ["words", "tokens"], ["w"]), node("ReduceMean", ["w"], ["vector"], integers("axes", [1]), integer("keepdims", 0))],
            [tensor("words", self.words)],
            [value("tokens", text_kind, ["n", context])], [value("vector", FLOAT, ["n", size])]))
        (folder / "bpe.txt").write_text("#version: 0.2\ns e\nse a</w>\nt h\nth e</w>\n", encoding="utf-8")
        self.description = {
            "selo_model": 1, "name": "random patches", "licence": "none", "dimensions": size, "normalise": True,
            "image": {"file": "image.onnx", "size": side, "resize": "clip", "channels": ["red", "green", "blue"],
                      "mean": [0.48, 0.46, 0.41], "std": [0.27, 0.26, 0.28]},
            "text": {"file": "text.onnx", "tokenizer": "clip-bpe", "vocabulary": "bpe.txt", "context_length": context}}
        self.describe()

    def describe(self, **changes):
        """Writes model.json; a change such as image__size=4 replaces a value, None removes it."""
        description = json.loads(json.dumps(self.description))
        for key, new in changes.items():
            *path, last = key.split("__")
            at = description
            for name in path:
                at = at[name]
            at.pop(last, None)
            if new is not None:
                at[last] = new
        (self.folder / "model.json").write_text(json.dumps(description), encoding="utf-8")

    def image_vectors(self, windows):
        """n x 3 x side x side bytes -> n x size, as the network does it, in float64."""
        image = self.description["image"]
        scaled = (windows / 255 - np.array(image["mean"])[:, None, None]) / np.array(image["std"])[:, None, None]
        k = self.side // 4
        blocks = scaled.reshape(len(windows), 3, 4, k, 4, k)
        vectors = np.einsum("ncyixj,ocij->noyx", blocks, self.patches).reshape(len(windows), -1) @ self.matrix
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def skip_without_runtime():
    """Ends a test as skipped where no network can be run; what says so must be one line."""
    with tempfile.TemporaryDirectory() as folder:
        done = gdal("selo", "model", "info", Bundle(Path(folder) / "probe").folder, check=False)
    errors = [line for line in done.stderr.splitlines() if line.startswith("ERROR")]
    if errors and "ONNX Runtime" in errors[0]:
        assert len(errors) == 1 and done.returncode == 1, done.stderr
        print(f"skipped from here on: {errors[0]}")
        sys.exit(SKIPPED)
