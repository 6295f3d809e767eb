package ceremony

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/election"
	"bordeaux-metropole.fr/portal/internal/election/belenios"
	"bordeaux-metropole.fr/portal/internal/postgres"
)

// Holder is somebody who holds a key.
type Holder struct {
	Owner      int             `db:"owner"`
	Person     access.PersonID `db:"person_id"`
	Name       string          `db:"name"`
	Quality    string          `db:"quality"`
	Escrow     string          `db:"escrow"` // who keeps the sealed envelope
	PublicKey  string          `db:"public_key"`
	UploadedAt *time.Time      `db:"uploaded_at"`
	Email      string          `db:"email"`
	Team       bool            `db:"team"` // of the team, or an administrator
}

// Trustee is the public key of the holder, whose proof was checked when it was given.
func (h Holder) Trustee() (belenios.Trustee, error) {
	return belenios.ParseTrustee([]byte(h.PublicKey))
}

// Fingerprint is what the holder reads aloud, "" before the key is given.
func (h Holder) Fingerprint() string {
	var t belenios.Trustee
	if h.PublicKey == "" || json.Unmarshal([]byte(h.PublicKey), &t) != nil {
		return ""
	}
	return t.Fingerprint()
}

// KeyText is the public key in base 10, as a page gives it to vote.js.
func (h Holder) KeyText() string {
	var t belenios.Trustee
	if h.PublicKey == "" || json.Unmarshal([]byte(h.PublicKey), &t) != nil {
		return ""
	}
	return t.PublicKey.String()
}

// Authority is who makes the codes.
type Authority struct {
	Name    string
	Quality string
	Email   string
}

// Box is a ballot box of the ceremony, or of its rehearsal.
type Box struct {
	election.Box
	Voters     int        `db:"voters"`      // on its roll
	Codes      int        `db:"codes_given"` // public codes uploaded, before it is set up
	CodesHash  []byte     `db:"codes_sha256"`
	CodesAt    *time.Time `db:"codes_at"`
	Opened     []int32    `db:"opened"` // owners whose partial decryption is in
	Candidates int        `db:"candidates"`
}

// Step is a step that was done.
type Step struct {
	Step     string    `db:"step"`
	By       string    `db:"by_name"`
	At       time.Time `db:"done_at"`
	Evidence string    `db:"evidence"`
}

// Read returns the evidence of the step; the zero value when it has none.
func (s Step) Read() Evidence {
	var v Evidence
	if err := json.Unmarshal([]byte(s.Evidence), &v); err != nil {
		return Evidence{}
	}
	return v
}

// Evidence is what a step leaves: what is read aloud, and goes in the procès-verbal.
type Evidence struct {
	Program
	Boxes []BoxEvidence `json:"boxes,omitempty"`
	Keys  []string      `json:"keys,omitempty"` // fingerprints, by owner
	Note  string        `json:"note,omitempty"`
}

// BoxEvidence is what a step saw of a box.
type BoxEvidence struct {
	Name        string  `json:"name"`
	UUID        string  `json:"uuid"`
	Fingerprint string  `json:"fingerprint,omitempty"` // φ of election.json
	SetUp       string  `json:"setup,omitempty"`       // hexadecimal
	Head        string  `json:"head,omitempty"`        // hexadecimal, of the last event
	Height      int     `json:"height"`                // of the last event
	Codes       int     `json:"codes,omitempty"`
	CodesHash   string  `json:"codes_sha256,omitempty"`
	Ballots     int     `json:"ballots"`
	Put         [][]int `json:"put,omitempty"`   // rehearsal: what was put in, cell by cell
	Found       [][]int `json:"found,omitempty"` // what the keys opened
}

func (v Evidence) text() string {
	raw, err := json.Marshal(v)
	if err != nil {
		panic(err) // strings and integers
	}
	return string(raw)
}

// State is the ceremony of an election as it stands.
type State struct {
	Election  election.Election
	Holders   []Holder
	Authority *Authority
	Boxes     []Box
	Rehearsal []Box // in course
	Steps     map[string]Step
	// Scrutineers are who may be given a key.
	Scrutineers []Scrutineer
}

// Load reads the ceremony for the team and for who holds or may hold a key: two round
// trips.
func (s *Service) Load(ctx context.Context, by access.Actor, id election.ID) (State, error) {
	if !either(by) {
		return State{}, election.ErrNotFound
	}
	e, err := election.Load(ctx, s.db, by, id)
	if err != nil {
		return State{}, err
	}
	return load(ctx, s.db, e)
}

