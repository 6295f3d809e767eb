package meeting

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/audit"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/notify"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// ProxyCandidate is a member to whom another may give a proxy.
type ProxyCandidate struct {
	For       ConvocationID `db:"for_id"`
	ID        ConvocationID `db:"id"`
	Name      string        `db:"name"`
	SeatLabel string        `db:"seat_label"`
}

// proxyCandidates lists, for each recipient of isMine, the members of the same group
// who will come or have not answered, and hold fewer proxies than the setting ($4,
// NULL for no limit) allows.
const proxyCandidates = `
	SELECT c.id AS for_id, h.id, h.name, h.seat_label
	FROM convocation c
	JOIN convocation h ON h.meeting_id = c.meeting_id AND h.group_position = c.group_position AND h.group_name = c.group_name
	     AND h.seat_id IS NOT NULL AND h.id <> c.id AND coalesce(h.answer, 'present') IN ('present', 'remote')
	WHERE c.meeting_id = $1 AND c.seat_id IS NOT NULL AND ` + isMine + `
	  AND ($4::integer IS NULL OR (SELECT count(*) FROM convocation g WHERE g.proxy_to_id = h.id AND g.id <> c.id) < $4)
	ORDER BY c.id, h.college, h.name, h.id`

// mayGiveProxy tells whether proxies are a thing of this meeting and of this
// recipient: members of a session, unless the setting of the body is zero.
func mayGiveProxy(m Meeting, r Recipient) bool {
	return m.Kind == Session && r.Seat != 0 && (m.ProxiesMax == nil || *m.ProxiesMax > 0)
}

// comes tells whether the recipient will be there in person, as far as they said:
// only then can they hold a proxy. An alternate sits for a member, and carries no
// proxy that was given to that member by name.
func (a Answer) comes() bool { return a == "" || a == WillCome || a == WillBeRemote }

// same tells whether the answer is the one recorded.
func (in AnswerInput) same(r Recipient) bool {
	return in.Answer == r.Answer && in.ProxyTo == r.ProxyTo && in.Note == r.AnswerNote
}

// maxAnswers is how many times the answer of a recipient may change by their link:
// each may write to others, and a link may fall into any hands.
const maxAnswers = 50

var errEnough = problem.New(problem.TooMany, "Cette réponse a changé trop de fois par ce lien : écrivez à l’équipe inclusion numérique, qui la notera.")

// answering is who answers for whom, and by which way.
type answering struct {
	by        access.Actor
	via       string // link, account, team
	meeting   ID
	recipient ConvocationID
}

// saveAnswer judges and writes an answer. Rows of the giver and of the holder are
// locked, in one order: two proxies given at once to one holder are counted one
// after the other.
func (s *Service) saveAnswer(ctx context.Context, tx pgx.Tx, a answering, in AnswerInput) error {
	m, closed, err := lockForAnswer(ctx, tx, a)
	if err != nil {
		return err
	}
	rows, err := lockRecipients(ctx, tx, m.ID, a.recipient, in.ProxyTo)
	if err != nil {
		return err
	}
	r, ok := rows[a.recipient]
	if !ok {
		return problem.New(problem.NotFound, "Cette personne n’est pas convoquée à cette réunion.")
	}
	if in.Answer != ProxyGiven {
		in.ProxyTo = 0
	}
	switch {
	case closed:
		return errTooLate
	case in.Version < r.Version && in.same(r):
		return nil // sent twice, as a double click does
	case in.Version != r.Version:
		return errAnswered
	case a.via == "link" && r.Version > maxAnswers:
		return errEnough
	}
	if err := checkAnswer(ctx, tx, m, r, rows, in); err != nil {
		return err
	}
	if err := writeAnswer(ctx, tx, r.ID, a.via, in); err != nil {
		return err
	}
	if a.by.Name == "" {
		a.by.Name = r.Name + " (lien personnel)"
	}
	if err := s.tellOthers(ctx, tx, a.by, m, r, in); err != nil {
		return err
	}
	return audit.Record(ctx, tx, a.by, audit.Entry{Action: "convocation.answer", Object: "meeting", ID: int64(m.ID),
		Label: m.Title() + ", " + french.LongDate(m.Day()) + " : " + r.Name, Before: told(r.Answer, r.ProxyToName, r.AnswerNote),
		After: told(in.Answer, rows[in.ProxyTo].Name, in.Note)})
}

func told(a Answer, holder, note string) map[string]string {
	return map[string]string{"answer": a.Label(), "proxy_to": holder, "note": note}
}

// lockForAnswer loads the meeting, kept from being postponed or begun meanwhile.
func lockForAnswer(ctx context.Context, tx pgx.Tx, a answering) (m Meeting, closed bool, err error) {
	started, err := postgres.Value[bool](ctx, tx, `SELECT starts_at <= clock_timestamp() FROM meeting WHERE id = $1 FOR SHARE`, a.meeting)
	if err != nil {
		if postgres.IsNoRows(err) {
			err = ErrNotFound
		}
		return m, false, postgres.Wrap(err, "lock meeting")
	}
	m, _, err = load(ctx, tx, access.System("réponse"), a.meeting)
	if a.via == "team" {
		return m, m.State != governance.Convened && m.State != governance.InProgress, err
	}
	return m, started || m.State != governance.Convened, err
}

