typedef int selo_metrics_is_empty;
