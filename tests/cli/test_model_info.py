#!/usr/bin/env python3
"""gdal selo model info: good bundles, and every bad part of one in one line."""

import json
import os
import subprocess
import sys
import zipfile

import numpy as np

from support.onnx_file import (DOUBLE, FLOAT, FLOAT16, INT64, STRING, UINT8, Bundle, integer, integers, model, node, outside_tensor,
                               skip_without_runtime, tensor, value)
from support.selo import fails, gdal, scratch


def info(bundle, *arguments):
    return json.loads(gdal("selo", "model", "info", bundle, "--format", "json", *arguments).stdout)


def test_good(folder):
    bundle = Bundle(folder / "good")
    said = info(bundle.folder)
    assert said["name"] == "random patches" and said["dimensions"] == 16 and said["provider"] == "CPUExecutionProvider", said
    assert said["image"]["size"] == 32 and said["text"]["tokenizer"] == "clip-bpe"
    assert -1 <= said["self_test"]["window_text_similarity"] <= 1
    assert "Schema error" not in gdal("selo", "model", "info", bundle.folder).stderr
    with zipfile.ZipFile(folder / "good.zip", "w") as archive:
        for file in bundle.folder.iterdir():
            archive.write(file, file.name)
    zipped = info(folder / "good.zip")
    assert zipped["self_test"]["window_text_similarity"] == said["self_test"]["window_text_similarity"]
    assert zipped["sha256"] == said["sha256"]
    with zipfile.ZipFile(folder / "folder.zip", "w") as archive:    # as a file manager makes it of a folder
        for file in bundle.folder.iterdir():
            archive.write(file, "good/" + file.name)
    assert info(folder / "folder.zip")["sha256"] == said["sha256"]
    assert info(bundle.folder, "--provider", "cpuexecutionprovider")["provider"] == "CPUExecutionProvider"
    bundle.describe(normalize=True)
    assert '"normalize" is not known' in gdal("selo", "model", "info", bundle.folder).stderr
    bundle.describe(name="another")
    assert info(bundle.folder)["sha256"] != said["sha256"]
    bundle.describe(text=None)
    assert info(bundle.folder)["text"] is None


def test_other_tokenizers(folder):
    bundle = Bundle(folder / "words", context="l")
    (bundle.folder / "vocab.json").write_text(json.dumps({"word2idx": {"many": 1, "forest": 2, "<unk>": 3}}), encoding="utf-8")
    bundle.describe(text__tokenizer="words", text__vocabulary="vocab.json", text__context_length=None)
    assert abs(info(bundle.folder)["self_test"]["text_text_similarity"]) <= 1.0001
    # a network that takes the text itself: its length as characters is not looked at, only its shape
    (bundle.folder / "string.onnx").write_bytes(model(
        [node("Shape", ["texts"], ["s"]), node("Gather", ["words", "s"], ["vector"])], [tensor("words", bundle.words)],
        [value("texts", STRING, [1])], [value("vector", FLOAT, [1, 16])]))
    bundle.describe(text__tokenizer="none", text__vocabulary=None, text__file="string.onnx", text__context_length=None)
    assert abs(info(bundle.folder)["self_test"]["text_text_similarity"] - 1) < 1e-5
    fixed = Bundle(folder / "fixed", batch=1)
    assert abs(info(fixed.folder)["self_test"]["window_window_similarity"]) <= 1.0001


