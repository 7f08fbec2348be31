"""Runs `gdal selo evaluate` in a window of QGIS, as a person would, and takes pictures of it. Two programs in one file:

    python3 scripts/qgis_pictures.py --zip PLUGIN.zip --scene IMAGE --map MAP... --truth TRUTH --query TEXT FOLDER

starts QGIS with a fresh profile on a screen of its own (Xvfb) and this file as its --code. There it installs the plugin from the zip,
loads the layers, opens the dialog of gdal_selo:evaluate from the toolbox, presses Run, and writes FOLDER/qgis-dialog.png,
FOLDER/qgis-map.jpg and FOLDER/qgis.json (what was seen: groups of the toolbox, layers, messages, the log)."""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

SIZE = (1500, 920)
QUALITY = 88  # of JPEG
PATIENCE_S = 60
JOB = "SELO_QGIS_PICTURES"  # names the file that says what to do, once inside QGIS
PROFILE = """[PythonPlugins]
processing=true

[qgis]
checkVersion=false
showTips=false
newProjectDefault=false
iconSize=18

[app]
projections\\unknownCrsBehavior=NoAction

[core]
NewsFeed\\httpsfeedqgisorg\\disabled=true

[fonts]
downloadMissingFonts=false
download-missing-fonts=false

[processing]
Configuration\\MAX_THREADS=2
"""


