"""The command's help in other forms: manual pages and shell completion."""