def test_bad_descriptions(folder):
    fails(("x.onnx", "bundle"), "selo", "model", "info", "x.onnx")
    bundle = Bundle(folder / "bad")

    def bad(message, **changes):
        bundle.describe(**changes)
        fails(message, "selo", "model", "info", bundle.folder)

    bad(('"selo_model"', "must be 1"), selo_model=2)
    bad(('"name"', "missing"), name=None)
    bad('"dimensions"', dimensions=0)
    bad('"dimensions"', dimensions="many")
    bad(('"image.file"', "missing"), image__file=None)
    bad(('"image.file"', "'none.onnx'"), image__file="none.onnx")
    bad(('"image.file"', "inside"), image__file="../bad/image.onnx")
    bad('"image.size"', image__size=1.5)
    bad(('"image.resize"', "cubic|clip"), image__resize="nearest")
    bad('"image.channels"', image__channels=["red", "mauve"])
    bad(('"image.mean"', "3 numbers"), image__mean=[1])
    bad('"image.std"', image__std=[1, 0, 1])
    bad('"image.range"', image__range=[5, 5])
    bad(('"text.tokenizer"', "clip-bpe"), text__tokenizer="bert")
    bad(('"text.vocabulary"', "missing"), text__vocabulary=None)
    bad('"text.context_length"', text__context_length=1)
    bad('"normalise"', normalise="yes")
    bad(('"image.file"', "no file"), image__file=".")
    bad(('"image.file"', "inside"), image__file="/etc/passwd")
    bad(('"image.file"', "inside"), image__file="/vsicurl/http://localhost/x")
    bad(('"text.vocabulary"', "no file"), text__vocabulary="")
    bad('"image.size"', image__size=5000)
    bad('"image.range"', image__range=[-1e308, 1e308])
    bad('"image.std"', image__std=[-1, 1, 1])
    bad('"image.mean"', image__mean=["0.5", 1, 1])
    bad('"resolution_m"', resolution_m=-5)
    bad('"image.channels"', image__channels=["red"] * 7)
    bad('"text.file"', text="text.onnx")
    (bundle.folder / "model.json").write_text(json.dumps(bundle.description).replace("0.48", "NaN"), encoding="utf-8")
    fails(("model.json", "JSON"), "selo", "model", "info", bundle.folder)
    (bundle.folder / "model.json").write_text("{", encoding="utf-8")
    fails(("model.json", "JSON"), "selo", "model", "info", bundle.folder)
    (bundle.folder / "model.json").unlink()
    fails("model.json", "selo", "model", "info", bundle.folder)


