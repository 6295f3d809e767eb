package candidacy

import (
	"context"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/election"
	"bordeaux-metropole.fr/portal/internal/election/roll"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/notify"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// Decision is what the team decides of a candidacy: Accepted, Asked or Refused.
type Decision struct {
	State  State
	Reason string // of Asked and Refused: the structure reads it
}

// Decide records what the team decides, until the lists are sealed, and tells the
// structure. A refusal says how to contest it. Fields: decision, motif.
func (s *Service) Decide(ctx context.Context, by access.Actor, id election.ID, candidacy ID, version int, d Decision) error {
	if err := d.check(); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		e, err := lockForTeam(ctx, tx, by, id)
		if err != nil {
			return err
		}
		if err := inCandidacies(e); err != nil {
			return err
		}
		c, err := load(ctx, tx, id, candidacy)
		switch {
		case err != nil:
			return err
		case c.State == Withdrawn:
			return problem.New(problem.Conflict, "Cette candidature est retirée.")
		case c.Version != version:
			return election.ErrStale
		case d.State == Accepted && !c.OnRoll:
			return problem.New(problem.Conflict, "Cette structure n’est plus sur la liste électorale : sa candidature ne peut pas être acceptée.")
		case d.State == Asked && e.WithdrawUntil != nil && !e.Now.Before(*e.WithdrawUntil):
			return problem.New(problem.Conflict, "Le délai pour compléter une candidature est passé depuis le "+french.DateTime(*e.WithdrawUntil)+" : acceptez-la ou refusez-la.")
		}
		if d.State == Accepted {
			d.Reason = ""
			if found := c.Content.Check(e.Rules, c.HasPhoto); len(found) > 0 {
				return problem.New(problem.Conflict, "Cette candidature ne respecte pas le règlement : "+found[0].Message)
			}
		}
		if _, err := postgres.Exec(ctx, tx, `
			UPDATE candidacy SET state = $2, reason = $3, decided_at = clock_timestamp(), version = version + 1 WHERE id = $1`,
			c.ID, string(d.State), d.Reason); err != nil {
			return postgres.Wrap(err, "decide on candidacy %d", c.ID)
		}
		if err := election.Record(ctx, tx, by, "examine", e, map[string]any{"etat": c.State}, map[string]any{"etat": d.State, "structure": c.StructureName, "motif": d.Reason}); err != nil {
			return err
		}
		return s.tellPeople(ctx, tx, c, s.decisionMail(e, c, d))
	})
}

func (d Decision) check() error {
	switch {
	case d.State != Accepted && d.State != Asked && d.State != Refused:
		return problem.OnField("decision", "Choisissez une décision.")
	case d.State == Asked && d.Reason == "":
		return problem.OnField("motif", "Écrivez ce que la structure doit préciser ou corriger.")
	case d.State == Refused && d.Reason == "":
		return problem.OnField("motif", "Écrivez le motif du refus : la structure le lira.")
	case utf8.RuneCountInString(d.Reason) > MaxReason:
		return problem.OnField("motif", "Gardez 1 000 caractères au plus.")
	}
	return nil
}

func (s *Service) decisionMail(e election.Election, c Candidacy, d Decision) notify.Mail {
	m := notify.Mail{Kind: kindExamine, Action: "Voir la candidature", Link: address(s.baseURL, e.ID) + "/ma-candidature",
		Why: "Vous recevez ce message parce que cette candidature vous nomme, ou que vous gérez la fiche de sa structure."}
	switch d.State {
	case Accepted:
		m.Subject = "Candidature acceptée : " + c.StructureName
		m.Paragraphs = []string{"La candidature de « " + c.StructureName + " » à l’élection des représentants du Groupe Numérique Inclusif (GNI) est acceptée.",
			"Elle sera publiée, dans un ordre tiré au sort, quand les listes seront arrêtées. La modifier la soumet à un nouvel examen."}
	case Asked:
		m.Subject = "Une précision est demandée : candidature de " + c.StructureName
		m.Paragraphs = []string{"L’équipe métropolitaine a besoin d’une précision pour accepter la candidature de « " + c.StructureName + " » :", d.Reason}
		if e.WithdrawUntil != nil {
			m.Paragraphs = append(m.Paragraphs, "Vous pouvez compléter la candidature jusqu’au "+french.DateTime(*e.WithdrawUntil)+", même si le dépôt est clos.")
		}
	default:
		m.Subject = "Candidature refusée : " + c.StructureName
		m.Paragraphs = []string{"La candidature de « " + c.StructureName + " » à l’élection des représentants du Groupe Numérique Inclusif (GNI) est refusée, pour ce motif :", d.Reason,
			"Vous n’êtes pas d’accord ? Répondez à ce message : l’équipe peut revenir sur sa décision tant que les listes ne sont pas arrêtées. Vous pouvez aussi saisir le tribunal administratif de Bordeaux dans les deux mois."}
		if e.CandidaciesUntil != nil && e.Now.Before(*e.CandidaciesUntil) {
			m.Paragraphs = append(m.Paragraphs, "Vous pouvez la corriger et l’envoyer de nouveau jusqu’au "+french.DateTime(*e.CandidaciesUntil)+".")
		}
	}
	return m
}

// Desk is what the team reads of the candidacies of an election.
type Desk struct {
	Election    election.Election
	Candidacies []Candidacy
	Seats       map[governance.College]int
	Extended    bool // the seven days were granted
	Roll        int  // structures on the roll
	Claims      int  // waiting for an answer
	Changes     int  // differences between the roll and the register
}

