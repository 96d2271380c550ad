"""What stands outside the shop in tests: small servers, spoken to over real HTTP."""
