/* Makes GDALAlgorithms out of argument tables: GDAL offers its algorithm registry to C++ only, so this is C++, and the
 * one file that is. First the values of a command's arguments, then the algorithms, then the nodes that hold them.
 * Constructors run whenever GDAL lists commands: they read tables and open nothing. */
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "command.h"
#include "command_run.h"
#include "cpl_json.h"
#include "cpl_vsi.h"
#include "gdal_priv.h"
#include "gdalalgorithm.h"

/* ---- the values of a command's arguments ------------------------------------------------------------------------- */

using Strings = std::vector<std::string>;

/* A slot per argument of a command, which GDAL writes what the user gave into. */
struct selo_values
{
    using Value = std::variant<bool, int, double, std::string, Strings, std::vector<int>, std::vector<double>,
                               GDALArgDatasetValue>;

    std::map<std::string, Value> values{};
    std::map<std::string, CPLStringList> lists{};  // what selo_values_strings() handed out
    std::map<std::string, std::string> names{};    // what selo_values_dataset_name() handed out
    const GDALAlgorithm *algorithm = nullptr;
    const char *path = "";
    bool quiet = false;

    template <class T> T &get(const char *name)
    {
        auto it = values.find(name);
        if (it == values.end() || !std::holds_alternative<T>(it->second))
        {
            std::fprintf(stderr, "gdal selo: argument '%s' is not declared as it is used\n", name);
            std::abort();
        }
        return std::get<T>(it->second);
    }
};

namespace
{

selo_values &writable(const selo_values *values)
{
    return *const_cast<selo_values *>(values);
}

/* Relative names in a .gdalg.json file start at that file's folder. GDAL sees to that for the datasets that it opens
 * itself; ours are opened later. What is there under its plain name only, or is no file at all, is left as it is. */
std::string from_reference_path(const GDALAlgorithm &algorithm, const std::string &name)
{
    const std::string &folder = algorithm.GetReferencePathForRelativePaths();
    if (folder.empty() || !CPLIsFilenameRelative(name.c_str()))
        return name;
    const std::string joined = CPLFormFilenameSafe(folder.c_str(), name.c_str(), nullptr);
    VSIStatBufL stat;
    const bool is_pattern = name.find('{') != std::string::npos;
    return is_pattern || VSIStatL(joined.c_str(), &stat) == 0 ? joined : name;
}

/* Calls what(argument, its text on a command line) for every argument that the user set. */
template <class What> void for_each_set(const GDALAlgorithm &algorithm, What what)
{
    for (const auto &arg : algorithm.GetArgs())
    {
        std::string text;
        if (arg->IsExplicitlySet() && arg->IsInput() && arg->Serialize(text))
            what(*arg, text);
    }
}

}  // namespace

bool selo_values_is_set(const selo_values *values, const char *name)
{
    const auto *arg = values->algorithm->GetArg(name);
    return arg && arg->IsExplicitlySet();
}

bool selo_values_flag(const selo_values *values, const char *name)
{
    return writable(values).get<bool>(name);
}

int selo_values_integer(const selo_values *values, const char *name)
{
    return writable(values).get<int>(name);
}

double selo_values_real(const selo_values *values, const char *name)
{
    return writable(values).get<double>(name);
}

const char *selo_values_string(const selo_values *values, const char *name)
{
    const auto &value = writable(values).get<std::string>(name);
    return value.empty() && !selo_values_is_set(values, name) ? nullptr : value.c_str();
}

CSLConstList selo_values_strings(const selo_values *values, const char *name)
{
    const auto &value = writable(values).get<Strings>(name);
    if (value.empty())
        return nullptr;
    return writable(values).lists.try_emplace(name, CPLStringList(value)).first->second.List();
}

const int *selo_values_integers(const selo_values *values, const char *name, size_t *count)
{
    const auto &value = writable(values).get<std::vector<int>>(name);
    *count = value.size();
    return value.data();
}

const double *selo_values_reals(const selo_values *values, const char *name, size_t *count)
{
    const auto &value = writable(values).get<std::vector<double>>(name);
    *count = value.size();
    return value.data();
}

