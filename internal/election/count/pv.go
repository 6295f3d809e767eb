package count

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"bordeaux-metropole.fr/portal/internal/election"
	"bordeaux-metropole.fr/portal/internal/governance"
)

// Program says which program ran: it is part of the procès-verbal.
type Program struct {
	Commit string `json:"commit"`         // it was built from; "" when it does not know
	VoteJS string `json:"vote_js_sha256"` // of the script that encrypts in the browser
}

// PV is a procès-verbal: its JSON is what is hashed, signed and kept, and its page, its
// PDF and its file say nothing else.
type PV struct {
	Kind        string                `json:"kind"` // result, or destruction: then Destruction alone is told
	Election    election.ID           `json:"election"`
	Title       string                `json:"title"`
	Version     int                   `json:"version"`
	MadeAt      time.Time             `json:"made_at"`
	Complements *election.ID          `json:"complements,omitempty"`
	Destruction *election.Destruction `json:"destruction,omitempty"`

	Program     *Program        `json:"program,omitempty"`
	RulesSHA256 string          `json:"rules_sha256,omitempty"`
	Rules       []PVRule        `json:"rules,omitempty"`
	Dates       []PVDate        `json:"dates,omitempty"`
	Acts        []PVAct         `json:"acts,omitempty"` // of two people
	Holders     []PVHolder      `json:"key_holders,omitempty"`
	Ceremony    []PVStep        `json:"ceremony,omitempty"`
	Boxes       []PVBox         `json:"boxes,omitempty"`
	Colleges    []PVCollege     `json:"colleges,omitempty"`
	Draw        *PVDraw         `json:"draw,omitempty"`
	Incidents   []PVIncident    `json:"incidents,omitempty"`
	Risk        json.RawMessage `json:"risk,omitempty"` // CNIL grid: answers, level, date
	Proclaimed  *PVProclamation `json:"proclamation,omitempty"`
	Previous    *PVPrevious     `json:"previous,omitempty"`
}

// PVRule is a point of the règlement and its answer.
type PVRule struct {
	Question string `json:"question"`
	Answer   string `json:"answer"`
}

// PVDate is a moment of the election.
type PVDate struct {
	What string    `json:"what"`
	At   time.Time `json:"at"`
}

// PVAct is an act of two people.
type PVAct struct {
	Act       string    `json:"act" db:"act"`
	Reason    string    `json:"reason,omitempty" db:"reason"`
	Proposed  string    `json:"proposed_by" db:"proposed_by"`
	Confirmed string    `json:"confirmed_by" db:"confirmed_by"`
	At        time.Time `json:"at" db:"at"`
}

// PVHolder is a key holder.
type PVHolder struct {
	Owner   int    `json:"owner"`
	Name    string `json:"name"`
	Quality string `json:"quality"`
	Key     string `json:"key_fingerprint"`
}

// PVStep is a step of the key ceremony, with its evidence as it was kept.
type PVStep struct {
	Step     string          `json:"step" db:"step"`
	By       string          `json:"by,omitempty" db:"by_name"`
	At       time.Time       `json:"at" db:"done_at"`
	Evidence json.RawMessage `json:"evidence,omitempty" db:"evidence"`
}

// PVBox is a ballot box and what its verification found.
type PVBox struct {
	Name        string `json:"name"`
	UUID        string `json:"uuid"`
	Fingerprint string `json:"fingerprint"` // of the election
	Setup       string `json:"setup_sha256"`
	CloseHead   string `json:"head_at_close"`
	Head        string `json:"head"`
	Sum         string `json:"sum_sha256"`
	Registered  int    `json:"registered"`
	Voted       int    `json:"voted"`
	Codes       int    `json:"codes"`
	Received    int    `json:"ballots_received"`
	Tallied     int    `json:"ballots_tallied"`
	Browser     int    `json:"encrypted_by_browser"`
	Server      int    `json:"encrypted_by_server"`
	Desk        int    `json:"cast_at_desk"`
	Verified    string `json:"verification"` // what the verifier said, in French
}

// PVCollege is the result of a college.
type PVCollege struct {
	College    governance.College `json:"college"`
	Seats      int                `json:"seats"`
	Registered int                `json:"registered"`
	Voted      int                `json:"voted"`
	Blank      int                `json:"blank"`
	Expressed  int                `json:"expressed"`
	QuorumMet  bool               `json:"quorum_met"`
	Unopposed  bool               `json:"unopposed,omitempty"`
	Vacant     int                `json:"vacant"`
	Candidates []PVCandidate      `json:"candidates"` // by rank
	Ties       []Tie              `json:"ties,omitempty"`
	Swaps      []Swap             `json:"gender_replacements,omitempty"`
	Head       string             `json:"head_at_close"`
}

// PVCandidate is a candidate at their rank.
type PVCandidate struct {
	ID        election.CandidacyID `json:"candidacy"`
	Place     int                  `json:"place"`
	Structure string               `json:"structure"`
	Commune   string               `json:"commune"`
	Titular   string               `json:"titular"`
	Alternate string               `json:"alternate,omitempty"`
	Votes     int                  `json:"votes"`
	Rank      int                  `json:"rank"`
	Tied      bool                 `json:"tied,omitempty"`
	Elected   bool                 `json:"elected"`
	Withdrawn bool                 `json:"withdrawn_after_sealing,omitempty"`
}

