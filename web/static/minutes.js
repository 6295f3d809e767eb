// Enhances a page of the team that works without it.
