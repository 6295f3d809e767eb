package belenios

import (
	"bytes"
	"context"
	"os/exec"
	"syscall"
	"testing"
	"time"
)

// real are the questions that the figures are about: two colleges of thirty names.
func real() []Question {
	return []Question{question(30, 5, true), question(30, 5, true)}
}

// choices of a voter among cells, from one to five or blank.
func someChoices(voter, cells int) []int {
	choices := make([]int, cells)
	if voter%10 == 0 {
		choices[0] = 1
		return choices
	}
	for i := range voter%5 + 1 {
		choices[1+(7*voter+i)%(cells-1)] = 1
	}
	return choices
}

// BenchmarkVerify160 verifies an election of 160 ballots, whole, and has belenios-tool
// do so beside when it is installed: tool/ours is how many times longer it takes.
func BenchmarkVerify160(b *testing.B) {
	const voters = 160
	w := newWorld(b, 3, voters, real()...)
	for voter := range voters {
		raw, err := w.election.Encrypt(w.codes[voter], [][]int{someChoices(voter, 31), someChoices(voter+3, 31)})
		must(b, err)
		ballot, err := w.election.CheckBallot(raw)
		must(b, err)
		w.ballots = append(w.ballots, ballot)
		w.add(b)(w.chain.Ballot(raw), nil)
	}
	w.close(b)
	w.open(b)
	file := w.archive(b)
	b.ResetTimer()
	start, processor := time.Now(), processorTime(b)
	for range b.N {
		report, err := Verify(context.Background(), bytes.NewReader(file))
		must(b, err)
		if report.Ballots != voters {
			b.Fatalf("%d ballots", report.Ballots)
		}
	}
	b.StopTimer()
	ours := time.Since(start).Seconds() / float64(b.N)
	oursAlone := (processorTime(b) - processor) / float64(b.N)
	b.ReportMetric(ours, "s/op")
	b.ReportMetric(oursAlone, "cpu-s/op")
	b.ReportMetric(float64(len(file))/1e6, "MB")
	if _, err := exec.LookPath(toolName); err != nil {
		b.Log("belenios-tool is not installed: nothing to compare with")
		return
	}
	tool := newTool(b)
	tool.write(w.election.UUID+".bel", string(file))
	start = time.Now()
	cmd := tool.command("election", "verify")
	if out, err := cmd.CombinedOutput(); err != nil {
		b.Fatalf("%v: %s", err, out)
	}
	theirs := time.Since(start).Seconds()
	theirsAlone := (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds()
	b.ReportMetric(theirs, "tool-s/op")
	b.ReportMetric(theirs/ours, "tool/ours")
	b.ReportMetric(theirsAlone, "tool-cpu-s/op")
	b.ReportMetric(theirsAlone/oursAlone, "tool/ours-cpu")
}

// processorTime is what this process has used of the processors, in seconds: on a busy
// machine it tells more than the clock.
func processorTime(b *testing.B) float64 {
	b.Helper()
	var usage syscall.Rusage
	must(b, syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano()).Seconds()
}

// BenchmarkEncrypt makes one ballot, as the server does for who has no JavaScript.
func BenchmarkEncrypt(b *testing.B) {
	w := newWorld(b, 3, 1, real()...)
	choices := [][]int{someChoices(1, 31), someChoices(2, 31)}
	encrypt := func() []byte {
		raw, err := w.election.Encrypt(w.codes[0], choices)
		must(b, err)
		return raw
	}
	encrypt() // makes the tables of the key
	for b.Loop() {
		encrypt()
	}
}

// BenchmarkCheckBallot checks one ballot, as the server does before it accepts one.
func BenchmarkCheckBallot(b *testing.B) {
	w := newWorld(b, 3, 1, real()...)
	raw, err := w.election.Encrypt(w.codes[0], [][]int{someChoices(1, 31), someChoices(2, 31)})
	must(b, err)
	for b.Loop() {
		_, err := w.election.CheckBallot(raw)
		must(b, err)
	}
}
