"""What a person would write in Python with an exported bundle: pixels prepared by Pillow or OpenCV, networks run by ONNX
Runtime and, for some of the windows, by the PyTorch modules that they were exported from.

    export_reference.py KIND SEED BUNDLE FOLDER

FOLDER holds image.npy (bands x height x width bytes), windows.json ([row_start, row_end, col_start, col_end], ...) and tokens.json;
onnx.npy, torch.npy, onnx_texts.npy and torch_texts.npy are written there: vectors of unit length. Every twentieth window goes
through PyTorch. A process of its own: the libraries of PyTorch and of GDAL's Python need not go together."""

import importlib.machinery
import importlib.util
import json
import pathlib
import sys

import cv2
import numpy as np
import onnxruntime
import torch
from PIL import Image

EXPORT = pathlib.Path(__file__).resolve().parents[2] / "scripts" / "export-model"
LOADER = importlib.machinery.SourceFileLoader("export_model", str(EXPORT))
export_model = importlib.util.module_from_spec(importlib.util.spec_from_loader("export_model", LOADER))
LOADER.exec_module(export_model)
BATCH, EVERY = 32, 20


def clip_rule(window, side):
    """The shorter side to `side`, antialiased bicubic, then the middle; height x width x bands bytes."""
    height, width = window.shape[:2]
    least = min(height, width)
    size = (int(side * width / least), int(side * height / least))
    left, top = round((size[0] - side) / 2), round((size[1] - side) / 2)
    return np.asarray(Image.fromarray(window).resize(size, Image.Resampling.BICUBIC).crop((left, top, left + side, top + side)))


def prepare(image, windows, rule):
    """windows x bands x side x side floats."""
    side, mean, std = rule["size"], np.float32(rule["mean"]), np.float32(rule["std"])
    pixels = np.ascontiguousarray(image.transpose(1, 2, 0))
    made = []
    for a, b, c, d in windows:
        window = np.ascontiguousarray(pixels[a:b, c:d])
        small = clip_rule(window, side) if rule["resize"] == "clip" else cv2.resize(window, (side, side), interpolation=cv2.INTER_CUBIC)
        made.append(((small.astype(np.float32) / 255 - mean) / std).transpose(2, 0, 1))
    return np.stack(made)


def unit(vectors):
    return vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)


def by_onnx(path, inputs):
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    return unit(np.concatenate([session.run(None, {name: part})[0] for part in inputs]))


def by_torch(module, inputs):
    module.eval()
    with torch.no_grad():
        return unit(torch.cat([module(torch.from_numpy(part)) for part in inputs]).numpy())


def main():
    kind, seed, bundle, folder = sys.argv[1], int(sys.argv[2]), pathlib.Path(sys.argv[3]), pathlib.Path(sys.argv[4])
    image, text, description = export_model.random_model(kind, 12, seed)
    windows = json.loads((folder / "windows.json").read_text(encoding="utf-8"))
    tokens = [np.array([ids]) for ids in json.loads((folder / "tokens.json").read_text(encoding="utf-8"))]
    pixels = prepare(np.load(folder / "image.npy"), windows, description["image"])
    batches = [pixels[i:i + BATCH] for i in range(0, len(pixels), BATCH)]
    some = pixels[::EVERY]
    np.save(folder / "onnx.npy", by_onnx(bundle / "image.onnx", batches))
    np.save(folder / "torch.npy", by_torch(image, [some[i:i + BATCH] for i in range(0, len(some), BATCH)]))
    np.save(folder / "onnx_texts.npy", by_onnx(bundle / "text.onnx", tokens))
    np.save(folder / "torch_texts.npy", by_torch(text, tokens))


if __name__ == "__main__":
    main()
