package roll

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/election"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/notify"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
	"bordeaux-metropole.fr/portal/internal/structure"
)

// Answering is the team's answer to a claim.
type Answering struct {
	Accept bool
	Text   string // the reason, which who claimed reads
	Name   string // the right name, when a claim on a name is accepted
}

// Answer decides a claim, does what it asks when it is accepted, and writes to who
// claimed. A name or a college is changed in the register, which the roll follows; a
// structure is put on the roll, or taken off it, by the claim itself. Fields: decision,
// reponse, nom.
func (s *Service) Answer(ctx context.Context, by access.Actor, id election.ID, claim ClaimID, version int, a Answering) error {
	switch {
	case a.Text == "":
		return problem.OnField("reponse", "Écrivez le motif : la personne qui réclame le lira.")
	case utf8.RuneCountInString(a.Text) > MaxAnswer:
		return problem.OnField("reponse", "Gardez 2 000 caractères au plus.")
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		e, err := lockProvisional(ctx, tx, by, id)
		if err != nil {
			return err
		}
		c, err := lockClaim(ctx, tx, id, claim)
		switch {
		case err != nil:
			return err
		case c.State != Waiting:
			return problem.New(problem.Conflict, "Quelqu’un d’autre a déjà répondu à cette réclamation.")
		case c.Version != version:
			return election.ErrStale
		}
		told, err := s.toldOf(ctx, tx, c) // while they still act for the structure
		if err != nil {
			return err
		}
		state := Refused
		if a.Accept {
			state = Accepted
			if err := s.inRegister(ctx, tx, by, e, c, a); err != nil {
				return err
			}
		}
		if err := decided(ctx, tx, by, claim, state, a.Text); err != nil {
			return err
		}
		if a.Accept {
			if _, err := s.refresh(ctx, tx, by, e); err != nil {
				return err
			}
		}
		if err := election.Record(ctx, tx, by, "answer", e, nil, map[string]any{"objet": c.Kind, "structure": c.About, "decision": state, "reponse": a.Text}); err != nil {
			return err
		}
		_, err = s.outbox.QueueMany(ctx, tx, s.answerMails(e, c, state, a, told))
		return err
	})
}

func decided(ctx context.Context, tx pgx.Tx, by access.Actor, claim ClaimID, state ClaimState, answer string) error {
	_, err := postgres.Exec(ctx, tx, `
		UPDATE election_claim SET state = $2, answer = $3, decided_by = nullif($4::bigint, 0), decided_at = clock_timestamp(), version = version + 1 WHERE id = $1`,
		claim, string(state), answer, int64(by.Person))
	return postgres.Wrap(err, "answer claim %d", claim)
}

func lockClaim(ctx context.Context, tx pgx.Tx, id election.ID, claim ClaimID) (Claim, error) {
	c, err := postgres.One[Claim](ctx, tx, claimSQL+` AND x.id = $2 FOR UPDATE OF x`, id, claim)
	if postgres.IsNoRows(err) {
		return c, errNotClaim
	}
	return c, postgres.Wrap(err, "lock claim %d", claim)
}

// inRegister does in the register what an accepted claim asks of it.
func (s *Service) inRegister(ctx context.Context, tx pgx.Tx, by access.Actor, e election.Election, c Claim, a Answering) error {
	sheet, err := s.registered(tx).SheetForTeam(ctx, by, c.Structure)
	if err != nil {
		return err
	}
	if sheet.State != structure.Accepted && c.Kind != Remove {
		return problem.New(problem.Conflict, "« "+sheet.Name+" » n’est pas membre du GNI dans le registre : acceptez-la ou enregistrez d’abord son retour, puis répondez.")
	}
	switch c.Kind {
	case College:
		reason := "Réclamation acceptée sur la liste électorale (" + e.Title + ")."
		return s.registered(tx).ChangeCollege(ctx, by, sheet.ID, sheet.Version, reason)
	case Name:
		name := strings.TrimSpace(a.Name)
		switch {
		case name == "" || utf8.RuneCountInString(name) > 200:
			return problem.OnField("nom", "Saisissez le nom exact de la structure, en 200 caractères au plus.")
		case name == sheet.Name:
			return problem.OnField("nom", "C’est déjà le nom que dit le registre.")
		}
		sheet.Name = name
		return notOnOurForm(s.registered(tx).UpdateSection(ctx, by, sheet, structure.Identity))
	}
	return nil
}

// notOnOurForm tells a refusal about another field of the sheet without its field, which
// the form of the answer has not.
func notOnOurForm(err error) error {
	p, ok := errors.AsType[*problem.Error](err)
	switch {
	case !ok || p.Kind != problem.Invalid:
		return err
	case p.Field == "nom_organisation":
		return problem.OnField("nom", p.Message)
	}
	return problem.New(problem.Conflict, "La fiche de la structure doit d’abord être corrigée dans le registre : "+p.Message)
}

