"""What search knows of AWS beforehand: all its tables, and the words that people use for them."""
