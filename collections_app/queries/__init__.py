"""What collections looks at: what may be billed, whom to ask next, and how accounts stand."""