const char *selo_values_dataset_name(const selo_values *values, const char *name)
{
    auto &value = writable(values).get<GDALArgDatasetValue>(name);
    auto &names = writable(values).names; // one string a name, so that a pointer handed out before stays valid
    if (value.GetName().empty())
    {
        GDALDataset *dataset = value.GetDatasetRef();
        if (!dataset || *dataset->GetDescription())
            return dataset ? dataset->GetDescription() : nullptr;
        const CPLStringList files(dataset->GetFileList()); // of a VRT that has no name: what it is made of
        return names.try_emplace(name, files.empty() ? "" : files[0]).first->second.c_str();
    }
    return names.try_emplace(name, from_reference_path(*values->algorithm, value.GetName())).first->second.c_str();
}

GDALDatasetH selo_values_dataset(const selo_values *values, const char *name)
{
    return GDALDataset::ToHandle(writable(values).get<GDALArgDatasetValue>(name).GetDatasetRef());
}

const char *selo_values_command_line(const selo_values *values)
{
    auto &line = writable(values).names["command line"];
    line = "gdal selo";
    line.append(" ").append(values->path);
    for_each_set(*values->algorithm,
                 [&line](const GDALAlgorithmArg &, const std::string &text) { line.append(" ").append(text); });
    return line.c_str();
}

const char *selo_values_params_json(const selo_values *values)
{
    CPLJSONObject object;
    for_each_set(*values->algorithm,
                 [&object](const GDALAlgorithmArg &arg, const std::string &text)
                 {
                     const std::string option = "--" + arg.GetName() + " ";
                     object.Add(arg.GetName(),
                                text.rfind(option, 0) == 0 ? text.substr(option.size()) : std::string("true"));
                 });
    auto &json = writable(values).names["params"];
    json = object.Format(CPLJSONObject::PrettyFormat::Plain);
    return json.c_str();
}

bool selo_values_from_command_line(const selo_values *values)
{
    return values->algorithm->IsCalledFromCommandLine();
}

bool selo_values_quiet(const selo_values *values)
{
    return values->quiet;
}

void selo_values_set_text(selo_values *values, const char *text)
{
    const auto output = values->values.find("output");
    const auto *dataset = output == values->values.end() ? nullptr
                                                         : std::get_if<GDALArgDatasetValue>(&output->second);
    // Behind the bytes of a file that goes the same way, it would be taken for a part of it.
    if (dataset && STARTS_WITH(dataset->GetName().c_str(), "/vsistdout") && selo_values_from_command_line(values))
        return;
    values->get<std::string>("output-string") = text;
}

void selo_values_set_return_code(selo_values *values, int code)
{
    values->get<int>("return-code") = code;
}

void selo_values_set_dataset(selo_values *values, const char *name, GDALDatasetH dataset)
{
    values->get<GDALArgDatasetValue>(name).Set(std::unique_ptr<GDALDataset>(GDALDataset::FromHandle(dataset)));
}

/* ---- algorithms -------------------------------------------------------------------------------------------------- */

namespace
{

/* The reference page of a command, "testset info" as testset-info.md; of a node: the page that names all commands. */
std::string help_url(std::string path)
{
    std::replace(path.begin(), path.end(), ' ', '-');
    return SELO_DOC_URL "/commands/" + (path.empty() ? "README" : path) + ".md";
}

Strings split(const char *text, char separator)
{
    Strings parts;
    for (const char *start = text; start && *start;)
    {
        const char *end = std::strchr(start, separator);
        parts.emplace_back(start, end ? static_cast<size_t>(end - start) : std::strlen(start));
        start = end ? end + 1 : nullptr;
    }
    return parts;
}

class SeloAlgorithm final : public GDALAlgorithm
{
  public:
    SeloAlgorithm(const selo_command *command, const std::string &name)
        : GDALAlgorithm(name, command->summary, help_url(command->path)), m_command(command)
    {
        m_longDescription = command->details ? command->details : "";
        m_supportsStreamedOutput = command->streams;
        m_held.algorithm = this;
        m_held.path = command->path;
        for (size_t i = 0; i < command->n_args; ++i)
            Add(command->args[i]);
    }

    /* What GDAL leaves out of it and a graphical interface needs: the group of the command and its details. */
    std::string GetUsageAsJSON() const override
    {
        const std::string usage = GDALAlgorithm::GetUsageAsJSON();
        CPLJSONDocument document;
        if (!document.LoadMemory(usage))
            return usage;
        const std::string name = split(m_command->path, ' ').back();
        if (name != GetName())
            document.GetRoot().Set("name", name);
        document.GetRoot().Add("group", m_command->group ? m_command->group : "");
        document.GetRoot().Add("details", m_longDescription);
        return document.GetRoot().Format(CPLJSONObject::PrettyFormat::Pretty);
    }

