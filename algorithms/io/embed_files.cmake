# Makes a C file that holds files whole: cmake -DOUT=FILE -DKIND=selo_style -DFILES="A.qml;B.qml" -P embed_files.cmake
# KIND_find(name) gives the text of the file of that name, without its extension, or NULL; KIND_name(i) the i-th name.
set(arrays "")
set(rows "")
foreach(file IN LISTS FILES)
  get_filename_component(name ${file} NAME_WE)
  file(READ ${file} bytes HEX)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
  string(APPEND arrays "static const unsigned char file_${name}[] = {${bytes}0};\n")
  string(APPEND rows "    {\"${name}\", file_${name}},\n")
endforeach()
file(WRITE ${OUT} "#include <stddef.h>
#include <string.h>
const char *${KIND}_find(const char *name);
const char *${KIND}_name(size_t i);
${arrays}
static const struct {
    const char *name;
    const unsigned char *text;
} files[] = {
${rows}    {NULL, NULL}};

const char *${KIND}_find(const char *name)
{
    for (size_t i = 0; files[i].name; i++)
        if (strcmp(files[i].name, name) == 0)
            return (const char *)files[i].text;
    return NULL;
}

const char *${KIND}_name(size_t i)
{
    return i < sizeof files / sizeof *files ? files[i].name : NULL;
}
")
