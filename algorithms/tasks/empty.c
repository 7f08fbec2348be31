typedef int selo_tasks_is_empty;
