package minutes

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"
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

// Publication is minutes as they were published, word for word, for ever.
type Publication struct {
	Meeting     meeting.ID          `json:"reunion" db:"meeting_id"`
	Body        governance.BodyCode `json:"instance" db:"body"`
	Kind        meeting.Kind        `json:"-" db:"kind"`
	StartsAt    time.Time           `json:"debut" db:"starts_at"`
	EndsAt      time.Time           `json:"fin" db:"ends_at"`
	Place       string              `json:"lieu" db:"place"`
	Number      int                 `json:"numero" db:"number"`
	Text        string              `json:"texte" db:"text"`
	Hash        []byte              `json:"-" db:"sha256"`
	Reason      string              `json:"motif" db:"reason"` // of a rectification, "" for the first
	PublishedAt time.Time           `json:"publie_le" db:"published_at"`
	Last        int                 `json:"-" db:"last"`
	ReplacedAt  *time.Time          `json:"remplace_le" db:"replaced_at"` // nil: in force
	ReplacedFor string              `json:"motif_remplacement" db:"replaced_for"`
}

// SHA256 is the fingerprint of the text, in hexadecimal.
func (p Publication) SHA256() string { return hex.EncodeToString(p.Hash) }

// Title names the minutes.
func (p Publication) Title() string {
	return Sheet{Body: p.Body, Kind: p.Kind, StartsAt: p.StartsAt}.Title()
}

// InForce tells whether nothing replaced the text.
func (p Publication) InForce() bool { return p.ReplacedAt == nil }

// errNotPublished is the answer to whoever asks for minutes that are not public.
var errNotPublished = problem.New(problem.NotFound, "Le compte rendu de cette réunion n’est pas publié.")

// Publication returns one publication of a meeting, in force or replaced; number 0
// asks for the one in force.
func (s *Service) Publication(ctx context.Context, id meeting.ID, number int) (Publication, error) {
	return publication(ctx, s.db, id, number)
}

func publication(ctx context.Context, q postgres.Querier, id meeting.ID, number int) (Publication, error) {
	v, err := postgres.One[Publication](ctx, q, `
		SELECT p.meeting_id, g.body, g.kind, g.starts_at, g.ends_at, g.place, p.number, p.text, p.sha256, p.reason, p.published_at,
		       l.last, n.published_at AS replaced_at, coalesce(n.reason, '') AS replaced_for
		FROM meeting g
		CROSS JOIN LATERAL (SELECT max(number) AS last FROM minutes_publication x WHERE x.meeting_id = g.id) l
		JOIN minutes_publication p ON p.meeting_id = g.id AND p.number = CASE WHEN $2 = 0 THEN l.last ELSE $2 END
		LEFT JOIN minutes_publication n ON n.meeting_id = p.meeting_id AND n.number = p.number + 1
		WHERE g.id = $1 AND g.announced`, id, number)
	if postgres.IsNoRows(err) {
		return Publication{}, errNotPublished
	}
	return v, postgres.Wrap(err, "read publication")
}

// Publish freezes the validated text: number 1, or a rectification, which says why
// and takes the place of the one before. Participants are told. Fields: motif.
func (s *Service) Publish(ctx context.Context, by access.Actor, id meeting.ID, version int, reason string) error {
	reason = strings.TrimSpace(reason)
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		v, err := ownSheet(ctx, tx, by, id, version)
		if err != nil {
			return err
		}
		if err := v.publishable(reason); err != nil {
			return err
		}
		if v.Publications > 0 {
			last, err := publication(ctx, tx, id, 0)
			if err != nil {
				return err
			}
			if last.Text == v.Whole() {
				return problem.New(problem.Conflict, "Le texte est celui qui est déjà publié : il n’y a rien à rectifier.")
			}
		}
		if err := freeze(ctx, tx, by, v, reason); err != nil {
			return err
		}
		if err := s.announce(ctx, tx, by, v, reason); err != nil {
			return err
		}
		action := "publish"
		if v.Publications > 0 {
			action = "rectify"
		}
		sum := sha256.Sum256([]byte(v.Whole()))
		return v.record(ctx, tx, by, action, v.summary(), map[string]any{"state": StatePublished, "numero": v.Publications + 1,
			"sha256": hex.EncodeToString(sum[:]), "reason": reason})
	})
}

