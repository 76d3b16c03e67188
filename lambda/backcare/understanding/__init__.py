"""Words -> what was meant, and how sure; pure, and the standard library only."""
