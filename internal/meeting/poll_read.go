package meeting

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/audit"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// Poll is a date poll as everybody who takes part sees it: counts, never who.
type Poll struct {
	ID       int64     `db:"id"`
	Message  string    `db:"message"`
	ClosesAt time.Time `db:"closes_at"`
	Open     bool      `db:"open"`
	Chosen   OptionID  `db:"chosen"` // 0: not yet
	Voters   int       `db:"voters"`
	Answered int       `db:"answered"`
}

// PollDate is a date and how many it suits.
type PollDate struct {
	ID OptionID `db:"id"`
	Slot
	Yes      int        `db:"yes"`
	IfNeeded int        `db:"if_needed"`
	No       int        `db:"no"`
	Mine     PollAnswer `db:"mine"` // of who answers; "" for the team
	Best     bool       `db:"best"` // suits the most people, and displeases the fewest
	Past     bool       `db:"past"`
}

// PollVoter is somebody asked, as the team sees them.
type PollVoter struct {
	Name       string     `db:"name"`
	SeatLabel  string     `db:"seat_label"`
	HasAddress bool       `db:"has_address"`
	AnsweredAt *time.Time `db:"answered_at"` // nil: silent
	Comment    string     `db:"comment"`
}

// PollView is the page of the team about a poll.
type PollView struct {
	Meeting Meeting
	Poll    *Poll // nil: none was opened
	Dates   []PollDate
	Voters  []PollVoter
}

// Silent returns who did not answer.
func (v PollView) Silent() []PollVoter {
	var out []PollVoter
	for _, x := range v.Voters {
		if x.AnsweredAt == nil {
			out = append(out, x)
		}
	}
	return out
}

var errNoPoll = problem.New(problem.NotFound, "Cette réunion n’a pas de sondage de dates.")

const pollSQL = `
	SELECT p.id, p.message, p.closes_at, p.closed_at IS NULL AND p.closes_at > now() AND m.state = 'draft' AS open,
	       coalesce((SELECT o.id FROM poll_option o WHERE o.poll_id = p.id AND o.chosen), 0) AS chosen,
	       (SELECT count(*) FROM poll_voter v WHERE v.poll_id = p.id)::int AS voters,
	       (SELECT count(*) FROM poll_voter v WHERE v.poll_id = p.id AND v.answered_at IS NOT NULL)::int AS answered
	FROM date_poll p JOIN meeting m ON m.id = p.meeting_id WHERE p.meeting_id = $1`

// loadPoll returns the poll of a meeting.
func loadPoll(ctx context.Context, q postgres.Querier, id ID) (Poll, error) {
	v, err := postgres.One[Poll](ctx, q, pollSQL, id)
	if postgres.IsNoRows(err) {
		return Poll{}, errNoPoll
	}
	return v, postgres.Wrap(err, "load poll")
}

const pollDatesSQL = `
	WITH n AS (
		SELECT o.id, o.starts_at, o.ends_at,
		       count(*) FILTER (WHERE a.answer = 'yes')::int AS yes, count(*) FILTER (WHERE a.answer = 'if_needed')::int AS if_needed,
		       count(*) FILTER (WHERE a.answer = 'no')::int AS no, coalesce(max(a.answer) FILTER (WHERE a.voter_id = $2), '') AS mine
		FROM poll_option o JOIN date_poll p ON p.id = o.poll_id LEFT JOIN poll_answer a ON a.option_id = o.id
		WHERE p.meeting_id = $1 GROUP BY o.id
	)
	SELECT *, yes + if_needed > 0 AND rank() OVER (ORDER BY yes + if_needed DESC, yes DESC) = 1 AS best, starts_at <= now() AS past
	FROM n ORDER BY starts_at, id`