    /* GDAL looks at an output by name: where it exists it fails, or with --overwrite removes it before the command has
     * read its inputs. The tasks do both themselves, and replace an output only when the new one is complete, also
     * after a failed or cancelled run. So GDAL does not see the name while it looks. */
    bool ValidateArguments() override
    {
        auto *arg = GetArg("output");
        if (!arg || arg->GetType() != GAAT_DATASET || arg->Get<GDALArgDatasetValue>().GetName().empty())
            return GDALAlgorithm::ValidateArguments();
        auto &output = arg->Get<GDALArgDatasetValue>();
        const std::string name = output.GetName();
        output.Set("");
        const bool valid = GDALAlgorithm::ValidateArguments();
        output.Set(name);
        return valid;
    }

  private:
    const selo_command *m_command;
    selo_values m_held{};

    template <class T> T *Slot(const char *name)
    {
        return &m_held.values[name].template emplace<T>();
    }

    /* GDAL's ready-made arguments. Returns false if the kind is not one of them. */
    bool AddReadyMade(const selo_arg &arg)
    {
        switch (arg.kind)
        {
            case SELO_ARG_OUTPUT_FORMAT:
            case SELO_ARG_OUTPUT_FORMAT_STREAM:
                AddFormat(arg);
                return true;
            case SELO_ARG_OUTPUT_DATA_TYPE:
                AddDataType(arg);
                return true;
            case SELO_ARG_INPUT_FORMATS:
                AddInputFormatsArg(Slot<Strings>("input-format"));
                return true;
            case SELO_ARG_OPEN_OPTIONS:
                AddOpenOptionsArg(Slot<Strings>("open-option"));
                return true;
            case SELO_ARG_CREATION_OPTIONS:
                AddCreationOptionsArg(Slot<Strings>("creation-option"));
                return true;
            case SELO_ARG_LAYER_CREATION_OPTIONS:
                AddLayerCreationOptionsArg(Slot<Strings>("layer-creation-option"));
                return true;
            case SELO_ARG_OVERWRITE:
                AddOverwriteArg(Slot<bool>("overwrite"));
                return true;
            case SELO_ARG_NUM_THREADS:
                *Slot<std::string>("num-threads text") = "ALL_CPUS"; // the default, as GDAL takes it
                AddNumThreadsArg(Slot<int>("num-threads"), &m_held.get<std::string>("num-threads text"));
                return true;
            case SELO_ARG_QUIET:
                AddProgressArg();
                return true;
            case SELO_ARG_OUTPUT_STRING:
                AddOutputStringArg(Slot<std::string>("output-string"));
                return true;
            case SELO_ARG_RETURN_CODE:
                AddArg("return-code", 0, "Exit status", Slot<int>("return-code"))
                    .SetHiddenForCLI()
                    .SetIsInput(false)
                    .SetIsOutput(true);
                return true;
            default:
                return false;
        }
    }

    void AddFormat(const selo_arg &arg)
    {
        const bool streams = arg.kind == SELO_ARG_OUTPUT_FORMAT_STREAM;
        const bool raster = arg.choices && EQUAL(arg.choices, "raster");
        Strings needed{raster ? GDAL_DCAP_RASTER : GDAL_DCAP_VECTOR, raster ? GDAL_DCAP_CREATECOPY : GDAL_DCAP_CREATE};
        AddOutputFormatArg(Slot<std::string>("output-format"), streams, streams)
            .AddMetadataItem(GAAMDI_REQUIRED_CAPABILITIES, needed);
    }

    void AddDataType(const selo_arg &arg)
    {
        auto &made = AddOutputDataTypeArg(Slot<std::string>("output-data-type"), arg.help);
        if (arg.choices)
        {
            Strings choices = split(arg.choices, '|');
            made.SetChoices(choices);
        }
    }

