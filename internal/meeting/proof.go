package meeting

import (
	"context"
	"strconv"
	"time"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/notify"
	"bordeaux-metropole.fr/portal/internal/postgres"
)

// ProofLine is one sending to one recipient, with what became of the mail: when the
// portal queued it, when the mail server took it; and when the recipient opened
// their page and answered.
type ProofLine struct {
	Recipient  ConvocationID `db:"id"`
	Name       string        `db:"name"`
	SeatLabel  string        `db:"seat_label"`
	Kind       SendingKind   `db:"kind"`
	QueuedAt   time.Time     `db:"created_at"`
	ToName     string        `db:"to_name"`    // who received the mail: the seat may have changed hands
	Address    string        `db:"to_address"` // "": no address, nothing left
	MailState  notify.State  `db:"state"`
	SentAt     *time.Time    `db:"sent_at"`
	OpenedAt   *time.Time    `db:"opened_at"`
	Answer     Answer        `db:"answer"`
	AnsweredAt *time.Time    `db:"answered_at"`
	AnsweredBy string        `db:"answered_by"`
	Total      int           `db:"total"`
}

// Proof returns the proof of what was sent, recipient by recipient. page begins at
// 1; 0 asks for all of it.
func (s *Service) Proof(ctx context.Context, by access.Actor, id ID, page int) (Meeting, []ProofLine, error) {
	if err := by.Require(by.RunsBodies()); err != nil {
		return Meeting{}, nil, err
	}
	m, _, err := load(ctx, s.db, by, id)
	if err != nil {
		return Meeting{}, nil, err
	}
	var limit *int
	if page > 0 {
		n := postgres.PageLength
		limit = &n
	}
	lines, err := postgres.List[ProofLine](ctx, s.db, `
		SELECT c.id, c.name, c.seat_label, s.kind, s.created_at, coalesce(m.to_name, '') AS to_name, coalesce(m.to_address, '') AS to_address,
		       coalesce(m.state, '') AS state, m.sent_at, c.opened_at, coalesce(c.answer, '') AS answer, c.answered_at, c.answered_by,
		       count(*) OVER ()::int AS total
		FROM convocation c
		JOIN sending_to t ON t.convocation_id = c.id
		JOIN sending s ON s.id = t.sending_id
		LEFT JOIN mail m ON m.id = t.mail_id
		WHERE c.meeting_id = $1`+recipientOrder+`, s.id LIMIT $2 OFFSET $3`, id, limit, postgres.Offset(page))
	return m, lines, postgres.Wrap(err, "proof")
}

// AnsweredByWords says by which way an answer came.
func AnsweredByWords(via string) string {
	switch via {
	case "link":
		return "par le lien personnel"
	case "account":
		return "depuis un compte"
	case "team":
		return "noté par l’équipe"
	}
	return ""
}

func idText(id ID) string { return strconv.FormatInt(int64(id), 10) }
