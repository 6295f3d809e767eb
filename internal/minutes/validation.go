package minutes

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/meeting"
	"bordeaux-metropole.fr/portal/internal/notify"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// maxWord bounds what the chair writes when asking for more work, in characters.
const maxWord = 1000

// validates refuses who does not validate the minutes: the chair does; the GNI has
// none (D: it is animated by the metropole's teams), and its minutes are the team's
// to validate. Who has nothing to do with it does not learn that minutes exist.
func (v Sheet) validates(by access.Actor) error {
	switch {
	case v.HasChair && v.ByChair, !v.HasChair && by.RunsBodies():
		return nil
	case by.RunsBodies():
		return problem.New(problem.Forbidden, "La présidence de l’instance valide le compte rendu.")
	}
	return meeting.ErrNotFound
}

// ForValidation returns the minutes to whoever validates them.
func (s *Service) ForValidation(ctx context.Context, by access.Actor, id meeting.ID) (Sheet, error) {
	v, err := sheet(ctx, s.db, by, id)
	if err != nil {
		return Sheet{}, err
	}
	if err := v.validates(by); err != nil {
		return Sheet{}, err
	}
	if !v.Started() || v.State == StateDraft && v.ReviewedAt == nil {
		return Sheet{}, errNotStarted // a draft is nobody's but the team's
	}
	return v, nil
}

// Validate closes the minutes in review: they may be published as they are.
func (s *Service) Validate(ctx context.Context, by access.Actor, id meeting.ID, version int) error {
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		v, err := s.judged(ctx, tx, by, id, version)
		if err != nil {
			return err
		}
		if v.Waiting > 0 {
			return problem.New(problem.Conflict, "Il reste "+french.Count(v.Waiting, "demande de correction", "demandes de correction")+" sans réponse : l’équipe doit d’abord y répondre.")
		}
		_, err = postgres.Exec(ctx, tx, `
			UPDATE minutes SET state = 'validated', validated_at = now(), validated_by = $2, version = version + 1 WHERE meeting_id = $1`, id, by.Name)
		if err != nil {
			return postgres.Wrap(err, "validate minutes")
		}
		return v.record(ctx, tx, by, "validate", v.summary(), stateOf{StateValidated, v.Version + 1, v.summary().Characters})
	})
}

// judged locks minutes that somebody is about to validate or send back.
func (s *Service) judged(ctx context.Context, tx pgx.Tx, by access.Actor, id meeting.ID, version int) (Sheet, error) {
	v, err := lockSheet(ctx, tx, by, id, 0)
	if err != nil {
		return v, err
	}
	if err := v.validates(by); err != nil {
		return v, err
	}
	switch {
	case v.State == StateValidated || v.State == StatePublished:
		return v, problem.New(problem.Conflict, "Ce compte rendu est déjà validé.")
	case v.State != StateReview:
		return v, problem.New(problem.Conflict, "Ce compte rendu n’a pas encore été envoyé en relecture.")
	case version != v.Version:
		return v, problem.New(problem.Conflict, "Le texte a changé depuis que vous l’avez ouvert : relisez-le avant de le valider.")
	}
	return v, nil
}

// SendBack asks the team for more work, with a word: the minutes are a draft again,
// and the team is told. Fields: motif.
func (s *Service) SendBack(ctx context.Context, by access.Actor, id meeting.ID, version int, word string) error {
	word = strings.TrimSpace(word)
	switch {
	case word == "":
		return problem.OnField("motif", "Dites en une phrase ce qu’il faut reprendre.")
	case utf8.RuneCountInString(word) > maxWord:
		return problem.OnField("motif", "Ce texte est trop long.")
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		v, err := s.judged(ctx, tx, by, id, version)
		if err != nil {
			return err
		}
		if _, err := postgres.Exec(ctx, tx, `UPDATE minutes SET state = 'draft', version = version + 1 WHERE meeting_id = $1`, id); err != nil {
			return postgres.Wrap(err, "send minutes back")
		}
		team, err := teamPeople(ctx, tx)
		if err != nil {
			return err
		}
		notices := make([]notify.Notice, 0, len(team))
		for _, p := range team {
			notices = append(notices, notify.Notice{Person: p.ID, Address: p.Email, Name: p.Name(), Kind: "minutes_back",
				Subject: "À reprendre : " + v.mailTitle(), Text: by.Name + " demande de reprendre le " + v.mailTitle() + " : « " + word + " ».",
				Action: "Ouvrir le compte rendu", Link: fmt.Sprintf("%s/equipe/reunions/%d/compte-rendu", s.baseURL, id)})
		}
		if err := s.tell(ctx, tx, notices); err != nil {
			return err
		}
		return v.record(ctx, tx, by, "send_back", v.summary(), map[string]any{"state": StateDraft, "reason": word})
	})
}

// teamPeople returns the metropole's team: whoever has an open account in it.
func teamPeople(ctx context.Context, q postgres.Querier) ([]governance.PersonRef, error) {
	type row struct {
		ID    access.PersonID `db:"id"`
		First string          `db:"first_name"`
		Last  string          `db:"last_name"`
		Email string          `db:"email"`
	}
	rows, err := postgres.List[row](ctx, q, `
		SELECT p.id, p.first_name, p.last_name, a.email
		FROM role_grant r JOIN account a ON a.id = r.account_id JOIN person p ON p.id = a.person_id
		WHERE r.role = 'team' AND r.ended_at IS NULL AND a.disabled_at IS NULL ORDER BY p.id`)
	out := make([]governance.PersonRef, 0, len(rows))
	for _, r := range rows {
		out = append(out, governance.PersonRef{ID: r.ID, First: r.First, Last: r.Last, Email: r.Email})
	}
	return out, postgres.Wrap(err, "list the team")
}
