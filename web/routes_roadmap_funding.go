package web

// fundingTable is the money of the roadmap: budget lines, the partners’ view, the note.
func (p pages) fundingTable() []Route {
	return nil
}
