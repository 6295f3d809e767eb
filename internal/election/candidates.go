package election

import (
	"context"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/election/belenios"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/postgres"
)

// CandidacyID identifies a candidacy (candidacy.id).
type CandidacyID int64

// Candidate is a line of the ballot: an accepted candidacy of a sealed list.
type Candidate struct {
	ID            CandidacyID           `db:"id"`
	Structure     access.OrganisationID `db:"structure_id"`
	College       governance.College    `db:"college"`
	StructureName string                `db:"structure_name"`
	Commune       string                `db:"commune"`
	Titular       string                `db:"titular"`   // first and last name
	Alternate     string                `db:"alternate"` // "": none
	Statement     string                `db:"statement"`
	Place         int                   `db:"place"` // from 1, in its college
	HasPhoto      bool                  `db:"has_photo"`
	WithdrawnLate bool                  `db:"withdrawn_late"` // stays on the ballot, cannot be elected
}

// Answer is the candidate as the ballot and the archive name them.
func (c Candidate) Answer() string { return c.Titular + ", " + c.StructureName }

// candidates is a constant: `const` concatenation is still constant text.
const candidates = `
		SELECT id, structure_id, college, structure_name, commune, titular_first || ' ' || titular_last AS titular,
		       CASE WHEN alternate_last = '' THEN '' ELSE alternate_first || ' ' || alternate_last END AS alternate,
		       statement, place, photo IS NOT NULL AS has_photo, withdrawn_late
		FROM candidacy WHERE election_id = $1 AND place IS NOT NULL ORDER BY college, place`

// Candidates returns the lines of the ballot in their order: by college, then place.
// None before the list is sealed.
func Candidates(ctx context.Context, q postgres.Querier, id ID) ([]Candidate, error) {
	list, err := postgres.List[Candidate](ctx, q, candidates, id)
	return list, postgres.Wrap(err, "candidates of election %d", id)
}

// AddCandidates asks for Candidates in a batch.
func AddCandidates(b *postgres.Batch, dst *[]Candidate, id ID) {
	postgres.AddList(b, dst, candidates, id)
}

// In returns the candidates of a box, in the order of its questions.
func (b Box) In(all []Candidate) [][]Candidate {
	var out [][]Candidate
	for _, college := range governance.Colleges {
		if b.College != nil && *b.College != college {
			continue
		}
		var list []Candidate
		for _, c := range all {
			if c.College == college {
				list = append(list, c)
			}
		}
		out = append(out, list)
	}
	return out
}

// Questions are the questions of a box: one a college, each « 1 to n names, or blank »
// (election.md, §3, blank rule: the minimum of one leaves no ballot empty but blank).
func Questions(e Election, b Box, all []Candidate) []belenios.Question {
	var out []belenios.Question
	for _, list := range b.In(all) {
		q := belenios.Question{Blank: true, Min: 1, Max: min(e.Rules.MaxChoices, len(list))}
		for _, c := range list {
			q.Answers = append(q.Answers, c.Answer())
			q.Question = c.College.Label()
		}
		out = append(out, q)
	}
	return out
}
