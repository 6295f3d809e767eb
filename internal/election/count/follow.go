package count

import (
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/election"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/notify"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// Way is how a seat that falls vacant is filled, by the règlement.
type Way string

// The ways, in the order they are tried.
const (
	ByAlternate Way = "alternate" // of the same structure
	ByNext      Way = "next"      // of the list of the college, with one vote at least
	ByElection  Way = "election"  // a complementary one
)

// SeatState is a seat of a representative after the proclamation.
type SeatState struct {
	SeatPlan
	Structure *Candidate // whose candidacy has the seat; nil: none of this election
	// Gone tells that this structure left the GNI or its college.
	Gone bool
	Way  Way        // by which the seat would be filled if it fell vacant
	Next *Candidate // who would come, nil for ByElection
}

// Following is what follows a proclaimed election.
type Following struct {
	Closing
	States  []SeatState
	Pending election.ID // a complementary election under way, 0: none
}

// Loses tells whether the règlement takes the seat from its structure.
func (f Following) Loses(s SeatState) bool { return s.Gone && f.Election.Rules.Dissolved == "loses" }

// State returns a seat.
func (f Following) State(id governance.SeatID) (SeatState, bool) {
	i := slices.IndexFunc(f.States, func(s SeatState) bool { return s.Seat == id })
	if i < 0 {
		return SeatState{}, false
	}
	return f.States[i], true
}

// Vacant counts the seats without a titular.
func (f Following) Vacant() int {
	n := 0
	for _, s := range f.States {
		if s.Holder == "" {
			n++
		}
	}
	return n
}

// Following returns the seats of a proclaimed election and who would follow, for the
// team.
func (s *Service) Following(ctx context.Context, by access.Actor, id election.ID) (Following, error) {
	if err := by.Require(by.RunsBodies()); err != nil {
		return Following{}, err
	}
	return s.following(ctx, s.db, by, id)
}

func (s *Service) following(ctx context.Context, db postgres.DB, by access.Actor, id election.ID) (Following, error) {
	c, err := s.load(ctx, db, by, id)
	if err == nil && !c.Election.Phase.Reached(election.Proclaimed) {
		err = refuse("Le résultat n’est pas encore proclamé.")
	}
	f := Following{Closing: c, Pending: c.pending}
	if err != nil {
		return f, err
	}
	for _, plan := range c.Seats {
		state := SeatState{SeatPlan: plan}
		for i, k := range c.Candidates {
			if k.Seat == plan.Seat && !k.Left {
				state.Structure, state.Gone = &c.Candidates[i], !k.Member
			}
		}
		if state.Structure == nil && plan.Holder != "" { // of another election
			continue
		}
		state.Way, state.Next = c.successor(state)
		f.States = append(f.States, state)
	}
	return f, nil
}

// successor applies the rule of succession to a seat.
func (c Closing) successor(s SeatState) (Way, *Candidate) {
	rule := c.Election.Rules.Succession
	if rule == "election" {
		return ByElection, nil
	}
	if k := s.Structure; rule == "alternate" && k != nil && k.Alternate != "" && !k.AlternateCalled && !s.Gone {
		return ByAlternate, k
	}
	var next *Candidate
	for i, k := range c.Candidates {
		eligible := k.College == s.College && k.Votes > 0 && k.Seat == 0 && !k.WithdrawnLate && k.Member && !k.Elected
		if eligible && (next == nil || k.Rank < next.Rank) {
			next = &c.Candidates[i]
		}
	}
	if next == nil {
		return ByElection, nil
	}
	return ByNext, next
}

// Succession is what the team confirms: the seat, who was shown to follow, and the
// person, whom the structure may have changed since.
type Succession struct {
	Seat      governance.SeatID
	Way       Way                  // shown
	Candidacy election.CandidacyID // shown
	Reason    string               // why the seat is vacant
	Person    governance.PersonInput
}

// Person is who a succession would call first, as the candidacy presents them.
func (s *Service) Person(ctx context.Context, by access.Actor, state SeatState) (governance.PersonInput, error) {
	if err := by.Require(by.RunsBodies()); err != nil || state.Next == nil {
		return governance.PersonInput{}, err
	}
	people, err := contacts(ctx, s.db, []int64{int64(state.Next.ID)})
	p := people[state.Next.ID].Titular
	if state.Way == ByAlternate {
		p = people[state.Next.ID].Alternate
	}
	return p, err
}

// Succeed fills a seat that falls vacant by the rule of succession: who has it still
// leaves it the same day. Fields: motif, prenom, nom, courriel.
func (s *Service) Succeed(ctx context.Context, by access.Actor, id election.ID, in Succession) error {
	if err := by.Require(by.RunsBodies()); err != nil {
		return err
	}
	in.Reason = strings.TrimSpace(in.Reason)
	if n := utf8.RuneCountInString(in.Reason); n == 0 || n > 300 {
		return problem.OnField("motif", "Dites en 300 caractères au plus pourquoi ce siège est vacant.")
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		if _, err := election.Lock(ctx, tx, by, id); err != nil {
			return err
		}
		f, err := s.following(ctx, tx, by, id)
		if err != nil {
			return err
		}
		state, ok := f.State(in.Seat)
		switch {
		case !ok:
			return election.ErrNotFound
		case state.Way != in.Way || state.Next == nil || state.Next.ID != in.Candidacy:
			return refuse("La situation de ce siège a changé depuis l’affichage de la page : relisez qui est appelé.")
		}
		return s.succeed(ctx, tx, by, f, state, in)
	})
}

