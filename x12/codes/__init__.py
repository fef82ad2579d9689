"""Code tables: public codes with our own short words. May be read anywhere in the house."""
