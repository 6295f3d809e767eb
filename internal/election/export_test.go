package election

// Destroy is destroy for the tests of package election_test, which need electiontest.
var Destroy = destroy

// VotingDays is votingDays, for tests.
var VotingDays = votingDays
