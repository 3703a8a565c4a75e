"""From names and shapes to resources, verbs and identifiers: rules,
and the data that corrects them."""
