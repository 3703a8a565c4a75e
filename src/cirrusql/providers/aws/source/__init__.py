"""The services, operations and shapes of AWS, from the files of the installed botocore."""
