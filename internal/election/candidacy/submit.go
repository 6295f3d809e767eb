package candidacy

import (
	"context"
	"strings"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/election"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/notify"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
	"bordeaux-metropole.fr/portal/internal/structure"
)

// Submit sends the draft of the structure acted for, as its check page showed it: draft
// is its version. A candidacy that was already there is changed, and examined again. The
// titular and the alternate get a receipt. ErrStale when the draft or the candidacy
// changed meanwhile. Fields: those of Content.Check.
func (s *Service) Submit(ctx context.Context, by access.Actor, id election.ID, draft int) error {
	org, err := own(by)
	if err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		e, err := election.Lock(ctx, tx, by, id) // candidacies take turns: nobody stands twice
		if err != nil {
			return err
		}
		if err := structure.RequireManager(ctx, tx, by, org); err != nil {
			return err
		}
		c, err := current(ctx, tx, id, org)
		if err != nil {
			return err
		}
		rows, err := postgres.List[draftRow](ctx, tx, draftSQL+` FOR UPDATE OF d`, id, org)
		if err != nil {
			return postgres.Wrap(err, "lock a draft")
		}
		d, err := onlyDraft(rows)
		switch {
		case err != nil:
			return err
		case d == nil:
			return problem.New(problem.Conflict, "Cette candidature est déjà envoyée, ou son brouillon a été effacé.")
		case d.Version != draft || d.Base != versionOf(c):
			return election.ErrStale
		}
		p, err := s.eligible(ctx, tx, e, org, c, *d)
		if err != nil {
			return err
		}
		if err := s.write(ctx, tx, by, e, org, p, c, d.Content); err != nil {
			return err
		}
		return s.receipt(ctx, tx, by, e, p, d.Content, c != nil)
	})
}

func versionOf(c *Candidacy) int {
	if c == nil {
		return 0
	}
	return c.Version
}

// eligible refuses a candidacy that the rules do not allow: on the roll, a seat to fill,
// a form that is complete, a titular who stands for no other structure.
func (s *Service) eligible(ctx context.Context, tx pgx.Tx, e election.Election, org access.OrganisationID, c *Candidacy, d Draft) (Place, error) {
	if err := mayEdit(e, c); err != nil {
		return Place{}, err
	}
	places, err := postgres.List[Place](ctx, tx, placeSQL, e.ID, org)
	switch {
	case err != nil:
		return Place{}, postgres.Wrap(err, "place on the roll")
	case len(places) == 0:
		return Place{}, problem.New(problem.Conflict, "Votre structure n’est pas sur la liste électorale : faites d’abord une réclamation.")
	}
	seats, err := election.Seats(ctx, tx, e)
	switch {
	case err != nil:
		return Place{}, err
	case seats[places[0].College] == 0:
		return Place{}, problem.New(problem.Conflict, "Aucun siège n’est à pourvoir dans le collège « "+places[0].College.Label()+" ».")
	}
	if found := d.Content.Check(e.Rules, d.HasPhoto); len(found) > 0 {
		return Place{}, found[0]
	}
	other, err := postgres.Values[string](ctx, tx, `
		SELECT structure_name FROM candidacy WHERE election_id = $1 AND structure_id <> $2 AND state IN ('submitted', 'asked', 'accepted')
		  AND (lower(titular_email) = lower($3) OR lower(alternate_email) = lower($3)) LIMIT 1`, e.ID, org, d.Content.Titular.Email)
	switch {
	case err != nil:
		return Place{}, postgres.Wrap(err, "look for the titular elsewhere")
	case len(other) > 0:
		return Place{}, problem.OnField("titulaire_courriel", "Cette personne est déjà candidate pour une autre structure.")
	}
	return places[0], nil
}

