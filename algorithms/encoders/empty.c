typedef int selo_encoders_is_empty;
