"""One adapter a register: files in the suppliers' formats in, batches of table rows and quarantined rows out."""
