package meeting

import (
	"context"
	"time"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/postgres"
)

// plannedRecipients is who convening would write to now: members counted in the
// composition of the day, and guests who are not among them. $1 is the meeting, $2
// its body, $3 the kind of what members receive.
const plannedRecipients = `
WITH member AS (
	SELECT c.seat_id, c.person_id, c.organisation_id, c.first_name || ' ' || c.last_name AS name, c.seat_label,
	       c.rule_position, c.group_name, coalesce(c.organisation_name, '') AS organisation_name,
	       coalesce(c.college, '') AS college, c.chairs, p.email, c.alternate_person_id, coalesce(c.alternate_name, '') AS alternate_name
	FROM composition($2, paris_today()) c JOIN person p ON p.id = c.person_id
	WHERE c.counted
), planned AS (
	SELECT $3::text AS kind, m.seat_id, NULL::bigint AS guest_id, ''::text AS guest_role, m.person_id, m.organisation_id, m.name, m.seat_label,
	       m.rule_position AS group_position, m.group_name, m.organisation_name, m.college, m.chairs, m.email, m.alternate_person_id, m.alternate_name
	FROM member m
	UNION ALL
	SELECT 'invitation', NULL, g.id, g.role, g.person_id, NULL, g.name,
	       CASE g.role WHEN 'state' THEN 'Représentation de l’État' WHEN 'expert' THEN 'Expertise nationale' ELSE 'Personne invitée' END,
	       99::smallint, 'Personnes invitées', g.organisation, '', false, coalesce(nullif(g.email, ''), p.email, ''), NULL, ''
	FROM meeting_guest g LEFT JOIN person p ON p.id = g.person_id
	WHERE g.meeting_id = $1 AND NOT g.on_the_spot
	  AND NOT EXISTS (SELECT FROM member m WHERE m.person_id = g.person_id
	                  OR m.email <> '' AND m.email = coalesce(nullif(g.email, ''), p.email))
)`

// newcomers continues plannedRecipients: whom the composition of today would convene
// and the snapshot does not have, or has with another address.
const newcomers = plannedRecipients + `, newcomer AS (
	SELECT p.*, coalesce(c.id, 0) AS instead_id, coalesce(c.name, '') AS instead_name,
	       CASE WHEN c.id IS NULL THEN 'new' WHEN c.person_id = p.person_id THEN 'address' ELSE 'replaced' END AS change
	FROM planned p
	LEFT JOIN convocation c ON c.meeting_id = $1 AND c.seat_id = p.seat_id
	WHERE CASE
	    WHEN c.person_id = p.person_id THEN p.email NOT IN ('', c.email)
	    ELSE NOT EXISTS (SELECT FROM convocation o WHERE o.meeting_id = $1
	         AND (o.person_id = p.person_id OR o.guest_id = p.guest_id OR p.guest_id IS NOT NULL AND p.email <> '' AND o.email = p.email))
	    END
)`

const plannedList = plannedRecipients + `
SELECT 0::bigint AS id, $1::bigint AS meeting_id, c.kind, coalesce(c.seat_id, 0) AS seat_id, coalesce(c.guest_id, 0) AS guest_id, c.guest_role,
       coalesce(c.person_id, 0) AS person_id, coalesce(c.organisation_id, 0) AS organisation_id, c.name, c.seat_label,
       c.group_position, c.group_name, c.organisation_name, c.college, c.chairs, c.email,
       coalesce(c.alternate_person_id, 0) AS alternate_person_id, c.alternate_name, NULL::timestamptz AS opened_at,
       '' AS answer, '' AS answer_note, 0::bigint AS proxy_to_id, '' AS proxy_to_name, NULL::timestamptz AS answered_at,
       '' AS answered_by, 0 AS version
FROM planned c
ORDER BY c.group_position, c.college, fold(coalesce(nullif(c.organisation_name, ''), c.seat_label)), c.seat_id, c.guest_id`

const vacantSeats = `
SELECT c.seat_id, c.seat_label, c.group_name, c.chairs FROM composition($1, paris_today()) c
WHERE c.person_id IS NULL ORDER BY c.rule_position, c.seat_id`

