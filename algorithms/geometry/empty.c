typedef int selo_geometry_is_empty;
