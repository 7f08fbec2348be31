"""A command of `gdal selo` as a Processing algorithm. Runs in this process, through GDAL's own algorithm API."""

from pathlib import Path

from osgeo import gdal
from qgis.core import (
    QgsProcessingAlgorithm, QgsProcessingException, QgsProcessingFeatureSourceDefinition,
    QgsProcessingOutputHtml, QgsProcessingOutputNumber, QgsProcessingOutputString, QgsProcessingOutputVectorLayer,
    QgsProcessingFeatureSource, QgsProcessingParameterFileDestination, QgsMapLayer)
from qgis.PyQt.QtGui import QIcon

from . import gdal_plugin, parameters, results, sources, translate
from .gdal_plugin import tr

ICON = str(Path(__file__).with_name("icon.svg"))


class SeloAlgorithm(QgsProcessingAlgorithm):
    """Parameters, help and outputs come from the command's declaration."""

    def __init__(self, command):
        super().__init__()
        self.command = command
        self.values = {}

    # What it is

    def createInstance(self):
        """A new one for each run."""
        return SeloAlgorithm(self.command)

    def name(self):
        """Stable id."""
        return self.command.name

    def displayName(self):
        """Name in the toolbox."""
        return tr(" ".join(self.command.path).replace("-", " ").capitalize())

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
        """The text of --help."""
        return "\n\n".join(tr(text) for text in (self.command.summary, self.command.details) if text)

    def canExecute(self):
        """Whether GDAL has the command, and what to do where it has not."""
        problem = gdal_plugin.problem()
        if problem is None and gdal_plugin.algorithm(*self.command.path) is None:
            problem = tr("this build of `gdal selo` has no command '{name}'").format(name=" ".join(self.command.path))
        return problem is None, problem or ""

    def initAlgorithm(self, configuration=None):  # pylint: disable=unused-argument,invalid-name
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
            self.addParameter(QgsProcessingParameterFileDestination(
                "REPORT", tr("Report"), "HTML (*.html)", optional=True, createByDefault=False))
        if "return-code" in self.command.results:
            self.addOutput(QgsProcessingOutputNumber("RETURN_CODE", tr("Exit status of the command")))
        if self.command.numbers or self.command.name == "report":
            self.addOutput(QgsProcessingOutputHtml("HTML", tr("Report")))

    # Values of the dialog, read in the main thread

    def _vector(self, arg, parameters_, context):
        value = parameters_.get(arg.key)
        features = self.parameterAsSource(parameters_, arg.key, context)
        if features is None:
            if arg.required:
                raise QgsProcessingException(self.invalidSourceError(parameters_, arg.key))
            return None
        narrowed = isinstance(value, QgsProcessingFeatureSourceDefinition) and bool(
            value.selectedFeaturesOnly or value.featureLimit >= 0 or value.filterExpression)
        layer = self.parameterAsVectorLayer(parameters_, arg.key, context)
        return sources.vector(layer, features, narrowed)

    def _dataset(self, arg, parameters_, context):
        kind = self.parameterDefinition(arg.key).type()
        if kind == "source":
            return self._vector(arg, parameters_, context)
        if kind == "file":
            path = self.parameterAsFile(parameters_, arg.key, context)
            return sources.Source(name=path.split("|")[0]) if path else None
        layer = self.parameterAsLayer(parameters_, arg.key, context)
        if layer is None:
            # What QGIS cannot show GDAL may still read: a name per sample, a table without a CRS.
            text = str(parameters_.get(arg.key) or "")
            return sources.Source(name=text) if text else None
        if layer.type() == QgsMapLayer.LayerType.RasterLayer:
            return sources.raster(layer)
        return sources.vector(layer, QgsProcessingFeatureSource(layer, context))

    def _plain(self, arg, parameters_, context):
        if parameters_.get(arg.key) is None and arg.default is None:
            return None
        if arg.has_unit:
            number = parameters_.get(arg.key)
            if isinstance(number, str) and number.endswith(parameters.UNITS):
                return number
            number = self.parameterAsDouble(parameters_, arg.key, context)
            return translate.length_text(number, self.parameterAsString(parameters_, f"{arg.key}_UNIT", context))
        if arg.role == "crs":
            crs = self.parameterAsCrs(parameters_, arg.key, context)
            return (crs.authid() or crs.toWkt()) if crs.isValid() else None
        kind = self.parameterDefinition(arg.key).type()
        if kind == "enum" and arg.is_list:
            return translate.convert(arg, self.parameterAsEnumStrings(parameters_, arg.key, context))
        if kind == "enum":
            return self.parameterAsEnumString(parameters_, arg.key, context) or None
        if kind == "band" and arg.is_list:
            return translate.convert(arg, self.parameterAsInts(parameters_, arg.key, context))
        if kind == "field":
            return translate.convert(arg, self.parameterAsStrings(parameters_, arg.key, context) if arg.is_list
                                     else self.parameterAsString(parameters_, arg.key, context))
        if arg.base_type == "boolean":
            return self.parameterAsBoolean(parameters_, arg.key, context) or None
        if arg.is_list and isinstance(parameters_.get(arg.key), list):
            return translate.convert(arg, parameters_[arg.key])
        return translate.convert(arg, self.parameterAsString(parameters_, arg.key, context))

    def _output(self, arg, parameters_, context):
        if arg.datasets:
            return self.parameterAsOutputLayer(parameters_, arg.key, context) or None
        return self.parameterAsFileOutput(parameters_, arg.key, context) or None

    def _take_from_layer(self, arg, source):
        """Arguments that the layer answers: its name in the file, its filter, its options, its CRS."""
        named = self.command.layer_of(arg.name)
        if named and source.layer:
            self.values[named.name] = source.layer
        if source.where and self.command.argument("where") and named:
            self.values["where"] = translate.both(source.where, self.values.get("where"))
        if source.open_options and self.command.argument("open-option"):
            self.values.setdefault("open-option", list(source.open_options))
        if source.crs and self.command.argument(f"{arg.name}-crs"):
            self.values.setdefault(f"{arg.name}-crs", source.crs)

    def prepareAlgorithm(self, parameters_, context, feedback):  # pylint: disable=unused-argument,invalid-name
        """Reads the parameters, in the thread that owns the layers."""
        self.values = dict(self.command.forced())
        if self.command.argument("summary"):
            self.values["summary"] = "json"
        shown = [arg for arg in self.command.arguments if not self.command.hidden(arg) and not arg.output]
        inputs = []
        for arg in shown:
            value = self._dataset(arg, parameters_, context) if arg.datasets else self._plain(arg, parameters_, context)
            # What is the default is not said: an argument that is said can contradict another one.
            if value is not None and not translate.is_default(arg, value):
                self.values[arg.name] = value
            if isinstance(value, sources.Source):
                inputs.append((arg, value))
        for arg, source in inputs:
            self._take_from_layer(arg, source)
        return True

    # The run, in a thread of its own

    def _set(self, algorithm, feedback):
        for name, value in self.values.items():
            argument = algorithm.GetArg(name)
            if argument is None:
                raise QgsProcessingException(tr("this build of `gdal selo` has no argument '{name}'").format(name=name))
            with gdal_plugin.Collected() as said:
                if isinstance(value, sources.Source):
                    done = argument.SetDataset(sources.dataset(value, feedback)) is not False if value.in_memory \
                        else argument.Set(value.name)
                else:
                    done = argument.Set(value)
            if done is False or said.texts():
                raise QgsProcessingException(f"{name}: {' '.join(said.texts()) or value}")

    def _run(self, algorithm, feedback):
        def progress(done, _message, _data):
            feedback.setProgress(100 * done)
            return 0 if feedback.isCanceled() else 1

        with gdal_plugin.Collected() as said:
            done = algorithm.Run(progress)
            done = algorithm.Finalize() and done
        if feedback.isCanceled():
            return False
        for kind, message in said.messages:
            if kind == gdal.CE_Warning:
                feedback.pushWarning(message)
        failures = [message for kind, message in said.messages if kind >= gdal.CE_Failure]
        if not done or failures:
            raise QgsProcessingException(failures[-1] if failures else tr("the command failed without a message"))
        return True

    def _collect(self, algorithm, path, context):
        found = {}
        summary = algorithm.GetArg("output-string")
        if summary is not None:
            found["SUMMARY"] = summary.GetAsString()
            found.update(results.numbers(self.command, found["SUMMARY"]))
        code = algorithm.GetArg("return-code")
        if code is not None:
            found["RETURN_CODE"] = code.GetAsInteger()
        output = self.command.output
        if path:
            found[output.key] = path
        if path and output.datasets == ("vector",):
            names = results.layer_names(path)
            found.update({name.upper(): results.layer_uri(path, name)
                          for name in self.command.result_layers() if name in names})
            query = self.values.get("query")
            group = results.group_name(self.command, query if isinstance(query, str) else "")
            results.load_layers(path, context, group)
        if path and output.datasets == ("raster",):
            results.style_raster(path, context)
        if path and not output.datasets and translate.is_html(path):
            found["HTML"] = path
        return found

    def _report(self, target, found, feedback):
        """The page of an evaluation: that of `gdal selo report` where there are result layers to make it of."""
        path = found.get(self.command.output.key)
        algorithm = gdal_plugin.algorithm("report")
        if path and algorithm is not None:
            for name, value in (("results", path), ("output", target), ("output-format", "html"), ("overwrite", True)):
                algorithm.GetArg(name).Set(value)
            if not self._run(algorithm, feedback):
                return
        else:
            Path(target).write_text(results.page(self.displayName(), found.get("SUMMARY", "")), encoding="utf-8")
        found["REPORT"] = found["HTML"] = target

    def processAlgorithm(self, parameters_, context, feedback):  # pylint: disable=invalid-name
        """Runs the command."""
        able, problem = self.canExecute()
        if not able:
            raise QgsProcessingException(problem)
        output = self.command.output
        path = self._output(output, parameters_, context) if output else None
        if path:
            self.values[output.name] = path
            if self.command.argument("overwrite"):
                self.values["overwrite"] = True
        report = self.parameterAsFileOutput(parameters_, "REPORT", context) if self.command.numbers else ""
        shown = {name: value for name, value in self.values.items() if value is not False}
        feedback.pushCommandInfo(translate.command_line(self.command, shown))
        with gdal.ExceptionMgr(useExceptions=False):
            algorithm = gdal_plugin.algorithm(*self.command.path)
            self._set(algorithm, feedback)
            if feedback.isCanceled() or not self._run(algorithm, feedback):
                context.setLayersToLoadOnCompletion({})
                return {}
            found = self._collect(algorithm, path, context)
            for name in self.command.numbers:
                feedback.pushInfo(f"{name.capitalize()}: {found.get(name.upper(), tr('undefined'))}")
            if report:
                self._report(report, found, feedback)
        return found
