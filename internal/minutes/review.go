package minutes

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/meeting"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// maxReviewDays is the longest time participants are given to ask for corrections.
const maxReviewDays = 60

// SendForReview sends the minutes to every participant that has an address, who may
// ask for corrections until the end of the day given. Fields: jusqu_au. It returns
// how many were written to.
func (s *Service) SendForReview(ctx context.Context, by access.Actor, id meeting.ID, version int, until day.Day) (int, error) {
	sent := 0
	err := postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		v, err := ownSheet(ctx, tx, by, id, version)
		if err != nil {
			return err
		}
		if err := v.reviewable(until); err != nil {
			return err
		}
		to, err := s.meetings.Recipients(ctx, tx, id)
		if err != nil {
			return err
		}
		to = eachOnce(to)
		if _, err := postgres.Exec(ctx, tx, `
			UPDATE minutes SET state = 'review', review_until = $2, reviewed_at = now(), version = version + 1 WHERE meeting_id = $1`, id, until); err != nil {
			return postgres.Wrap(err, "send minutes for review")
		}
		if _, err := s.meetings.Send(ctx, tx, by, id, to, s.reviewMail(v, until)); err != nil {
			return err
		}
		for _, r := range to {
			if r.Email != "" {
				sent++
			}
		}
		return v.record(ctx, tx, by, "review", v.summary(), map[string]any{"state": StateReview, "jusqu_au": until, "destinataires": sent})
	})
	return sent, err
}

// reviewable refuses what cannot be sent for review.
func (v Sheet) reviewable(until day.Day) error {
	switch {
	case !v.Started():
		return errNotStarted
	case v.State == StateReview:
		return problem.New(problem.Conflict, "Ce compte rendu est déjà en relecture.")
	case v.State != StateDraft:
		return problem.New(problem.Conflict, "Ce compte rendu est déjà validé : modifiez-le pour le renvoyer en relecture.")
	case v.MeetingState == governance.InProgress:
		return problem.New(problem.Conflict, "La réunion n’est pas close : terminez-la depuis la page d’émargement.")
	case until.Before(v.Today):
		return problem.OnField("jusqu_au", "Choisissez un jour à venir.")
	case v.Today.DaysUntil(until) > maxReviewDays:
		return problem.OnField("jusqu_au", fmt.Sprintf("Choisissez un jour dans les %d jours.", maxReviewDays))
	}
	return nil
}

// eachOnce keeps one recipient per address: who holds two seats gets one mail.
func eachOnce(to []meeting.Recipient) []meeting.Recipient {
	seen := map[string]bool{}
	out := make([]meeting.Recipient, 0, len(to))
	for _, r := range to {
		if r.Email == "" || !seen[r.Email] {
			out = append(out, r)
		}
		seen[r.Email] = true
	}
	return out
}

func (s *Service) reviewMail(v Sheet, until day.Day) meeting.Message {
	return meeting.Message{
		Kind:    meeting.SentReview,
		Subject: french.Typo("À relire : " + v.mailTitle()),
		Paragraphs: func(r meeting.Recipient) []string {
			p := []string{
				french.Typo("Bonjour,"),
				french.Typo("Le " + v.mailTitle() + " est prêt à être relu."),
				french.Typo("Vous pouvez demander des corrections jusqu’au " + french.Date(until) + " inclus. Sans demande de votre part, il n’y a rien à faire."),
			}
			if r.Chairs {
				p = append(p, french.Typo("Vous présidez cette instance : connectez-vous au portail pour le valider, à la page "+s.validationAddress(v.Meeting)))
			}
			return p
		},
		Action: "Lire et corriger le compte rendu",
		Note:   french.Typo("Corrections demandées jusqu’au " + french.Date(until) + "."),
	}
}

func (s *Service) validationAddress(id meeting.ID) string {
	return fmt.Sprintf("%s/reunions/%d/validation", s.baseURL, id)
}

// mailTitle names the minutes inside a sentence: « compte rendu de la séance du
// CMTIN du 10 décembre 2026 ».
func (v Sheet) mailTitle() string {
	name := lower(v.MeetingTitle())
	of := "de la " + name
	if v.Kind == meeting.Workshop {
		of = "de l’" + name
	}
	return "compte rendu " + of + " du " + french.LongDate(day.In(v.StartsAt))
}

