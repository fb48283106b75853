"""Who asks, how we know, and the rule every route declares: `CurrentPerson`, `rule(...)`, `public(...)`."""
