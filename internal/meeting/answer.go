package meeting

import (
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// Errors of personal links. Each says what to do.
var (
	ErrUnknownLink = problem.New(problem.NotFound, "Ce lien ne mène à aucune réunion : il est peut-être incomplet. Ouvrez-le depuis le message reçu, ou écrivez à l’équipe inclusion numérique pour en recevoir un autre.")
	ErrClosedLink  = problem.New(problem.Gone, "Ce lien a été fermé. Ouvrez celui du dernier message reçu, ou écrivez à l’équipe inclusion numérique pour en recevoir un autre.")
)

// Closing says why an answer can no longer be given or changed.
type Closing string

// The closed set of reasons; "" while answers are open.
const (
	NotClosed       Closing = ""
	ClosedStarted   Closing = "started"
	ClosedHeld      Closing = "held"
	ClosedPostponed Closing = "postponed"
	ClosedCancelled Closing = "cancelled"
)

// AnswersClosed judges whether recipients may still answer at that moment.
func (m Meeting) AnswersClosed(now time.Time) Closing {
	switch {
	case m.State == governance.Postponed:
		return ClosedPostponed
	case m.State == governance.Cancelled:
		return ClosedCancelled
	case m.Past():
		return ClosedHeld
	case m.State == governance.InProgress || !now.Before(m.StartsAt):
		return ClosedStarted
	}
	return NotClosed
}

// errTooLate refuses an answer that comes too late.
var errTooLate = problem.New(problem.Conflict, "Les réponses sont closes : cette réunion a commencé, ou elle n’a plus lieu à cette date.")

// errAnswered refuses an answer given from a page that is out of date.
var errAnswered = problem.New(problem.Conflict, "Une autre réponse a été enregistrée pendant que cette page était ouverte : voyez-la ci-dessus, puis répondez de nouveau si elle ne convient pas.")

// Personal is what the personal page of a recipient shows. Seats has one line by a
// personal link; by an account, one for each recipient the person may answer for.
type Personal struct {
	Meeting   Meeting
	Now       time.Time
	Replaces  *time.Time // date of the meeting that takes its place, if any
	Seats     []PersonalSeat
	Items     []Item
	Following []Following
	Documents []Document
}

// PersonalSeat is one recipient, and what depends on them.
type PersonalSeat struct {
	Recipient
	Candidates []ProxyCandidate // to whom they may give a proxy
	Givers     []string         // who gave them one
}

// Seat returns the recipient; 0 asks for the only one. ok is false when it is none
// of those the person may answer for, or when a choice is needed.
func (p Personal) Seat(id ConvocationID) (seat PersonalSeat, ok bool) {
	if id == 0 && len(p.Seats) == 1 {
		return p.Seats[0], true
	}
	for _, s := range p.Seats {
		if s.ID == id {
			return s, true
		}
	}
	return PersonalSeat{}, false
}

// Choices lists the answers the recipient may give, in display order.
func (p Personal) Choices(s PersonalSeat) []Answer {
	return answersOf(p.Meeting, s.Recipient, len(s.Candidates) > 0)
}

func answersOf(m Meeting, r Recipient, candidates bool) []Answer {
	out := []Answer{}
	if m.Place != "" || m.VideoURL == "" {
		out = append(out, WillCome)
	}
	if m.VideoURL != "" {
		out = append(out, WillBeRemote)
	}
	if r.Seat != 0 && r.AlternateName != "" {
		out = append(out, Represented)
	}
	if candidates && mayGiveProxy(m, r) {
		out = append(out, ProxyGiven)
	}
	return append(out, Excused)
}

// PersonalByLink returns the page a personal link leads to. It changes nothing.
func (s *Service) PersonalByLink(ctx context.Context, token string) (Personal, error) {
	recipient, id, err := s.byLink(ctx, s.db, token)
	if err != nil {
		return Personal{}, err
	}
	m, _, err := load(ctx, s.db, access.System("lien personnel"), id)
	if err != nil {
		return Personal{}, err
	}
	return s.personal(ctx, m, recipient, 0)
}

// byLink is recipientByToken with the sentence for who holds the link.
func (s *Service) byLink(ctx context.Context, q postgres.Querier, token string) (ConvocationID, ID, error) {
	recipient, id, err := recipientByToken(ctx, q, token)
	switch {
	case err == errRevoked:
		err = ErrClosedLink
	case postgres.IsNoRows(err):
		err = ErrUnknownLink
	}
	return recipient, id, postgres.Wrap(err, "personal link")
}

// PersonalByAccount returns the same page for somebody signed in: theirs, that of
// whom they are the alternate of, those of their organisation.
func (s *Service) PersonalByAccount(ctx context.Context, by access.Actor, id ID) (Personal, error) {
	if by.Person == 0 {
		return Personal{}, ErrNotFound
	}
	m, _, err := load(ctx, s.db, by, id)
	if err != nil {
		return Personal{}, err
	}
	p, err := s.personal(ctx, m, 0, by.Person)
	if err == nil && len(p.Seats) == 0 {
		err = problem.New(problem.NotFound, "Vous n’êtes pas parmi les personnes convoquées ou invitées à cette réunion.")
	}
	return p, err
}

// PersonalByTeam returns the same page for the team, which answers for somebody.
func (s *Service) PersonalByTeam(ctx context.Context, by access.Actor, id ID, recipient ConvocationID) (Personal, error) {
	if err := by.Require(by.RunsBodies()); err != nil {
		return Personal{}, err
	}
	m, _, err := load(ctx, s.db, by, id)
	if err != nil {
		return Personal{}, err
	}
	p, err := s.personal(ctx, m, recipient, 0)
	if err == nil && len(p.Seats) == 0 {
		err = problem.New(problem.NotFound, "Cette personne n’est pas convoquée à cette réunion.")
	}
	return p, err
}

// isMine finds the recipients somebody answers for: $2 by a link, $3 by an account.
const isMine = `(c.id = $2 OR c.person_id = $3 OR c.alternate_person_id = $3
	OR c.organisation_id IN (SELECT o.organisation_id FROM membership o WHERE o.person_id = $3 AND o.during @> paris_today()))`

func (s *Service) personal(ctx context.Context, m Meeting, recipient ConvocationID, person access.PersonID) (Personal, error) {
	p := Personal{Meeting: m}
	var (
		b          postgres.Batch
		mine       []Recipient
		candidates []ProxyCandidate
		givers     []giver
	)
	postgres.AddValue(&b, &p.Now, `SELECT now()`)
	postgres.AddValue(&b, &p.Replaces, `SELECT (SELECT starts_at FROM meeting WHERE replaces_id = $1 AND announced)`, m.ID)
	postgres.AddList(&b, &mine, recipientRows+` WHERE c.meeting_id = $1 AND `+isMine+recipientOrder, m.ID, recipient, person)
	postgres.AddList(&b, &candidates, proxyCandidates, m.ID, recipient, person, m.ProxiesMax)
	postgres.AddList(&b, &givers, `
		SELECT c.id, g.name FROM convocation c JOIN convocation g ON g.proxy_to_id = c.id
		WHERE c.meeting_id = $1 AND `+isMine+` ORDER BY g.name`, m.ID, recipient, person)
	AddItems(&b, &p.Items, m.ID, Inside)
	addFollowing(&b, &p.Following, m, Inside)
	addDocuments(&b, &p.Documents, m.ID, Inside)
	if err := b.Run(ctx, s.db); err != nil {
		return Personal{}, postgres.Wrap(err, "personal page")
	}
	for _, r := range mine {
		seat := PersonalSeat{Recipient: r}
		for _, c := range candidates {
			if c.For == r.ID && mayGiveProxy(m, r) {
				seat.Candidates = append(seat.Candidates, c)
			}
		}
		for _, g := range givers {
			if g.To == r.ID {
				seat.Givers = append(seat.Givers, g.Name)
			}
		}
		p.Seats = append(p.Seats, seat)
	}
	return p, nil
}

type giver struct {
	To   ConvocationID `db:"id"`
	Name string        `db:"name"`
}

// MarkOpened records, once, that a recipient opened their page: the proof of opening.
//
// It is no effect of reading the page. Mail scanners open every link before its
// reader does, and a proof that a scanner can give is none; nor may a GET change
// anything. The page's script calls it when the page has been visible for a moment,
// which scanners hardly ever are; without script, the answer itself is the proof.
func (s *Service) MarkOpened(ctx context.Context, token string) error {
	recipient, _, err := s.byLink(ctx, s.db, token)
	if err != nil {
		return err
	}
	_, err = postgres.Exec(ctx, s.db, `UPDATE convocation SET opened_at = now() WHERE id = $1 AND opened_at IS NULL`, recipient)
	return postgres.Wrap(err, "mark opened")
}

// AnswerInput is what a recipient says. Version is that of the page they read.
type AnswerInput struct {
	Answer  Answer
	ProxyTo ConvocationID // of ProxyGiven
	Note    string
	Version int
}

// AnswerByLink saves the answer given by a personal link.
func (s *Service) AnswerByLink(ctx context.Context, by access.Actor, token string, in AnswerInput) error {
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		recipient, id, err := s.byLink(ctx, tx, token)
		if err != nil {
			return err
		}
		return s.saveAnswer(ctx, tx, answering{by: access.Actor{RequestID: by.RequestID}, via: "link", meeting: id, recipient: recipient}, in)
	})
}

// AnswerByAccount saves the answer of somebody signed in, for a recipient they may
// answer for.
func (s *Service) AnswerByAccount(ctx context.Context, by access.Actor, id ID, recipient ConvocationID, in AnswerInput) error {
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		mine, err := postgres.Values[ConvocationID](ctx, tx, `
			SELECT c.id FROM convocation c WHERE c.meeting_id = $1 AND $3 <> 0 AND `+isMine, id, 0, by.Person)
		switch {
		case err != nil:
			return postgres.Wrap(err, "whose answer")
		case !slices.Contains(mine, recipient):
			return ErrNotFound
		}
		return s.saveAnswer(ctx, tx, answering{by: by, via: "account", meeting: id, recipient: recipient}, in)
	})
}

// AnswerAsTeam saves what somebody told the team, by telephone or on paper. The
// team may until the meeting is held.
func (s *Service) AnswerAsTeam(ctx context.Context, by access.Actor, id ID, recipient ConvocationID, in AnswerInput) error {
	if err := by.Require(by.RunsBodies()); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		return s.saveAnswer(ctx, tx, answering{by: by, via: "team", meeting: id, recipient: recipient}, in)
	})
}