    GDALInConstructionAlgorithmArg &AddPlain(const selo_arg &arg)
    {
        switch (arg.kind)
        {
            case SELO_ARG_FLAG:
                return AddArg(arg.name, arg.short_name, arg.help, Slot<bool>(arg.name));
            case SELO_ARG_INTEGER:
                return AddArg(arg.name, arg.short_name, arg.help, Slot<int>(arg.name));
            case SELO_ARG_REAL:
                return AddArg(arg.name, arg.short_name, arg.help, Slot<double>(arg.name));
            case SELO_ARG_STRINGS:
                return AddArg(arg.name, arg.short_name, arg.help, Slot<Strings>(arg.name));
            case SELO_ARG_INTEGERS:
                return AddArg(arg.name, arg.short_name, arg.help, Slot<std::vector<int>>(arg.name));
            case SELO_ARG_REALS:
                return AddArg(arg.name, arg.short_name, arg.help, Slot<std::vector<double>>(arg.name));
            case SELO_ARG_RASTER:
            case SELO_ARG_VECTOR:
            case SELO_ARG_RASTER_OR_VECTOR:
                return AddDataset(arg);
            default:
                return AddArg(arg.name, arg.short_name, arg.help, Slot<std::string>(arg.name));
        }
    }

    GDALInConstructionAlgorithmArg &AddDataset(const selo_arg &arg)
    {
        const int type = arg.kind == SELO_ARG_RASTER   ? GDAL_OF_RASTER
                         : arg.kind == SELO_ARG_VECTOR ? GDAL_OF_VECTOR
                                                       : GDAL_OF_RASTER | GDAL_OF_VECTOR;
        auto &made = AddArg(arg.name, arg.short_name, arg.help, Slot<GDALArgDatasetValue>(arg.name), type);
        made.SetAutoOpenDataset(false);
        if (arg.flags & SELO_ARG_OUTPUT)
        {
            made.SetIsInput(true).SetIsOutput(true);
            made.SetDatasetInputFlags(GADV_NAME).SetDatasetOutputFlags(GADV_OBJECT);
        }
        SetAutoCompleteFunctionForFilename(made, type);
        return made;
    }

    static void SetDefault(GDALInConstructionAlgorithmArg &made, const selo_arg &arg)
    {
        switch (arg.kind)
        {
            case SELO_ARG_INTEGER:
                made.SetDefault(std::atoi(arg.default_value));
                break;
            case SELO_ARG_REAL:
                made.SetDefault(CPLAtof(arg.default_value));
                break;
            case SELO_ARG_STRINGS:
                made.SetDefault(split(arg.default_value, ','));
                break;
            default:
                made.SetDefault(arg.default_value);
        }
    }

    void Add(const selo_arg &arg)
    {
        if (AddReadyMade(arg))
            return;
        auto &made = AddPlain(arg);
        if (arg.flags & SELO_ARG_POSITIONAL)
            made.SetPositional();
        if (arg.flags & SELO_ARG_REQUIRED)
            made.SetRequired();
        if (arg.flags & SELO_ARG_ADVANCED)
            made.SetCategory(GAAC_ADVANCED);
        if (arg.flags & SELO_ARG_HIDDEN)
            made.SetHidden();
        if (arg.flags & SELO_ARG_RANGED)
            made.SetMinValueIncluded(arg.minimum).SetMaxValueIncluded(arg.maximum);
        if (arg.flags & SELO_ARG_NO_PACKING)
            made.SetPackedValuesAllowed(false);
        if (arg.flags & SELO_ARG_DUPLICATES)
            made.SetDuplicateValuesAllowed(true);
        if (arg.metavar)
            made.SetMetaVar(arg.metavar);
        if (arg.choices)
        {
            Strings choices = split(arg.choices, '|');
            made.SetChoices(choices);
        }
        for (const auto &alias : split(arg.aliases, '|'))
            alias[0] == '!' ? made.AddHiddenAlias(alias.substr(1)) : made.AddAlias(alias);
        if (arg.excludes)
            made.SetMutualExclusionGroup(arg.excludes);
        if (arg.role)
            made.AddMetadataItem("role", {arg.role});
        else if (arg.kind == SELO_ARG_FILE) // to GDAL, a file is a string like any other
            made.AddMetadataItem("role", {EQUAL(arg.name, "output") ? "new-file" : "file"});
        if (arg.default_value)
            SetDefault(made, arg);
    }

