package election

// Destroy is destroy for the tests of package election_test, which need electiontest.
var Destroy = destroy
