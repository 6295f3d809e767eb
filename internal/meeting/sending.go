package meeting

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/notify"
	"bordeaux-metropole.fr/portal/internal/postgres"
)

// SendingKind says why mail went to recipients.
type SendingKind string

// The closed set of kinds (constraint sending_kind_check).
const (
	SentConvocation   SendingKind = "convocation"
	SentAddition      SendingKind = "addition" // documents or points added since
	SentChange        SendingKind = "change"   // date, time or place
	SentReminder      SendingKind = "reminder" // to the silent only
	SentPostponement  SendingKind = "postponement"
	SentCancellation  SendingKind = "cancellation"
	SentReview        SendingKind = "review" // minutes sent for corrections
	SentPublication   SendingKind = "publication"
	SentRectification SendingKind = "rectification"
)

// SendingKinds lists the kinds in display order.
var SendingKinds = []SendingKind{SentConvocation, SentAddition, SentChange, SentReminder, SentPostponement, SentCancellation,
	SentReview, SentPublication, SentRectification}

// Label returns the French name of the kind.
func (k SendingKind) Label() string {
	switch k {
	case SentConvocation:
		return "Convocation"
	case SentAddition:
		return "Complément"
	case SentChange:
		return "Changement"
	case SentReminder:
		return "Rappel"
	case SentPostponement:
		return "Report"
	case SentCancellation:
		return "Annulation"
	case SentReview:
		return "Relecture du compte rendu"
	case SentPublication:
		return "Publication du compte rendu"
	case SentRectification:
		return "Rectification du compte rendu"
	}
	return string(k)
}

var _ = func() bool {
	names := map[string]string{}
	for _, k := range SendingKinds {
		names["meeting_"+string(k)] = k.Label()
	}
	notify.NameKinds(names)
	return true
}()

// Message is what a sending says: the same words to all, each with their own link.
type Message struct {
	Kind       SendingKind
	Subject    string
	SubjectFor func(Recipient) string // instead of Subject when it depends on who reads
	Paragraphs func(Recipient) []string
	Action     string // label of the button; it leads to the recipient's page
	Calendar   string // .ics text, "" for none
	Note       string // what the proof of sending keeps of the message
}

// Reachable tells whether mail can be sent to the recipient.
func (r Recipient) Reachable() bool { return notify.Deliverable(r.Email) }

// Send writes to each recipient that has an address, with a personal link to their
// page (AnswerPath), and records the proof, in the transaction: what is not
// committed is not sent, and nobody is told twice. Five statements whatever the
// number of recipients. The caller has checked the right.
func (s *Service) Send(ctx context.Context, tx pgx.Tx, by access.Actor, id ID, to []Recipient, m Message) (SendingID, error) {
	author := by.Name
	if by.IsSystem() && m.Kind == SentReminder {
		author = "" // the automatic reminder: once per meeting, by constraint
	}
	sending, err := postgres.Value[SendingID](ctx, tx, `
		INSERT INTO sending (meeting_id, kind, message, sent_by) VALUES ($1, $2, $3, $4) RETURNING id`, id, string(m.Kind), m.Note, author)
	if err != nil {
		return 0, postgres.Wrap(err, "insert sending")
	}
	var (
		mails  []notify.Mail
		mailed []int64
		hashes [][]byte
		silent []int64
	)
	for _, r := range to {
		if !notify.Deliverable(r.Email) { // one bad address must not stop the others
			silent = append(silent, int64(r.ID))
			continue
		}
		token, hash := newToken()
		subject := m.Subject
		if m.SubjectFor != nil {
			subject = m.SubjectFor(r)
		}
		mailed, hashes = append(mailed, int64(r.ID)), append(hashes, hash)
		mails = append(mails, notify.Mail{
			Kind: "meeting_" + string(m.Kind), ToAddress: r.Email, ToName: r.Name, Subject: subject, Paragraphs: m.Paragraphs(r),
			Action: m.Action, Link: s.baseURL + AnswerPath + token, Secret: true, Reusable: true, Calendar: m.Calendar,
			Why: why(r),
		})
	}
	ids, err := s.outbox.QueueMany(ctx, tx, mails)
	if err != nil {
		return 0, err
	}
	_, err = postgres.Exec(ctx, tx, `
		INSERT INTO convocation_link (token_hash, convocation_id) SELECT * FROM unnest($1::bytea[], $2::bigint[])`, hashes, mailed)
	if err != nil {
		return 0, postgres.Wrap(err, "insert links")
	}
	_, err = postgres.Exec(ctx, tx, `
		INSERT INTO sending_to (sending_id, convocation_id, mail_id)
		SELECT $1::bigint, x.c, x.m FROM unnest($2::bigint[], $3::uuid[]) AS x(c, m)
		UNION ALL SELECT $1::bigint, y, NULL::uuid FROM unnest($4::bigint[]) AS y`, sending, mailed, ids, silent)
	return sending, postgres.Wrap(err, "insert proof of sending")
}

