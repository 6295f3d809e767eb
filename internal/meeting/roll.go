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

// RollRow is one person of the roll: who was convened or invited, what they said
// they would do, and what the team marked.
type RollRow struct {
	ID            ConvocationID   `db:"id"`
	Kind          ConvocationKind `db:"kind"`
	GuestRole     GuestRole       `db:"guest_role"` // "": a member
	OnTheSpot     bool            `db:"on_the_spot"`
	Name          string          `db:"name"`
	SeatLabel     string          `db:"seat_label"`
	GroupPosition int             `db:"group_position"`
	Group         string          `db:"group_name"`
	Organisation  string          `db:"organisation_name"`
	Chairs        bool            `db:"chairs"`
	Alternate     string          `db:"alternate_name"`
	Answer        Answer          `db:"answer"` // "": silent
	AnswerProxy   ConvocationID   `db:"answer_proxy_id"`
	Mark          Status          `db:"mark"`       // "": the team marked nothing
	CheckedIn     bool            `db:"checked_in"` // by themselves, the team has not confirmed
	RepresentedBy string          `db:"represented_by"`
	ProxyTo       ConvocationID   `db:"proxy_to_id"`
	ProxyToName   string          `db:"proxy_to_name"`
	ArrivedItem   ItemID          `db:"arrived_item_id"`
	ArrivedNumber string          `db:"arrived_number"` // « 3.2 », "": from the start
	LeftItem      ItemID          `db:"left_item_id"`
	LeftNumber    string          `db:"left_number"`
	MarkedBy      string          `db:"marked_by"`
	MarkedAt      *time.Time      `db:"marked_at"`
	Version       int             `db:"version"` // of the mark; 0: none
	Found         bool            `db:"found"`   // answers the filter of the page
}

// Member tells a convened member from a guest.
func (r RollRow) Member() bool { return r.Kind == Convocation }

// Statuses returns what may be marked of the row: nobody sits for a guest.
func (r RollRow) Statuses() []Status {
	if r.Member() {
		return Statuses
	}
	return guestStatuses
}

var guestStatuses = []Status{StatusPresent, StatusRemote, StatusExcused, StatusAbsent}

// RollGroup is the count of one group of the roll.
type RollGroup struct {
	Position int
	Name     string
	Count    Count
}

// RollFilter is what the page of the roll shows of it.
type RollFilter struct {
	Q     string // words of the name, the seat or the organisation
	Group int    // position of a group; 0: all
	Page  int    // from 1
}

// Roll is the roll of a meeting as the screen shows it.
type Roll struct {
	Meeting  Meeting
	Code     string // of the self check-in, "" when closed
	Started  bool   // its hour has come, by the clock of the database
	Rows     []RollRow
	All      []RollRow // whatever the filter
	Page     int
	Pages    int
	Found    int
	Count    Count
	Groups   []RollGroup
	Quorum   Quorum
	Answered int // said they would come, and are not marked
}

// RollPage is how many people a page of the roll shows.
const RollPage = 60

// Open tells whether the roll may be written: from the opening of the meeting, or
// from its hour when it is recorded afterwards, to the publication of its minutes.
func (r Roll) Open() bool { return rollOpen(r.Meeting, r.Started) }

func rollOpen(m Meeting, started bool) bool {
	switch m.State {
	case governance.InProgress, governance.Held:
		return true
	case governance.Convened:
		return started
	}
	return false
}

// source says how what is written now is known.
func rollSource(m Meeting) string {
	if m.OpenedAt == nil {
		return "paper"
	}
	return "team"
}