func (v Sheet) publishable(reason string) error {
	switch {
	case !v.Started():
		return errNotStarted
	case v.State == StatePublished:
		return problem.New(problem.Conflict, "Ce compte rendu est déjà publié.")
	case v.State != StateValidated:
		return problem.New(problem.Conflict, "Seul un compte rendu validé peut être publié.")
	case v.MeetingState != governance.Held && v.MeetingState != governance.Published:
		return problem.New(problem.Conflict, "La réunion n’est pas close : terminez-la depuis la page d’émargement.")
	case v.Publications > 0 && reason == "":
		return problem.OnField("motif", "Dites pourquoi le compte rendu est rectifié : le motif est publié.")
	case v.Publications == 0 && reason != "":
		return problem.OnField("motif", "Une première publication n’a pas de motif.")
	case utf8.RuneCountInString(reason) > maxWord:
		return problem.OnField("motif", "Ce motif est trop long.")
	}
	return nil
}

// freeze writes the publication, and that the meeting's minutes are out.
func freeze(ctx context.Context, tx pgx.Tx, by access.Actor, v Sheet, reason string) error {
	sum := sha256.Sum256([]byte(v.Whole()))
	_, err := postgres.Exec(ctx, tx, `
		INSERT INTO minutes_publication (meeting_id, number, text, sha256, reason, published_by) VALUES ($1, $2, $3, $4, $5, $6)`,
		v.Meeting, v.Publications+1, v.Whole(), sum[:], reason, by.Name)
	if err != nil {
		return postgres.Wrap(err, "insert publication")
	}
	_, err = postgres.Exec(ctx, tx, `
		UPDATE minutes SET state = 'published', published_at = now(), version = version + 1 WHERE meeting_id = $1`, v.Meeting)
	if err != nil {
		return postgres.Wrap(err, "publish minutes")
	}
	_, err = postgres.Exec(ctx, tx, `
		UPDATE meeting SET state = 'published', announced = true, version = version + 1 WHERE id = $1 AND state <> 'published'`, v.Meeting)
	return postgres.Wrap(err, "publish meeting")
}

// announce tells participants: people by the rhythm they chose, guests the portal
// does not know by mail.
func (s *Service) announce(ctx context.Context, tx pgx.Tx, by access.Actor, v Sheet, reason string) error {
	to, err := s.meetings.Recipients(ctx, tx, v.Meeting)
	if err != nil {
		return err
	}
	kind, subject := meeting.SentPublication, "Publié : "+v.mailTitle()
	text := "Le " + v.mailTitle() + " est publié."
	if v.Publications > 0 {
		kind, subject = meeting.SentRectification, "Rectifié : "+v.mailTitle()
		text = "Le " + v.mailTitle() + " a été rectifié. Motif : " + sentence(reason)
	}
	link := fmt.Sprintf("%s/reunions/%d/compte-rendu", s.baseURL, v.Meeting)
	var (
		people []notify.Notice
		guests []meeting.Recipient
	)
	for _, r := range eachOnce(to) {
		if r.Person == 0 {
			guests = append(guests, r)
			continue
		}
		people = append(people, notify.Notice{Person: r.Person, Address: r.Email, Name: r.Name, Kind: "meeting_" + string(kind),
			Subject: subject, Text: text, Action: "Lire le compte rendu", Link: link})
	}
	if err := s.tell(ctx, tx, people); err != nil || len(guests) == 0 {
		return err
	}
	_, err = s.meetings.Send(ctx, tx, by, v.Meeting, guests, meeting.Message{Kind: kind, Subject: french.Typo(subject), Action: "Ouvrir ma page de la réunion",
		Paragraphs: func(meeting.Recipient) []string {
			return []string{french.Typo(text), french.Typo("À lire à la page " + link)}
		}, Note: french.Typo(text)})
	return err
}

// VerifyPublications hashes again every text published and returns how many it
// read; the error names the first whose fingerprint is not that of its text.
func (s *Service) VerifyPublications(ctx context.Context, q postgres.Querier) (int, error) {
	n := 0
	err := postgres.Rows(ctx, q, `SELECT meeting_id, number, text, sha256 FROM minutes_publication ORDER BY meeting_id, number`, nil, func(rows pgx.Rows) error {
		var (
			id     meeting.ID
			number int
			text   string
			hash   []byte
		)
		if err := rows.Scan(&id, &number, &text, &hash); err != nil {
			return err
		}
		if sum := sha256.Sum256([]byte(text)); !bytes.Equal(sum[:], hash) {
			return fmt.Errorf("minutes of meeting %d, publication %d: the text is not the one that was published", id, number)
		}
		n++
		return nil
	})
	return n, err
}

// Reader is what reads outside any act, for pages that ask several areas at once.
func (s *Service) Reader() postgres.Querier { return s.db }
