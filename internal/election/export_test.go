package election

// VotingDays is votingDays, for tests.
var VotingDays = votingDays