// rollRows is the whole roll in the order of the composition, guests last; found
// tells which answer the words $2 and the group $3.
const rollRows = `
	SELECT c.id, c.kind, coalesce(g.role, '') AS guest_role, coalesce(g.on_the_spot, false) AS on_the_spot,
	       c.name, c.seat_label, c.group_position::int AS group_position, c.group_name, c.organisation_name, c.chairs, c.alternate_name,
	       coalesce(c.answer, '') AS answer, coalesce(c.proxy_to_id, 0) AS answer_proxy_id,
	       CASE WHEN a.source <> 'self' THEN a.status ELSE '' END AS mark,
	       coalesce(a.source = 'self', false) AS checked_in, coalesce(a.represented_by, '') AS represented_by,
	       coalesce(a.proxy_to_id, 0) AS proxy_to_id, coalesce(h.name, '') AS proxy_to_name,
	       coalesce(a.arrived_item_id, 0) AS arrived_item_id, coalesce(concat_ws('.', fp.position, fi.position), '') AS arrived_number,
	       coalesce(a.left_item_id, 0) AS left_item_id, coalesce(concat_ws('.', tp.position, ti.position), '') AS left_number,
	       coalesce(a.marked_by, '') AS marked_by, a.marked_at, coalesce(a.version, 0) AS version,
	       ($2 = '' OR position(fold($2) IN fold(concat_ws(' ', c.name, c.seat_label, c.organisation_name))) > 0)
	           AND ($3 = 0 OR c.group_position = $3) AS found
	FROM convocation c
	LEFT JOIN meeting_guest g ON g.id = c.guest_id
	LEFT JOIN attendance a ON a.convocation_id = c.id
	LEFT JOIN convocation h ON h.id = a.proxy_to_id
	LEFT JOIN agenda_item fi ON fi.id = a.arrived_item_id
	LEFT JOIN agenda_item fp ON fp.id = fi.parent_id
	LEFT JOIN agenda_item ti ON ti.id = a.left_item_id
	LEFT JOIN agenda_item tp ON tp.id = ti.parent_id
	WHERE c.meeting_id = $1
	ORDER BY c.group_position, c.college, fold(coalesce(nullif(c.organisation_name, ''), c.seat_label)), c.id`

type rollDay struct {
	Code    string `db:"code"`
	Started bool   `db:"started"`
}

const rollDayOf = `SELECT coalesce(check_in_code, '') AS code, starts_at <= now() AS started FROM meeting WHERE id = $1`

// RollOf returns the roll of a meeting, for the team.
func (s *Service) RollOf(ctx context.Context, by access.Actor, id ID, f RollFilter) (Roll, error) {
	if err := by.Require(by.RunsBodies()); err != nil {
		return Roll{}, err
	}
	m, _, err := load(ctx, s.db, by, id)
	if err != nil {
		return Roll{}, err
	}
	r := Roll{Meeting: m}
	var (
		b   postgres.Batch
		now rollDay
	)
	postgres.AddOne(&b, &now, rollDayOf, id)
	postgres.AddList(&b, &r.All, rollRows, id, f.Q, f.Group)
	if err := b.Run(ctx, s.db); err != nil {
		return Roll{}, postgres.Wrap(err, "roll of %d", id)
	}
	r.Code, r.Started = now.Code, now.Started
	r.sum()
	r.cut(f.Page)
	return r, nil
}

// sum counts the roll, in all and by group.
func (r *Roll) sum() {
	for _, row := range r.All {
		r.Count.add(row)
		if row.Answer == WillCome && row.Mark == "" {
			r.Answered++
		}
		if n := len(r.Groups); n == 0 || r.Groups[n-1].Position != row.GroupPosition {
			r.Groups = append(r.Groups, RollGroup{Position: row.GroupPosition, Name: row.Group})
		}
		r.Groups[len(r.Groups)-1].Count.add(row)
	}
	r.Quorum = QuorumOf(r.Meeting.QuorumPercent, r.Count)
}

// cut keeps the rows found, and of them one page.
func (r *Roll) cut(page int) {
	var found []RollRow
	for _, row := range r.All {
		if row.Found {
			found = append(found, row)
		}
	}
	r.Found, r.Pages = len(found), max(1, (len(found)+RollPage-1)/RollPage)
	r.Page = min(max(page, 1), r.Pages)
	r.Rows = found[min((r.Page-1)*RollPage, len(found)):min(r.Page*RollPage, len(found))]
}

