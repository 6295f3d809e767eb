package belenios

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"
)

// The types of events.
const (
	setupEvent   = "Setup"
	ballotEvent  = "Ballot"
	endEvent     = "EndBallots"
	tallyEvent   = "EncryptedTally"
	partialEvent = "PartialDecryption"
	resultEvent  = "Result"
)

// Hash is the SHA-256 of the body.
func (r Record) Hash() [32]byte { return sha256.Sum256(r.Body) }

func (r Record) hex() string {
	sum := r.Hash()
	return hex.EncodeToString(sum[:])
}

// eventJSON is an event: parent is the hash of the event before it, payload that of a
// data record.
type eventJSON struct {
	Parent  string `json:"parent"`
	Height  int    `json:"height"`
	Type    string `json:"type"`
	Payload string `json:"payload"`
}

func (j *eventJSON) raw() []byte {
	b := []byte{'{'}
	if j.Parent != "" {
		b = append(appendString(append(b, `"parent":`...), j.Parent), ',')
	}
	b = strconv.AppendInt(append(b, `"height":`...), int64(j.Height), 10)
	b = appendString(append(b, `,"type":`...), j.Type)
	if j.Payload != "" {
		b = appendString(append(b, `,"payload":`...), j.Payload)
	}
	return append(b, '}')
}

// setupJSON, tallyJSON and ownedJSON name other data records by their hashes.
type setupJSON struct {
	Election    string `json:"election"`
	Trustees    string `json:"trustees"`
	Credentials string `json:"credentials"`
}

func (j setupJSON) raw() []byte {
	b := appendString([]byte(`{"election":`), j.Election)
	b = appendString(append(b, `,"trustees":`...), j.Trustees)
	return append(appendString(append(b, `,"credentials":`...), j.Credentials), '}')
}

type tallyJSON struct {
	Tallied int    `json:"num_tallied"`
	Weight  int    `json:"total_weight"`
	Tally   string `json:"encrypted_tally"`
}

func (j tallyJSON) raw() []byte {
	b := strconv.AppendInt([]byte(`{"num_tallied":`), int64(j.Tallied), 10)
	b = strconv.AppendInt(append(b, `,"total_weight":`...), int64(j.Weight), 10)
	return append(appendString(append(b, `,"encrypted_tally":`...), j.Tally), '}')
}

type ownedJSON struct {
	Owner   int    `json:"owner"`
	Payload string `json:"payload"`
}

func (j ownedJSON) raw() []byte {
	b := strconv.AppendInt([]byte(`{"owner":`), int64(j.Owner), 10)
	return append(appendString(append(b, `,"payload":`...), j.Payload), '}')
}

// add makes the event that follows, after its data; the last data is its payload.
func (c *Chain) add(kind string, data ...[]byte) []Record {
	var records []Record
	for _, body := range data {
		records = append(records, Record{DataRecord, slices.Clone(body)})
	}
	event := eventJSON{Height: c.Next, Type: kind}
	if c.Next > 0 {
		event.Parent = hex.EncodeToString(c.Head[:])
	}
	if len(records) > 0 {
		event.Payload = records[len(records)-1].hex()
	}
	record := Record{EventRecord, event.raw()}
	c.Next++
	c.Head = record.Hash()
	return append(records, record)
}

// Setup begins an archive: election, trustees in order, public credentials.
func (c *Chain) Setup(e *Election, trustees []Trustee, credentials []byte) ([]Record, error) {
	if c.Next != 0 {
		return nil, refuse(WrongOrder, "the archive has begun already")
	}
	if err := e.checkKey(trustees); err != nil {
		return nil, err
	}
	if _, err := ParseCredentials(credentials); err != nil {
		return nil, err
	}
	keys := trusteesJSON(trustees)
	setup := setupJSON{hashOf(e.Raw), hashOf(keys), hashOf(credentials)}
	return c.add(setupEvent, e.Raw, keys, credentials, setup.raw()), nil
}

func hashOf(body []byte) string { return Record{Body: body}.hex() }

// Ballot adds a ballot that CheckBallot accepted.
func (c *Chain) Ballot(raw []byte) []Record { return c.add(ballotEvent, raw) }

// EndBallots closes the box.
func (c *Chain) EndBallots() []Record { return c.add(endEvent) }

// EncryptedTally adds the sum of ballots.
func (c *Chain) EncryptedTally(t Tally, ballots int) []Record {
	raw := t.Raw()
	return c.add(tallyEvent, raw, tallyJSON{ballots, ballots, hashOf(raw)}.raw())
}

// PartialDecryption adds the one of a trustee (owner counts from 1).
func (c *Chain) PartialDecryption(owner int, raw []byte) []Record {
	return c.add(partialEvent, raw, ownedJSON{owner, hashOf(raw)}.raw())
}

// Result adds the counts.
func (c *Chain) Result(counts [][]int) []Record { return c.add(resultEvent, resultJSON(counts)) }