// why tells a recipient why they are written to.
func why(r Recipient) string {
	return french.Typo("Vous recevez ce message parce que vous êtes de cette réunion : " + strings.TrimSpace(r.SeatLabel) + ".")
}

// Recipients returns who was convened or invited, in the order of the composition,
// guests last. The caller has checked the right.
func (s *Service) Recipients(ctx context.Context, q postgres.Querier, id ID) ([]Recipient, error) {
	v, err := postgres.List[Recipient](ctx, q, recipientRows+`
		WHERE c.meeting_id = $1`+recipientOrder, id)
	return v, postgres.Wrap(err, "recipients")
}

// recipientRows reads recipients; a WHERE on c, and recipientOrder, follow.
const recipientRows = `
		SELECT c.id, c.meeting_id, c.kind, coalesce(c.seat_id, 0) AS seat_id, coalesce(c.guest_id, 0) AS guest_id,
		       coalesce(g.role, '') AS guest_role, coalesce(c.person_id, 0) AS person_id, coalesce(c.organisation_id, 0) AS organisation_id,
		       c.name, c.seat_label, c.group_position, c.group_name, c.organisation_name, c.college, c.chairs, c.email,
		       coalesce(c.alternate_person_id, 0) AS alternate_person_id, c.alternate_name, c.opened_at,
		       coalesce(c.answer, '') AS answer, c.answer_note, coalesce(c.proxy_to_id, 0) AS proxy_to_id,
		       coalesce(p.name, '') AS proxy_to_name, c.answered_at, c.answered_by, c.version
		FROM convocation c
		LEFT JOIN meeting_guest g ON g.id = c.guest_id
		LEFT JOIN convocation p ON p.id = c.proxy_to_id`

// recipientOrder is that of the composition, guests last.
const recipientOrder = `
		ORDER BY c.group_position, c.college, fold(coalesce(nullif(c.organisation_name, ''), c.seat_label)), c.id`

// errRevoked says that a personal link was closed; it is also pgx.ErrNoRows.
var errRevoked = fmt.Errorf("personal link revoked: %w", pgx.ErrNoRows)

// recipientByToken returns whose a personal link is: pgx.ErrNoRows when it is
// nobody's, errRevoked when it was closed.
func recipientByToken(ctx context.Context, q postgres.Querier, token string) (ConvocationID, ID, error) {
	type row struct {
		Convocation ConvocationID `db:"convocation_id"`
		Meeting     ID            `db:"meeting_id"`
		RevokedAt   *time.Time    `db:"revoked_at"`
	}
	v, err := postgres.One[row](ctx, q, `
		SELECT l.convocation_id, c.meeting_id, l.revoked_at
		FROM convocation_link l JOIN convocation c ON c.id = l.convocation_id WHERE l.token_hash = $1`, hashToken(token))
	if err == nil && v.RevokedAt != nil {
		err = errRevoked
	}
	return v.Convocation, v.Meeting, err
}
