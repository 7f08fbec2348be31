/* What selo_values holds: a slot per argument of a command, which GDAL writes what the user gave into. */
#ifndef SELO_COMMAND_VALUES_HPP
#define SELO_COMMAND_VALUES_HPP

#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "command.h"
#include "gdalalgorithm.h"

using Strings = std::vector<std::string>;

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

#endif
