"""Values of a dialog, a model or qgis_process as arguments of a command; read in the thread that owns the layers."""

from pathlib import Path

from qgis.core import (
    Qgis, QgsProcessingException, QgsProcessingFeatureSource, QgsProcessingFeatureSourceDefinition,
    QgsProcessingUtils)

from . import parameters, sources, testsets, translate


class Reader:
    """Reads the parameters of one run of an algorithm."""

    def __init__(self, algorithm, given, context):
        self.algorithm = algorithm
        self.command = algorithm.command
        self.given = given
        self.context = context

    def arguments(self):
        """{name: value} of the arguments that somebody set, or that a layer or Processing answers; without outputs."""
        values = self.command.forced()
        inputs = []
        for arg in parameters.shown(self.command):
            if arg.output:
                continue
            value = self._dataset(arg) if arg.datasets else self._plain(arg)
            # What is the default is not said: an argument that is said can contradict another one.
            if value is not None and not translate.is_default(arg, value):
                values[arg.name] = value
            if isinstance(value, sources.Source):
                inputs.append((arg, value))
        for arg, source in inputs:
            self._take_from_layer(values, arg, source)
        testsets.check(values)
        return values

    def output(self):
        """Path of the output, or None."""
        arg = self.command.output
        if arg is None:
            return None
        read = self.algorithm.parameterAsOutputLayer if arg.datasets else self.algorithm.parameterAsFileOutput
        return read(self.given, arg.key, self.context) or None

    def _layer_of(self, arg):
        value = self.given.get(arg.key)
        if not isinstance(value, QgsProcessingFeatureSourceDefinition):
            return self.algorithm.parameterAsVectorLayer(self.given, arg.key, self.context)
        text, _ = value.source.valueAsString(self.context.expressionContext(), "")  # QGIS finds no layer of it
        return QgsProcessingUtils.mapLayerFromString(text, self.context)

    def _vector(self, arg):
        value = self.given.get(arg.key)
        features = self.algorithm.parameterAsSource(self.given, arg.key, self.context)
        if features is None:
            if arg.required or value not in (None, ""):
                raise QgsProcessingException(self.algorithm.invalidSourceError(self.given, arg.key))
            return None
        checked = narrowed = False
        if isinstance(value, QgsProcessingFeatureSourceDefinition):
            checked = bool(value.flags & Qgis.ProcessingFeatureSourceDefinitionFlag.OverrideDefaultGeometryCheck)
            narrowed = checked or bool(value.selectedFeaturesOnly or value.featureLimit >= 0 or value.filterExpression)
        if not checked:  # an invalid geometry is the command's to judge, as in a file
            features.setInvalidGeometryCheck(Qgis.InvalidGeometryCheck.NoCheck)
        layer = self._layer_of(arg)
        testset = testsets.source(layer, features, narrowed) if arg.name == "testset" else None
        return testset or sources.vector(layer, features, self.command.can_say(arg), narrowed=narrowed,
                                         is_file=layer is not None and value == layer.source())

    def _dataset(self, arg):
        kind = self.algorithm.parameterDefinition(arg.key).type()
        if kind == "source" or isinstance(self.given.get(arg.key), QgsProcessingFeatureSourceDefinition):
            return self._vector(arg)
        if kind == "file":
            return self._file(arg)
        layer = self.algorithm.parameterAsLayer(self.given, arg.key, self.context)
        if layer is None:
            # What QGIS cannot show GDAL may still read: a name per sample, a table without a CRS.
            text = str(self.given.get(arg.key) or "")
            return sources.Source(name=text) if text else None
        if layer.type() == Qgis.LayerType.Raster:
            return sources.raster(layer, self.command.can_say(arg))
        features = QgsProcessingFeatureSource(layer, self.context)
        features.setInvalidGeometryCheck(Qgis.InvalidGeometryCheck.NoCheck)
        return sources.vector(layer, features, self.command.can_say(arg),
                              is_file=self.given[arg.key] == layer.source())

    def _file(self, arg):
        path = self.algorithm.parameterAsFile(self.given, arg.key, self.context)
        layer = None if not path or Path(path).exists() else QgsProcessingUtils.mapLayerFromString(path, self.context)
        if layer is not None and layer.providerType() == "ogr":  # one of the file's, by its name or id
            path, _, _ = sources.named(layer, "ogr")
        return sources.Source(name=path.split("|")[0]) if path else None

    def _length(self, arg):
        text = self.algorithm.parameterAsString(self.given, arg.key, self.context).strip()
        if text.endswith(parameters.UNITS):  # of an expression, or of a script
            return text
        return translate.length_text(self.algorithm.parameterAsDouble(self.given, arg.key, self.context),
                                     self.algorithm.parameterAsString(self.given, f"{arg.key}_UNIT", self.context))

    def _crs(self, arg):
        crs = self.algorithm.parameterAsCrs(self.given, arg.key, self.context)
        return sources.crs_text(crs) if crs.isValid() else None

    def _plain(self, arg):
        value = self.given.get(arg.key)
        if value is None or value in ("", []):  # a dialog says "" or [] of what was left as it was
            return None
        if arg.has_unit:
            return self._length(arg)
        if arg.role == "crs":
            return self._crs(arg)
        if arg.base_type == "boolean":
            return self.algorithm.parameterAsBoolean(self.given, arg.key, self.context) or None
        kind = self.algorithm.parameterDefinition(arg.key).type()
        one, several = {"enum": (self.algorithm.parameterAsEnumString, self.algorithm.parameterAsEnumStrings),
                        "band": (self.algorithm.parameterAsString, self.algorithm.parameterAsInts),
                        "field": (self.algorithm.parameterAsString, self.algorithm.parameterAsStrings),
                        "multilayer": (None, self.algorithm.parameterAsFileList)}.get(
                            kind, (self.algorithm.parameterAsString, None))
        if arg.is_list and several:
            value = several(self.given, arg.key, self.context)
        elif not (arg.is_list and isinstance(value, list)):
            value = one(self.given, arg.key, self.context)
        return translate.choice(arg, value) if kind == "enum" else translate.convert(arg, value)

    def _take_from_layer(self, values, arg, source):
        """Arguments that the layer answers: its name in the file, its filter, its options, its CRS, its band."""
        if source.layer:
            values[self.command.layer_of(arg.name).name] = source.layer
        if source.where:
            values["where"] = translate.both(source.where, values.get("where"))
        if source.open_options:
            values.setdefault("open-option", list(source.open_options))
        if source.crs:
            values.setdefault(f"{arg.name}-crs", source.crs)
        band = self.command.free_band_of(arg.name)
        if source.band > 1 and band is not None:
            values.setdefault(band.name, [source.band] if band.is_list else source.band)
