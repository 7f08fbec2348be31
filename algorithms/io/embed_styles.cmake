# Makes a C file that holds every style: cmake -DOUT=FILE -DSTYLES="A.qml;B.qml" -P embed_styles.cmake
set(arrays "")
set(rows "")
foreach(style IN LISTS STYLES)
  get_filename_component(name ${style} NAME_WE)
  file(READ ${style} bytes HEX)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
  string(APPEND arrays "static const unsigned char ${name}[] = {${bytes}0};\n")
  string(APPEND rows "    {\"${name}\", ${name}},\n")
endforeach()
file(WRITE ${OUT} "#include <stddef.h>
#include <string.h>
const char *selo_style_find(const char *layer_name);
${arrays}
static const struct {
    const char *name;
    const unsigned char *qml;
} styles[] = {
${rows}    {NULL, NULL}};

const char *selo_style_find(const char *layer_name)
{
    for (size_t i = 0; styles[i].name; i++)
        if (strcmp(styles[i].name, layer_name) == 0)
            return (const char *)styles[i].qml;
    return NULL;
}
")
