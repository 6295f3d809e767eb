package belenios

import (
	"bytes"
	"context"
	"encoding/hex"
	"io"
	"slices"
)

// Sum is the encrypted sum of the ballots of the verified archive: the last one of each
// credential, cell by cell.
func (r *Report) Sum() Tally { return r.Election.Tally(r.ballots) }

// Contains tells whether a head published earlier is on the verified chain.
func (r *Report) Contains(head [32]byte) bool { return slices.Contains(r.Heads, head) }

// Verify re-checks a whole archive with nothing but its bytes: form, chain, keys,
// credentials, every ballot, the recorded sum, partial decryptions and the result.
// Its error names the first record that is wrong, by height.
func Verify(ctx context.Context, r io.Reader) (*Report, error) {
	records, _, err := ReadArchive(r)
	if err != nil {
		return nil, err
	}
	return VerifyRecords(ctx, records)
}

// VerifyRecords is Verify on records.
func VerifyRecords(ctx context.Context, records []Record) (*Report, error) {
	// What comes before a fault of the chain may hold an earlier one.
	events, broken := readChain(records)
	v := &verifier{ctx: ctx, report: new(Report)}
	if err := v.events(events); err != nil {
		return nil, err
	}
	if broken != nil {
		return nil, broken
	}
	if len(events) == 0 {
		return nil, refuse(WrongOrder, "the archive has no event")
	}
	return v.report, nil
}

// An event is what an archive is made of once its chain is checked: data are the
// records before it.
type event struct {
	height int
	kind   string
	data   [][]byte
	head   [32]byte
}

// dataOf is the number of data records before an event.
var dataOf = map[string]int{
	setupEvent: 4, ballotEvent: 1, endEvent: 0, tallyEvent: 2, partialEvent: 2, resultEvent: 1,
}

// readChain checks form, parents, heights, payloads and the order of events. It
// returns those before the first fault, and the fault.
func readChain(records []Record) (events []event, err error) {
	var data []Record
	var before *event
	for _, r := range records {
		if r.Kind == DataRecord {
			data = append(data, r)
			continue
		}
		e, err := readEvent(r, before, data)
		if err != nil {
			return events, atHeight(len(events), err)
		}
		events = append(events, *e)
		before, data = e, nil
	}
	if len(data) > 0 {
		return events, atHeight(len(events), refuse(WrongOrder, "data that no event follows"))
	}
	return events, nil
}

func readEvent(r Record, before *event, data []Record) (*event, error) {
	if r.Kind != EventRecord {
		return nil, refuse(Malformed, "a record is neither data nor an event")
	}
	var j eventJSON
	if err := bounded("an event", r.Body, 4096); err != nil {
		return nil, err
	}
	if err := read("the event", r.Body, &j); err != nil {
		return nil, err
	}
	if err := canonical("the event", r.Body, j.raw()); err != nil {
		return nil, err
	}
	height, parent := 0, ""
	if before != nil {
		height, parent = before.height+1, hex.EncodeToString(before.head[:])
	}
	switch {
	case j.Height != height:
		return nil, refuse(WrongChain, "the event says it is at height %d", j.Height)
	case j.Parent != parent:
		return nil, refuse(WrongChain, "the event does not follow the one before it")
	}
	if err := mayFollow(before, j.Type); err != nil {
		return nil, err
	}
	if len(data) != dataOf[j.Type] {
		return nil, refuse(WrongOrder, "%d data records before the event instead of %d", len(data), dataOf[j.Type])
	}
	payload := ""
	e := &event{height: height, kind: j.Type, head: r.Hash()}
	for _, d := range data {
		payload = d.hex()
		e.data = append(e.data, d.Body)
	}
	if j.Payload != payload {
		return nil, refuse(WrongChain, "the event is not about the data before it")
	}
	return e, nil
}

// mayFollow is the order of events: Setup, ballots, EndBallots, EncryptedTally, partial
// decryptions, Result, and nothing after.
func mayFollow(before *event, kind string) error {
	after := map[string][]string{
		setupEvent:   {""},
		ballotEvent:  {setupEvent, ballotEvent},
		endEvent:     {setupEvent, ballotEvent},
		tallyEvent:   {endEvent},
		partialEvent: {tallyEvent, partialEvent},
		resultEvent:  {partialEvent},
	}
	last := ""
	if before != nil {
		last = before.kind
	}
	if _, known := after[kind]; !known {
		return refuse(Malformed, "the event is of no known type")
	}
	if !slices.Contains(after[kind], last) {
		if last == "" {
			return refuse(WrongOrder, "the archive begins with %s", kind)
		}
		return refuse(WrongOrder, "%s comes after %s", kind, last)
	}
	return nil
}

// A verifier checks events in order.
type verifier struct {
	ctx      context.Context
	report   *Report
	listed   map[string]bool // credentials
	tally    Tally
	partials map[int]*Partial // by owner
}

