"""Usage billing inside the data warehouse: SQL metrics in, exact invoices out."""
