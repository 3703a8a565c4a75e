"""What AWS is: its services, operations and shapes,
as the files of the installed botocore describe them."""