    /* A program gets what was written as a dataset, as from GDAL's own functions; a shell needs none. */
    void OpenOutput()
    {
        auto *arg = GetArg("output");
        if (IsCalledFromCommandLine() || !arg || arg->GetType() != GAAT_DATASET)
            return;
        auto &output = arg->Get<GDALArgDatasetValue>();
        if (output.GetDatasetRef() || output.GetName().empty() || STARTS_WITH(output.GetName().c_str(), "/vsistdout"))
            return;
        CPLErrorStateBackuper before(CPLQuietErrorHandler);
        const auto kinds = static_cast<unsigned>(arg->GetDatasetType());
        std::unique_ptr<GDALDataset> made(GDALDataset::Open(output.GetName().c_str(), kinds));
        if (made)
            output.Set(std::move(made));
    }

    bool RunImpl(GDALProgressFunc progress, void *data) override
    {
        m_held.quiet = m_quiet;
        if (selo_command_run(m_command, &m_held, progress, data) != SELO_OK)
            return false;
        OpenOutput();
        return true;
    }
};

/* ---- nodes ------------------------------------------------------------------------------------------------------- */

/* gdal.alg has a Python function for every command, and fails as a whole, GDAL's own commands included, where one is
 * named as a keyword. So such a command is known to GDAL by another name, and to people by its own. */
std::string python_name(const std::string &name)
{
    return name == "import" ? name + "_" : name;
}

/* `gdal selo`, `gdal selo testset`, `gdal selo model`: nodes with commands below them. */
class Node final : public GDALContainerAlgorithm
{
  public:
    Node(const Strings &path, const char *description) : GDALContainerAlgorithm(path.back(), description, help_url(""))
    {
        for (const selo_command *const *command = selo_commands; *command; ++command)
        {
            Strings place = split((*command)->path, ' ');
            const std::string name = place.back();
            place.insert(place.begin(), "selo");
            place.pop_back();
            if (place == path && python_name(name) != name)
                AddUnderTwoNames(*command, name);
        }
    }

    std::string GetUsageForCLI(bool shortUsage, const UsageOptions &options) const override
    {
        std::string usage = GDALContainerAlgorithm::GetUsageForCLI(shortUsage, options);
        for (const auto &name : m_renamed)
        {
            const std::string shown = "- " + python_name(name) + ":";
            const size_t at = usage.find(shown);
            if (at != std::string::npos)
                usage.replace(at, shown.size(), "- " + name + ": ");
        }
        return usage;
    }

    Strings GetAutoComplete(Strings &args, bool lastWordIsComplete, bool showAllOptions) override
    {
        Strings words = GDALContainerAlgorithm::GetAutoComplete(args, lastWordIsComplete, showAllOptions);
        for (const auto &name : m_renamed)
            std::replace(words.begin(), words.end(), python_name(name), name);
        return words;
    }

  private:
    Strings m_renamed{};

    void AddUnderTwoNames(const selo_command *command, const std::string &name)
    {
        GDALAlgorithmRegistry::AlgInfo info;
        info.m_name = name;
        /* The Python binding asks for a name with hyphens where that of its function has '_'. */
        info.m_aliases = {GDALAlgorithmRegistry::HIDDEN_ALIAS_SEPARATOR, python_name(name), name + "-"};
        info.m_creationFunc = [command, name]() -> std::unique_ptr<GDALAlgorithm>
        { return std::make_unique<SeloAlgorithm>(command, python_name(name)); };
        RegisterSubAlgorithm(info);
        m_renamed.push_back(name);
    }
};

void declare_node(const Strings &path, const char *description)
{
    const auto make = [path, description]() -> std::unique_ptr<GDALAlgorithm>
    { return std::make_unique<Node>(path, description); };
    GDALGlobalAlgorithmRegistry::GetSingleton().DeclareAlgorithm(path, make);
}

void declare_command(const selo_command *command)
{
    Strings path = split(command->path, ' ');
    const std::string name = path.back();
    path.insert(path.begin(), "selo");
    if (python_name(name) != name)
        return; /* its node has it */
    const auto make = [command, name]() -> std::unique_ptr<GDALAlgorithm>
    { return std::make_unique<SeloAlgorithm>(command, name); };
    GDALGlobalAlgorithmRegistry::GetSingleton().DeclareAlgorithm(path, make);
}

}  // namespace

void selo_commands_declare(void)
{
    declare_node({"selo"}, "Make and score semantic localization maps: where an image shows what a text says.");
    declare_node({"selo", "model"}, "Describe models.");
    declare_node({"selo", "testset"}, "Make, describe and check test sets.");
    for (const selo_command *const *command = selo_commands; *command; ++command)
        declare_command(*command);
}
