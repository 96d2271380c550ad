"""What a workshop learns from its visitors: views, saves, sales, and what was looked for in vain."""