func load(ctx context.Context, db postgres.DB, e election.Election) (State, error) {
	v := State{Election: e, Steps: map[string]Step{}}
	var b postgres.Batch
	postgres.AddList(&b, &v.Holders, `
		SELECT t.owner, t.person_id, p.first_name || ' ' || p.last_name AS name, t.quality, t.escrow, t.public_key, t.uploaded_at, coalesce(p.email, '') AS email,
		       EXISTS (SELECT FROM account a JOIN role_grant g ON g.account_id = a.id
		               WHERE a.person_id = p.id AND g.ended_at IS NULL AND g.role IN ('team', 'administrator')) AS team
		FROM election_trustee t JOIN person p ON p.id = t.person_id WHERE t.election_id = $1 ORDER BY t.owner`, e.ID)
	postgres.AddList(&b, &v.Scrutineers, scrutineersSQL)
	var authority []Authority
	postgres.AddList(&b, &authority, `SELECT name, quality, email FROM election_authority WHERE election_id = $1`, e.ID)
	var boxes []Box
	postgres.AddList(&b, &boxes, `
		SELECT b.id, b.election_id, b.rehearsal, b.college, b.uuid, b.name, b.seats, b.stamp, b.election_json, b.public_credentials, b.next_height,
		       b.next_seq, b.head, b.ballots, c.sha256 AS codes_sha256, c.uploaded_at AS codes_at, coalesce(c.codes, b.public_credentials) AS codes_given,
		       (SELECT count(*) FROM emargement m WHERE m.box_id = b.id) AS voters,
		       (SELECT count(*) FROM candidacy x WHERE x.election_id = b.election_id AND x.place IS NOT NULL AND x.college = coalesce(b.college, x.college)) AS candidates,
		       ARRAY (SELECT d.owner FROM partial_decryption d WHERE d.box_id = b.id ORDER BY d.owner) AS opened
		FROM ballot_box b LEFT JOIN election_codes c ON c.box_id = b.id
		WHERE b.election_id = $1 ORDER BY b.rehearsal, b.college, b.id`, e.ID)
	var steps []Step
	postgres.AddList(&b, &steps, `
		SELECT s.step, s.done_at, s.evidence, coalesce(p.first_name || ' ' || p.last_name, '') AS by_name
		FROM ceremony_step s LEFT JOIN person p ON p.id = s.done_by WHERE s.election_id = $1`, e.ID)
	if err := b.Run(ctx, db); err != nil {
		return v, postgres.Wrap(err, "ceremony of election %d", e.ID)
	}
	for _, x := range boxes {
		if x.Rehearsal {
			v.Rehearsal = append(v.Rehearsal, x)
		} else {
			v.Boxes = append(v.Boxes, x)
		}
	}
	for _, x := range steps {
		v.Steps[x.Step] = x
	}
	if len(authority) > 0 {
		v.Authority = &authority[0]
	}
	return v, nil
}

// Of returns the holder that somebody is.
func (v State) Of(by access.Actor) (Holder, bool) {
	for _, h := range v.Holders {
		if h.Person == by.Person {
			return h, true
		}
	}
	return Holder{}, false
}

// Done tells whether a step was done.
func (v State) Done(step string) bool { _, ok := v.Steps[step]; return ok }

// Named tells whether all keys have a holder, and the codes an author.
func (v State) Named() bool {
	return len(v.Holders) == v.Election.Rules.Trustees && v.Authority != nil
}

// Keyless are the holders whose key is missing.
func (v State) Keyless() []Holder {
	var out []Holder
	for _, h := range v.Holders {
		if h.PublicKey == "" {
			out = append(out, h)
		}
	}
	return out
}

// HasKeys tells whether every key is in.
func (v State) HasKeys() bool {
	return len(v.Holders) == v.Election.Rules.Trustees && len(v.Keyless()) == 0
}

// Codeless are the boxes whose codes are missing.
func (v State) Codeless() []Box {
	var out []Box
	for _, b := range v.Boxes {
		if b.Codes == 0 {
			out = append(out, b)
		}
	}
	return out
}

// IsSetUp tells whether the boxes are set up: nothing of keys and codes changes then.
func (v State) IsSetUp() bool { return len(v.Boxes) > 0 && v.Boxes[0].Raw != nil }

// Unsigned are the holders who have not signed for the empty boxes.
func (v State) Unsigned() []Holder {
	var out []Holder
	for _, h := range v.Holders {
		if !v.Done(signature(h.Owner)) {
			out = append(out, h)
		}
	}
	return out
}

// Unopened are the holders who have not opened the boxes of the rehearsal.
func (v State) Unopened() []Holder {
	var out []Holder
	for _, h := range v.Holders {
		if !v.HasOpened(h.Owner) {
			out = append(out, h)
		}
	}
	return out
}

// HasOpened tells whether the owner of a key opened the boxes of the rehearsal.
func (v State) HasOpened(owner int) bool {
	for _, b := range v.Rehearsal {
		for _, o := range b.Opened {
			if int(o) == owner {
				return true // both boxes at once: see Open
			}
		}
	}
	return false
}

// Signature returns the step by which the owner of a key signed for the empty boxes.
func (v State) Signature(owner int) (Step, bool) {
	s, ok := v.Steps[signature(owner)]
	return s, ok
}

func signature(owner int) string { return "sign-" + strconv.Itoa(owner) }

func idText(id election.ID) string { return strconv.FormatInt(int64(id), 10) }

// names lists holders, for a message.
func names(list []Holder) string {
	out := make([]string, len(list))
	for i, h := range list {
		out[i] = h.Name
	}
	return strings.Join(out, ", ")
}
