"""What a write may do: by which operation, to which row, how many, how dangerous;
and what of it failed."""
