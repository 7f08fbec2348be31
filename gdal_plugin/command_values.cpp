/* The values of a command's arguments, as its C code asks for them. */
#include "command_values.hpp"

#include <memory>

#include "cpl_json.h"
#include "cpl_vsi.h"
#include "gdal_priv.h"

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
    if (value.GetName().empty())
        return value.GetDatasetRef() ? value.GetDatasetRef()->GetDescription() : nullptr;
    auto &names = writable(values).names; // one string a name, so that a pointer handed out before stays valid
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