def launch():
    """Outside of QGIS."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--zip", type=Path, required=True, help="what `cmake --build … --target qgis_plugin` makes")
    parser.add_argument("--scene", required=True, help="image below the maps")
    parser.add_argument("--map", required=True, action="append", help="SeLo map; the first is scored")
    parser.add_argument("--truth", required=True, help="regions, with a field `query`")
    parser.add_argument("--query", required=True)
    parser.add_argument("folder", type=Path)
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="selo qgis ") as held:
        home = Path(held)
        settings = home / "profiles" / "default" / "QGIS" / "QGIS3.ini"
        settings.parent.mkdir(parents=True)
        settings.write_text(PROFILE, encoding="utf-8")
        job = {key: str(Path(value).resolve()) if key != "query" else value for key, value in vars(given).items() if key != "map"}
        (home / "job.json").write_text(json.dumps({**job, "maps": [str(Path(one).resolve()) for one in given.map]}), encoding="utf-8")
        run = Path(held) / "run"
        run.mkdir(mode=0o700)
        env = {**os.environ, JOB: str(home / "job.json"), "HOME": held, "XDG_RUNTIME_DIR": str(run), "QT_QPA_PLATFORM": "xcb",
               "LC_ALL": "C.UTF-8", "QGIS_CUSTOM_CONFIG_PATH": ""}
        log = given.folder / "qgis.log"
        with open(log, "w", encoding="utf-8") as file:
            done = subprocess.run(
                ["xvfb-run", "-a", "-s", f"-screen 0 {SIZE[0]}x{SIZE[1]}x24", "qgis", "--nologo", "--noversioncheck", "--profiles-path", held,
                 "--code", __file__], env=env, stdout=file, stderr=file, timeout=3 * PATIENCE_S, check=False)
    seen = given.folder / "qgis.json"
    said = json.loads(seen.read_text(encoding="utf-8")) if seen.exists() else {"error": log.read_text(encoding="utf-8")[-3000:]}
    if "error" in said:
        sys.exit(f"qgis_pictures: exit {done.returncode}: {said['error']}")


class Session:
    """Inside QGIS: a walk in steps, each of which waits until the window is where it should be."""

    def __init__(self, job):
        from qgis.PyQt.QtCore import QTimer  # pylint: disable=import-outside-toplevel
        from qgis.utils import iface  # pylint: disable=import-outside-toplevel
        self.job, self.iface, self.seen, self.waited = job, iface, {}, 0
        self.walk, self.until = self.steps(), lambda: True
        self.timer = QTimer()
        self.timer.setInterval(100)
        self.timer.timeout.connect(self.tick)
        self.timer.start()

    def tick(self):
        """Goes on with the walk when what it waits for is there."""
        try:
            self.waited += 1
            if self.waited > PATIENCE_S * 10:
                raise RuntimeError("waited too long for the window")
            if not self.until():
                return
            self.waited = 0
            self.until = next(self.walk)
            return
        except StopIteration:
            pass
        except Exception:  # pylint: disable=broad-exception-caught
            import traceback  # pylint: disable=import-outside-toplevel
            self.seen["error"] = traceback.format_exc()
        self.timer.stop()
        Path(self.job["folder"], "qgis.json").write_text(json.dumps(self.seen, indent=1, ensure_ascii=False), encoding="utf-8")
        os._exit(0)  # the project is not to be saved, nor asked about

    @staticmethod
    def ticks(n):
        """Waits for n ticks: what is drawn needs a moment."""
        left = [n]

        def over():
            left[0] -= 1
            return left[0] <= 0
        return over

    @staticmethod
    def later(call):
        """Does what has an event loop of its own, such as a dialog, beside this walk."""
        from qgis.PyQt.QtCore import QTimer  # pylint: disable=import-outside-toplevel
        QTimer.singleShot(0, call)

    def picture(self, widget, name):
        """What a widget shows, as a file."""
        path = str(Path(self.job["folder"]) / name)
        if not widget.grab().save(path, quality=QUALITY):
            raise RuntimeError(f"{path} was not written")

    def install(self):
        """The plugin, as Install from ZIP does."""
        import pyplugin_installer  # pylint: disable=import-outside-toplevel,import-error
        from qgis.utils import active_plugins, loadPlugin, startPlugin  # pylint: disable=import-outside-toplevel
        pyplugin_installer.instance().installFromZipFile(self.job["zip"])
        if "gdal_selo" not in active_plugins and not (loadPlugin("gdal_selo") and startPlugin("gdal_selo")):
            raise RuntimeError("the plugin does not start")

    def load(self):
        """The scene in natural colours, the maps over it, the truth in outlines."""
        from qgis.core import (  # pylint: disable=import-outside-toplevel
            QgsContrastEnhancement, QgsFillSymbol, QgsProject, QgsRasterLayer, QgsRasterMinMaxOrigin, QgsVectorLayer)
        import gdal_selo  # pylint: disable=import-outside-toplevel,import-error
        project = QgsProject.instance()
        scene = QgsRasterLayer(self.job["scene"], "Landsat 7")
        scene.setContrastEnhancement(QgsContrastEnhancement.ContrastEnhancementAlgorithm.StretchToMinimumMaximum,
                                     QgsRasterMinMaxOrigin.Limits.CumulativeCut)
        project.addMapLayer(scene)
        style = str(Path(gdal_selo.__file__).parent / "styles" / "selo_map.qml")
        maps = [QgsRasterLayer(path, f"map of {Path(path).stem}") for path in self.job["maps"]]
        for layer in reversed(maps):
            layer.loadNamedStyle(style)
            project.addMapLayer(layer)
            project.layerTreeRoot().findLayer(layer).setItemVisibilityChecked(layer is maps[0])
            project.layerTreeRoot().findLayer(layer).setExpanded(layer is maps[0])
        truth = QgsVectorLayer(self.job["truth"], "truth")
        truth.setSubsetString("query = '{}'".format(self.job["query"].replace("'", "''")))
        truth.renderer().setSymbol(QgsFillSymbol.createSimple({"style": "no", "outline_color": "white", "outline_width": "0.6"}))
        project.addMapLayer(truth)
        self.layers = {"scene": scene, "map": maps[0], "truth": truth}
        broken = [name for name, layer in self.layers.items() if not layer.isValid()]
        if broken:
            raise RuntimeError(f"not valid: {broken}")

    def dialog(self):
        """The dialog that is open, or None."""
        from qgis.PyQt.QtWidgets import QApplication  # pylint: disable=import-outside-toplevel
        return next((one for one in QApplication.topLevelWidgets()
                     if type(one).__name__ == "AlgorithmDialog" and one.isVisible()), None)

    def toolbox_groups(self, tree):
        """{group: [algorithms]} of the provider in the toolbox."""
        def text(index):
            return str(index.data() or "")
        model, found = tree.model(), {}
        for row in range(model.rowCount()):
            provider = model.index(row, 0)
            if text(provider) == "SeLo":
                for place in range(model.rowCount(provider)):
                    group = model.index(place, 0, provider)
                    found[text(group)] = [text(model.index(i, 0, group)) for i in range(model.rowCount(group))]
        return found

    def select(self, tree, group, algorithm):
        """Selects an algorithm of the provider, as a click does."""
        model = tree.model()
        provider = next(index for index in (model.index(row, 0) for row in range(model.rowCount())) if index.data() == "SeLo")
        above = next(index for index in (model.index(row, 0, provider) for row in range(model.rowCount(provider))) if index.data() == group)
        index = next(index for index in (model.index(row, 0, above) for row in range(model.rowCount(above))) if index.data() == algorithm)
        tree.setCurrentIndex(index)
        tree.scrollTo(index)

    @staticmethod
    def log(dialog):
        """What the log of the dialog says."""
        from qgis.PyQt.QtWidgets import QTextEdit, QTextBrowser  # pylint: disable=import-outside-toplevel
        texts = [one.toPlainText() for kind in (QTextEdit, QTextBrowser) for one in dialog.findChildren(kind)]
        return max(texts, key=lambda text: ("Algorithm started" in text, len(text)))

    def tree(self, group):
        """Names from top to bottom; a group is [name, [...]], a layer [name, how it is drawn]."""
        from qgis.core import QgsLayerTreeGroup  # pylint: disable=import-outside-toplevel
        found = []
        for node in group.children():
            if isinstance(node, QgsLayerTreeGroup):
                found.append([node.name(), self.tree(node)])
            else:
                renderer = node.layer().renderer() if hasattr(node.layer(), "renderer") else None
                found.append([node.name(), renderer.type() if renderer is not None else ""])
        return found

    def untouched(self):
        """{algorithm: what its dialog says of optional arguments, though nobody touched them}; `where` is the layer's filter."""
        from processing.gui.AlgorithmDialog import AlgorithmDialog  # pylint: disable=import-outside-toplevel,import-error
        from qgis.core import QgsApplication, QgsProcessingContext, QgsProject  # pylint: disable=import-outside-toplevel
        from qgis.gui import QgsProcessingParametersGenerator  # pylint: disable=import-outside-toplevel
        from gdal_selo.values import Reader  # pylint: disable=import-outside-toplevel,import-error
        unfinished = QgsProcessingParametersGenerator.Flags(QgsProcessingParametersGenerator.Flag.SkipValidation)
        context, found = QgsProcessingContext(), {}
        context.setProject(QgsProject.instance())
        for algorithm in QgsApplication.processingRegistry().providerById("gdal_selo").algorithms():
            dialog = AlgorithmDialog(algorithm.create(), False, self.iface.mainWindow())
            given = dialog.mainWidget().createProcessingParameters(unfinished)
            values = Reader(dialog.algorithm(), given, context).arguments()
            required = {arg.name for arg in algorithm.command.arguments if arg.required}
            found[algorithm.name()] = sorted(f"{name}={value}" for name, value in values.items()
                                             if name not in required | {"where"} | set(algorithm.command.forced()))
            dialog.deleteLater()
        return found

    def messages(self):
        """Texts of the message bar."""
        return [item.text() for item in self.iface.messageBar().items()]

    def drawn(self):
        """Whether the map is not being drawn."""
        return not self.iface.mapCanvas().isDrawing()

    def steps(self):
        """The walk: between two yields, what a person does; yielded, what they wait for."""
        from qgis.core import QgsProject  # pylint: disable=import-outside-toplevel
        from qgis.PyQt.QtWidgets import QDockWidget  # pylint: disable=import-outside-toplevel
        window = self.iface.mainWindow()
        window.resize(*SIZE)
        window.move(0, 0)
        yield self.ticks(10)
        self.install()
        yield self.ticks(5)
        self.load()
        for name in ("Browser", "Browser2", "MessageLog", "Overview", "theLayerOrder"):
            dock = window.findChild(QDockWidget, name)
            if dock is not None:
                dock.hide()
        toolbox = window.findChild(QDockWidget, "ProcessingToolbox")
        toolbox.show()
        window.resizeDocks([toolbox, window.findChild(QDockWidget, "Layers")], [290, 340], 1)
        toolbox.searchBox.setText("selo")
        yield self.ticks(10)
        tree = toolbox.algorithmTree
        self.seen["toolbox"] = self.toolbox_groups(tree)
        project, scene = QgsProject.instance(), self.layers["scene"]
        project.setCrs(scene.crs())  # not earlier: QGIS takes the CRS of the first layers when they are shown
        self.iface.mapCanvas().setExtent(scene.extent())
        self.select(tree, "Score", "Evaluate")
        self.later(toolbox.executeAlgorithm)  # which returns when the dialog is closed
        yield lambda: self.dialog() is not None
        dialog = self.dialog()
        dialog.setParameters({"MAP": self.layers["map"].id(), "TRUTH": self.layers["truth"].id(), "QUERY": self.job["query"],
                              "SMOOTHING": 150, "SMOOTHING_UNIT": "m", "SEPARATION": 1000, "SEPARATION_UNIT": "m"})
        dialog.resize(980, 760)
        yield self.ticks(10)
        self.picture(dialog, "qgis-dialog.png")
        self.seen["dialogs"] = self.untouched()
        dialog.runButton().click()
        yield lambda: bool(dialog.results()) and dialog.cancelButton().isHidden() or not dialog.cancelButton().isEnabled()
        yield self.ticks(20)
        self.picture(dialog, "qgis-log.png")
        self.seen["log"] = self.log(dialog)
        dialog.close()
        self.iface.mapCanvas().setExtent(scene.extent())
        self.iface.mapCanvas().zoomByFactor(1.12)
        yield self.ticks(10)
        yield self.drawn
        yield self.ticks(10)
        self.picture(window, "qgis-map.jpg")
        self.seen["messages"] = self.messages()
        self.seen["layers"] = self.tree(project.layerTreeRoot())


if os.environ.get(JOB) and "qgis.utils" in sys.modules:
    RUNNING = Session(json.loads(Path(os.environ[JOB]).read_text(encoding="utf-8")))
elif __name__ == "__main__":
    launch()
