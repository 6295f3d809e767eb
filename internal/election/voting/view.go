package voting

import (
	"context"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/election"
	"bordeaux-metropole.fr/portal/internal/election/belenios"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/postgres"
)

// View is what a structure is shown before it votes, and its ballot.
type View struct {
	Election  election.Election
	Structure access.OrganisationID
	Name      string // of the structure, as on the roll; "" when it is not on it
	College   string
	Voted     bool
	Box       election.Box // zero before the lists are sealed
	Questions []Question   // once the box is set up
	// Fingerprint of the election.json: the script encrypts for no other.
	Fingerprint string
}

// Question is a question of the ballot. Cell 0 of the choices is the blank vote, cell n
// the nth candidate.
type Question struct {
	College    governance.College
	Candidates []election.Candidate
	Max        int
}

// Cells puts chosen numbers, 0 for blank, in the form of the protocol.
func (q Question) Cells(chosen []int) []int {
	cells := make([]int, len(q.Candidates)+1)
	for _, n := range chosen {
		if n >= 0 && n < len(cells) {
			cells[n] = 1
		}
	}
	return cells
}

// OnRoll tells whether the structure may vote.
func (v View) OnRoll() bool { return v.Name != "" }

// MayVote tells whether a ballot of the structure would be taken.
func (v View) MayVote() bool {
	return v.Election.Voting() && v.OnRoll() && v.Questions != nil && (!v.Voted || v.Election.Rules.Revote == "last")
}

// Ballot is the view of the structure the actor acts for.
func (s *Service) Ballot(ctx context.Context, by access.Actor, id election.ID) (View, error) {
	if err := by.Require(by.Is(access.Structure) && by.Acting.Organisation != 0); err != nil {
		return View{}, err
	}
	return s.view(ctx, by, id, by.Acting.Organisation)
}

type rollRow struct {
	Name      string
	College   governance.College
	Voted     bool
	ID        election.BoxID
	Of        *governance.College
	BoxName   string
	Seats     int
	Raw       []byte
	Ballots   int
	Rehearsal bool
}

// view reads everything in two round trips.
func (s *Service) view(ctx context.Context, by access.Actor, id election.ID, structure access.OrganisationID) (View, error) {
	e, err := election.Load(ctx, s.db, by, id)
	if err != nil {
		return View{}, err
	}
	v := View{Election: e, Structure: structure}
	var b postgres.Batch
	var rows []rollRow
	var all []election.Candidate
	postgres.AddList(&b, &rows, `
		SELECT r.name, r.college, coalesce(m.voted, false) AS voted, coalesce(b.id, 0) AS id, b.college AS of, coalesce(b.name, '') AS box_name,
		       coalesce(b.seats, 0) AS seats, b.election_json AS raw, coalesce(b.ballots, 0) AS ballots, coalesce(b.rehearsal, false) AS rehearsal
		FROM election_roll r
		LEFT JOIN (emargement m JOIN ballot_box b ON b.id = m.box_id AND NOT b.rehearsal) ON b.election_id = r.election_id AND m.structure_id = r.structure_id
		WHERE r.election_id = $1 AND r.structure_id = $2`, id, structure)
	election.AddCandidates(&b, &all, id)
	if err := b.Run(ctx, s.db); err != nil {
		return View{}, postgres.Wrap(err, "ballot of election %d", id)
	}
	if len(rows) == 0 {
		return v, nil
	}
	r := rows[0]
	v.Name, v.College, v.Voted = r.Name, r.College.Label(), r.Voted
	v.Box = election.Box{ID: r.ID, Election: id, College: r.Of, Name: r.BoxName, Seats: r.Seats, Raw: r.Raw, Ballots: r.Ballots}
	if r.Raw == nil {
		return v, nil
	}
	be, err := s.electionOf(r.ID, r.Raw)
	if err != nil {
		return View{}, err
	}
	v.Fingerprint, v.Questions = be.Fingerprint(), questions(v.Box, be, all)
	return v, nil
}

// questions are those of the sealed election.json, with who the candidates are.
func questions(box election.Box, be *belenios.Election, all []election.Candidate) []Question {
	lists := box.In(all)
	var out []Question
	for i, q := range be.Questions {
		if i >= len(lists) || len(lists[i]) != len(q.Answers) || len(lists[i]) == 0 {
			return nil // a box that is not of these lists: nobody votes in it
		}
		out = append(out, Question{College: lists[i][0].College, Candidates: lists[i], Max: q.Max})
	}
	return out
}