// PVDraw is what settled ties, with its inputs.
type PVDraw struct {
	Source    string `json:"source"`
	Value     string `json:"value"`
	Written   string `json:"written_by,omitempty"`
	Confirmed string `json:"confirmed_by,omitempty"`
}

// PVIncident is a line of the incident log.
type PVIncident struct {
	At   time.Time `json:"at" db:"at"`
	Text string    `json:"text" db:"text"`
}

// PVProclamation is the act of the chair.
type PVProclamation struct {
	By           string    `json:"by"`
	At           time.Time `json:"at"`
	ContestUntil time.Time `json:"contest_until"`
	Seats        []PVSeat  `json:"seats"`
}

// PVSeat is a seat of the CMTIN that the proclamation fills.
type PVSeat struct {
	Seat      string `json:"seat"`
	Structure string `json:"structure"`
	Titular   string `json:"titular"`
	Alternate string `json:"alternate,omitempty"`
}

// PVPrevious is the version before this one, as it was signed.
type PVPrevious struct {
	Version    int         `json:"version"`
	SHA256     string      `json:"sha256"`
	Signatures []Signature `json:"signatures"`
}

// Text is the bytes that are kept: JSON, two spaces, a line feed.
func (v PV) Text() (string, error) {
	raw, err := json.MarshalIndent(v, "", "  ")
	return string(raw) + "\n", err
}

// ParsePV reads what Text wrote.
func ParsePV(text string) (PV, error) {
	var v PV
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		return v, fmt.Errorf("procès-verbal: %w", err)
	}
	return v, nil
}

// Candidate returns a candidate of the college.
func (c PVCollege) Candidate(id election.CandidacyID) PVCandidate {
	for _, k := range c.Candidates {
		if k.ID == id {
			return k
		}
	}
	return PVCandidate{}
}

// Seed is what the order of the draw of the college is computed from.
func (v PV) Seed(c PVCollege) string {
	if v.Draw == nil {
		return c.Head
	}
	return v.Draw.Value + c.Head
}

// RiskGrid is the CNIL's grid as it was filled, nil if it was not.
func (v PV) RiskGrid() *election.Risk {
	var r *election.Risk
	if json.Unmarshal(v.Risk, &r) != nil { // empty, or null
		return nil
	}
	return r
}

// pvOf writes a result down.
func pvOf(r Result) PV {
	e := r.Election
	v := PV{Kind: "result", Election: e.ID, Title: e.Title, Complements: e.Complements, RulesSHA256: hex.EncodeToString(e.RulesSHA256)}
	values := e.Rules.Values()
	for _, p := range election.Points {
		v.Rules = append(v.Rules, PVRule{p.Question, p.Answer(values[p.Name])})
	}
	for _, d := range []struct {
		what string
		at   *time.Time
	}{{"Règlement publié", e.RulesPublishedAt}, {"Liste électorale et candidatures arrêtées", e.SealedAt}, {"Urnes scellées et montrées vides", e.ReadyAt},
		{"Ouverture du vote prévue", e.OpensAt}, {"Vote ouvert par deux personnes", e.OpenedAt}, {"Clôture prévue", e.ClosesAt}, {"Urnes closes", e.ClosedAt}, {"Sommes ouvertes", e.CountedAt}} {
		if d.at != nil {
			v.Dates = append(v.Dates, PVDate{d.what, d.at.UTC()})
		}
	}
	for _, k := range r.Holders {
		line := PVHolder{Owner: k.Owner, Name: k.Name, Quality: k.Quality}
		if t, err := k.Trustee(); err == nil {
			line.Key = t.Fingerprint()
		}
		v.Holders = append(v.Holders, line)
	}
	if e.TieSeed != "" {
		v.Draw = &PVDraw{Source: e.TieSource, Value: e.TieSeed}
		if r.Draw != nil {
			v.Draw.Written, v.Draw.Confirmed = r.Draw.ByName, r.Draw.ConfirmedBy
		}
	}
	for _, c := range r.Colleges {
		v.Colleges = append(v.Colleges, c.pv())
	}
	return v
}

func (c CollegeResult) pv() PVCollege {
	o := c.Outcome
	v := PVCollege{College: c.College, Seats: c.Seats, Registered: c.Registered, Voted: c.Voted, Blank: c.Blank, Expressed: c.Expressed,
		QuorumMet: o.QuorumMet, Unopposed: o.Unopposed, Vacant: o.Vacant, Ties: o.Ties, Swaps: o.Swaps, Head: c.Head}
	for _, l := range c.Lines {
		v.Candidates = append(v.Candidates, PVCandidate{ID: l.Standing.ID, Place: l.Place, Structure: l.StructureName, Commune: l.Commune, Titular: l.Titular,
			Alternate: l.Alternate, Votes: l.Standing.Votes, Rank: l.Standing.Rank, Tied: l.Standing.Tied, Elected: l.Standing.Elected, Withdrawn: l.Withdrawn})
	}
	return v
}
