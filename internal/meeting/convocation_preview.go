package meeting

import (
	"context"
	"strconv"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// Preview is exactly what one recipient sees: the mail, and their page.
type Preview struct {
	Personal   Personal // with one seat
	Subject    string
	Paragraphs []string
	Action     string // label of the button that leads to the page
	Why        string
	Others     []Recipient // whom one may look at instead
}

// PreviewKey names a recipient before they have a number: their seat, or their place
// among the guests.
func (r Recipient) PreviewKey() string {
	if r.Guest != 0 {
		return "invite-" + strconv.FormatInt(int64(r.Guest), 10)
	}
	return "siege-" + strconv.FormatInt(int64(r.Seat), 10)
}

// Preview returns what the recipient of the key sees, the first one for "". Before
// convening, message stands in the mail, the default one if empty; after, what was
// sent.
func (s *Service) Preview(ctx context.Context, by access.Actor, id ID, key, message string) (Preview, error) {
	if err := by.Require(by.RunsBodies()); err != nil {
		return Preview{}, err
	}
	m, _, err := load(ctx, s.db, by, id)
	if err != nil {
		return Preview{}, err
	}
	v := Convening{Meeting: m}
	var (
		b    postgres.Batch
		sent []string
	)
	v.ask(&b)
	if m.State != governance.Draft {
		postgres.AddList(&b, &v.Planned, recipientRows+` WHERE c.meeting_id = $1`+recipientOrder, id)
		postgres.AddValue(&b, &sent, `
			SELECT coalesce((array_agg(message ORDER BY id) FILTER (WHERE kind = 'convocation'))[1:1], '{}') FROM sending WHERE meeting_id = $1`, id)
	}
	if err := b.Run(ctx, s.db); err != nil {
		return Preview{}, postgres.Wrap(err, "preview")
	}
	switch {
	case len(sent) > 0:
		message = sent[0]
	case message == "":
		message = m.DefaultMessage()
	}
	return v.preview(s.convocationMessage(m, v.Items, v.Documents, message), key)
}

// preview shows the message and the page to one of the planned recipients.
func (v Convening) preview(message Message, key string) (Preview, error) {
	for _, r := range v.Planned {
		if key != "" && r.PreviewKey() != key {
			continue
		}
		seat := PersonalSeat{Recipient: r}
		for _, h := range v.Planned {
			same := h.Seat != 0 && h.PreviewKey() != r.PreviewKey() && h.GroupPosition == r.GroupPosition && h.Group == r.Group
			if same && mayGiveProxy(v.Meeting, r) && h.Answer.comes() {
				seat.Candidates = append(seat.Candidates, ProxyCandidate{For: r.ID, ID: ConvocationID(h.Seat), Name: h.Name, SeatLabel: h.SeatLabel})
			}
		}
		return Preview{
			Personal: Personal{Meeting: v.Meeting, Now: v.Now, Seats: []PersonalSeat{seat}, Items: v.Items, Following: v.Following, Documents: v.Documents},
			Subject:  message.SubjectFor(r), Paragraphs: message.Paragraphs(r), Action: message.Action, Why: why(r), Others: v.Planned,
		}, nil
	}
	return Preview{}, problem.New(problem.NotFound, "Cette personne n’est pas parmi les destinataires.")
}