def test_networks_that_do_not_fit(folder):
    bundle = Bundle(folder / "misfit")

    def bad(message, **changes):
        bundle.describe(**changes)
        fails(message, "selo", "model", "info", bundle.folder)

    bad(("image.onnx", "vectors of 16", "dimensions 8"), dimensions=8)
    bad(("image.onnx", "3 x 32 x 32", "3 x 64 x 64"), image__size=64)
    bad(("image.onnx", "layout"), image__layout="nhwc")
    bad(("image.onnx", '"pixel"', "pixels"), image__input="pixel")
    bad(("image.onnx", '"other"', "vector"), image__output="other")
    bad(("text.onnx", "four dimensions"), image__file="text.onnx")
    bad(("text.onnx", "model.json"), text__context_length=20)
    (bundle.folder / "bad.txt").write_text("#version\na\n", encoding="utf-8")
    bad(("bad.txt", "no pair"), text__vocabulary="bad.txt")
    network = (bundle.folder / "image.onnx").read_bytes()
    (bundle.folder / "cut.onnx").write_bytes(network[:len(network) // 2])
    bad("cut.onnx", image__file="cut.onnx")
    (bundle.folder / "noise.onnx").write_bytes(bytes(range(256)) * 8)
    bad("noise.onnx", image__file="noise.onnx")
    (bundle.folder / "empty.onnx").write_bytes(b"")
    bad("empty.onnx", image__file="empty.onnx")
    Bundle(folder / "new", opset=99)
    fails(("image.onnx", "older opset"), "selo", "model", "info", folder / "new")
    words = np.full((700, 16), np.nan, np.float32)
    (bundle.folder / "nan.onnx").write_bytes(model(
        [node("Gather", ["words", "tokens"], ["w"]),
         node("ReduceMean", ["w"], ["vector"], integers("axes", [1]), integer("keepdims", 0))], [tensor("words", words)],
        [value("tokens", INT64, ["n", 77])], [value("vector", FLOAT, ["n", 16])]))
    bad(("nan.onnx", "not finite"), text__file="nan.onnx")
    bundle.describe()
    fails("--provider", "selo", "model", "info", bundle.folder, "--provider", "cuda")
    fails("SELO_ONNXRUNTIME", "selo", "model", "info", bundle.folder, "--config", "SELO_ONNXRUNTIME=/nowhere/libonnxruntime.so")


def test_networks_of_other_kinds(folder):
    """Inputs that only look right, weights in files of their own, batches that no memory holds."""
    bundle = Bundle(folder / "kinds")
    cast = [node("Cast", ["pixels"], ["c"], integer("to", FLOAT)), node("Conv", ["c", "patches"], ["p"], integers("strides", [8, 8]))]
    conv = [node("Conv", ["pixels", "patches"], ["p"], integers("strides", [8, 8]))]
    rest = [node("Flatten", ["p"], ["f"], integer("axis", 1)), node("MatMul", ["f", "matrix"], ["vector"])]
    weights, out = [tensor("patches", bundle.patches), tensor("matrix", bundle.matrix)], [value("vector", FLOAT, ["n", 16])]

    def bad(message, nodes, tensors, inputs, outputs, **changes):
        (bundle.folder / "x.onnx").write_bytes(model(nodes, tensors, inputs, outputs))
        bundle.describe(image__file="x.onnx", **changes)
        fails(message, "selo", "model", "info", bundle.folder)

    expected = info(bundle.folder)["self_test"]["window_window_similarity"]
    for kind in (UINT8, DOUBLE, INT64):
        bad(("x.onnx", "no floats"), cast + rest, weights, [value("pixels", kind, ["n", 3, 32, 32])], out)
    bad(("x.onnx", "1000000 windows"), conv + rest, weights, [value("pixels", FLOAT, [1000000, 3, 32, 32])], out)
    bad(("x.onnx", "pixels, mask"), conv + rest, weights, [value("pixels", FLOAT, ["n", 3, 32, 32]), value("mask", FLOAT, ["n"])], out)
    bad(("x.onnx", "neither float"), conv + rest[:1] + [node("MatMul", ["f", "matrix"], ["v"]), node("Cast", ["v"], ["vector"], integer("to", DOUBLE))],
        weights, [value("pixels", FLOAT, ["n", 3, 32, 32])], [value("vector", DOUBLE, ["n", 16])])
    bad(("x.onnx", "kind that this ONNX Runtime lacks"), [node("Frobnicate", ["pixels"], ["vector"])], [], [value("pixels", FLOAT, ["n", 3, 32, 32])], out)
    (bundle.folder / "x.onnx").write_bytes(model(cast + rest, weights, [value("pixels", FLOAT16, ["n", 3, 32, 32])], out))
    bundle.describe(image__file="x.onnx")
    assert abs(info(bundle.folder)["self_test"]["window_window_similarity"] - expected) < 1e-2
    for wrong, tokenizer in ((FLOAT, "clip-bpe"), (INT64, "none")):
        (bundle.folder / "t.onnx").write_bytes(model(
            [node("Cast", ["tokens"], ["c"], integer("to", INT64)), node("Gather", ["words", "c"], ["w"]),
             node("ReduceMean", ["w"], ["vector"], integers("axes", [1]), integer("keepdims", 0))],
            [tensor("words", bundle.words)], [value("tokens", wrong, ["n", 77])], out))
        bundle.describe(text__file="t.onnx", text__tokenizer=tokenizer)
        fails(("t.onnx", "takes"), "selo", "model", "info", bundle.folder)
    # weights beside the network
    bad(("x.onnx", "weights"), conv + rest, [weights[0], outside_tensor("matrix", bundle.matrix, "w.bin")], [value("pixels", FLOAT, ["n", 3, 32, 32])], out)
    (bundle.folder / "w.bin").write_bytes(bundle.matrix.tobytes())
    said = info(bundle.folder)
    assert said["self_test"]["window_window_similarity"] == expected
    with zipfile.ZipFile(folder / "weights.zip", "w") as archive:
        for file in bundle.folder.iterdir():
            archive.write(file, file.name)
    fails(("x.onnx", "unpack"), "selo", "model", "info", folder / "weights.zip")
    (bundle.folder / "w.bin").write_bytes((bundle.matrix * 2).tobytes())
    assert info(bundle.folder)["sha256"] != said["sha256"], "weights beside the network are a part of the model"


def test_output_of_pooling(folder):
    """n x size x 1 x 1, as a global pooling leaves it, holds the same vectors; n x 1 x size too; n x size x 2 does not."""
    bundle = Bundle(folder / "pooled")
    expected = info(bundle.folder)["self_test"]["window_window_similarity"]
    layers = [node("Conv", ["pixels", "patches"], ["p"], integers("strides", [8, 8])), node("Flatten", ["p"], ["f"], integer("axis", 1)),
              node("MatMul", ["f", "matrix"], ["v"]), node("Reshape", ["v", "shape"], ["vector"])]
    bundle.describe(image__file="x.onnx")
    for shape, fits in (((-1, 16, 1, 1), True), ((-1, 1, 16), True), ((-1, 8, 2), False)):
        (bundle.folder / "x.onnx").write_bytes(model(
            layers, [tensor("patches", bundle.patches), tensor("matrix", bundle.matrix), tensor("shape", np.array(shape))],
            [value("pixels", FLOAT, ["n", 3, 32, 32])], [value("vector", FLOAT, ["n", *shape[1:]])]))
        if fits:
            assert info(bundle.folder)["self_test"]["window_window_similarity"] == expected
        else:
            fails(("x.onnx", "vectors of 2 numbers"), "selo", "model", "info", bundle.folder)


def test_folder_that_is_no_utf8(folder):
    bundle = Bundle(folder / "latin")
    name = os.fsencode(folder) + b"/l\xe4tin"
    os.rename(bundle.folder, name)
    assert info(os.fsdecode(name))["image"]["file"].endswith("/l?tin/image.onnx")


def test_threads_keep_standard_error(folder):
    """Opening networks mutes the runtime; two threads that did it at once left standard error in /dev/null for good."""
    bundle = Bundle(folder / "threads")
    program = """
import sys, threading
from osgeo import gdal
gdal.UseExceptions()
def work():
    for _ in range(5):
        gdal.Run(["selo", "model", "info"], model=sys.argv[1])
threads = [threading.Thread(target=work) for _ in range(4)]
[t.start() for t in threads]
[t.join() for t in threads]
sys.stderr.write("heard")
"""
    done = subprocess.run([sys.executable, "-c", program, bundle.folder], capture_output=True, text=True, check=True)
    assert "heard" in done.stderr, "standard error was lost"


def test_damaged_networks(folder):
    """Whatever the bytes are: a model, or one line of valid text."""
    bundle = Bundle(folder / "damaged")
    random, network = np.random.default_rng(11), (bundle.folder / "image.onnx").read_bytes()
    bundle.describe(image__file="x.onnx")
    for case in range(30):
        damaged = np.frombuffer(network, np.uint8).copy()
        damaged[random.integers(0, 300 if case % 2 else len(damaged), 5)] = random.integers(0, 256, 5)
        (bundle.folder / "x.onnx").write_bytes(damaged[:random.integers(1, len(damaged)) if case % 3 == 0 else None].tobytes())
        done = gdal("selo", "model", "info", bundle.folder, check=False)
        assert done.returncode in (0, 1) and done.stderr.count("ERROR") == done.returncode, (case, done.stderr)


def test_spectral(_):
    said = info("spectral")
    assert said["dimensions"] == 14 and "ndvi" in said["elements"]
    assert "ndvi: mean of" in gdal("selo", "model", "info", "spectral").stdout


def main():
    with scratch() as folder:
        test_spectral(folder)
        skip_without_runtime()
        test_good(folder)
        test_other_tokenizers(folder)
        test_bad_descriptions(folder)
        test_networks_that_do_not_fit(folder)
        test_networks_of_other_kinds(folder)
        test_output_of_pooling(folder)
        test_folder_that_is_no_utf8(folder)
        test_threads_keep_standard_error(folder)
        test_damaged_networks(folder)


if __name__ == "__main__":
    sys.exit(main())
