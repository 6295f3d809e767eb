package ui

// Version is a field that two people changed at once: what is recorded now, and what
// was typed.
type Version struct{ Label, Theirs, Yours string }

func (v Version) differs() bool { return v.Theirs != v.Yours }