func (s *Service) succeed(ctx context.Context, tx pgx.Tx, by access.Actor, f Following, state SeatState, in Succession) error {
	person, err := known(ctx, tx, in.Person)
	if err != nil {
		return err
	}
	if err := s.governance.EndTerm(ctx, tx, by, state.Seat, f.Today, in.Reason); err != nil {
		return err
	}
	a := appointment{Seat: state.Seat, Structure: state.Next.Structure, StructureName: state.Next.StructureName, Titular: person, From: f.Today, Until: f.TermEnds,
		Designation: "Suivant de la liste élue par le GNI", Reference: reference(f.Election)}
	if state.Way == ByAlternate {
		a.Designation = "Suppléant appelé à siéger"
	}
	if err := s.seat(ctx, tx, by, a); err != nil {
		return err
	}
	if state.Way == ByAlternate {
		_, err = postgres.Exec(ctx, tx, `UPDATE candidacy_result SET alternate_called = true WHERE candidacy_id = $1`, state.Next.ID)
	} else {
		_, err = postgres.Exec(ctx, tx, `
			WITH left_seat AS (UPDATE candidacy_result SET left_on = $3 WHERE seat_id = $2 AND left_on IS NULL AND candidacy_id <> $1)
			UPDATE candidacy_result SET seat_id = $2 WHERE candidacy_id = $1`, state.Next.ID, state.Seat, f.Today)
	}
	if err != nil {
		return postgres.Wrap(err, "succession of seat %d", state.Seat)
	}
	if err := election.Record(ctx, tx, by, "succeed", f.Election, map[string]any{"siege": state.Label, "titulaire": state.Holder},
		map[string]any{"siege": state.Label, "structure": state.Next.StructureName, "ordre": state.Way, "motif": in.Reason}); err != nil {
		return err
	}
	if !notify.Deliverable(in.Person.Email) {
		return nil
	}
	return s.outbox.Queue(ctx, tx, notify.Mail{Kind: "election_succeed", ToAddress: in.Person.Email, ToName: in.Person.First + " " + in.Person.Last,
		Subject: "Vous êtes appelé à siéger au CMTIN", Paragraphs: []string{"Un siège de représentant du Groupe Numérique Inclusif au Comité métropolitain territorial pour l’inclusion numérique est vacant.",
			"Par le règlement de l’élection « " + f.Election.Title + " », la structure « " + state.Next.StructureName + " » l’occupe à partir d’aujourd’hui, et vous la représentez."},
		Action: "Voir le CMTIN", Link: s.baseURL + "/instances/cmtin"})
}

// known finds the person by their address when the portal knows it.
func known(ctx context.Context, q postgres.Querier, in governance.PersonInput) (governance.PersonInput, error) {
	in.Email = strings.ToLower(strings.TrimSpace(in.Email))
	if in.Email == "" {
		return in, problem.OnField("courriel", "Saisissez l’adresse de la personne : elle reçoit son invitation.")
	}
	id, err := postgres.Value[access.PersonID](ctx, q, `SELECT coalesce((SELECT id FROM person WHERE email = $1), 0)`, in.Email)
	in.ID = id
	return in, postgres.Wrap(err, "look for an address")
}

// Complement prepares the election that fills the empty seats, with the same rules; the
// team then changes what must be and publishes them.
func (s *Service) Complement(ctx context.Context, by access.Actor, id election.ID) (to election.ID, err error) {
	if err := by.Require(by.RunsBodies()); err != nil {
		return 0, err
	}
	err = postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		if _, err := election.Lock(ctx, tx, by, id); err != nil {
			return err
		}
		f, err := s.following(ctx, tx, by, id)
		switch {
		case err != nil:
			return err
		case f.Pending != 0:
			return refuse("Une élection complémentaire est déjà préparée.")
		case f.Vacant() == 0:
			return refuse("Aucun siège n’est vacant.")
		}
		to, err = election.CreateIn(ctx, tx, by, election.Plan{Title: complementTitle(f.Election.Title), Rules: f.Election.Rules, Complements: &id})
		return err
	})
	return to, err
}

func complementTitle(title string) string {
	const prefix = "Élection complémentaire : "
	runes := []rune(prefix + strings.TrimPrefix(title, prefix))
	return string(runes[:min(len(runes), 200)])
}
