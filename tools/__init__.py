"""What authors and releases need; nothing the skill imports when it runs."""