// Count returns how many candidacies of a college are in one of the states.
func (d Desk) Count(college governance.College, states ...State) int {
	n := 0
	for _, c := range d.Candidacies {
		for _, s := range states {
			if c.College == college && c.State == s && !c.WithdrawnLate {
				n++
			}
		}
	}
	return n
}

// In returns the candidacies in a state.
func (d Desk) In(state State) []Candidacy {
	var out []Candidacy
	for _, c := range d.Candidacies {
		if c.State == state {
			out = append(out, c)
		}
	}
	return out
}

// Short returns the colleges with fewer candidacies than seats.
func (d Desk) Short() []governance.College {
	var out []governance.College
	for _, c := range governance.Colleges {
		if d.Count(c, Submitted, Asked, Accepted) < d.Seats[c] {
			out = append(out, c)
		}
	}
	return out
}

// Desk returns the team's page of the candidacies, in two round trips.
func (s *Service) Desk(ctx context.Context, by access.Actor, id election.ID) (Desk, error) {
	if !by.RunsBodies() {
		return Desk{}, election.ErrNotFound
	}
	e, err := election.Load(ctx, s.db, by, id)
	if err != nil {
		return Desk{}, err
	}
	return desk(ctx, s.db, e)
}

// sender is a pool or a transaction.
type sender interface {
	postgres.Querier
	SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults
}

func desk(ctx context.Context, q sender, e election.Election) (Desk, error) {
	d := Desk{Election: e}
	var rows []row
	var empty []election.CollegeSeats
	var b postgres.Batch
	postgres.AddList(&b, &rows, rowSQL+` ORDER BY coalesce(r.college, c.college), coalesce(c.place, 0), c.id`, e.ID)
	election.AddEmptySeats(&b, &empty)
	postgres.AddValue(&b, &d.Extended, `SELECT candidacies_extended_at IS NOT NULL FROM election WHERE id = $1`, e.ID)
	postgres.AddValue(&b, &d.Roll, `SELECT count(*)::int FROM election_roll WHERE election_id = $1`, e.ID)
	postgres.AddValue(&b, &d.Claims, `SELECT count(*)::int FROM election_claim WHERE election_id = $1 AND state = 'open'`, e.ID)
	addChangeCount(&b, &d.Changes, e)
	err := b.Run(ctx, q)
	d.Candidacies, d.Seats = candidacies(rows), e.SeatsOf(empty)
	return d, postgres.Wrap(err, "candidacies of election %d", e.ID)
}

// Examined is a candidacy with what helps to decide of it.
type Examined struct {
	Election  election.Election
	Candidacy Candidacy
	// Names of other structures whose candidacy names somebody of the same name.
	Namesakes []string
	Seats     map[governance.College]int
}

// Wrong returns what the rules do not allow in it.
func (x Examined) Wrong() []*problem.Error {
	found := x.Candidacy.Content.Check(x.Election.Rules, x.Candidacy.HasPhoto)
	if !x.Candidacy.OnRoll {
		found = append(found, problem.New(problem.Conflict, "La structure n’est plus sur la liste électorale."))
	}
	if x.Seats[x.Candidacy.College] == 0 {
		found = append(found, problem.New(problem.Conflict, "Aucun siège n’est à pourvoir dans son collège."))
	}
	return found
}

// Examine returns a candidacy for the team, in two round trips.
func (s *Service) Examine(ctx context.Context, by access.Actor, id election.ID, candidacy ID) (Examined, error) {
	if !by.RunsBodies() {
		return Examined{}, election.ErrNotFound
	}
	e, err := election.Load(ctx, s.db, by, id)
	if err != nil {
		return Examined{}, err
	}
	x := Examined{Election: e}
	var rows []row
	var empty []election.CollegeSeats
	var b postgres.Batch
	postgres.AddList(&b, &rows, rowSQL+` AND c.id = $2`, id, candidacy)
	election.AddEmptySeats(&b, &empty)
	addNamesakes(&b, &x.Namesakes, id, candidacy)
	if err := b.Run(ctx, s.db); err != nil {
		return x, postgres.Wrap(err, "examine candidacy %d", candidacy)
	}
	if len(rows) == 0 {
		return x, errNotFound
	}
	x.Candidacy, x.Seats = rows[0].candidacy(), e.SeatsOf(empty)
	return x, nil
}

// addNamesakes asks which other structures name somebody called like the titular.
func addNamesakes(b *postgres.Batch, dst *[]string, id election.ID, candidacy ID) {
	postgres.AddValue(b, dst, `
		SELECT coalesce(array_agg(DISTINCT o.structure_name), '{}') FROM candidacy c JOIN candidacy o ON o.election_id = c.election_id AND o.id <> c.id
		     AND o.structure_id <> c.structure_id AND o.state IN ('submitted', 'asked', 'accepted')
		     AND fold(c.titular_first || ' ' || c.titular_last) IN (fold(o.titular_first || ' ' || o.titular_last), fold(o.alternate_first || ' ' || o.alternate_last))
		WHERE c.election_id = $1 AND c.id = $2`, id, candidacy)
}

// addChangeCount asks how far the roll is from the register, while it follows it.
func addChangeCount(b *postgres.Batch, dst *int, e election.Election) {
	if e.Phase == election.Roll || e.Phase == election.Candidacies {
		roll.AddChangeCount(b, dst, e.ID)
	}
}
