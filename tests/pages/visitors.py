"""Two visitors, by the names that the store knows them by."""

ME, YOU = "0123456789abcdef", "fedcba9876543210"
