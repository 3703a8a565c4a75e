"""Operations and columns with credentials and other secrets."""