// Row returns one person of the roll.
func (r Roll) Row(id ConvocationID) (RollRow, bool) {
	for _, row := range r.All {
		if row.ID == id {
			return row, true
		}
	}
	return RollRow{}, false
}

// Holders returns who may carry the proxy of the row: the members of its group who
// are there or not marked yet.
func (r Roll) Holders(of RollRow) []RollRow {
	var out []RollRow
	for _, row := range r.All {
		if row.ID != of.ID && row.Member() && row.Group == of.Group && (row.Mark == "" || row.Mark.there()) {
			out = append(out, row)
		}
	}
	return out
}

var errRollClosed = problem.New(problem.Conflict, "L’émargement ne s’écrit pas maintenant : il s’ouvre avec la réunion, ou une fois son heure passée, et se ferme à la publication du compte rendu.")

// inRoll runs f on the roll of a meeting that may be written, locked, and then
// tells the meeting whether its chair and the State's representative are there.
func (s *Service) inRoll(ctx context.Context, by access.Actor, id ID, f func(tx pgx.Tx, m Meeting, rows []RollRow) error) error {
	return postgres.InTx(ctx, s.db, func(tx pgx.Tx) error {
		m, err := own(ctx, tx, by, id, 0)
		if err != nil {
			return err
		}
		now, err := postgres.One[rollDay](ctx, tx, rollDayOf, id)
		if err != nil {
			return postgres.Wrap(err, "hour of meeting %d", id)
		}
		if !rollOpen(m, now.Started) {
			return errRollClosed
		}
		rows, err := postgres.List[RollRow](ctx, tx, rollRows, id, "", 0)
		if err != nil {
			return postgres.Wrap(err, "roll of %d", id)
		}
		if err := f(tx, m, rows); err != nil {
			return err
		}
		return tellPresence(ctx, tx, m)
	})
}

type presence struct {
	Chair bool `db:"chair"`
	State bool `db:"state"`
}

// tellPresence writes on the meeting whether its chair and the State's
// representative took part: the cadence counts a CMTIN only then (D: « en présence
// du représentant de l’Etat »). It writes only what changed: any write of a meeting
// empties what the public pages keep in memory.
func tellPresence(ctx context.Context, tx pgx.Tx, m Meeting) error {
	p, err := postgres.One[presence](ctx, tx, `
		SELECT coalesce(bool_or(c.chairs AND a.status IN ('present', 'remote', 'represented')), false) AS chair,
		       coalesce(bool_or(g.role = 'state' AND a.status IN ('present', 'remote')), false) AS state
		FROM attendance a
		JOIN convocation c ON c.id = a.convocation_id
		LEFT JOIN meeting_guest g ON g.id = c.guest_id
		WHERE a.meeting_id = $1 AND a.source <> 'self'`, m.ID)
	if err != nil {
		return postgres.Wrap(err, "presence at %d", m.ID)
	}
	if p.Chair == m.ChairPresent && p.State == m.StatePresent {
		return nil
	}
	_, err = postgres.Exec(ctx, tx, `UPDATE meeting SET chair_present = $2, state_present = $3 WHERE id = $1`, m.ID, p.Chair, p.State)
	return postgres.Wrap(err, "tell the presence at %d", m.ID)
}

var _ = audit.Name(map[string]string{
	"roll.open":   "Ouverture d’une réunion",
	"roll.close":  "Clôture d’une réunion",
	"roll.reopen": "Réouverture d’une réunion",
	"roll.code":   "Nouveau code de pointage",
	"roll.mark":   "Émargement",
	"roll.guest":  "Ajout d’une personne à l’émargement",
	"roll.self":   "Pointage par la personne elle-même",
})