// Convening is what the page of the convocation shows: before, who would be
// convened and the checklist; after, what was sent and what came back.
type Convening struct {
	Meeting   Meeting
	Now       time.Time
	Items     []Item
	Following []Following
	Documents []Document // those of recipients
	Vacant    []VacantSeat

	Planned []Recipient // before convening
	Checks  []ConveneCheck

	Counts      []AnswerCount // after
	Answers     []Recipient   // one page of those the filter asks
	Total       int           // of the filter
	Sendings    []SendingLine
	Differences []SnapshotDifference
	Additions   Additions
	Broken      []BrokenProxy
}

// AnswerCount is how many recipients gave an answer; "" counts the silent.
type AnswerCount struct {
	Answer    Answer `db:"answer"`
	N         int    `db:"n"`
	Reachable int    `db:"reachable"` // of them, with an address
}

// SendingLine is one sending, as the team reads it.
type SendingLine struct {
	ID        SendingID   `db:"id"`
	Kind      SendingKind `db:"kind"`
	Message   string      `db:"message"`
	SentBy    string      `db:"sent_by"` // "": the automatic reminder
	CreatedAt time.Time   `db:"created_at"`
	Mails     int         `db:"mails"`
	Queued    int         `db:"queued"`
	Failed    int         `db:"failed"`
	NoAddress int         `db:"no_address"`
}

// SnapshotDifference is what changed in the composition since it was convened.
type SnapshotDifference struct {
	Change    string `db:"change"` // new, replaced, address, left
	Name      string `db:"name"`
	SeatLabel string `db:"seat_label"`
	Instead   string `db:"instead"` // replaced: who was convened for the seat
}

// Convenable tells whether « Convoquer aussi » would write to them.
func (d SnapshotDifference) Convenable() bool { return d.Change != "left" }

// Additions is what was added since recipients were last told.
type Additions struct {
	Items     []Item
	Documents []Document
}

// None tells whether there is nothing to tell.
func (a Additions) None() bool { return len(a.Items)+len(a.Documents) == 0 }

// BrokenProxy is a proxy whose holder will not be there.
type BrokenProxy struct {
	ID     ConvocationID `db:"id"`
	Name   string        `db:"name"`
	Holder string        `db:"holder"`
}

// SilentFilter asks for the recipients who did not answer.
const SilentFilter = "sans-reponse"

// Convening returns the convocation of a meeting for the team. filter is an Answer,
// SilentFilter or ""; page begins at 1.
func (s *Service) Convening(ctx context.Context, by access.Actor, id ID, filter string, page int) (Convening, error) {
	if err := by.Require(by.RunsBodies()); err != nil {
		return Convening{}, err
	}
	m, _, err := load(ctx, s.db, by, id)
	if err != nil {
		return Convening{}, err
	}
	v := Convening{Meeting: m}
	var b postgres.Batch
	v.ask(&b)
	if m.State != governance.Draft {
		v.askAnswers(&b, filter, page)
	}
	if err := b.Run(ctx, s.db); err != nil {
		return Convening{}, postgres.Wrap(err, "read convocation")
	}
	v.complete()
	return v, nil
}

// ask reads what is known before and after.
func (v *Convening) ask(b *postgres.Batch) {
	m := v.Meeting
	postgres.AddValue(b, &v.Now, `SELECT now()`)
	AddItems(b, &v.Items, m.ID, Inside)
	addFollowing(b, &v.Following, m, Inside)
	postgres.AddList(b, &v.Documents, selectDocuments, m.ID, Inside.audiences(), true, DocumentID(0))
	postgres.AddList(b, &v.Vacant, vacantSeats, m.Body)
	if m.State == governance.Draft {
		postgres.AddList(b, &v.Planned, plannedList, m.ID, m.Body, m.memberKind())
	}
}

