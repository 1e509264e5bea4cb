"""This computer: its folders, its clock, its keyring, its notifications and its background services."""
