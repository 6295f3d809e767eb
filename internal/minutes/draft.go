package minutes

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/meeting"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// Start begins the minutes with what the meeting left. Minutes already begun stay
// as they are.
func (s *Service) Start(ctx context.Context, by access.Actor, id meeting.ID) error {
	text, err := s.Assemble(ctx, by, id)
	if err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		v, err := ownSheet(ctx, tx, by, id, 0)
		switch {
		case err != nil:
			return err
		case v.Started():
			return nil
		case !v.CanStart():
			return problem.New(problem.Conflict, "Le compte rendu se rédige à partir de l’ouverture de la réunion.")
		}
		if n := utf8.RuneCountInString(text); n > MaxText { // notes run to a million characters
			text = string([]rune(text)[:MaxText])
		}
		_, err = postgres.Exec(ctx, tx, `INSERT INTO minutes (meeting_id, text, updated_by) VALUES ($1, $2, $3)`, id, text, by.Name)
		if err != nil {
			return postgres.Wrap(err, "start minutes")
		}
		if err := revise(ctx, tx, by, id, text); err != nil {
			return err
		}
		return v.record(ctx, tx, by, "start", nil, stateOf{StateDraft, 1, utf8.RuneCountInString(text)})
	})
}

// Save writes the text, and keeps it as a revision. Saving takes away a validation,
// and after publication prepares a rectification: in both cases the chair validates
// anew. Fields: texte, expert. A Conflict when somebody wrote since version.
func (s *Service) Save(ctx context.Context, by access.Actor, id meeting.ID, version int, text, expert string) error {
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		return save(ctx, tx, by, id, version, text, expert, "save")
	})
}

func save(ctx context.Context, tx pgx.Tx, by access.Actor, id meeting.ID, version int, text, expert, action string) error {
	text, expert = tidy(text), tidy(expert)
	switch {
	case text == "":
		return problem.OnField("texte", "Écrivez le compte rendu, ou reprenez les notes de la réunion.")
	case utf8.RuneCountInString(text) > MaxText:
		return problem.OnField("texte", "Ce compte rendu est trop long : placez les annexes parmi les documents de la réunion.")
	case utf8.RuneCountInString(expert) > MaxExpert:
		return problem.OnField("expert", "Ce résumé est trop long.")
	}
	before, err := ownSheet(ctx, tx, by, id, version)
	if err != nil {
		return err
	}
	if !before.Started() {
		return errNotStarted
	}
	if err := dropDraft(ctx, tx, by, id); err != nil || before.Whole() == whole(text, expert) && before.Expert == expert {
		return err
	}
	after := before
	after.Text, after.Expert, after.Version = text, expert, before.Version+1
	if before.State == StateValidated || before.State == StatePublished {
		after.State = StateReview
	}
	_, err = postgres.Exec(ctx, tx, `
		UPDATE minutes SET text = $2, expert = $3, state = $4, version = version + 1, updated_at = now(), updated_by = $5,
		       validated_at = CASE WHEN $4 = state THEN validated_at END, validated_by = CASE WHEN $4 = state THEN validated_by ELSE '' END
		WHERE meeting_id = $1`, id, text, expert, string(after.State), by.Name)
	if err != nil {
		return postgres.Wrap(err, "save minutes")
	}
	if err := revise(ctx, tx, by, id, after.Whole()); err != nil {
		return err
	}
	return after.record(ctx, tx, by, action, before.summary(), after.summary())
}

// tidy drops the blanks around a text and at the ends of its lines.
func tidy(s string) string {
	lines := strings.Split(strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n"), "\n")
	for i, l := range lines {
		lines[i] = strings.TrimRight(l, " \t")
	}
	return strings.Trim(strings.Join(lines, "\n"), "\n ")
}

// SaveDraft keeps what somebody is typing, at each pause: it belongs to their
// account and outlives their session. It returns when it was kept.
func (s *Service) SaveDraft(ctx context.Context, by access.Actor, id meeting.ID, baseVersion int, text, expert string) (time.Time, error) {
	if err := by.Require(by.RunsBodies() && !by.IsSystem()); err != nil {
		return time.Time{}, err
	}
	if utf8.RuneCountInString(text) > MaxText || utf8.RuneCountInString(expert) > MaxExpert {
		return time.Time{}, problem.OnField("texte", "Ce compte rendu est trop long pour être gardé.")
	}
	at, err := postgres.Value[time.Time](ctx, s.db, `
		INSERT INTO minutes_draft (meeting_id, account_id, text, base_version)
		SELECT meeting_id, $2, $3, $4 FROM minutes WHERE meeting_id = $1
		ON CONFLICT (meeting_id, account_id) DO UPDATE SET text = excluded.text, base_version = excluded.base_version, saved_at = now()
		RETURNING saved_at`, id, by.Account, whole(text, expert), baseVersion)
	if postgres.IsNoRows(err) {
		return time.Time{}, errNotStarted
	}
	return at, postgres.Wrap(err, "keep draft of minutes")
}

// DropDraft forgets what the person was typing.
func (s *Service) DropDraft(ctx context.Context, by access.Actor, id meeting.ID) error {
	if err := by.Require(by.RunsBodies()); err != nil {
		return err
	}
	return dropDraft(ctx, s.db, by, id)
}

func dropDraft(ctx context.Context, q postgres.Querier, by access.Actor, id meeting.ID) error {
	_, err := postgres.Exec(ctx, q, `DELETE FROM minutes_draft WHERE meeting_id = $1 AND account_id = $2`, id, by.Account)
	return postgres.Wrap(err, "drop draft of minutes")
}

// Draft returns what the person was typing when it differs from what is saved; ok
// is false when there is nothing to take up again.
func (v Sheet) Draft() (text, expert string, ok bool) {
	if v.DraftAt == nil || tidy(v.DraftText) == tidy(v.Whole()) {
		return "", "", false
	}
	text, expert = parts(v.DraftText)
	return text, expert, true
}