// lockRecipients locks the rows, in the order of their ids, then reads them: what
// another transaction was writing is seen.
func lockRecipients(ctx context.Context, tx pgx.Tx, id ID, ids ...ConvocationID) (map[ConvocationID]Recipient, error) {
	_, err := postgres.Values[ConvocationID](ctx, tx, `
		SELECT id FROM convocation WHERE meeting_id = $1 AND id = ANY($2) ORDER BY id FOR UPDATE`, id, ids)
	if err != nil {
		return nil, postgres.Wrap(err, "lock recipients")
	}
	list, err := postgres.List[Recipient](ctx, tx, recipientRows+` WHERE c.meeting_id = $1 AND c.id = ANY($2)`, id, ids)
	if err != nil {
		return nil, postgres.Wrap(err, "read recipients")
	}
	rows := map[ConvocationID]Recipient{}
	for _, r := range list {
		rows[r.ID] = r
	}
	return rows, nil
}

// checkAnswer refuses what the meeting, the seat or the settings do not allow.
func checkAnswer(ctx context.Context, tx pgx.Tx, m Meeting, r Recipient, rows map[ConvocationID]Recipient, in AnswerInput) error {
	if !slices.Contains(answersOf(m, r, true), in.Answer) {
		return problem.OnField("reponse", "Choisissez une des réponses proposées.")
	}
	if in.Answer != ProxyGiven {
		return nil
	}
	holder, ok := rows[in.ProxyTo]
	switch {
	case in.ProxyTo == 0 || !ok || holder.Seat == 0 || holder.ID == r.ID:
		return problem.OnField("pouvoir", "Choisissez à qui vous donnez pouvoir.")
	case holder.Group != r.Group || holder.GroupPosition != r.GroupPosition:
		return problem.OnField("pouvoir", "Un pouvoir se donne à une personne du même groupe : choisissez-en une autre.")
	case !holder.Answer.comes():
		return problem.OnField("pouvoir", holder.Name+" ne sera pas là : choisissez une autre personne.")
	case m.ProxiesMax == nil:
		return nil
	}
	held, err := postgres.Value[int](ctx, tx, `SELECT count(*)::int FROM convocation WHERE proxy_to_id = $1 AND id <> $2`, holder.ID, r.ID)
	if err != nil {
		return postgres.Wrap(err, "count proxies")
	}
	if held >= *m.ProxiesMax {
		return problem.OnField("pouvoir", holder.Name+" porte déjà "+french.Count(held, "pouvoir", "pouvoirs")+", le nombre permis : choisissez une autre personne.")
	}
	return nil
}

func writeAnswer(ctx context.Context, tx pgx.Tx, id ConvocationID, via string, in AnswerInput) error {
	_, err := postgres.Exec(ctx, tx, `
		UPDATE convocation SET answer = $2, answer_note = $3, proxy_to_id = nullif($4::bigint, 0), answered_at = clock_timestamp(), answered_by = $5,
		       opened_at = CASE WHEN $5 = 'team' THEN opened_at ELSE coalesce(opened_at, clock_timestamp()) END, version = version + 1
		WHERE id = $1`, id, string(in.Answer), in.Note, in.ProxyTo, via)
	return postgres.Wrap(err, "save answer")
}

// tellOthers writes to whom an answer touches: those whose proxy has no holder any
// more, the alternate who is to sit, the member who receives a proxy.
func (s *Service) tellOthers(ctx context.Context, tx pgx.Tx, by access.Actor, m Meeting, r Recipient, in AnswerInput) error {
	if r.Answer.comes() && !in.Answer.comes() {
		orphans, err := postgres.List[Recipient](ctx, tx, recipientRows+` WHERE c.meeting_id = $1 AND c.proxy_to_id = $2`+recipientOrder, m.ID, r.ID)
		if err != nil {
			return postgres.Wrap(err, "who gave a proxy")
		}
		if len(orphans) > 0 {
			if _, err := s.Send(ctx, tx, by, m.ID, orphans, s.orphanMessage(m, r.Name)); err != nil {
				return err
			}
		}
	}
	if in.Answer == r.Answer && in.ProxyTo == r.ProxyTo {
		return nil
	}
	notices, err := s.noticesOf(ctx, tx, m, r, in)
	if err != nil {
		return err
	}
	return s.outbox.Tell(ctx, tx, notices)
}

// noticesOf tells an alternate that they are to sit, a holder that they carry.
func (s *Service) noticesOf(ctx context.Context, tx pgx.Tx, m Meeting, r Recipient, in AnswerInput) ([]notify.Notice, error) {
	type who struct {
		Person access.PersonID `db:"person_id"`
		Name   string          `db:"name"`
		Email  string          `db:"email"`
	}
	people, err := postgres.List[who](ctx, tx, `
		SELECT p.id AS person_id, p.first_name || ' ' || p.last_name AS name, p.email FROM person p
		WHERE p.email <> '' AND p.id = (SELECT CASE $2 WHEN 'represented' THEN c.alternate_person_id
		      WHEN 'proxy' THEN (SELECT h.person_id FROM convocation h WHERE h.id = c.proxy_to_id) END FROM convocation c WHERE c.id = $1)`,
		r.ID, string(in.Answer))
	if err != nil {
		return nil, postgres.Wrap(err, "whom an answer touches")
	}
	var out []notify.Notice
	for _, p := range people {
		subject, text := "Pouvoir reçu", r.Name+" vous donne pouvoir pour la "+m.meant()+"."
		if in.Answer == Represented {
			subject, text = "Suppléance", "Vous représenterez "+r.Name+" à la "+m.meant()+"."
		}
		if notify.Deliverable(p.Email) {
			out = append(out, notify.Notice{Person: p.Person, Address: p.Email, Name: p.Name, Kind: "meeting_" + string(SentChange),
				Subject: french.Typo(subject + " : " + m.named() + ", " + french.Date(m.Day())),
				Text:    french.Typo(text + " " + m.facts()), Action: "Voir la réunion", Link: s.baseURL + "/mes-reunions/" + idText(m.ID)})
		}
	}
	return out, nil
}
