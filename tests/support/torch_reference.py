"""Run by a Python with torch: makes a random model's bundle, or computes with the model itself.

    torch_reference.py bundle KIND SEED FOLDER VOCABULARY
    torch_reference.py vectors KIND SEED FOLDER      pixels.npy (n x 3 x side x side bytes), tokens.json -> .npy"""

import importlib.machinery
import importlib.util
import json
import pathlib
import sys

import numpy as np
import torch

EXPORT = pathlib.Path(__file__).resolve().parents[2] / "scripts" / "export-model"
LOADER = importlib.machinery.SourceFileLoader("export_model", str(EXPORT))
export_model = importlib.util.module_from_spec(importlib.util.spec_from_loader("export_model", LOADER))
LOADER.exec_module(export_model)


def main():
    what, kind, seed, folder = sys.argv[1], sys.argv[2], int(sys.argv[3]), pathlib.Path(sys.argv[4])
    image, text, description = export_model.random_model(kind, 12, seed)
    if what == "bundle":
        export_model.write_bundle(folder, image, text, description, sys.argv[5])
        return
    image.eval()
    text.eval()
    mean, std = (torch.tensor(description["image"][key])[:, None, None] for key in ("mean", "std"))
    pixels = torch.from_numpy(np.load(folder / "pixels.npy"))
    with torch.no_grad():
        vectors = torch.cat([image((part.float() / 255 - mean) / std) for part in pixels.split(16)])
        texts = torch.cat([text(torch.tensor([ids])) for ids in json.loads((folder / "tokens.json").read_text())])
    np.save(folder / "vectors.npy", (vectors / vectors.norm(dim=-1, keepdim=True)).numpy())
    np.save(folder / "texts.npy", (texts / texts.norm(dim=-1, keepdim=True)).numpy())


if __name__ == "__main__":
    main()
