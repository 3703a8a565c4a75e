"""Parameters on their way out: values of SQL as the API's types, and the model's rules for them."""