func (v *verifier) events(events []event) error {
	var ballots []event
	for _, e := range events {
		v.report.Heads = append(v.report.Heads, e.head)
		if e.kind == ballotEvent {
			ballots = append(ballots, e)
		}
	}
	checks := map[string]func(event) error{
		endEvent: v.end, tallyEvent: v.encryptedTally, partialEvent: v.partial, resultEvent: v.result,
	}
	for _, e := range events {
		var err error
		switch e.kind {
		case setupEvent:
			if err = v.setup(e); err == nil {
				if err := v.cast(ballots); err != nil { // with their own heights
					return err
				}
			}
		case ballotEvent:
		default:
			err = checks[e.kind](e)
		}
		if err != nil {
			return atHeight(e.height, err)
		}
		if err := v.ctx.Err(); err != nil {
			return err
		}
	}
	return nil
}

func (v *verifier) setup(e event) error {
	raw, keys, credentials := e.data[0], e.data[1], e.data[2]
	if !bytes.Equal(e.data[3], setupJSON{hashOf(raw), hashOf(keys), hashOf(credentials)}.raw()) {
		return refuse(WrongChain, "the setup is not about the data before it")
	}
	election, err := ParseElection(raw)
	if err != nil {
		return err
	}
	trustees, err := parseTrustees(keys, election)
	if err != nil {
		return err
	}
	list, err := ParseCredentials(credentials)
	if err != nil {
		return err
	}
	v.listed = make(map[string]bool, len(list))
	for _, c := range list {
		v.listed[c] = true
	}
	v.report.Election, v.report.Trustees, v.report.Credentials = election, trustees, len(list)
	v.report.Fingerprint, v.report.Setup = election.Fingerprint(), e.head
	return nil
}

// cast checks the ballots, on every processor.
func (v *verifier) cast(events []event) error {
	seen := make(map[[32]byte]int, len(events))
	for i, e := range events {
		hash := Record{Body: e.data[0]}.Hash()
		if _, twice := seen[hash]; !twice {
			seen[hash] = i
		}
	}
	v.report.ballots = make([]*Ballot, len(events))
	err := inParallel(len(events), func(i int) error {
		if err := v.ctx.Err(); err != nil {
			return err
		}
		raw := events[i].data[0]
		if seen[Record{Body: raw}.Hash()] != i {
			return atHeight(events[i].height, refuse(DuplicateBallot, "the same ballot is there twice"))
		}
		ballot, err := v.report.Election.CheckBallot(raw)
		if err == nil && !v.listed[ballot.Credential] {
			err = refuse(UnknownCredential, "the credential of the ballot is not on the list")
		}
		if err != nil {
			return atHeight(events[i].height, err)
		}
		v.report.ballots[i] = ballot
		return nil
	})
	if err != nil {
		return err
	}
	v.report.Posted = len(v.report.ballots)
	for _, b := range last(v.report.ballots) {
		v.report.Trackers = append(v.report.Trackers, b.Tracker)
	}
	v.report.Ballots = len(v.report.Trackers)
	return nil
}

func (v *verifier) end(event) error {
	v.report.Closed = true
	return nil
}

// encryptedTally compares the recorded sum with that of the ballots.
func (v *verifier) encryptedTally(e event) error {
	n := v.report.Ballots
	v.tally = v.report.Sum()
	if !bytes.Equal(e.data[0], v.tally.Raw()) {
		return refuse(WrongTally, "the recorded sum is not that of the ballots")
	}
	if !bytes.Equal(e.data[1], tallyJSON{n, n, hashOf(e.data[0])}.raw()) {
		return refuse(WrongTally, "the recorded number of ballots is not theirs")
	}
	v.partials = make(map[int]*Partial)
	return nil
}

func (v *verifier) partial(e event) error {
	var owned ownedJSON
	if err := read("the owner", e.data[1], &owned); err != nil {
		return err
	}
	if err := canonical("the owner", e.data[1], owned.raw()); err != nil {
		return err
	}
	switch {
	case owned.Payload != hashOf(e.data[0]):
		return refuse(WrongChain, "the partial decryption is not the data before it")
	case owned.Owner < 1 || owned.Owner > len(v.report.Trustees):
		return refuse(WrongShape, "the partial decryption is of no trustee")
	case v.partials[owned.Owner] != nil:
		return refuse(WrongShape, "a trustee gave two partial decryptions")
	}
	partial, err := v.report.Election.CheckPartial(v.tally, v.report.Trustees[owned.Owner-1], e.data[0])
	if err != nil {
		return err
	}
	v.partials[owned.Owner] = partial
	v.report.Partials++
	return nil
}

func (v *verifier) result(e event) error {
	if len(v.partials) != len(v.report.Trustees) {
		return refuse(WrongOrder, "a result without the partial decryption of every trustee")
	}
	var partials []*Partial
	for owner := range v.report.Trustees {
		partials = append(partials, v.partials[owner+1])
	}
	counts, err := v.report.Election.Result(v.tally, partials, v.report.Ballots)
	if err != nil {
		return err
	}
	if !bytes.Equal(e.data[0], resultJSON(counts)) {
		return refuse(WrongResult, "the recorded result is not what the sum opens to")
	}
	v.report.Counts = counts
	return nil
}
