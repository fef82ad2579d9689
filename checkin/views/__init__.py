"""The front desk's pages: check-in, the flow board, check-out, the kiosk, and panels on others' pages."""
