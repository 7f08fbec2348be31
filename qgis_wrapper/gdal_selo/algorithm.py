"""A command of `gdal selo` as a Processing algorithm. Runs in this process, through GDAL's own algorithm API."""

import configparser
import html
from pathlib import Path

from osgeo import gdal
from qgis.core import (
    QgsApplication, QgsProcessingAlgorithm, QgsProcessingException, QgsProcessingOutputHtml, QgsProcessingOutputNumber,
    QgsProcessingOutputString, QgsProcessingOutputVectorLayer, QgsProcessingParameterFileDestination,
    QgsProcessingUtils)
from qgis.PyQt.QtCore import QUrl
from qgis.PyQt.QtGui import QIcon

from . import gdal_plugin, names, parameters, results, told, translate
from .gdal_plugin import tr
from .run import Run
from .values import Reader

ICON = str(Path(__file__).with_name("icon.svg"))


class SeloAlgorithm(QgsProcessingAlgorithm):
    """Parameters, help and outputs come from the command's declaration."""

    def __init__(self, command):
        super().__init__()
        self.command = command
        self.values = {}
        self.made = []

    # What it is

    def createInstance(self):
        """A new one for each run."""
        return SeloAlgorithm(self.command)

    def name(self):
        """Stable id."""
        return self.command.name

    def displayName(self):
        """Name in the toolbox."""
        return tr(self.command.title)

    def group(self):
        """Make, Score or Benchmark."""
        return tr(self.command.group)

    def groupId(self):
        """Stable id of the group."""
        return self.command.group.lower()

    def tags(self):
        """Words that the toolbox finds it by."""
        return ["selo", "semantic localization", "gdal", *self.command.path, *self.command.numbers]

    def icon(self):
        """The provider's."""
        return QIcon(ICON)

    def svgIconPath(self):
        """The provider's."""
        return ICON

    def shortDescription(self):
        """One line."""
        return tr(self.command.summary)

    def shortHelpString(self):
        """The text of --help, and what it says of each argument; qgis_process shows the latter itself."""
        if QgsApplication.platform() == "qgis_process":
            return "\n\n".join(map(tr, self.command.paragraphs))
        texts = {arg.key: html.escape(parameters.help_text(arg)) for arg in parameters.shown(self.command)}
        texts["ALG_DESC"] = "".join("<p>" + html.escape(tr(text)).replace("\n", "<br>") + "</p>" for text in
                                    (self.command.summary, *self.command.paragraphs) if text)
        return QgsProcessingUtils.formatHelpMapAsHtml(texts, self)

    def helpUrl(self):
        """The page of the command where it is installed, else the project's."""
        page = QUrl(self.command.url).toLocalFile()
        if page and Path(page).exists():
            return self.command.url
        metadata = configparser.ConfigParser(interpolation=None)
        metadata.read(Path(__file__).with_name("metadata.txt"), encoding="utf-8")
        return metadata["general"]["homepage"]

    def checkParameterValues(self, parameters_, context):  # pylint: disable=arguments-renamed
        """QGIS's own checks; a name that stands for a map per sample is checked by the first of them."""
        first = {}
        for arg in parameters.shown(self.command):
            value = parameters_.get(arg.key)
            if arg.datasets and not arg.output and isinstance(value, str) and "{" in value:
                first.update({arg.key: str(file) for file in names.files(value)[:1]})
        return super().checkParameterValues({**parameters_, **first}, context)

    def canExecute(self):
        """Whether GDAL has the command, and what to do where it has not."""
        problem = gdal_plugin.problem()
        if problem is None and gdal_plugin.algorithm(*self.command.path) is None:
            problem = tr("this build of `gdal selo` has no command '{name}'").format(name=" ".join(self.command.path))
        return problem is None, problem or ""

    def initAlgorithm(self, configuration=None):  # pylint: disable=unused-argument
        """Declares parameters and outputs."""
        for parameter in parameters.parameters(self.command):
            self.addParameter(parameter)
        for name in self.command.numbers:
            self.addOutput(QgsProcessingOutputNumber(name.upper(), name.upper()))
        for name in self.command.result_layers():
            self.addOutput(QgsProcessingOutputVectorLayer(name.upper(), name))
        if "output-string" in self.command.results:
            self.addOutput(QgsProcessingOutputString("SUMMARY", tr("Summary")))
        if self.command.numbers:
            page = QgsProcessingParameterFileDestination(
                "REPORT", tr("Report"), "HTML (*.html)", optional=True, createByDefault=False)
            page.setHelp(tr("Page to write with the scores, as gdal selo report makes it of the output"))
            self.addParameter(page)
        if "return-code" in self.command.results:
            self.addOutput(QgsProcessingOutputNumber("RETURN_CODE", tr("Exit status of the command")))
        if self.command.numbers or self.command.name == "report":
            self.addOutput(QgsProcessingOutputHtml("HTML", tr("Report")))

    def prepareAlgorithm(self, parameters_, context, feedback):  # pylint: disable=unused-argument
        """Reads the parameters, in the thread that owns the layers."""
        self.values = Reader(self, parameters_, context).arguments()
        return True

    def processAlgorithm(self, parameters_, context, feedback):
        """Runs the command, in a thread of its own."""
        able, problem = self.canExecute()
        if not able:
            raise QgsProcessingException(problem)
        path = results.fitting_path(Reader(self, parameters_, context).output(), self.command, self.values, context)
        page = self.parameterAsFileOutput(parameters_, "REPORT", context) if self.command.numbers else ""
        found, before = {}, names.written(path or "")
        try:
            with gdal.ExceptionMgr(useExceptions=False):
                run = Run(self.command, self.values, path, feedback)
                feedback.pushCommandInfo(run.command_line())
                if run.perform():
                    found = self._found(run, before, context)
                if found and page:
                    found.update(self._report(page, run, feedback))
        finally:
            if not found:  # there is nothing to load
                results.replace(path, context, lambda project: {})
        return found

    def postProcessAlgorithm(self, context, feedback):  # pylint: disable=unused-argument
        """Called in the thread of the layers, where this is no step of a model."""
        results.reload(self.made, context)
        return {}

    def _found(self, run, before, context):
        """What the command made, by the names of the outputs."""
        found = {"SUMMARY": run.text("output-string"), "RETURN_CODE": run.integer("return-code")}
        found = {name: value for name, value in found.items() if value is not None}
        said = found.get("SUMMARY", "")
        told.push(said, run.feedback, self.command.numbers)
        found.update(results.numbers(self.command, said))
        for name in self.command.numbers:
            run.feedback.pushInfo(f"{name.capitalize()}: {found.get(name.upper(), tr('undefined'))}")
        if not run.path:
            return found
        found[self.command.output.key] = run.path
        self.made = [run.path]
        if translate.is_html(run.path) and not self.command.output.datasets:
            found["HTML"] = run.path
        written = names.written(run.path)
        if written:
            self.made = [file for file in sorted(written) if written[file] != before.get(file)]
            results.load_several(run.path, self.made, self.command, context)
            return found
        query = run.values.get("query") or run.values.get("template") or ""
        query = ", ".join(query) if isinstance(query, list) else query
        found.update(results.load(run.path, self.command, query, context))
        return found

    def _report(self, target, run, feedback):
        """The page of an evaluation: that of `gdal selo report` where there are result layers to make it of."""
        report = gdal_plugin.command("report")
        if run.path and report is not None:
            if not Run(report, {"results": run.path, "output-format": "html"}, target, feedback).perform():
                return {}
        else:
            Path(target).write_text(results.page(self.displayName(), run.text("output-string")), encoding="utf-8")
        return {"REPORT": target, "HTML": target}