func (v *Convening) askAnswers(b *postgres.Batch, filter string, page int) {
	m := v.Meeting
	postgres.AddList(b, &v.Counts, `
		SELECT coalesce(answer, '') AS answer, count(*)::int AS n, count(*) FILTER (WHERE email <> '')::int AS reachable
		FROM convocation WHERE meeting_id = $1 GROUP BY 1`, m.ID)
	postgres.AddList(b, &v.Answers, recipientRows+`
		WHERE c.meeting_id = $1 AND ($2 = '' OR coalesce(c.answer, 'sans-reponse') = $2)`+recipientOrder+`
		LIMIT $3 OFFSET $4`, m.ID, filter, postgres.PageLength, postgres.Offset(page))
	postgres.AddValue(b, &v.Total, `
		SELECT count(*)::int FROM convocation c WHERE c.meeting_id = $1 AND ($2 = '' OR coalesce(c.answer, 'sans-reponse') = $2)`, m.ID, filter)
	postgres.AddList(b, &v.Sendings, `
		SELECT s.id, s.kind, s.message, s.sent_by, s.created_at, count(t.mail_id)::int AS mails,
		       count(*) FILTER (WHERE m.state = 'queued')::int AS queued, count(*) FILTER (WHERE m.state = 'failed')::int AS failed,
		       count(*) FILTER (WHERE t.convocation_id IS NOT NULL AND t.mail_id IS NULL)::int AS no_address
		FROM sending s LEFT JOIN sending_to t ON t.sending_id = s.id LEFT JOIN mail m ON m.id = t.mail_id
		WHERE s.meeting_id = $1 GROUP BY s.id ORDER BY s.id DESC`, m.ID)
	postgres.AddList(b, &v.Broken, `
		SELECT c.id, c.name, h.name AS holder FROM convocation c JOIN convocation h ON h.id = c.proxy_to_id
		WHERE c.meeting_id = $1 AND h.answer IN ('excused', 'represented', 'proxy') ORDER BY c.name, c.id`, m.ID)
	if m.Open() {
		postgres.AddList(b, &v.Differences, snapshotDifferences, m.ID, m.Body, m.memberKind())
		v.Additions.ask(b, m)
	}
}

const snapshotDifferences = newcomers + `
SELECT n.change, n.name, n.seat_label, n.instead_name AS instead FROM newcomer n
UNION ALL
SELECT 'left', c.name, c.seat_label, '' FROM convocation c
WHERE c.meeting_id = $1 AND c.seat_id IS NOT NULL
  AND NOT EXISTS (SELECT FROM member m WHERE m.person_id = c.person_id)
  AND NOT EXISTS (SELECT FROM newcomer n WHERE n.seat_id = c.seat_id)
ORDER BY 1 DESC, 2, 3`

// toldAt is when recipients were last told what the agenda holds. What was sent to
// newcomers alone told the others nothing.
const toldAt = `(SELECT greatest(min(s.created_at) FILTER (WHERE s.kind = 'convocation'), max(s.created_at) FILTER (WHERE s.kind = 'addition'),
                        (SELECT convened_at FROM meeting WHERE id = $1 AND NOT EXISTS (SELECT FROM sending WHERE meeting_id = $1)))
                 FROM sending s WHERE s.meeting_id = $1)`

func (a *Additions) ask(b *postgres.Batch, m Meeting) {
	postgres.AddList(b, &a.Items, `SELECT * FROM (`+itemsSQL+`) i WHERE i.moved_to_id = 0 AND i.created_at > `+toldAt, m.ID, false)
	postgres.AddList(b, &a.Documents, `SELECT * FROM (`+selectDocuments+`) d WHERE d.added_at > `+toldAt, m.ID, Inside.audiences(), true, DocumentID(0))
}

// complete judges what was read.
func (v *Convening) complete() {
	if v.Meeting.State == governance.Draft {
		v.Checks = Checklist(ConveneFacts{Meeting: v.Meeting, Now: v.Now, Items: v.Items, Documents: v.Documents, Planned: v.Planned, Vacant: v.Vacant})
	}
}

// memberKind is what members of the body receive: a workshop convenes nobody.
func (m Meeting) memberKind() ConvocationKind {
	if m.Kind == Workshop {
		return Invitation
	}
	return Convocation
}

// Count returns how many gave the answer; "" for the silent.
func (v Convening) Count(a Answer) int {
	for _, c := range v.Counts {
		if c.Answer == a {
			return c.N
		}
	}
	return 0
}

// SilentReachable is how many a reminder would write to.
func (v Convening) SilentReachable() int {
	for _, c := range v.Counts {
		if c.Answer == "" {
			return c.Reachable
		}
	}
	return 0
}

// Everybody is how many were convened or invited.
func (v Convening) Everybody() int {
	n := 0
	for _, c := range v.Counts {
		n += c.N
	}
	return n
}