// PollPage returns the poll of a meeting for the team, in two round trips.
func (s *Service) PollPage(ctx context.Context, by access.Actor, id ID) (PollView, error) {
	if err := by.Require(by.RunsBodies()); err != nil {
		return PollView{}, err
	}
	m, _, err := load(ctx, s.db, by, id)
	if err != nil {
		return PollView{}, err
	}
	v := PollView{Meeting: m}
	var polls []Poll
	var b postgres.Batch
	postgres.AddList(&b, &polls, pollSQL, id)
	postgres.AddList(&b, &v.Dates, pollDatesSQL, id, VoterID(0))
	postgres.AddList(&b, &v.Voters, `
		SELECT v.name, v.seat_label, p.email <> '' AS has_address, v.answered_at, v.comment
		FROM date_poll d JOIN poll_voter v ON v.poll_id = d.id JOIN person p ON p.id = v.person_id
		WHERE d.meeting_id = $1 ORDER BY v.answered_at IS NOT NULL, v.id`, id)
	if err := b.Run(ctx, s.db); err != nil {
		return PollView{}, postgres.Wrap(err, "poll page")
	}
	if len(polls) > 0 {
		v.Poll = &polls[0]
	}
	return v, nil
}

// VoterView is what somebody asked sees by their link.
type VoterView struct {
	Voter    VoterID                 `db:"voter"`
	Name     string                  `db:"name"`
	Comment  string                  `db:"comment"`
	Answered *time.Time              `db:"answered_at"`
	Body     governance.BodyCode     `db:"body"`
	Kind     Kind                    `db:"kind"`
	Meeting  ID                      `db:"meeting_id"`
	Theme    string                  `db:"theme"`
	State    governance.MeetingState `db:"state"`
	Starts   time.Time               `db:"starts_at"`
	Ends     time.Time               `db:"ends_at"`
	Message  string                  `db:"message"`
	ClosesAt time.Time               `db:"closes_at"`
	Open     bool                    `db:"open"`
	Chosen   bool                    `db:"chosen"`
	Known    bool                    `db:"announced"` // the public page of the meeting exists
	Dates    []PollDate              `db:"-"`
}

// Title names the meeting whose date is asked.
func (v VoterView) Title() string { return Meeting{Kind: v.Kind, Body: v.Body}.Title() }

// Closed says why nobody answers any more, and what to do; "" while the poll is open.
func (v VoterView) Closed() string {
	switch {
	case v.Open:
		return ""
	case v.State == governance.Cancelled:
		return "Cette réunion est annulée. Vous n’avez rien à faire."
	case v.State == governance.Postponed:
		return "Cette réunion est reportée. Un message vous dira la suite."
	case v.Chosen || v.State != governance.Draft:
		return "La date est choisie : " + Slot{v.Starts, v.Ends}.Say() + ". La convocation arrive par courriel et vous permettra de répondre."
	}
	return "Le délai pour répondre est passé. Si aucune date ne vous convient, écrivez à l’équipe métropolitaine avant qu’elle ne choisisse."
}

func loadVoter(ctx context.Context, q postgres.Querier, token string) (VoterView, error) {
	v, err := postgres.One[VoterView](ctx, q, `
		SELECT v.id AS voter, v.name, v.comment, v.answered_at, m.body, m.kind, m.id AS meeting_id, m.theme, m.state, m.starts_at, m.ends_at, m.announced,
		       p.message, p.closes_at, p.closed_at IS NULL AND p.closes_at > now() AND m.state = 'draft' AS open,
		       EXISTS (SELECT FROM poll_option o WHERE o.poll_id = p.id AND o.chosen) AS chosen
		FROM poll_link l JOIN poll_voter v ON v.id = l.voter_id JOIN date_poll p ON p.id = v.poll_id JOIN meeting m ON m.id = p.meeting_id
		WHERE l.token_hash = $1`, hashToken(token))
	if postgres.IsNoRows(err) {
		return VoterView{}, ErrNoLink
	}
	return v, postgres.Wrap(err, "load voter")
}