// Review is the minutes as one participant reviews them.
type Review struct {
	Convocation meeting.ConvocationID
	Meeting     meeting.ID
	Title       string // names the minutes
	Name        string // of the participant
	State       State  // "": nothing began
	Text        string // "" unless in review: nothing else is shown before publication
	Until       day.Day
	Open        bool // corrections may be asked, by the clock of the database
	Chairs      bool // the participant validates
	Published   bool
	Corrections []Correction // theirs, with what became of them
}

// Shown tells whether a participant has anything to see.
func (r Review) Shown() bool { return r.State == StateReview || len(r.Corrections) > 0 }

// ReviewFor returns the minutes as the recipient may see them. The caller has
// checked whose page it is.
func (s *Service) ReviewFor(ctx context.Context, conv meeting.ConvocationID) (Review, error) {
	type row struct {
		Meeting  meeting.ID          `db:"meeting_id"`
		Name     string              `db:"name"`
		Chairs   bool                `db:"chairs"`
		Body     governance.BodyCode `db:"body"`
		Kind     meeting.Kind        `db:"kind"`
		StartsAt time.Time           `db:"starts_at"`
		State    State               `db:"state"`
		Text     string              `db:"text"`
		Expert   string              `db:"expert"`
		Until    day.Day             `db:"review_until"`
		Open     bool                `db:"open"`
		Public   bool                `db:"public"`
	}
	var (
		v row
		r Review
		b postgres.Batch
	)
	postgres.AddOne(&b, &v, `
		SELECT c.meeting_id, c.name, c.chairs, g.body, g.kind, g.starts_at, coalesce(m.state, '') AS state,
		       CASE WHEN m.state = 'review' THEN m.text ELSE '' END AS text, CASE WHEN m.state = 'review' THEN m.expert ELSE '' END AS expert,
		       m.review_until, coalesce(m.state = 'review' AND paris_today() <= m.review_until, false) AS open,
		       EXISTS (SELECT FROM minutes_publication p WHERE p.meeting_id = g.id) AS public
		FROM convocation c JOIN meeting g ON g.id = c.meeting_id LEFT JOIN minutes m ON m.meeting_id = g.id
		WHERE c.id = $1`, conv)
	postgres.AddList(&b, &r.Corrections, `
		SELECT k.id, k.meeting_id, k.convocation_id, c.name AS author, c.seat_label, k.passage, k.text, k.state, k.answer, k.decided_by, k.decided_at, k.created_at, k.version
		FROM correction k JOIN convocation c ON c.id = k.convocation_id
		WHERE k.convocation_id = $1 ORDER BY k.id LIMIT 100`, conv)
	err := b.Run(ctx, s.db)
	switch {
	case postgres.IsNoRows(err):
		return Review{}, meeting.ErrNotFound
	case err != nil:
		return Review{}, postgres.Wrap(err, "read review")
	}
	title := Sheet{Body: v.Body, Kind: v.Kind, StartsAt: v.StartsAt}.Title()
	return Review{Convocation: conv, Meeting: v.Meeting, Title: title, Name: v.Name, State: v.State, Text: whole(v.Text, v.Expert),
		Until: v.Until, Open: v.Open, Chairs: v.Chairs, Published: v.Public, Corrections: r.Corrections}, nil
}

// Participation returns the recipient as whom a signed-in person reviews the
// minutes: themselves, else the titular they stand for, else their organisation's.
// ErrNotFound when they were not convened.
func (s *Service) Participation(ctx context.Context, by access.Actor, id meeting.ID) (meeting.ConvocationID, error) {
	if by.Person == 0 {
		return 0, meeting.ErrNotFound
	}
	c, err := postgres.Value[meeting.ConvocationID](ctx, s.db, `
		SELECT c.id FROM convocation c JOIN meeting g ON g.id = c.meeting_id
		WHERE c.meeting_id = $1 AND g.announced
		  AND (c.person_id = $2 OR c.alternate_person_id = $2
		       OR c.organisation_id IN (SELECT s.organisation_id FROM membership s WHERE s.person_id = $2 AND s.during @> paris_today()))
		ORDER BY c.person_id = $2 DESC NULLS LAST, c.alternate_person_id = $2 DESC NULLS LAST, c.id LIMIT 1`, id, by.Person)
	if postgres.IsNoRows(err) {
		return 0, meeting.ErrNotFound
	}
	return c, postgres.Wrap(err, "find participation")
}

// sentence ends a text with a full stop.
func sentence(s string) string {
	if strings.HasSuffix(s, ".") || strings.HasSuffix(s, "!") || strings.HasSuffix(s, "?") {
		return s
	}
	return s + "."
}
