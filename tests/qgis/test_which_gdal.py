"""A QGIS whose GDAL is older than any `gdal selo`: the plugin loads, lists its commands and says what to do. The folder in the settings."""

import ast
import os
import re
import shutil

from support.qgis_runs import memory_layer
from support.qgis_session import Session, need
from support.selo import BUILD, SOURCE

need("qgis_process", modules=("osgeo", "qgis"))

# What osgeo.gdal got after GDAL 3.6, which Debian 12 has beside QGIS 3.40: (functions that are not there, version).
YOUNGER = [(("GetGlobalAlgorithmRegistry", "ExceptionMgr", "quiet_errors", "quiet_warnings", "config_option"), "3060200", "3.6.2"),
           (("GetGlobalAlgorithmRegistry",), "3100100", "3.10.1"), ((), "3110400", "3.11.4")]

# Python 3.9, which QGIS 3.40 has on macOS, evaluates annotations as they are read: `float | None` ends it.
for source in sorted((SOURCE / "qgis_wrapper" / "gdal_selo").glob("*.py")):
    text = source.read_text(encoding="utf-8")
    ast.parse(text, feature_version=(3, 9))
    assert not re.search(r"^[^#\n]*: \w+ \| None", text, re.M) or "from __future__ import annotations" in text, source

with Session() as session:
    os.environ["GDAL_DRIVER_PATH"] = session.env["GDAL_DRIVER_PATH"] = str(session.folder / "home")
    from osgeo import gdal
    kept, said = {name: getattr(gdal, name) for name in YOUNGER[0][0]}, gdal.VersionInfo
    for missing, number, release in YOUNGER:
        for name in missing:
            delattr(gdal, name)
        gdal.VersionInfo = lambda what="VERSION_NUM", number=number, release=release: release if what == "RELEASE_NAME" else number
        if number == YOUNGER[0][1]:
            application, provider = session.start()
            from gdal_selo import classFactory
            plugin = classFactory(None)
            from qgis.core import QgsProcessingContext, QgsProcessingException, QgsProcessingFeedback
        provider.refreshAlgorithms()
        algorithm = provider.algorithm("evaluate")
        assert algorithm is not None and algorithm.parameterDefinition("TRUTH") is not None and algorithm.shortHelpString()
        able, why = algorithm.canExecute()
        for word in (release, "3.13", "too old", "QGIS"):
            assert not able and word in why, (release, word, why)
        assert "Build" not in why, "no plugin can be built for that GDAL"
        assert provider.warningMessage() == why
        try:
            algorithm.create().run({"MAP": "map.tif", "TRUTH": memory_layer()}, QgsProcessingContext(), QgsProcessingFeedback(False), {}, False)
            raise AssertionError("ran")
        except QgsProcessingException as error:
            assert str(error) == why, error
        for name, value in kept.items():
            setattr(gdal, name, value)
    gdal.VersionInfo = said
    print("old GDAL: passed", flush=True)

    from processing.core.ProcessingConfig import ProcessingConfig
    folder = session.folder / "plug in ö"
    folder.mkdir()
    for place in ("nowhere", folder.name):
        ProcessingConfig.setSettingValue("GDAL_SELO_PLUGIN", str(session.folder / place))
        able, why = algorithm.canExecute()
        assert not able and place in why and "not there" in why, why
    shutil.copy(BUILD / "gdal_plugin" / "gdal_SELO.so", folder)
    assert algorithm.canExecute() == (True, "")
    print("folder: passed", flush=True)
    os._exit(0)
