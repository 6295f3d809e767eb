package minutes

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/meeting"
	"bordeaux-metropole.fr/portal/internal/notify"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// CorrectionState is what became of a correction asked.
type CorrectionState string

// The closed set of states (constraint correction_state_check).
const (
	CorrectionWaiting  CorrectionState = "waiting"
	CorrectionAccepted CorrectionState = "accepted"
	CorrectionRefused  CorrectionState = "refused"
)

// Label returns the French name of the state.
func (c CorrectionState) Label() string {
	switch c {
	case CorrectionWaiting:
		return "En attente"
	case CorrectionAccepted:
		return "Retenue"
	case CorrectionRefused:
		return "Non retenue"
	}
	return string(c)
}

// Correction is what a participant asks to correct.
type Correction struct {
	ID          CorrectionID          `db:"id"`
	Meeting     meeting.ID            `db:"meeting_id"`
	Convocation meeting.ConvocationID `db:"convocation_id"`
	Author      string                `db:"author"`
	SeatLabel   string                `db:"seat_label"`
	Passage     string                `db:"passage"` // words of the minutes, "" for the whole
	Text        string                `db:"text"`
	State       CorrectionState       `db:"state"`
	Answer      string                `db:"answer"`
	DecidedBy   string                `db:"decided_by"`
	DecidedAt   *time.Time            `db:"decided_at"`
	CreatedAt   time.Time             `db:"created_at"`
	Version     int                   `db:"version"`
}

const (
	// MaxPassage, MaxCorrection and MaxAnswer bound a correction, in characters.
	MaxPassage, MaxCorrection, MaxAnswer = 1000, 2000, 1000
	// correctionsEach is how many corrections one participant may ask of one text.
	correctionsEach = 50
)

var _ = notify.NameKinds(map[string]string{"minutes_correction": "Réponse à une demande de correction", "minutes_back": "Reprise du compte rendu demandée"})

// AskCorrection records what a participant asks to correct, until the end of the
// day set when the minutes were sent; the same asked twice, as a double click does,
// is recorded once. The caller has checked whose page it is.
// Fields: passage, correction. A Gone problem once the time is over.
func (s *Service) AskCorrection(ctx context.Context, by access.Actor, conv meeting.ConvocationID, passage, text string) error {
	passage, text = strings.TrimSpace(passage), strings.TrimSpace(text)
	switch {
	case text == "":
		return problem.OnField("correction", "Écrivez la correction que vous demandez.")
	case utf8.RuneCountInString(text) > MaxCorrection:
		return problem.OnField("correction", "Ce texte est trop long.")
	case utf8.RuneCountInString(passage) > MaxPassage:
		return problem.OnField("passage", "Ce passage est trop long : ses premiers mots suffisent.")
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		v, err := lockReviewer(ctx, tx, conv)
		if err != nil {
			return err
		}
		again, err := askedBefore(ctx, tx, conv, passage, text)
		if err != nil || again {
			return err // sent twice: nobody is signed in, so no key of the form told it
		}
		id, err := postgres.Value[CorrectionID](ctx, tx, `
			INSERT INTO correction (meeting_id, convocation_id, passage, text) VALUES ($1, $2, $3, $4) RETURNING id`, v.Meeting, conv, passage, text)
		if err != nil {
			return postgres.Wrap(err, "insert correction")
		}
		if by.Name == "" {
			by.Name = v.Name // by a personal link
		}
		sh, err := sheet(ctx, tx, by, v.Meeting)
		if err != nil {
			return err
		}
		return sh.record(ctx, tx, by, "correction", nil, map[string]any{"correction": id, "passage": passage, "texte": text})
	})
}

// reviewer is a participant and the review of the minutes of their meeting.
type reviewer struct {
	Meeting meeting.ID `db:"meeting_id"`
	Name    string     `db:"name"`
	State   State      `db:"state"`
	Until   day.Day    `db:"review_until"`
	Open    bool       `db:"open"`
}

// lockReviewer locks a participant, and reads the state of the minutes under a lock:
// no correction slips in behind a validation.
func lockReviewer(ctx context.Context, tx pgx.Tx, conv meeting.ConvocationID) (reviewer, error) {
	v, err := postgres.One[reviewer](ctx, tx, `
		SELECT c.meeting_id, c.name, m.state, m.review_until, m.state = 'review' AND paris_today() <= m.review_until AS open
		FROM convocation c JOIN minutes m ON m.meeting_id = c.meeting_id WHERE c.id = $1 FOR NO KEY UPDATE OF c FOR SHARE OF m`, conv)
	switch {
	case postgres.IsNoRows(err):
		return v, meeting.ErrNotFound
	case err != nil:
		return v, postgres.Wrap(err, "lock minutes in review")
	case !v.Open:
		return v, reviewClosed(v.State, v.Until)
	}
	return v, nil
}

// askedBefore tells whether the participant asks the same again, and refuses one too
// many. Counted once the participant is locked: of two sendings at once, the second
// sees the first.
func askedBefore(ctx context.Context, tx pgx.Tx, conv meeting.ConvocationID, passage, text string) (bool, error) {
	type asked struct {
		N    int  `db:"n"`
		Same bool `db:"same"`
	}
	had, err := postgres.One[asked](ctx, tx, `
		SELECT count(*)::int AS n, coalesce(bool_or(state = 'waiting' AND passage = $2 AND text = $3), false) AS same
		FROM correction WHERE convocation_id = $1`, conv, passage, text)
	if err != nil {
		return false, postgres.Wrap(err, "corrections of a participant")
	}
	if !had.Same && had.N >= correctionsEach {
		return false, problem.New(problem.TooMany, "Vous avez déjà demandé beaucoup de corrections : écrivez à l’équipe métropolitaine pour les autres.")
	}
	return had.Same, nil
}

