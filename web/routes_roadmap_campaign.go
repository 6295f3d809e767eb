package web

// campaignTable is the campaigns of the team and the pack of the meeting.
func (p pages) campaignTable() []Route {
	return nil
}