// toldOf returns who reads the answer: the person who claimed, if they left an address;
// the people of the structure it is about, when it came on paper or takes it off.
func (s *Service) toldOf(ctx context.Context, tx pgx.Tx, c Claim) ([]told, error) {
	var out []told
	if c.By != 0 {
		list, err := postgres.List[told](ctx, tx, `
			SELECT p.id AS person_id, p.first_name || ' ' || p.last_name AS name, p.email, false AS concerned
			FROM election_claim x JOIN person p ON p.id = x.made_by WHERE x.id = $1`, c.ID)
		if err != nil {
			return nil, postgres.Wrap(err, "who made claim %d", c.ID)
		}
		out = append(out, list...)
	}
	if c.By == 0 || c.Kind == Remove {
		people, err := Contacts(ctx, tx, []access.OrganisationID{c.Structure})
		if err != nil {
			return nil, err
		}
		for _, p := range people {
			out = append(out, told{Person: p.Person, Name: p.Name, Email: p.Email, Concerned: true})
		}
	}
	return out, nil
}

// told is somebody who reads an answer. Concerned: they act for the structure the claim
// is about, and never learn who made it.
type told struct {
	Person    access.PersonID `db:"person_id"`
	Name      string          `db:"name"`
	Email     string          `db:"email"`
	Concerned bool            `db:"concerned"`
}

func (s *Service) answerMails(e election.Election, c Claim, state ClaimState, a Answering, to []told) []notify.Mail {
	var mails []notify.Mail
	for _, t := range to {
		if !notify.Deliverable(t.Email) || t.Concerned && c.By != 0 && state == Refused { // nothing changed for them
			continue
		}
		m := notify.Mail{Kind: kindClaim, ToAddress: t.Email, ToName: t.Name, Action: "Voir la liste électorale", Link: listAddress(s.baseURL, e.ID),
			Subject: "Réponse à une réclamation sur la liste électorale : « " + c.About + " »",
			Paragraphs: []string{
				"« " + c.About + " » : " + strings.ToLower(c.Kind.Label()) + ". La réclamation est " + strings.ToLower(state.Label()) + ", pour ce motif :",
				a.Text,
			}}
		if c.Kind == Remove && state == Accepted && t.Concerned {
			m.Subject = "« " + c.About + " » n’est plus sur la liste électorale"
			m.Paragraphs[0] = "« " + c.About + " » est retirée de la liste électorale des représentants du Groupe Numérique Inclusif (GNI), pour ce motif :"
		}
		m.Paragraphs = append(m.Paragraphs, "Vous n’êtes pas d’accord ? Répondez à ce message avant que les listes soient arrêtées, ou saisissez le tribunal administratif de Bordeaux dans les deux mois.")
		m.Subject = french.Typo(m.Subject)
		for i := range m.Paragraphs {
			m.Paragraphs[i] = french.Typo(m.Paragraphs[i])
		}
		mails = append(mails, m)
	}
	return mails
}

// Desk is what the team reads of a roll: claims to answer first, what the register says
// otherwise.
type Desk struct {
	Election election.Election
	Counts   Counts
	Waiting  []Claim
	Answered []Claim // the latest first, two hundred at most
	Changes  []Change
	Others   []Entry // every structure a claim may be about: the register's members
}

// Desk returns the team's page of a roll, in two round trips.
func (s *Service) Desk(ctx context.Context, by access.Actor, id election.ID) (Desk, error) {
	if !by.RunsBodies() {
		return Desk{}, election.ErrNotFound
	}
	e, err := election.Load(ctx, s.db, by, id)
	if err != nil {
		return Desk{}, err
	}
	d := Desk{Election: e}
	var b postgres.Batch
	postgres.AddOne(&b, &d.Counts, countsSQL, id)
	postgres.AddList(&b, &d.Waiting, claimSQL+` AND x.state = 'open' ORDER BY x.id`, id)
	postgres.AddList(&b, &d.Answered, claimSQL+` AND x.state <> 'open' ORDER BY x.decided_at DESC, x.id DESC LIMIT 200`, id)
	if !e.Phase.Reached(election.Sealed) && e.Phase != election.Cancelled {
		AddChanges(&b, &d.Changes, id)
	}
	postgres.AddList(&b, &d.Others, `
		SELECT o.id AS structure_id, o.name, '' AS commune, t.college, false AS in_sheet
		FROM structure t JOIN organisation o ON o.id = t.organisation_id WHERE t.state IN ('accepted', 'suspended', 'left') ORDER BY fold(o.name), o.id`)
	return d, postgres.Wrap(b.Run(ctx, s.db), "desk of the roll of election %d", id)
}

// OneClaim returns a claim, for the team.
func (s *Service) OneClaim(ctx context.Context, by access.Actor, id election.ID, claim ClaimID) (election.Election, Claim, error) {
	if !by.RunsBodies() {
		return election.Election{}, Claim{}, election.ErrNotFound
	}
	e, err := election.Load(ctx, s.db, by, id)
	if err != nil {
		return e, Claim{}, err
	}
	c, err := postgres.One[Claim](ctx, s.db, claimSQL+` AND x.id = $2`, id, claim)
	if postgres.IsNoRows(err) {
		return e, c, errNotClaim
	}
	return e, c, postgres.Wrap(err, "claim %d", claim)
}

// AnswerAddress is the team's page of a claim.
func AnswerAddress(id election.ID, claim ClaimID) string {
	return "/equipe/elections/" + strconv.FormatInt(int64(id), 10) + "/liste/reclamations/" + strconv.FormatInt(int64(claim), 10)
}
