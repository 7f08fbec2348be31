"""One run of a command in this process, through GDAL's own algorithm API, with progress and cancel."""

from pathlib import Path

from osgeo import gdal
from qgis.core import QgsProcessingException

from . import gdal_plugin, names, sources, translate
from .gdal_plugin import tr


def work_files(path):
    """What a command keeps beside its output while it runs, such as .NAME.draft.gpkg and NAME.part, and the first ones
    of a file per query."""
    name = Path(path).name
    return set(names.written(path)) | {
        file for file in Path(path).parent.glob("*")
        if file.name.lstrip(".").startswith(f"{name}.") and not file.name.endswith((".aux.xml", ".qml"))}


class Run:
    """A command with values; `path` is where its output goes, or None."""

    def __init__(self, command, values, path, feedback):
        self.command = command
        self.values = dict(values)
        self.path = path
        self.feedback = feedback
        self.algorithm = gdal_plugin.algorithm(*command.path)
        if path:
            self.values[command.output.name] = path
            if command.argument("overwrite"):
                self.values["overwrite"] = True

    def command_line(self):
        """What does the same in a shell."""
        return translate.command_line(self.command, self.values)

    def perform(self):
        """Runs the command; False where it was cancelled. Nothing of a run that does not end well is left."""
        before = work_files(self.path) if self.path else set()
        done = False
        try:
            self._set_all()
            done = not self.feedback.isCanceled() and self._run()
        finally:
            # What a run leaves for the next one to go on from is wanted where somebody asked to go on.
            if self.path and not done and not self.values.get("resume"):
                for file in work_files(self.path) - before:
                    file.unlink(missing_ok=True)
        return done

    def text(self, name):
        """A value that the command gives back, as text; None where it has no such argument."""
        argument = self.algorithm.GetArg(name)
        return None if argument is None else argument.GetAsString()

    def integer(self, name):
        """The same as a whole number."""
        argument = self.algorithm.GetArg(name)
        return None if argument is None else argument.GetAsInteger()

    def _prepared(self, value):
        """What GDAL's argument takes: the value, or the name or the dataset of a layer."""
        if not isinstance(value, sources.Source):
            return value
        with gdal_plugin.Collected() as said:
            made = sources.dataset(value, self.feedback) if value.in_memory else value.name
        for message in said.texts():
            self.feedback.pushWarning(message)
        return made

    def _set_all(self):
        for name, value in self.values.items():
            argument = self.algorithm.GetArg(name)
            if argument is None:
                raise QgsProcessingException(tr("this build of `gdal selo` has no argument '{name}'").format(name=name))
            given = self._prepared(value)
            with gdal_plugin.Collected() as said:
                done = (argument.SetDataset if isinstance(given, gdal.Dataset) else argument.Set)(given)
            if done is False or said.texts():
                raise QgsProcessingException(f"{name}: {' '.join(said.texts()) or value}")

    def _reason(self, failures):
        """Why the command failed, with the way out in QGIS where the command names one that is not there."""
        if not failures:
            return tr("the command failed without a message")
        if any(arg.role == "layer" and f"--{arg.name}" in failures[-1] for arg in self.command.arguments):
            return failures[-1] + " " + tr("(in QGIS: FILE|layername=LAYER)")
        return failures[-1]

    def _run(self):
        def progress(done, _message, _data):
            self.feedback.setProgress(100 * done)
            return 0 if self.feedback.isCanceled() else 1

        with gdal_plugin.Collected() as said:
            done = self.algorithm.Run(progress)
            done = self.algorithm.Finalize() and done
        if self.feedback.isCanceled() and not done:
            return False
        if not done:
            failures = [message for kind, message in said.messages if kind >= gdal.CE_Failure]
            for message in said.texts():  # what led to the failure
                if message not in failures[-1:]:
                    self.feedback.pushWarning(message)
            raise QgsProcessingException(self._reason(failures))
        for message in said.texts():
            self.feedback.pushWarning(message)
        return True
