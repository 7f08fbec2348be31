typedef int selo_io_is_empty;