// write inserts the candidacy or changes the one in force, and forgets the draft.
func (s *Service) write(ctx context.Context, tx pgx.Tx, by access.Actor, e election.Election, org access.OrganisationID, p Place, c *Candidacy, t Content) error {
	args := []any{e.ID, org, string(p.College), p.Name, p.Commune, t.Titular.First, t.Titular.Last, t.Titular.Function, t.Titular.Email, t.Titular.Gender,
		t.Alternate.First, t.Alternate.Last, t.Alternate.Function, t.Alternate.Email, t.Alternate.Gender, t.Statement, t.PhotoAlt, Consent(e), int64(by.Person)}
	act := "stand"
	var err error
	if c == nil {
		_, err = postgres.Exec(ctx, tx, `
			INSERT INTO candidacy (election_id, structure_id, college, structure_name, commune, titular_first, titular_last, titular_function, titular_email,
				titular_gender, alternate_first, alternate_last, alternate_function, alternate_email, alternate_gender, statement, photo_alt, consent, submitted_by, photo)
			SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, CASE WHEN d.photo IS NULL THEN '' ELSE $17 END, $18, nullif($19::bigint, 0), d.photo
			FROM candidacy_draft d WHERE d.election_id = $1 AND d.structure_id = $2`, args...)
	} else {
		act = "stand_edit"
		_, err = postgres.Exec(ctx, tx, `
			UPDATE candidacy c SET college = $3, structure_name = $4, commune = $5, titular_first = $6, titular_last = $7, titular_function = $8,
				titular_email = $9, titular_gender = $10, alternate_first = $11, alternate_last = $12, alternate_function = $13, alternate_email = $14,
				alternate_gender = $15, statement = $16, photo_alt = CASE WHEN d.photo IS NULL THEN '' ELSE $17 END, consent = $18,
				submitted_by = nullif($19::bigint, 0), submitted_at = clock_timestamp(), photo = d.photo,
				state = 'submitted', reason = '', decided_at = NULL, version = c.version + 1
			FROM candidacy_draft d WHERE d.election_id = $1 AND d.structure_id = $2 AND c.id = $20`, append(args, c.ID)...)
	}
	if err != nil {
		return postgres.Wrap(err, "write a candidacy")
	}
	if err := eraseDraft(ctx, tx, e.ID, org); err != nil {
		return err
	}
	return election.Record(ctx, tx, by, act, e, nil, map[string]any{"structure": p.Name, "college": p.College, "titulaire": t.Titular.Name(), "suppleant": t.Alternate.Name()})
}

// receipt tells the titular, the alternate and who sent it.
func (s *Service) receipt(ctx context.Context, tx pgx.Tx, by access.Actor, e election.Election, p Place, t Content, again bool) error {
	said := "La candidature de « " + p.Name + " » est reçue"
	if again {
		said = "La candidature de « " + p.Name + " » est modifiée, et sera examinée de nouveau"
	}
	m := notify.Mail{Kind: kindReceipt, Subject: "Candidature reçue : " + p.Name,
		Paragraphs: []string{
			said + ", pour l’élection des représentants du Groupe Numérique Inclusif (GNI), collège « " + p.College.Label() + " ».",
			"Titulaire : " + t.Titular.Name() + "." + alternateWords(t.Alternate),
			"L’équipe métropolitaine l’examine et vous répond par message.",
		},
		Action: "Voir la candidature", Link: address(s.baseURL, e.ID) + "/ma-candidature",
		Why: "Vous recevez ce message parce que cette candidature vous nomme, ou que vous l’avez envoyée."}
	if e.WithdrawUntil != nil {
		m.Paragraphs = append(m.Paragraphs, "Elle peut être retirée jusqu’au "+french.DateTime(*e.WithdrawUntil)+". Vous n’êtes pas d’accord pour être candidat ou candidate ? Répondez à ce message.")
	}
	return s.tell(ctx, tx, m, named(t, notify.Notice{Name: by.Name, Address: by.Email})...)
}

func alternateWords(p Person) string {
	if p.Empty() {
		return ""
	}
	return " Suppléant : " + p.Name() + "."
}

// named are the people a candidacy names, and others.
func named(t Content, others ...notify.Notice) []notify.Notice {
	return append([]notify.Notice{{Name: t.Titular.Name(), Address: t.Titular.Email}, {Name: t.Alternate.Name(), Address: t.Alternate.Email}}, others...)
}

// tell queues the mail to each address, once.
func (s *Service) tell(ctx context.Context, tx pgx.Tx, m notify.Mail, to ...notify.Notice) error {
	var mails []notify.Mail
	seen := map[string]bool{}
	for _, t := range to {
		key := strings.ToLower(t.Address)
		if seen[key] || !notify.Deliverable(t.Address) {
			continue
		}
		seen[key] = true
		m.ToAddress, m.ToName = t.Address, t.Name
		mails = append(mails, m)
	}
	_, err := s.outbox.QueueMany(ctx, tx, typeset(mails))
	return err
}
