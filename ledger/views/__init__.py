"""The ledger's pages: accounts, payments and receipts, refunds, the close of the day."""