// reviewClosed says why no correction can be asked, and what to do.
func reviewClosed(state State, until day.Day) error {
	const write = " Écrivez à l’équipe métropolitaine si quelque chose doit être corrigé."
	switch {
	case until.IsZero() || state == StateDraft:
		return problem.New(problem.Gone, "Ce compte rendu n’est pas ouvert aux corrections."+write)
	case state == StateReview:
		return problem.New(problem.Gone, "Les corrections pouvaient être demandées jusqu’au "+french.LongDate(until)+"."+write)
	case state == StateValidated:
		return problem.New(problem.Gone, "Ce compte rendu est validé : il ne reçoit plus de corrections."+write)
	}
	return problem.New(problem.Gone, "Ce compte rendu est publié : il ne peut plus qu’être rectifié."+write)
}

// Corrections lists what participants asked, those that wait first, for the team.
func (s *Service) Corrections(ctx context.Context, by access.Actor, id meeting.ID) ([]Correction, error) {
	if err := by.Require(by.RunsBodies()); err != nil {
		return nil, err
	}
	v, err := postgres.List[Correction](ctx, s.db, `
		SELECT k.id, k.meeting_id, k.convocation_id, c.name AS author, c.seat_label, k.passage, k.text, k.state, k.answer, k.decided_by, k.decided_at, k.created_at, k.version
		FROM correction k JOIN convocation c ON c.id = k.convocation_id
		WHERE k.meeting_id = $1 ORDER BY k.state <> 'waiting', k.id LIMIT 500`, id)
	return v, postgres.Wrap(err, "list corrections")
}

// AnswerCorrection accepts a correction, or does not, with a word; its author is
// told once. Fields: reponse. What is accepted is put in the text by Save.
func (s *Service) AnswerCorrection(ctx context.Context, by access.Actor, id meeting.ID, which CorrectionID, version int, accept bool, answer string) error {
	answer = strings.TrimSpace(answer)
	switch {
	case !accept && answer == "":
		return problem.OnField("reponse", "Dites en une phrase pourquoi la correction n’est pas retenue.")
	case utf8.RuneCountInString(answer) > MaxAnswer:
		return problem.OnField("reponse", "Cette réponse est trop longue.")
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		v, err := ownSheet(ctx, tx, by, id, 0)
		if err != nil {
			return err
		}
		type author struct {
			Text   string          `db:"text"`
			Person access.PersonID `db:"person_id"`
			Name   string          `db:"name"`
			Email  string          `db:"email"`
		}
		state := CorrectionRefused
		if accept {
			state = CorrectionAccepted
		}
		a, err := postgres.One[author](ctx, tx, `
			UPDATE correction k SET state = $4, answer = $5, decided_by = $6, decided_at = now(), version = k.version + 1
			FROM convocation c
			WHERE c.id = k.convocation_id AND k.id = $1 AND k.meeting_id = $2 AND k.version = $3 AND k.state = 'waiting'
			RETURNING k.text, coalesce(c.person_id, 0) AS person_id, c.name, c.email`, which, id, version, string(state), answer, by.Name)
		switch {
		case postgres.IsNoRows(err):
			return problem.New(problem.Conflict, "Cette demande a déjà reçu une réponse.")
		case err != nil:
			return postgres.Wrap(err, "answer correction")
		}
		if err := s.tell(ctx, tx, []notify.Notice{{Person: a.Person, Address: a.Email, Name: a.Name, Kind: "minutes_correction",
			Subject: "Votre demande de correction : " + lower(state.Label()), Text: v.outcomeText(state, a.Text, answer)}}); err != nil {
			return err
		}
		return v.record(ctx, tx, by, "answer", map[string]any{"correction": which, "state": CorrectionWaiting},
			map[string]any{"correction": which, "state": state, "reponse": answer})
	})
}

// outcomeText tells an author what became of their correction.
func (v Sheet) outcomeText(state CorrectionState, asked, answer string) string {
	verb := "n’a pas été retenue"
	if state == CorrectionAccepted {
		verb = "a été retenue"
	}
	text := "La correction que vous aviez demandée sur le " + v.mailTitle() + " " + verb + " : « " + clip(asked, 200) + " »."
	if answer != "" {
		text += " Réponse de l’équipe : " + sentence(answer)
	}
	return text
}

// clip keeps the beginning of a text, on one line.
func clip(s string, n int) string {
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > n {
		return strings.TrimSpace(string(r[:n])) + "…"
	}
	return s
}

// tell is Outbox.Tell with the sentences set in French typography. Who is no person
// of the portal has no rhythm: they get a mail.
func (s *Service) tell(ctx context.Context, tx pgx.Tx, notices []notify.Notice) error {
	var (
		known  []notify.Notice
		others []notify.Mail
	)
	for _, n := range notices {
		n.Subject, n.Text = french.Typo(n.Subject), french.Typo(n.Text)
		switch {
		case n.Address == "":
		case n.Person != 0:
			known = append(known, n)
		default:
			others = append(others, notify.Mail{Kind: n.Kind, ToAddress: n.Address, ToName: n.Name, Subject: n.Subject,
				Paragraphs: []string{n.Text}, Action: n.Action, Link: n.Link})
		}
	}
	if len(known) > 0 {
		if err := s.outbox.Tell(ctx, tx, known); err != nil {
			return err
		}
	}
	_, err := s.outbox.QueueMany(ctx, tx, others)
	return err
}