// Voter returns the poll as the holder of a personal link sees it.
func (s *Service) Voter(ctx context.Context, token string) (VoterView, error) {
	v, err := loadVoter(ctx, s.db, token)
	if err != nil {
		return VoterView{}, err
	}
	v.Dates, err = postgres.List[PollDate](ctx, s.db, pollDatesSQL, v.Meeting, v.Voter)
	return v, postgres.Wrap(err, "dates of a poll")
}

// AnswerPoll records what the holder of a personal link says of every date; what they
// said before is replaced. The database's clock closes the poll. Fields: date_ID.
func (s *Service) AnswerPoll(ctx context.Context, token string, answers map[OptionID]PollAnswer, comment string) error {
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		v, err := lockVoter(ctx, tx, token)
		switch {
		case err != nil:
			return err
		case !v.Open:
			return problem.New(problem.Gone, v.Closed())
		}
		if len([]rune(comment)) > 500 {
			return problem.OnField("commentaire", "Gardez 500 caractères au plus.")
		}
		if err := writeAnswers(ctx, tx, v.Voter, answers); err != nil {
			return err
		}
		if _, err := postgres.Exec(ctx, tx, `
			UPDATE poll_voter SET comment = $2, answered_at = now(), version = version + 1 WHERE id = $1`, v.Voter, comment); err != nil {
			return postgres.Wrap(err, "record answer")
		}
		// Who answered stands in the journal, not what they said.
		return audit.Record(ctx, tx, access.Actor{Name: v.Name}, audit.Entry{Action: "poll.answer", Object: "meeting", ID: int64(v.Meeting), Label: v.Title()})
	})
}

// lockVoter locks who answers, as long as they have not answered too often.
func lockVoter(ctx context.Context, tx pgx.Tx, token string) (VoterView, error) {
	v, err := loadVoter(ctx, tx, token)
	if err != nil {
		return v, err
	}
	// One lock orders answers with the choice of the date, the other those of a voter.
	if _, err := postgres.Exec(ctx, tx, `SELECT FROM meeting WHERE id = $1 FOR SHARE`, v.Meeting); err != nil {
		return v, postgres.Wrap(err, "lock meeting")
	}
	times, err := postgres.Value[int](ctx, tx, `SELECT version FROM poll_voter WHERE id = $1 FOR NO KEY UPDATE`, v.Voter)
	switch {
	case err != nil:
		return v, postgres.Wrap(err, "lock voter")
	case times > maxAnswers:
		return v, errEnough
	}
	return loadVoter(ctx, tx, token)
}

// writeAnswers writes what a voter says of every date, and refuses to leave one out.
func writeAnswers(ctx context.Context, tx pgx.Tx, voter VoterID, answers map[OptionID]PollAnswer) error {
	ids, said := make([]int64, 0, len(answers)), make([]string, 0, len(answers))
	for id, a := range answers {
		ids, said = append(ids, int64(id)), append(said, string(a))
	}
	n, err := postgres.Exec(ctx, tx, `
		INSERT INTO poll_answer (voter_id, option_id, answer)
		SELECT $1, o.id, x.a FROM unnest($2::bigint[], $3::text[]) AS x(o, a)
		JOIN poll_option o ON o.id = x.o JOIN poll_voter v ON v.id = $1 AND v.poll_id = o.poll_id
		ON CONFLICT (voter_id, option_id) DO UPDATE SET answer = excluded.answer`, voter, ids, said)
	if err != nil {
		return postgres.Wrap(err, "insert answers")
	}
	dates, err := postgres.Value[int64](ctx, tx, `
		SELECT count(*) FROM poll_option o JOIN poll_voter v ON v.poll_id = o.poll_id WHERE v.id = $1`, voter)
	if err != nil {
		return postgres.Wrap(err, "count dates")
	}
	if n != dates || len(answers) != int(dates) {
		return problem.New(problem.Invalid, "Répondez pour chaque date proposée.")
	}
	return nil
}
